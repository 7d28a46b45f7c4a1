"""Dates and times in 19 languages (Unicode CLDR): the field that each character belongs to."""

import datetime as dt
import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, ClassVar

from seqcli.config.names import Name
from seqcli.data.config import DataConfig
from seqcli.data.randomness import Draws, Key
from seqcli.data.tag_split import TagCorpus
from seqcli.data.tag_task import TagTask
from seqcli.data.tagged import Sentence
from seqcli.data.task import TaskPage
from seqcli.tasks._cldr import LICENCE, SPACES, VERSION, check_package

LOCALES = (
    "cs",
    "de",
    "el",
    "en",
    "es",
    "fi",
    "fr",
    "hi",
    "hu",
    "it",
    "ja",
    "ko",
    "nl",
    "pl",
    "pt",
    "ru",
    "sv",
    "tr",
    "zh",
)

FIELD_OF = {
    **dict.fromkeys("yY", "year"),
    **dict.fromkeys("ML", "month"),
    **dict.fromkeys("Ec", "weekday"),
    **dict.fromkeys("hHkK", "hour"),
    **dict.fromkeys("abB", "period"),
    **dict.fromkeys("vVz", "zone"),
    "d": "day",
    "m": "minute",
    "s": "second",
    "G": "era",
}
"""The labels of CLDR's pattern letters (Unicode Technical Standard 35, part 4)."""

BETWEEN = "other"
"""The label of what is no field: commas, 'de', '년'."""

_DATES = ("full", "long", "medium", "short", "yMMM", "yMMMM", "yMMMd", "yMMMEd", "yMd", "yMEd", "GyMMMd")
_TIMES = ("", "full", "long", "medium", "short", "hm", "hms", "Hm", "Hms", "Bhm")
# Years of the test are none of training's, so that no whole date is known from there.
_YEARS = {"train": (1970, 2010), "test": (2010, 2026)}
_COUNTS = {"train": 5000, "test": 1000}


class Fields(TagTask):
    """6,000 dates and times in 19 languages; a label for every character but blanks."""

    name: Name = "fields"
    defaults: ClassVar[Mapping[str, object]] = MappingProxyType(
        {"bidirectional": True, "embedding": 32, "hidden": 64, "epochs": 8, "lr": 0.003}
    )
    page: ClassVar[TaskPage] = TaskPage(
        summary="which field of a date or time a character belongs to, in 19 languages",
        source=f"Unicode CLDR, formatted by Babel {VERSION}",
        licence=LICENCE,
        size="6,000 dates; those to be tested on are of 2010-2025, all others of 1970-2009",
        classes="other, month, year, zone, weekday, day, hour, minute, second, period, era",
        lengths="22 characters on average, 95 % have at most 43, the longest 67",
        baselines=(
            ("year, always", ".185"),
            ("each character's usual field", ".479"),
            ("logistic regression on a character and three on each side", ".934"),
            ("GRU, read one way", ".959"),
            ("GRU, both ways", ".997"),
            ("LSTM, both ways", ".996"),
        ),
        note="Labels are exact by construction. Made, not collected; blanks are left out.",
    )

    def corpus(self, config: DataConfig) -> TagCorpus:  # noqa: ARG002 the data is always the same
        """The dates.

        Raises:
            UsageError: Babel is not the version expected.
            DataError: Its files were changed.
        """
        parts = _dates()
        listed = "".join(
            f"{''.join(each.words)}\t{' '.join(each.labels)}\n" for part in parts.values() for each in part
        )
        return TagCorpus(
            name=self.name,
            parts=parts,
            files=dict.fromkeys(parts, self.name),
            source=f"Unicode CLDR dates in {len(LOCALES)} languages (Babel {VERSION})",
            licence=self.page.licence,
            sha256=hashlib.sha256(listed.encode()).hexdigest(),
        )


@cache
def _dates() -> dict[str, list[Sentence]]:
    """The dates to learn from and to test on, of the same forms, none twice."""
    check_package(LOCALES)
    from babel import Locale

    locales = [Locale.parse(name) for name in LOCALES]
    known: set[tuple[str, ...]] = set()
    parts = {}
    for number, (part, (first, end)) in enumerate(_YEARS.items()):
        draws = Draws(Key.sequences(0, number))
        part_sentences: list[Sentence] = []
        while len(part_sentences) < _COUNTS[part]:
            when = dt.datetime(first, 1, 1, tzinfo=dt.UTC) + dt.timedelta(
                days=draws.integer((dt.date(end, 1, 1) - dt.date(first, 1, 1)).days),
                seconds=draws.integer(86_400),
            )
            locale = locales[draws.integer(len(locales))]
            date, time = (forms[draws.integer(len(forms))] for forms in (_DATES, _TIMES))
            sentence = labelled(_pattern(locale, date, time), when, locale, line=len(part_sentences) + 1)
            if sentence.words not in known:
                known.add(sentence.words)
                part_sentences.append(sentence)
        parts[part] = part_sentences
    return parts


def _pattern(locale: Any, date: str, time: str) -> str:
    """CLDR's pattern of a date, with a time if one is named; a form that a locale lacks is its medium one."""
    dates, times, skeletons = locale.date_formats, locale.time_formats, locale.datetime_skeletons
    written = (dates.get(date) or skeletons.get(date) or dates["medium"]).pattern
    if not time:
        return str(written)
    clock = (times.get(time) or skeletons.get(time) or times["medium"]).pattern
    joined = str(locale.datetime_formats["medium"])
    return re.sub(r"\{([01])\}", lambda place: (clock, written)[int(place[1])], joined)


def labelled(pattern: str, moment: dt.datetime, locale: Any, *, line: int) -> Sentence:
    """A moment as a pattern writes it, the field of each character beside; blanks are left out.

    Args:
        pattern: Such as "d 'de' MMMM y".
        moment: The moment.
        locale: Babel's locale.
        line: Its number.
    """
    signs = [
        (sign, field)
        for text, field in _pieces(pattern, moment, locale)
        for sign in text.translate(SPACES)
        if not sign.isspace()
    ]
    return Sentence(tuple(sign for sign, _ in signs), tuple(field for _, field in signs), line)


def _pieces(pattern: str, moment: dt.datetime, locale: Any) -> Iterator[tuple[str, str]]:
    """The texts that a pattern is made of, and the label of each."""
    from babel.dates import DateTimeFormat, tokenize_pattern

    written = DateTimeFormat(moment, locale)
    for sort, content in tokenize_pattern(pattern):
        if sort == "field":
            letter, count = content[0], int(content[1])
            yield str(written[str(letter) * count]), FIELD_OF[str(letter)]
        else:
            yield str(content), BETWEEN


TASK = Fields()
