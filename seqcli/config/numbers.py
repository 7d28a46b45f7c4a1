"""The numbers that settings are made of, each with the words for what it allows.

All refuse booleans, NaN, infinity and text such as '64'. The whole numbers refuse 1.0; the others take whole
numbers, and the text '1e-3' that YAML 1.1 makes of an unquoted 1e-3.
"""

import re
from typing import Annotated

from pydantic import BeforeValidator, Field

from seqcli.config.allowed import Allowed, not_allowed

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

PositiveFloat = Annotated[
    float,
    Field(strict=True, gt=0, allow_inf_nan=False),
    BeforeValidator(_from_exponent),
    Allowed("a finite number greater than 0"),
]
"""A number above 0: learning rates, clipping norms, seconds."""

NonNegativeFloat = Annotated[
    float,
    Field(strict=True, ge=0, allow_inf_nan=False),
    BeforeValidator(_from_exponent),
    Allowed("a finite number of at least 0"),
]
"""A number of at least 0: weight decay, margins."""

Share = Annotated[
    float,
    Field(strict=True, ge=0, lt=1, allow_inf_nan=False),
    BeforeValidator(_from_exponent),
    Allowed("a number of at least 0 and below 1"),
]
"""A part of a whole that is never all of it: dropout."""

Fraction = Annotated[
    float,
    Field(strict=True, gt=0, lt=1, allow_inf_nan=False),
    BeforeValidator(_from_exponent),
    Allowed("a number above 0 and below 1"),
]
"""A part that is neither nothing nor all: alpha, the parts of a split."""

PartOfAll = Annotated[
    float,
    Field(strict=True, gt=0, le=1, allow_inf_nan=False),
    BeforeValidator(_from_exponent),
    Allowed("a number above 0, at most 1"),
]
"""A part that may be all: how much of the data is used."""
