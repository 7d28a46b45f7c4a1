"""Names of countries, languages, scripts and currencies (Unicode CLDR): the language that each is in."""

import hashlib
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import ClassVar

from seqcli.config.names import Name
from seqcli.data.columns import Columns
from seqcli.data.config import DataConfig
from seqcli.data.corpus import Corpus
from seqcli.data.tables import NumberedRow, Table
from seqcli.data.task import TaskPage
from seqcli.data.text_task import TextTask
from seqcli.tasks._cldr import LICENCE, VERSION, names_in

LANGUAGES = (
    "af", "bg", "ca", "cs", "cy", "da", "de", "el", "en", "es", "et", "eu",
    "fi", "fr", "ga", "gl", "hr", "hu", "id", "is", "it", "lt", "lv", "nb",
    "nl", "pl", "pt", "ro", "ru", "sk", "sl", "sv", "sw", "tr", "uk", "vi",
)  # fmt: skip
"""36 languages; all but Bulgarian, Greek, Russian and Ukrainian are written in Latin letters."""


class LanguageId(TextTask):
    """The names that only one of 36 languages has, and which language it is."""

    name: Name = "language-id"
    defaults: ClassVar[Mapping[str, object]] = MappingProxyType(
        {"tokenizer": "char", "hidden": 128, "embedding": 64, "epochs": 12}
    )
    page: ClassVar[TaskPage] = TaskPage(
        summary="in which of 36 languages a name of a country, language, script or currency is",
        source=f"Unicode CLDR, by Babel {VERSION}",
        licence=LICENCE,
        size="29,240 names, each in one language only: 253 to 1,006 a language to learn from",
        classes="36 languages",
        lengths="14 letters on average, 95 % have at most 29, the longest 63",
        baselines=(
            ("majority class", ".043"),
            ("bag of words (TF-IDF 1–2-grams, logistic regression)", ".466"),
            ("bag of 1–4 letters", ".820"),
            ("GRU", ".791"),
            ("LSTM", ".781"),
        ),
        note="The bag of letters wins: names so short have little order beyond four letters.",
    )

    def corpus(self, config: DataConfig) -> Corpus:  # noqa: ARG002 the data is always the same
        """The names.

        Raises:
            UsageError: Babel is not the version expected.
            DataError: Its files were changed.
        """
        rows = names_of_one_language()
        listed = "".join(f"{text}\t{language}\n" for text, language in rows)
        digest = hashlib.sha256(listed.encode()).hexdigest()

        def read(columns: tuple[str, ...]) -> Iterator[NumberedRow]:
            for number, row in enumerate(rows, 1):
                cells = dict(zip(("text", "label"), row, strict=True))
                yield number, tuple(cells[column] for column in columns)

        return Corpus(
            name=self.name,
            tables={"train": Table(self.name, ("text", "label"), read, lambda: digest)},
            columns=Columns("text", "label"),
            source=f"names in 36 languages of Unicode CLDR (Babel {VERSION})",
            licence=LICENCE,
            sha256=digest,
        )


@cache
def names_of_one_language() -> tuple[tuple[str, str], ...]:
    """Each name that one language alone has, with that language, in the order of the names."""
    languages: dict[str, set[str]] = {}
    for language in LANGUAGES:
        for text in names_in(language):
            languages.setdefault(text, set()).add(language)
    return tuple((text, min(owners)) for text, owners in sorted(languages.items()) if len(owners) == 1)


TASK = LanguageId()
