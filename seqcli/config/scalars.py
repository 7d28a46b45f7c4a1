"""What one unquoted word of YAML means: YAML 1.2's core schema, with nothing guessed beyond it.

PyYAML reads YAML 1.1, where `no` is false, `012` is ten, `12:30` is 750 and `1e-3` is text. Here a word is a
boolean, null or a number only where everyone reads it so; all else stays text, and the setting's type says
what is wrong with it.
"""

import math
import re

_WORDS: dict[str, bool | None] = {
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    "null": None, "Null": None, "NULL": None, "~": None, "": None,
}  # fmt: skip
_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,18})")
_DECIMAL = re.compile(
    r"[-+]?(?:(?:0|[1-9][0-9]{0,99})(?:\.[0-9]{0,99})?|\.[0-9]{1,99})(?:[eE][-+]?[0-9]{1,4})?"
)


def read_scalar(text: str) -> bool | int | float | str | None:
    """The value of an unquoted scalar: true or false, null, a finite decimal number, or the text itself.

    `no`, `on`, `012`, `1_000`, `0x10`, `12:30`, `2020-01-01`, `.nan` and `.inf` stay text, as do numbers of
    more than 19 digits or beyond a float.

    Source: YAML 1.2.2, section 10.3.2 (core schema), without its octal, hexadecimal, infinity and NaN.
    """
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    if (
        _DECIMAL.fullmatch(text)
        and not text.lstrip("+-").isdecimal()
        and math.isfinite(number := float(text))
    ):
        return number
    return text
