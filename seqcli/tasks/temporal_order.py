"""The order of two signals long ago (Hochreiter & Schmidhuber 1997, experiment 6a)."""

import hashlib
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from seqcli.config.names import Name
from seqcli.config.settings import Allowed, PositiveInt
from seqcli.data.cache import Cache
from seqcli.data.columns import Columns
from seqcli.data.config import DataConfig
from seqcli.data.corpus import Corpus
from seqcli.data.generated import ExampleCount, Generated
from seqcli.data.prepared import SPLITS, Prepared
from seqcli.data.tables import NumberedRow, Table
from seqcli.data.task import TaskPage
from seqcli.data.text_task import TextTask
from seqcli.results.definition import ConstantBaseline, Criterion, Definition

SOURCE = "Hochreiter & Schmidhuber 1997, experiment 6a"
START, END = "E", "B"
SIGNALS = ("X", "Y")
DISTRACTORS = ("a", "b", "c", "d")
SOLVED = Criterion(
    metric="accuracy",
    threshold=0.99,
    above=True,
    source="the paper asks for 2,000 sequences without a mistake",
)

OrderLength = Annotated[PositiveInt, Field(ge=10, le=9000), Allowed("a whole number from 10 to 9,000")]
"""T; below 10 the two windows would meet."""


class TemporalOrder(Generated, TextTask):
    """E, distractors, B at the end, and X or Y twice; the class is which of the two stood where.

    With T = 100 as published: 100 to 110 symbols, the first signal at one of steps 10 to 20, the second at
    one of steps 50 to 60; other T scale these numbers.
    """

    name: Name = "temporal-order"
    length: OrderLength = 100
    test_length: OrderLength | None = None
    examples: ExampleCount = 10_000
    defaults: ClassVar[Mapping[str, object]] = MappingProxyType(
        {
            "tokenizer": "word",
            "hidden": 64,
            "embedding": 8,
            "dropout": 0.0,
            "batch_size": 50,
            "lr": 0.005,
            "clip": 1.0,
            "epochs": 8,
            "patience": 8,
        }
    )
    page: ClassVar[TaskPage] = TaskPage(
        summary="in which order two signals came, long before the end",
        source=f"generated; {SOURCE}",
        licence="none needed",
        size="10,000 sequences to learn from, 1,000 each to choose and to test by",
        classes="XX, XY, YX, YY, equally often",
        lengths="T = 100 to 110 symbols; --length, --set task.test_length change it",
        baselines=(
            ("always one class", ".25"),
            ("bag of words", ".75: it cannot tell XY from YX"),
            ("solved", "test accuracy ≥ .99"),
        ),
        note="Variant: two signals, four classes. Texts of single letters, so that predict reads them too.",
    )

    def prepare(self, config: DataConfig, cache: Cache) -> Prepared:
        """The sequences, from the cache or newly made; none is cut.

        Raises:
            StorageError: The cache cannot be written.
        """
        task = self.sized(config)
        longest = max(_longest(task.steps(split)) for split in SPLITS)
        whole = config.model_copy(update={"length": None, "max_len": config.max_len or longest})
        return TextTask.prepare(task, whole, cache)

    def corpus(self, config: DataConfig) -> Corpus:  # noqa: ARG002 the sequences depend on the task alone
        """The sequences as texts with their classes, ready-made splits."""
        rows = {split: self.rows(split) for split in SPLITS}
        spelt = "".join(f"{split}\t{text}\t{label}\n" for split in SPLITS for text, label in rows[split])
        digest = hashlib.sha256(spelt.encode()).hexdigest()
        return Corpus(
            name=self.name,
            tables={split: _table(f"{self.name} {split}", rows[split], digest) for split in SPLITS},
            columns=Columns("text", "label"),
            source=f"generated, {self.lengths_in_words}",
            licence="none needed",
            sha256=digest,
            definition=self.definition(rows),
        )

    def rows(self, split: str) -> list[tuple[str, str]]:
        """Text and label of each sequence of a split."""
        count, steps, draws = self.count(split), self.steps(split), self.draws(split)
        lengths = steps + draws.whole(steps // 10 + 1, count)
        symbols = np.array(DISTRACTORS)[draws.whole(len(DISTRACTORS), count, _longest(steps))]
        signals = np.array(SIGNALS)[draws.whole(2, count, 2)]
        window = steps // 10 + 1
        places = (steps // 10 + draws.whole(window, count), steps // 2 + draws.whole(window, count))
        written = []
        for row in range(count):
            text = symbols[row, : lengths[row]]
            text[0], text[-1] = START, END
            for place, signal in zip(places, signals[row], strict=True):
                text[place[row]] = signal
            written.append((" ".join(text.tolist()), "".join(signals[row].tolist())))
        return written

    def definition(self, rows: Mapping[str, list[tuple[str, str]]]) -> Definition:
        """Return the score of always answering XX: a quarter."""
        scores = {
            split: float(np.mean([label == "XX" for _, label in rows[split]])) for split in ("valid", "test")
        }
        return Definition(
            variant=f"temporal order, {self.lengths_in_words}, two signals, four classes",
            source=SOURCE,
            baseline=ConstantBaseline(label="always XX", theory="1/4", scores=scores),
            criterion=SOLVED,
        )


def _longest(steps: int) -> int:
    return steps + steps // 10


def _table(name: str, rows: list[tuple[str, str]], digest: str) -> Table:
    def read(columns: tuple[str, ...]) -> Iterator[NumberedRow]:
        for number, row in enumerate(rows, start=1):
            values = dict(zip(("text", "label"), row, strict=True))
            yield number, tuple(values[column] for column in columns)

    return Table(name, ("text", "label"), read, lambda: digest)


TASK = TemporalOrder()
