"""Values of settings of numbers over time and space: series, recordings, images."""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from seqcli.config.settings import Allowed, PositiveInt

MEDIAN = 0.5
"""The quantile that is told as the value itself."""

Window = Annotated[PositiveInt, Field(le=100_000), Allowed("a whole number from 1 to 100,000")]
"""Steps of a series, or tokens of a text."""


def _quantiles(value: object) -> object:
    """Numbers with commas between them, or a list of them, as a tuple of floats."""
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, (list, tuple)):
        return value
    return tuple(float(part) if isinstance(part, (str, int)) else part for part in parts)


def _ascending(levels: tuple[float, ...]) -> tuple[float, ...]:
    """The levels themselves.

    Raises:
        ValueError: One is not between 0 and 1, they do not ascend, or 0.5 is not among them.
    """
    inside = all(0 < level < 1 for level in levels)
    if not inside or list(levels) != sorted(set(levels)) or MEDIAN not in levels:
        raise ValueError("not ascending shares with 0.5 among them")
    return levels


Quantiles = Annotated[
    tuple[float, ...],
    Field(min_length=2, max_length=99),
    BeforeValidator(_quantiles),
    AfterValidator(_ascending),
    Allowed("ascending shares between 0 and 1, commas between them and 0.5 among them, such as 0.1,0.5,0.9"),
]
"""Levels of quantiles."""


def _milliseconds(value: object) -> object:
    """A number of milliseconds, with or without its unit."""
    text = value.strip().removesuffix("ms").strip() if isinstance(value, str) else value
    return float(text) if isinstance(text, (str, int)) and not isinstance(text, bool) else text


Milliseconds = Annotated[
    float,
    Field(ge=1, le=1000, allow_inf_nan=False),
    BeforeValidator(_milliseconds),
    Allowed("milliseconds from 1 to 1000, such as 25ms"),
]
"""A stretch of sound."""

SampleRate = Annotated[
    PositiveInt, Field(ge=1000, le=192_000), Allowed("samples a second, from 1000 to 192000")
]
"""Samples of sound a second."""

Mels = Annotated[PositiveInt, Field(le=256), Allowed("a whole number from 1 to 256")]
"""Bands of the mel scale."""


LONGEST_SIDE = 256
"""Pixels of a side as a network reads it: of a whole batch, with 32 features a pixel, half a gigabyte."""


def _image_size(text: str) -> str:
    """The text itself.

    Raises:
        ValueError: A side is 0, or longer than is read.
    """
    if not all(1 <= side <= LONGEST_SIDE for side in map(int, text.split("x"))):
        raise ValueError("not a size of an image")
    return text


ImageSize = Annotated[
    str,
    Field(strict=True, pattern=r"^[0-9]{1,4}x[0-9]{1,4}$"),
    AfterValidator(_image_size),
    Allowed(f"width x height in pixels, each from 1 to {LONGEST_SIDE}, such as 32x32"),
]
"""The size that images are brought to."""
