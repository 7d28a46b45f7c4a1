"""Write letters backwards: what a fixed context vector loses with length, and nothing else."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from seqcli.config.names import Name
from seqcli.config.settings import PositiveInt
from seqcli.data.config import DataConfig
from seqcli.data.generated import generated_table
from seqcli.data.pair_task import PairCorpus, PairTask
from seqcli.data.pairs import PairColumns
from seqcli.data.randomness import Draws, Key
from seqcli.data.task import TaskPage

LETTERS = "abcdefghijklmnopqrstuvwxyz"
LENGTH = 20
"""The longest source where `--length` names no other."""


class Reverse(PairTask):
    """Random letters, of every length from 1 to `--length`, equally often."""

    name: Name = "reverse"
    examples: PositiveInt = 10_000
    reads: ClassVar[frozenset[str]] = frozenset({"length", *PairTask.reads})
    defaults: ClassVar[Mapping[str, object]] = MappingProxyType(
        {
            "tokenizer": "char",
            "vocab_size": 40,
            "hidden": 128,
            "embedding": 64,
            "epochs": 15,
            "dropout": 0.0,
            "patience": 15,
        }
    )
    page: ClassVar[TaskPage] = TaskPage(
        summary="a sequence of random letters, written backwards",
        source="generated",
        licence="none needed",
        size="10,000 sequences, no two alike from length 4 on",
        classes="none",
        lengths=f"1 to {LENGTH} letters, equally often; --length changes the longest",
        note="There is nothing to learn but to remember: each letter costs the context vector the same.",
    )

    def pairs(self, config: DataConfig) -> PairCorpus:
        """The sequences and their reversals."""
        longest = config.length or LENGTH
        table = generated_table(f"reverse {longest}", lambda: reversals(self.examples, longest))
        return PairCorpus(
            name=self.name,
            tables={"train": table},
            columns=PairColumns("source", "target"),
            source=f"generated letters, lengths 1 to {longest}",
            licence=None,
            sha256=table.sha256(),
            metric="exact_match",
        )


def reversals(count: int, longest: int) -> list[tuple[str, str]]:
    """Random letters and the same backwards, the lengths 1 to `longest` in turn."""
    draws = Draws(Key.pairs(longest))
    words = (
        "".join(LETTERS[draws.integer(26)] for _ in range(1 + number % longest)) for number in range(count)
    )
    return [(word, word[::-1]) for word in words]


TASK = Reverse()
