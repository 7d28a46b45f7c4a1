"""Dates, times, amounts and names from one language to another, as the Unicode CLDR writes them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from seqcli.config.names import Name
from seqcli.config.settings import PositiveInt
from seqcli.data.config import DataConfig
from seqcli.data.generated import generated_table
from seqcli.data.pair_task import PairCorpus, PairTask
from seqcli.data.pairs import PairColumns
from seqcli.data.task import TaskPage
from seqcli.tasks._cldr import LICENCE, VERSION, cldr_pairs

PAIR = "en-ko"


class Translation(PairTask):
    """20,000 pairs of any two locales; `--pair en-de` chooses them."""

    name: Name = "translation"
    examples: PositiveInt = 20_000
    reads: ClassVar[frozenset[str]] = frozenset({"pair", *PairTask.reads})
    defaults: ClassVar[Mapping[str, object]] = MappingProxyType(
        {"tokenizer": "bpe", "vocab_size": 2000, "hidden": 128, "embedding": 128, "epochs": 8, "patience": 5}
    )
    page: ClassVar[TaskPage] = TaskPage(
        summary="dates, times, units, currencies and lists of names, from one locale to another",
        source=f"Unicode CLDR, formatted by Babel {VERSION}",
        licence=LICENCE,
        size="20,000 pairs, no source twice",
        classes="none",
        lengths="en-ko: 7 pieces on average, 95 % have at most 16",
        baselines=(("GRU with attention, en-ko, by default", ".917 exactly right"),),
        note="Made, not collected: the grammar of forms, not of free text. Any two locales: --pair ja-fr.",
    )

    def pairs(self, config: DataConfig) -> PairCorpus:
        """The pairs of the two locales.

        Raises:
            UsageError: Babel is missing or another version, or knows no such locale.
            DataError: Babel's files were changed.
        """
        pair = config.pair or PAIR
        table = generated_table(f"translation {pair}", lambda: cldr_pairs(pair, count=self.examples, seed=0))
        return PairCorpus(
            name=self.name,
            tables={"train": table},
            columns=PairColumns("source", "target"),
            source=f"Unicode CLDR {pair} (Babel {VERSION})",
            licence=self.page.licence,
            sha256=table.sha256(),
            metric="exact_match",
        )


TASK = Translation()
