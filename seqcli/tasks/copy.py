"""Recall ten symbols after a delay (Hochreiter & Schmidhuber 1997; Arjovsky et al. 2016)."""

import math
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

import numpy as np

from seqcli.config.names import Name
from seqcli.data.encoded_steps import write_steps
from seqcli.data.generated import GeneratedTask, SequenceLength
from seqcli.data.task import TaskPage
from seqcli.results.definition import ConstantBaseline, Criterion, Definition
from seqcli.results.wording import shortest

SOURCE = "Arjovsky et al. 2016, after Hochreiter & Schmidhuber 1997"
SYMBOLS = 10
"""How many are to be recalled."""
# As in the paper named in `SOURCE`, like the number of symbols.
CATEGORIES = 8
BLANK, GO = CATEGORIES, CATEGORIES + 1
SHARE = 0.1
"""Of the memoryless baseline's loss: below it most symbols are recalled."""


class Copy(GeneratedTask):
    """Ten symbols of eight kinds, T - 1 blanks, a signal, ten blanks in which to recall the symbols."""

    name: Name = "copy"
    length: SequenceLength = 10
    kind: ClassVar[str] = "symbols"
    vocab_size: ClassVar[int] = CATEGORIES + 3
    output_size: ClassVar[int] = CATEGORIES + 1
    defaults: ClassVar[Mapping[str, object]] = MappingProxyType(
        {
            "hidden": 128,
            "embedding": 16,
            "dropout": 0.0,
            "batch_size": 50,
            "lr": 0.006,
            "clip": 1.0,
            "epochs": 16,
            "patience": 16,
        }
    )
    page: ClassVar[TaskPage] = TaskPage(
        summary="ten symbols, recalled after a delay",
        source=f"generated; {SOURCE}",
        licence="none needed",
        size="10,000 sequences to learn from, 1,000 each to choose and to test by",
        classes="9 symbols at each step: blank, and 8 to be recalled",
        lengths="a delay of T = 10, T + 20 steps; --length, --set task.test_length change it",
        baselines=(
            ("blank, then at random", "cross-entropy 10 ln 8 / (T + 20) nats a step"),
            ("GRU, 1 seed, T = 10", ".017: solved"),
            ("solved", "test cross-entropy below a tenth of that"),
        ),
        note="Variant: 8 categories, loss over all T + 20 steps. Gated cells learn it slowly beyond short T.",
    )

    def write(self, folder: Path, split: str) -> list[int]:
        """Sequences of T + 20 ids and what is right at each step.

        Raises:
            OSError: The disk is full or broken.
        """
        count, delay = self.count(split), self.steps(split)
        symbols = self.draws(split).whole(CATEGORIES, count, SYMBOLS)
        shown = np.full((count, delay + 2 * SYMBOLS), BLANK)
        shown[:, :SYMBOLS] = symbols
        shown[:, SYMBOLS + delay - 1] = GO
        answers = np.full_like(shown, BLANK)
        answers[:, -SYMBOLS:] = symbols
        write_steps(folder, split, ids=list(shown + 1), answers=list(answers))  # id 0 is padding
        return [shown.shape[1]] * count

    def definition(self, folder: Path) -> Definition:  # noqa: ARG002 the score is the same on any sequences
        """The loss of knowing when to answer and nothing else."""
        scores = {split: chance_loss(self.steps(split)) for split in ("valid", "test")}
        delay = self.steps("test")
        return Definition(
            variant=f"copying memory, delay {self.lengths_in_words}, {SYMBOLS} symbols of {CATEGORIES} kinds",
            source=SOURCE,
            baseline=ConstantBaseline(
                label="blank, then at random",
                theory=f"10 ln 8 / ({delay} + 20) = {shortest(scores['test'], 4)}",
                scores=scores,
            ),
            criterion=Criterion(
                metric="cross_entropy",
                threshold=SHARE * scores["test"],
                above=False,
                source="a tenth of the baseline; the paper names no line",
            ),
        )


def chance_loss(delay: int) -> float:
    """Nats a step of blanks for certain, then each of eight symbols with equal chance."""
    return SYMBOLS * math.log(CATEGORIES) / (delay + 2 * SYMBOLS)


TASK = Copy()
