"""Count: in a^n b^n, say at each step what may follow (Gers & Schmidhuber 2001; Weiss et al. 2018)."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Self

import numpy as np
from pydantic import model_validator

from seqcli.config.names import Name
from seqcli.config.settings import clash
from seqcli.data.encoded_steps import write_steps
from seqcli.data.generated import ExampleCount, GeneratedTask, SequenceLength
from seqcli.data.task import TaskPage
from seqcli.results.definition import Criterion, Definition

SOURCE = "Gers & Schmidhuber 2001; the question of Weiss et al. 2018"
A, B = 1, 2
"""The ids of the two letters."""
A_OR_B, ONLY_B, END = 0, 1, 2
"""What may follow: after an a, after a b while fewer b than a have come, and after the last b."""
FURTHER = 4
"""Test strings reach this many times as far as training strings."""


class Anbn(GeneratedTask):
    """Strings of n a's and n b's; training knows n up to `length`, testing goes further.

    Attributes:
        length: The largest n in training and validation.
        test_length: The largest n in testing; None is four times `length`.
    """

    name: Name = "anbn"
    length: SequenceLength = 50
    examples: ExampleCount = 500
    kind: ClassVar[str] = "language"
    vocab_size: ClassVar[int] = 3
    output_size: ClassVar[int] = 3
    defaults: ClassVar[Mapping[str, object]] = MappingProxyType(
        {
            "hidden": 10,
            "embedding": 8,
            "dropout": 0.0,
            "batch_size": 10,
            "lr": 0.01,
            "clip": 1.0,
            "epochs": 20,
            "patience": 20,
            "choose_by": "loss",
        }
    )
    page: ClassVar[TaskPage] = TaskPage(
        summary="what may follow at each step of a^n b^n: how far does a model count?",
        source=f"generated; {SOURCE}",
        licence="none needed",
        size="500 strings an epoch with n from 1 to 50; each n once to choose by; n from 1 to 200 to test by",
        classes="3 at each step: a or b, only b, the end",
        lengths="2 n steps; --length, --set task.test_length change the largest n",
        baselines=(
            ("LSTM, 5 seeds", "largest n 90, 68, 105, 72, 113: solved in all"),
            ("GRU, 5 seeds", "largest n 13, 17, 9, 14, 2: solved in none"),
            ("solved", "largest n beyond what it was trained on"),
        ),
        note="The score is the largest n such that all strings up to it are right at every step.",
    )

    @model_validator(mode="after")
    def _tests_further(self) -> Self:
        if self.test_length is not None and self.test_length <= self.length:
            raise clash(
                "test_length must lie beyond length: what is asked is how far it generalises",
                "test_length",
                "length",
            )
        return self

    def steps(self, split: str) -> int:
        """The largest n of a split."""
        return (self.test_length or FURTHER * self.length) if split == "test" else self.length

    def write(self, folder: Path, split: str) -> list[int]:
        """Strings and what may follow each of their symbols.

        Raises:
            OSError: The disk is full or broken.
        """
        largest = self.steps(split)
        every = np.arange(1, largest + 1)
        drawn = 1 + self.draws(split).whole(largest, self.examples)
        numbers = (drawn if split == "train" else every).tolist()
        ids = [np.repeat((A, B), n) for n in numbers]
        answers = [np.repeat((A_OR_B, ONLY_B, END), (n, n - 1, 1)) for n in numbers]
        write_steps(folder, split, ids=ids, answers=answers)
        return [2 * n for n in numbers]

    def definition(self, folder: Path) -> Definition:  # noqa: ARG002 nothing is measured
        """No constant accepts even ab."""
        trained, tested = self.steps("train"), self.steps("test")
        return Definition(
            variant=f"a^n b^n, n to {trained} in training and to {tested} in testing, what may follow",
            source=SOURCE,
            baseline=None,
            criterion=Criterion(
                metric="largest_n",
                threshold=self.length + 1,
                valid_threshold=self.length,
                above=True,
                source="it counts beyond what it was trained on",
            ),
        )


TASK = Anbn()
