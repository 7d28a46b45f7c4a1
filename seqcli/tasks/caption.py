"""Handwritten numbers of one to four digits, and their names in English words."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from seqcli.config.names import Name
from seqcli.config.settings import NonNegativeInt
from seqcli.data.caption_task import CaptionCorpus, CaptionTask
from seqcli.data.config import DataConfig
from seqcli.data.task import TaskPage

DEFAULTS: Mapping[str, object] = MappingProxyType(
    {"tokenizer": "word", "epochs": 8, "lr": 0.004, "batch_size": 64, "patience": 5}
)


class WrittenNumbers(CaptionTask):
    """Images of 8 × 32 pixels, each a number that is to be written in English.

    Attributes:
        data_seed: Decides the numbers and the images of their digits; the legs' seeds do not.
    """

    name: Name = "caption"
    data_seed: NonNegativeInt = 0
    defaults: ClassVar[Mapping[str, object]] = DEFAULTS
    page: ClassVar[TaskPage] = TaskPage(
        summary="a handwritten number in words: 'three thousand three hundred and fifty four'",
        source="Alpaydin & Kaynak 1998, Optical Recognition of Handwritten Digits; package scikit-learn",
        licence="BSD-3 (package scikit-learn)",
        size="images of 8 by 32 pixels",
        classes="none",
        lengths="1 to 9 words",
        baselines=(
            ("most frequent caption", ".014"),
            ("nearest image", ".377"),
            ("cells cut out, logistic regression, spelt", ".908"),
            ("captioner (GRU, attention)", ".942"),
            ("captioner (LSTM, attention)", ".944"),
        ),
        note="No image of a digit is in two splits, no number of 100 or more either. In Korean: --task "
        "caption-ko.",
    )

    def captions(self, config: DataConfig) -> CaptionCorpus:  # noqa: ARG002 the data is always the same
        """The numbers and their words.

        Raises:
            DataError: The package's file is not the one expected.
        """
        from seqcli.tasks._written_numbers import written_numbers

        return written_numbers(self.name, "English", self.data_seed)


TASK = WrittenNumbers()
