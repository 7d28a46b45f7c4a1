"""Add two numbers that are marked far apart (Hochreiter & Schmidhuber 1997; Arjovsky et al. 2016)."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

import numpy as np

from seqcli.config.names import Name
from seqcli.data.encoded import EncodedVectors, write_vectors
from seqcli.data.generated import GeneratedTask
from seqcli.data.task import TaskPage
from seqcli.results.definition import ConstantBaseline, Criterion, Definition

SOURCE = "Hochreiter & Schmidhuber 1997, as in Arjovsky et al. 2016"
SOLVED = Criterion(metric="MSE", threshold=0.01, above=False, source="as Bai et al. 2018 and others draw it")


class Adding(GeneratedTask):
    """Values uniform in [0, 1); two of them marked, one in each half; the answer is their sum."""

    name: Name = "adding"
    kind: ClassVar[str] = "regress"
    input_size: ClassVar[int] = 2
    output_size: ClassVar[int] = 1
    defaults: ClassVar[Mapping[str, object]] = MappingProxyType(
        {"hidden": 64, "dropout": 0.0, "batch_size": 50, "lr": 0.01, "clip": 1.0, "epochs": 6, "patience": 6}
    )
    page: ClassVar[TaskPage] = TaskPage(
        summary="the sum of two marked numbers among many",
        source=f"generated; {SOURCE}",
        licence="none needed",
        size="10,000 sequences to learn from, 1,000 each to choose and to test by",
        classes="none: one real number",
        lengths="T = 100 steps of a value and a marker; --length, --set task.test_length change it",
        baselines=(
            ("always 1", "MSE 1/6 = .1667"),
            ("LSTM, 5 seeds", ".0009: solved in all"),
            ("GRU, 5 seeds", ".0001: solved in all"),
            ("RNN at torch's initialisation, 5 seeds", ".165–.172: solved in none"),
            ("solved", "test MSE < .01"),
        ),
        note="Variant: one marker in each half (Arjovsky et al. 2016), MSE. A long memory and nothing else.",
    )

    def write(self, folder: Path, split: str) -> list[int]:
        """Values, markers and sums.

        Raises:
            OSError: The disk is full or broken.
        """
        count, steps, draws = self.count(split), self.steps(split), self.draws(split)
        half = steps // 2
        inputs = np.zeros((count, steps, 2), np.float32)
        inputs[..., 0] = draws.shares(count, steps)
        rows = np.arange(count)
        places = draws.whole(half, count), half + draws.whole(steps - half, count)
        for place in places:
            inputs[rows, place, 1] = 1
        targets = inputs[rows, places[0], 0] + inputs[rows, places[1], 0]
        write_vectors(folder, split, values=inputs, targets=targets)
        return [steps] * count

    def definition(self, folder: Path) -> Definition:
        """The mean squared error of always saying 1, the sum's mean: its variance, 2 · 1/12."""
        targets = {split: EncodedVectors.open(folder, split).targets for split in ("valid", "test")}
        scores = {split: float(np.mean((each - 1.0) ** 2)) for split, each in targets.items()}
        return Definition(
            variant=f"adding problem, {self.lengths_in_words}, one marker in each half, MSE",
            source=SOURCE,
            baseline=ConstantBaseline(label="always 1", theory="1/6 = 0.1667", scores=scores),
            criterion=SOLVED,
        )


TASK = Adding()
