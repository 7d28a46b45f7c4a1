"""Handwritten numbers of one to four digits, and their names in Korean, character by character."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from seqcli.config.names import Name
from seqcli.data.caption_task import CaptionCorpus
from seqcli.data.config import DataConfig
from seqcli.data.task import TaskPage
from seqcli.tasks.caption import DEFAULTS, WrittenNumbers


class WrittenNumbersInKorean(WrittenNumbers):
    """The same images, each a number that is to be written in Korean."""

    name: Name = "caption-ko"
    defaults: ClassVar[Mapping[str, object]] = MappingProxyType({**DEFAULTS, "tokenizer": "char"})
    page: ClassVar[TaskPage] = TaskPage(
        summary="a handwritten number in Korean words: '삼천삼백오십사'",
        source=WrittenNumbers.page.source,
        licence=WrittenNumbers.page.licence,
        size=WrittenNumbers.page.size,
        classes="none",
        lengths="1 to 7 characters",
        baselines=(
            ("most frequent caption", ".014"),
            ("nearest image", ".377"),
            ("cells cut out, logistic regression, spelt", ".908"),
            ("captioner (GRU, attention)", ".964"),
        ),
        note="The images of --task caption: no digit's image in two splits, no number of 100 or more.",
    )

    def captions(self, config: DataConfig) -> CaptionCorpus:  # noqa: ARG002 the data is always the same
        """The numbers and their words.

        Raises:
            DataError: The package's file is not the one expected.
        """
        from seqcli.tasks._written_numbers import written_numbers

        return written_numbers(self.name, "Korean", self.data_seed)


TASK = WrittenNumbersInKorean()
