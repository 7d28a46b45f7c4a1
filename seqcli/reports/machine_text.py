"""Text for machines that is safe to print and to open: no terminal obeys it, and no spreadsheet runs it."""

import json
import re
import unicodedata

from seqcli.reports.page import Page
from seqcli.reports.printable import printable

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet runs (OWASP, CSV injection)."""
OBEYED = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # controls, bidirectional and other formats, surrogates, separators

_LOG_COMMAND = re.compile(
    r"##(?=(?:vso)?\[)"
)  # obeyed by a CI log; no JSON line begins with the other kind, '::'


def json_text(values: object, page: Page, *, indent: int | None = None) -> str:
    """Values as JSON in which control and formatting characters are written as escapes.

    A page that cannot take every character gets ASCII only; the values that are read back are the same.

    Raises:
        ValueError: A number is not finite.
    """
    text = json.dumps(values, ensure_ascii=not page.signs, indent=indent, allow_nan=False)
    text = _LOG_COMMAND.sub(r"#\\u0023", text)
    if text.isascii() and text.isprintable():
        return text
    return "".join(character if _harmless(character) else _escape(character) for character in text)


def _harmless(character: str) -> bool:
    """Whether a character may stand as it is; json itself leaves only the line feeds of its indentation."""
    return character == "\n" or (character != "\x7f" and unicodedata.category(character) not in OBEYED)


def _escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


def spreadsheet_text(text: str, page: Page) -> str:
    """The text of a cell as it is, but inert: escaped for a terminal, and no formula for a spreadsheet."""
    shown = page.fit(printable(text) if page.terminal else text)
    return f"'{shown}" if shown.startswith(FORMULA) and not _is_number(shown) else shown


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
