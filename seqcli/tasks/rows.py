"""A handwritten digit read row by row: eight steps of eight pixels (sequential MNIST's little sister)."""

import gzip
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from seqcli.config.names import Name
from seqcli.data.config import DataConfig
from seqcli.data.files import package_file
from seqcli.data.signal_preparation import SignalCorpus
from seqcli.data.signal_task import SignalTask
from seqcli.data.task import TaskPage

SOURCE = "Optical Recognition of Handwritten Digits (Alpaydin & Kaynak 1998)"
"""The data as results name it; the task pages name the package, too."""

LICENCE = "BSD-3 (package scikit-learn)"
SHA256 = "09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22"
SIDE = 8
"""Rows and columns of an image."""


def digit_table() -> NDArray[np.int64]:
    """The images (N, 65): an image's 64 pixels row by row, ink from 0 to 16, and the digit on it.

    Raises:
        DataError: The package's file is not the one expected.
    """
    path = package_file(
        "scikit-learn",
        "sklearn/datasets/data/digits.csv.gz",
        expected=SHA256,
        install="pip install scikit-learn",
    )
    with gzip.open(path, "rt", encoding="ascii") as lines:
        return np.loadtxt(lines, delimiter=",", dtype=np.int64)


class WrittenDigits(SignalTask):
    """1,797 images of 8 × 8 pixels, each a sequence of its rows from top to bottom."""

    name: Name = "rows"
    defaults: ClassVar[Mapping[str, object]] = MappingProxyType(
        {"hidden": 64, "dropout": 0.0, "batch_size": 32, "lr": 0.003, "epochs": 30, "patience": 8}
    )
    page: ClassVar[TaskPage] = TaskPage(
        summary="which digit is written, row by row of its picture",
        source="Alpaydin & Kaynak 1998, Optical Recognition of Handwritten Digits; package scikit-learn",
        licence=LICENCE,
        size="1,797 images of 8 by 8 pixels",
        classes="the digits 0 to 9, 174 to 183 each",
        lengths="8 rows of 8 pixels",
        baselines=(
            ("majority class", ".100"),
            ("mean, deviation, range and last value, logistic regression", ".906"),
            ("nearest neighbour by DTW", ".989"),
            ("GRU", ".976"),
            ("LSTM", ".972"),
            ("RNN", ".985"),
        ),
        note="Figures of networks are means of three seeds. It needs nothing beyond seqcli itself.",
    )

    def source_sha256(self, config: DataConfig) -> str:  # noqa: ARG002 the data is always the same
        """The SHA-256 of the file that the package ships."""
        return SHA256

    def parts(self, config: DataConfig) -> SignalCorpus:  # noqa: ARG002 the data is always the same
        """The images.

        Raises:
            DataError: The package's file is not the one expected.
        """
        from seqcli.data.signal_tables import Signal, SignalTable, numbered

        images = digit_table().astype(np.float64)
        signals = [
            Signal(str(number), image[:-1].reshape(SIDE, SIDE), str(int(image[-1])), f"image {number}")
            for number, image in enumerate(images, start=1)
        ]
        table = SignalTable("digits.csv.gz", numbered(SIDE), signals, named=False)
        return SignalCorpus(
            name=self.name, parts={"train": table}, source=SOURCE, licence=LICENCE, sha256=SHA256
        )


TASK = WrittenDigits()
