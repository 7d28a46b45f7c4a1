"""A person's own labelled texts, pairs or one text: a file to split, ready-made splits, or aligned files."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import ClassVar

from seqcli.data import data_words
from seqcli.data.columns import check_columns, choose_columns
from seqcli.data.config import DataConfig
from seqcli.data.corpus import Corpus, own_places
from seqcli.data.files import Content
from seqcli.data.labelled_rows import LabelledData, labelled_table
from seqcli.data.lines import read_lines, without_end
from seqcli.data.pair_task import PairCorpus, PairTask
from seqcli.data.pairs import OPTIONS, choose_pair_columns
from seqcli.data.stream_preparation import StreamCorpus
from seqcli.data.stream_task import StreamTask
from seqcli.data.tables import Table, read_table, read_tables
from seqcli.data.task import TaskPage
from seqcli.data.text_folder import texts_inside
from seqcli.data.text_task import TextTask


class OwnTexts(TextTask):
    """Texts and labels that `--data`, or `--train` with `--valid` and `--test`, names."""

    reads: ClassVar[frozenset[str]] = frozenset(
        {
            "text_column",
            "label_column",
            "group_column",
            "duplicates",
            "sep",
            "header",
            "missing_labels",
            "reverse_complement",
            "kind",
            *TextTask.reads,
        }
    )
    page: ClassVar[TaskPage] = TaskPage.of_own_data("the class of a text, on your own data")

    def corpus(self, config: DataConfig) -> Corpus:
        """The tables that the configuration names; raises as `Task.prepare`."""
        tables = own_tables(config)
        columns = choose_columns(tables["train"], config)
        for table in tables.values():
            named = {"--text-column": columns.text, "--label-column": columns.label}
            check_columns(table, {**named, "--group-column": columns.group})
        return Corpus.of_own_tables(self.name, tables, columns)

    def labelled(self, config: DataConfig, labels: Sequence[str]) -> LabelledData:
        """The rows of one table; of ready-made splits, those of its test split.

        Raises:
            DataError: It cannot be read, lacks a column, or has a label that is none of the run's.
            UsageError: It is a folder, pipe or device, or needs an extra that is not installed.
        """
        table = read_table(str(config.location), config, "test")
        columns = choose_columns(table, config)
        return labelled_table(table, columns, labels, drop_unlabelled=config.missing_labels == "drop")


def own_tables(config: DataConfig) -> dict[str, Table]:
    """The table to learn from under 'train', and ready-made splits where there are any."""
    if config.data is not None:
        own = read_tables(config.data, config)
        tables = {"train": own["data"]} if "data" in own else dict(own)
    else:
        tables = {"train": read_table(str(config.train), config)}
    for part, location in (("valid", config.valid), ("test", config.test)):
        if location is not None:
            tables[part] = read_table(location, config, part)
    return tables


class OwnPairs(PairTask):
    """Sources and targets that `--data`, or `--train` with `--valid` and `--test`, names."""

    reads: ClassVar[frozenset[str]] = frozenset(
        {"source_column", "target_column", "sep", "header", "kind", "duplicates", *PairTask.reads}
    )
    page: ClassVar[TaskPage] = TaskPage.of_own_data("a text for a text, on your own data", classes="none")

    def pairs(self, config: DataConfig) -> PairCorpus:
        """The tables that the configuration names; raises as `Task.prepare`."""
        tables = own_tables(config)
        columns = choose_pair_columns(tables["train"], config)
        for table in tables.values():
            check_columns(table, dict(zip(OPTIONS, (columns.source, columns.target), strict=True)))
        return PairCorpus.of_own_tables(self.name, tables, columns)


class OwnStream(StreamTask):
    """A text that `--data`, or `--train` with `--valid` and `--test`, names."""

    reads: ClassVar[frozenset[str]] = frozenset({"kind", *StreamTask.reads})
    page: ClassVar[TaskPage] = TaskPage(
        summary="the next character or piece of a text, on your own data",
        source="your own",
        licence="not known",
        size="as given",
        classes="none: the vocabulary",
        lengths="--bptt steps",
    )

    def corpus(self, config: DataConfig) -> StreamCorpus:
        """The files or folders of files that the configuration names.

        Raises:
            DataError: One cannot be read, or a folder holds no text.
            UsageError: One is a pipe or device.
        """
        named = own_places(config)
        texts = {part: _texts_of(place) for part, place in named.items()}
        corpus = StreamCorpus.of_own_files(
            self.name,
            {part: partial(_lines_of, text.files, config.encoding) for part, text in texts.items()},
            files=named,
            hashes={part: text.sha256() for part, text in texts.items()},
        )
        warnings = tuple(
            data_words.folder_of_texts(named[part], len(text.files), text.others)
            for part, text in texts.items()
            if text.is_folder
        )
        return replace(corpus, warnings=warnings)


@dataclass(frozen=True)
class _OneText:
    """The files that are one text.

    Args:
        files: Them, in order.
        is_folder: Whether they are those of a folder.
        others: Files of the folder that are no texts.
    """

    files: tuple[Content, ...]
    is_folder: bool = False
    others: int = 0

    def sha256(self) -> str:
        """A file's hash; of a folder, the hash of its texts' hashes, whatever they are called."""
        if not self.is_folder:
            return self.files[0].sha256()
        listed = "".join(f"{content.sha256()}\n" for content in self.files)
        return hashlib.sha256(listed.encode()).hexdigest()


def _texts_of(place: str) -> _OneText:
    """The files that a location names.

    Raises:
        DataError: It is a folder that holds no text.
    """
    if not Path(place).is_dir():
        return _OneText((Content(place),))
    texts, others = texts_inside(place)
    return _OneText(tuple(Content(str(path)) for path in texts), is_folder=True, others=others)


def _lines_of(files: Sequence[Content], encoding: str) -> Iterator[str]:
    """The lines of files, each ended by LF whatever ends it there; of several files the last ones too.

    Raises:
        DataError: One cannot be read or decoded.
    """
    for content in files:
        for _, line in read_lines(content, encoding):
            ended = len(files) > 1 or line.endswith("\n")
            yield without_end(line) + "\n" if ended else line
