"""Dates, times, amounts, lists and names as the Unicode CLDR writes them (by Babel), in two or many locales.

Babel keeps its locales as pickles, which can hold code. They are read only after their SHA-256 was compared
with what the package's own record of files says, and by Babel alone.
"""

import base64
import datetime as dt
import hashlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from typing import Any

from seqcli.data.randomness import Draws, Key
from seqcli.errors import DataError, UsageError

PACKAGE = "babel"
VERSION = "2.18.0"
LICENCE = "BSD-3-Clause (Babel), Unicode-3.0 (CLDR)"

_LONG_LISTS = """
length-kilometer length-meter length-centimeter length-mile length-foot mass-kilogram mass-gram mass-pound
duration-day duration-hour duration-minute duration-second duration-week duration-month duration-year
temperature-celsius volume-liter volume-milliliter speed-kilometer-per-hour area-hectare
area-square-kilometer energy-calorie power-watt digital-megabyte digital-gigabyte

USD EUR GBP JPY KRW CNY INR CHF CAD AUD BRL MXN SEK NOK DKK PLN CZK TRY RUB ZAR
"""
_UNITS, _CURRENCIES = (part.split() for part in _LONG_LISTS.split("\n\n"))
SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u200e": "", "\u200f": ""})


@dataclass(frozen=True)
class Locales:
    """The two locales of a pair, as Babel knows them.

    Args:
        source: What is read.
        target: What is to be written.
        shared: The codes of territories and languages that both have names for.
    """

    source: Any
    target: Any
    shared: dict[str, list[str]]


def cldr_pairs(pair: str, *, count: int, seed: int) -> list[tuple[str, str]]:
    """Different sources with a target each, the no-break spaces of CLDR written as spaces.

    Args:
        pair: Two locales: 'en-ko'.
        count: How many pairs.
        seed: Decides which.

    Raises:
        UsageError: Babel is not installed or not the version expected, or knows no such locale.
        DataError: Babel's files were changed.
    """
    locales = _locales(pair)
    draws = Draws(Key.pairs(seed))
    makers = (_date, _moment, _unit, _currency, _ago, _places, _languages)
    known: dict[str, str] = {}
    for _ in range(20 * count):
        if len(known) == count:
            break
        write = makers[draws.integer(len(makers))](draws, locales)
        source, target = (
            " ".join(write(locale).translate(SPACES).split()) for locale in (locales.source, locales.target)
        )
        if source and target:
            known.setdefault(source, target)
    return list(known.items())


def _locales(pair: str) -> Locales:
    check_package(pair.split("-"))
    from babel import Locale, UnknownLocaleError

    locales = []
    for name in pair.split("-"):
        try:
            locales.append(Locale.parse(name))
        except (UnknownLocaleError, ValueError):
            raise UsageError(
                f"--pair {pair}: CLDR has no locale {name!r}", "For example en-ko, de-en, en-pt_BR, ja-fr."
            ) from None
    if locales[0] == locales[1]:
        raise UsageError(f"--pair {pair} names one locale twice", "Name two, such as en-ko.")
    shared = {
        what: sorted(
            code for code in getattr(locales[0], what) if code in getattr(locales[1], what) and code.isalpha()
        )
        for what in ("territories", "languages")
    }
    return Locales(locales[0], locales[1], shared)


def check_package(locales: Collection[str]) -> None:
    """Compare the locales' files with the package's record before Babel reads them.

    Raises:
        UsageError: Babel is not installed or not the version expected.
        DataError: A file was changed.
    """
    try:
        package = distribution(PACKAGE)
    except PackageNotFoundError:
        raise UsageError(
            f"this needs the package {PACKAGE}, which is not installed", f"pip install {PACKAGE}=={VERSION}"
        ) from None
    if package.version != VERSION:
        raise UsageError(
            f"{PACKAGE} is {package.version}; the task's data is made with {VERSION}",
            f"pip install {PACKAGE}=={VERSION}",
        )
    locale_files = {f"babel/locale-data/{name}.dat" for name in {"root", *_with_parents(locales)}} | {
        "babel/global.dat"
    }
    for file in package.files or ():
        if file.as_posix() in locale_files and file.hash is not None:
            digest = hashlib.sha256(file.read_binary()).digest()
            if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != file.hash.value:
                raise DataError(
                    f"{file} was changed after it was installed",
                    f"pip install {PACKAGE}=={VERSION} --force-reinstall",
                )


def _with_parents(locales: Collection[str]) -> set[str]:
    """The locales that others are made from: 'pt_BR' also reads 'pt'."""
    return {
        "_".join(parts[:n])
        for name in locales
        for parts in [name.split("_")]
        for n in range(1, len(parts) + 1)
    }


def names_in(locale: str) -> Iterator[str]:
    """The names of territories, languages, scripts and currencies in a locale, each once, in their order.

    Raises:
        UsageError: Babel is not installed or not the version expected.
        DataError: Its files were changed.
    """
    check_package([locale])
    from babel import Locale

    known = Locale.parse(locale)
    tables = (known.territories, known.languages, known.scripts, known.currencies)
    names = {" ".join(str(name).translate(SPACES).split()) for table in tables for name in table.values()}
    return (name for name in sorted(names) if any(map(str.isalpha, name)))


Phrase = Callable[[Any], str]


def _day(draws: Draws) -> dt.date:
    return dt.date(1950, 1, 1) + dt.timedelta(days=draws.integer(36_500))


def _date(draws: Draws, _: Locales) -> Phrase:
    from babel.dates import format_date

    day, style = _day(draws), ("full", "long", "medium", "short")[draws.integer(4)]
    return lambda locale: str(format_date(day, style, locale=locale))


def _moment(draws: Draws, _: Locales) -> Phrase:
    from babel.dates import format_date, format_time

    day, time = _day(draws), dt.time(draws.integer(24), draws.integer(60))
    if draws.integer(2):
        return lambda locale: (
            f"{format_date(day, 'medium', locale=locale)} {format_time(time, 'short', locale=locale)}"
        )
    exact = time.replace(second=draws.integer(60))
    return lambda locale: str(format_time(exact, "medium", locale=locale))


def _unit(draws: Draws, _: Locales) -> Phrase:
    from babel.units import format_unit

    unit, style = _UNITS[draws.integer(len(_UNITS))], ("long", "short")[draws.integer(2)]
    amount = draws.integer(2000) / 10 if draws.integer(2) else draws.integer(5000)

    def write(locale: Any) -> str:
        text = str(format_unit(amount, unit, length=style, locale=locale))  # type: ignore[arg-type]
        return "" if unit in text else text  # Babel's name of a unit that it has no pattern for

    return write


def _currency(draws: Draws, _: Locales) -> Phrase:
    from babel.numbers import format_currency

    code, amount = _CURRENCIES[draws.integer(len(_CURRENCIES))], draws.integer(10_000_000) / 100
    style = ("standard", "name")[draws.integer(2)]
    return lambda locale: str(format_currency(amount, code, locale=locale, format_type=style))  # type: ignore[arg-type]


def _ago(draws: Draws, _: Locales) -> Phrase:
    from babel.dates import format_timedelta

    unit = ("second", "minute", "hour", "day", "week", "month", "year")[draws.integer(7)]
    seconds = {
        "second": 1,
        "minute": 60,
        "hour": 3600,
        "day": 86_400,
        "week": 604_800,
        "month": 2_630_000,
        "year": 31_557_600,
    }
    delta = dt.timedelta(seconds=seconds[unit] * (1 + draws.integer(59)) * (1, -1)[draws.integer(2)])
    return lambda locale: str(
        format_timedelta(delta, granularity=unit, threshold=1e9, add_direction=True, locale=locale)  # type: ignore[arg-type]
    )


def _listing(what: str) -> Callable[[Draws, Locales], Phrase]:
    def make(draws: Draws, locales: Locales) -> Phrase:
        from babel.lists import format_list

        codes = locales.shared[what]
        chosen = [codes[draws.integer(len(codes))] for _ in range(1 + draws.integer(4))]
        style = ("standard", "or")[draws.integer(2)]
        return lambda locale: str(
            format_list([getattr(locale, what)[code] for code in chosen], style=style, locale=locale)  # type: ignore[arg-type]
        )

    return make


_places = _listing("territories")
_languages = _listing("languages")
