"""A person's own pairs: one table to split, ready-made splits, or aligned text files."""

from typing import ClassVar

from seqcli.data.columns import check_columns
from seqcli.data.config import DataConfig
from seqcli.data.own_texts import names_of, own_tables, tables_sha256
from seqcli.data.pair_task import PairCorpus, PairTask
from seqcli.data.pairs import OPTIONS, choose_pair_columns
from seqcli.data.task import TaskPage


class OwnPairs(PairTask):
    """Sources and targets that `--data`, or `--train` with `--valid` and `--test`, names."""

    reads: ClassVar[frozenset[str]] = frozenset(
        {"source_column", "target_column", "sep", "header", "kind", *PairTask.reads}
    )
    page: ClassVar[TaskPage] = TaskPage(
        summary="a text for a text, on your own data",
        source="your own",
        licence="not known",
        size="as given",
        classes="none",
        lengths="as given",
    )

    def pairs(self, config: DataConfig) -> PairCorpus:
        """The tables that the configuration names.

        Raises:
            DataError: One cannot be read, or lacks a column.
            UsageError: One is a folder, pipe or device, or needs an extra that is not installed.
        """
        tables = own_tables(config)
        columns = choose_pair_columns(tables["train"], config)
        for table in tables.values():
            check_columns(table, dict(zip(OPTIONS, (columns.source, columns.target), strict=True)))
        return PairCorpus(
            name=self.name,
            tables=tables,
            columns=columns,
            source=names_of(tables),
            licence=None,
            sha256=tables_sha256(tables),
            metric="BLEU",
        )
