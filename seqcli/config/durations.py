"""Durations as people write them: 90s, 20m, 2h, 1h30m, 7d."""

import re
from typing import Annotated

from pydantic import BeforeValidator, Field

from seqcli.config.allowed import Allowed, not_allowed

DURATION_ALLOWED = "a duration such as 90s, 20m, 2h or 1h30m"

_SECONDS = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0}
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
