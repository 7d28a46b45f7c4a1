"""Each word's usual tag, whatever stands around it: what context must beat (Charniak 1997)."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Self

from seqcli.data.labels import most_frequent
from seqcli.models.baseline import BaselineMethod


class WordTag(BaselineMethod[Sequence[str], list[str]]):
    """The training split's most frequent tag of each word; of a new word, that of words that occur once.

    Of equally frequent tags it is the first in the alphabet. Where no word occurs once, new words get the
    most frequent tag of all.
    """

    def __init__(self) -> None:
        self.tags: dict[str, str] = {}
        self.unknown = ""

    def fit(self, inputs: Sequence[Sequence[str]], answers: Sequence[list[str]]) -> Self:
        """Count the tags of each word."""
        counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for words, tags in zip(inputs, answers, strict=True):
            for word, tag in zip(words, tags, strict=True):
                counts[word][tag] += 1
        self.tags = {word: most_frequent(tag_counts) for word, tag_counts in counts.items()}
        once: Counter[str] = Counter()
        every: Counter[str] = Counter()
        for tag_counts in counts.values():
            every += tag_counts
            if tag_counts.total() == 1:
                once += tag_counts
        self.unknown = most_frequent(once or every)
        return self

    def predict(self, inputs: Sequence[Sequence[str]]) -> list[list[str]]:
        """The tags of each sentence's words."""
        return [[self.tags.get(word, self.unknown) for word in words] for words in inputs]


BASELINE = WordTag
