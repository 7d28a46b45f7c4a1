"""Settings: the base of every configuration record, and the numbers and durations that it is made of.

Each type has the words for what it allows.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetCoreSchemaHandler, ValidationError
from pydantic_core import CoreSchema, PydanticCustomError
from pydantic_core.core_schema import ValidatorFunctionWrapHandler, no_info_wrap_validator_function


class Settings(BaseModel):
    """A frozen record of settings: no conversions, no unknown names, no NaN or infinity.

    A field's default is its documentation; it is checked like a given value. Sequences are tuples (the
    layers hand YAML's lists over as tuples), choices are `Literal`, sizes and shares the types below, names
    and paths those of `seqcli.config.names`.
    """

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="forbid",
        hide_input_in_errors=True,
        allow_inf_nan=False,
        validate_default=True,
    )


def clash(message: str, *names: str) -> PydanticCustomError:
    """The error that a model validator raises for settings that do not go together.

    Args:
        message: What excludes what and what to do: 'resume and overwrite exclude each other: drop one'.
        names: The settings concerned; the message shown ends with where each of them was set.
    """
    return PydanticCustomError("clash", "{message}", {"message": message, "names": names})


def not_allowed(allowed: str, advice: str = "") -> PydanticCustomError:
    """The error of a value outside its type: `allowed` completes 'must be …', `advice` says what to write."""
    return PydanticCustomError("allowed", "must be {allowed}", {"allowed": allowed, "advice": advice})


def in_quotes(value: object) -> str:
    """Return the quoted form of a number, boolean or null that was meant as text; else nothing."""
    if not isinstance(value, bool | int | float):
        return ""
    written = str(value).lower() if isinstance(value, bool) else str(value)
    return f'for text put it in quotes: "{written}"'


@dataclass(frozen=True, slots=True)
class Allowed:
    """Marks an annotated type with the words that complete 'must be …' when a value is refused.

    Args:
        text: What is allowed, as a noun: 'a whole number of at least 1'.
    """

    text: str

    def __get_pydantic_core_schema__(self, source: type, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_wrap_validator_function(self._check, handler(source))

    def _check(self, value: object, inner: ValidatorFunctionWrapHandler) -> Any:
        try:
            return inner(value)
        except ValidationError as refused:
            inner_fault = refused.errors()[0]
            advice = inner_fault.get("ctx", {}).get("advice", "")
            if inner_fault["type"] == "string_type":
                advice = in_quotes(value)
            raise not_allowed(self.text, advice) from None


LARGEST_WHOLE = 2**63 - 1
"""The largest whole number a setting may hold: what torch and numpy hold in int64."""

_EXPONENT = re.compile(r"[-+]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})[eE][-+]?\d{1,3}", re.ASCII)


def _from_exponent(value: object) -> object:
    """The number that text such as '1e-3' names; anything else as it is.

    Raises:
        PydanticCustomError: A whole number beyond int64.
    """
    if isinstance(value, str) and _EXPONENT.fullmatch(value):
        return float(value)
    if isinstance(value, int) and abs(value) > LARGEST_WHOLE:
        raise not_allowed("a number")
    return value


PositiveInt = Annotated[
    int, Field(strict=True, ge=1, le=LARGEST_WHOLE), Allowed("a whole number of at least 1")
]
"""1, 2, 3, …: sizes, counts, epochs."""

NonNegativeInt = Annotated[
    int, Field(strict=True, ge=0, le=LARGEST_WHOLE), Allowed("a whole number of at least 0")
]
"""0, 1, 2, …: seeds, patience."""

FiniteFloat = Annotated[
    float,
    Field(strict=True, allow_inf_nan=False),
    BeforeValidator(_from_exponent),
    Allowed("a finite number"),
]
"""Any number but NaN and the infinities."""

PositiveFloat = Annotated[FiniteFloat, Field(gt=0), Allowed("a finite number greater than 0")]
"""A number above 0: learning rates, clipping norms, seconds."""

NonNegativeFloat = Annotated[FiniteFloat, Field(ge=0), Allowed("a finite number of at least 0")]
"""A number of at least 0: weight decay, margins."""

Share = Annotated[FiniteFloat, Field(ge=0, lt=1), Allowed("a number of at least 0 and below 1")]
"""A part of a whole that is never all of it: dropout."""

Fraction = Annotated[FiniteFloat, Field(gt=0, lt=1), Allowed("a number above 0 and below 1")]
"""A part that is neither nothing nor all: alpha, the parts of a split."""

PartOfAll = Annotated[FiniteFloat, Field(gt=0, le=1), Allowed("a number above 0, at most 1")]
"""A part that may be all: how much of the data is used."""


DURATION_ALLOWED = "a duration such as 90s, 20m, 2h or 1h30m"

# Of each unit in which a duration may be written.
_SECONDS = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0}
# Ten years: far beyond any training, and well within what a clock can add.
_LONGEST = 10 * 365 * _SECONDS["d"]
_NUMBER = r"\d{1,9}(?:\.\d{1,6})?"
_BARE = re.compile(_NUMBER, re.ASCII)
_DURATION = re.compile(rf"(?:({_NUMBER})d)?(?:({_NUMBER})h)?(?:({_NUMBER})m)?(?:({_NUMBER})s)?", re.ASCII)


def parse_duration(text: str) -> float | None:
    """The seconds that '1h30m' or '90' names, above 0 and at most ten years; None for other text."""
    written = text.strip().lower()
    match = _DURATION.fullmatch(f"{written}s" if _BARE.fullmatch(written) else written)
    if match is None:
        return None
    seconds = sum(
        float(number) * unit for number, unit in zip(match.groups(), _SECONDS.values(), strict=True) if number
    )
    return seconds if 0 < seconds <= _LONGEST else None


def _seconds(value: object) -> object:
    """The seconds that text or a bare number names; anything else as it is.

    Raises:
        PydanticCustomError: It names no duration.
    """
    if isinstance(value, str):
        seconds = parse_duration(value)
        if seconds is None:
            raise not_allowed(DURATION_ALLOWED)
        return seconds
    return value


Duration = Annotated[
    float,
    Field(strict=True, gt=0, le=_LONGEST, allow_inf_nan=False),
    BeforeValidator(_seconds),
    Allowed(DURATION_ALLOWED),
]
"""Seconds; written 90s, 20m, 2h, or as a plain number of seconds."""


SPLIT_ALLOWED = (
    "the shares of train, valid and test, which add up to 100 or to 1, such as 80,10,10; of series also spans"
    " of time, such as 12m,4m,4m"
)
_PARTS = 3
"""Train, valid and test."""
_ROUNDING = 1e-9
"""Decimal shares such as 0.8 + 0.1 + 0.1 do not add up to exactly 1 as floats."""


def _shares(value: object) -> object:
    """The three shares that '80,10,10', '0.8,0.1,0.1' or a list of them means, as parts of 1.

    Raises:
        PydanticCustomError: They are not three numbers above 0, or add up to something else.
    """
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, Sequence) or len(parts) != _PARTS:
        raise not_allowed(SPLIT_ALLOWED)
    try:
        numbers = [float(part) for part in parts if not isinstance(part, bool)]
    except (TypeError, ValueError):
        raise not_allowed(SPLIT_ALLOWED) from None
    if len(numbers) < _PARTS or not all(0 < number < math.inf for number in numbers):
        raise not_allowed(SPLIT_ALLOWED, "each of them is above 0")
    total = math.fsum(numbers)
    unit = next((unit for unit in (1.0, 100.0) if abs(total - unit) <= unit * _ROUNDING), None)
    if unit is None:
        raise not_allowed(SPLIT_ALLOWED, f"these add up to {total:g}")
    return tuple(number / unit for number in numbers)


SPAN = re.compile(r"([1-9]\d{0,5})(min|h|d|w|m|y)")
"""A span of time: minutes, hours, days, weeks, months of the calendar, years."""


def _shares_or_spans(value: object) -> object:
    """The three spans that '12m,4m,4m' or a list of them means, or what `_shares` gives.

    Raises:
        PydanticCustomError: They are neither.
    """
    parts = value.split(",") if isinstance(value, str) else value
    if isinstance(parts, Sequence) and len(parts) == _PARTS:
        texts = [part.strip().casefold() for part in parts if isinstance(part, str)]
        if len(texts) == _PARTS and all(map(SPAN.fullmatch, texts)):
            return tuple(texts)
    return _shares(value)


Shares = tuple[float, float, float]
Spans = tuple[str, str, str]

Split = Annotated[Shares | Spans, BeforeValidator(_shares_or_spans), Allowed(SPLIT_ALLOWED)]
"""The parts of 1 that train, valid and test get, or of series their spans of time."""
