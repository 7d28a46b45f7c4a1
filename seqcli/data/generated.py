"""Tasks that are made on the spot from a seed, at any length; generated pairs as a table like any other."""

import hashlib
from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, ClassVar, Self

from pydantic import Field

from seqcli.config.layers import Setting, from_values, validate
from seqcli.config.settings import Allowed, NonNegativeInt, PositiveInt
from seqcli.data.cache import Cache
from seqcli.data.config import DataConfig
from seqcli.data.facts import DataFacts
from seqcli.data.files import sha256
from seqcli.data.prepared import SPLITS, Prepared, PreparedRecord, seal
from seqcli.data.randomness import Draws, Key
from seqcli.data.tables import NumberedRow, Table
from seqcli.data.task import Task
from seqcli.results.definition import Definition

_FORMAT = 1
"""Raised when the same settings shall give other files."""

SequenceLength = Annotated[PositiveInt, Field(ge=2, le=10_000), Allowed("a whole number from 2 to 10,000")]
"""A generated task's length, in whatever its definition counts."""

ExampleCount = Annotated[PositiveInt, Field(le=1_000_000), Allowed("a whole number from 1 to 1,000,000")]
"""How many sequences a split has."""


class Generated(Task):
    """Sequences that are made from a seed; every field is a setting: `--set task.test_length=200`.

    Attributes:
        length: T, in training and validation; `--length` says the same and outranks it.
        test_length: T in testing; None is `length`.
        examples: How many training sequences there are.
        held_out: How many validation and how many test sequences there are.
        data_seed: Decides the sequences; the legs' seeds do not.
    """

    reads: ClassVar[frozenset[str]] = frozenset({"length"})

    length: SequenceLength = 100
    test_length: SequenceLength | None = None
    examples: ExampleCount = 10_000
    held_out: ExampleCount = 1000
    data_seed: NonNegativeInt = 0

    def sized(self, config: DataConfig) -> Self:
        """The same task at the length that the configuration says, if it says one.

        Raises:
            UsageError: The task cannot be that long.
        """
        if config.length is None:
            return self
        length = {"length": Setting(config.length, "--length")}
        return validate(type(self), {**from_values(self.model_dump(), f"task {self.name}"), **length})

    def steps(self, split: str) -> int:
        """T in a split."""
        return (self.test_length or self.length) if split == "test" else self.length

    def count(self, split: str) -> int:
        """Return how many sequences a split has."""
        return self.examples if split == "train" else self.held_out

    def draws(self, split: str) -> Draws:
        """A split's own stream of random numbers."""
        return Draws(Key.sequences(self.data_seed, SPLITS.index(split)))

    @property
    def lengths_in_words(self) -> str:
        """'T = 100', or 'T = 100, 200 in testing'."""
        tested = self.steps("test")
        return f"T = {self.length:,}" + (f", {tested:,} in testing" if tested != self.length else "")


class GeneratedTask(Generated):
    """A generated task that writes its own arrays: numbers or ids, not texts."""

    input_size: ClassVar[int] = 0
    """I, the width of real input vectors; 0 where inputs are ids."""
    vocab_size: ClassVar[int] = 0
    """How many ids inputs may hold, padding included."""
    output_size: ClassVar[int]
    """How many numbers an answer has."""

    @abstractmethod
    def write(self, folder: Path, split: str) -> list[int]:
        """Write a split's files, in the form of the task's kind.

        Returns:
            Steps of each sequence.

        Raises:
            OSError: The disk is full or broken.
        """

    @abstractmethod
    def definition(self, folder: Path) -> Definition:
        """The published definition, its baseline measured on the splits that are now in the folder."""

    def prepare(self, config: DataConfig, cache: Cache) -> Prepared:
        """The sequences, from the cache or newly made.

        Raises:
            UsageError: The task cannot be of the length asked for.
            StorageError: The cache cannot be written.
        """
        task = self.sized(config)
        return task.obtain(cache, {"format": _FORMAT, "kind": task.kind}, task.build)

    def build(self, folder: Path) -> None:
        """Fill an empty folder with all splits.

        Raises:
            OSError: The disk is full or broken.
        """
        lengths = {split: self.write(folder, split) for split in SPLITS}
        together = sorted(length for split in SPLITS for length in lengths[split])
        record = PreparedRecord(
            name=self.name,
            kind=self.kind,
            vocab_size=self.vocab_size,
            input_size=self.input_size,
            output_size=self.output_size,
            max_len=together[-1],
        )
        facts = DataFacts(
            source=f"generated, {self.lengths_in_words}",
            licence="none needed",
            sha256=_digest(folder),
            read=len(together),
            class_counts={split: {"sequences": len(lengths[split])} for split in SPLITS},
            length_mean=round(sum(together) / len(together), 3),
            length_p95=float(together[int(0.95 * (len(together) - 1))]),
            length_max=together[-1],
            max_len=together[-1],
            definition=self.definition(folder),
        )
        seal(folder, record, facts)


def _digest(folder: Path) -> str:
    """The SHA-256 of the names and hashes of all files."""
    listed = "".join(f"{path.name} {sha256(str(path))}\n" for path in sorted(folder.iterdir()))
    return hashlib.sha256(listed.encode()).hexdigest()


COLUMNS = ("source", "target")


def generated_table(name: str, make: Callable[[], Sequence[tuple[str, str]]]) -> Table:
    """A table of pairs that are made when they are first read.

    Args:
        name: What messages call it.
        make: Makes the pairs; a pure function.
    """
    pairs = cache(make)

    def read(columns: tuple[str, ...]) -> Iterator[NumberedRow]:
        for number, pair in enumerate(pairs(), start=1):
            values = dict(zip(COLUMNS, pair, strict=True))
            yield number, tuple(values[column] for column in columns)

    def digest() -> str:
        spelt = "".join(f"{source}\t{target}\n" for source, target in pairs())
        return hashlib.sha256(spelt.encode()).hexdigest()

    return Table(name=name, columns=COLUMNS, read=read, sha256=digest, unit="pair")
