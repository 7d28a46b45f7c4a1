"""Breaking text into lines by the columns it takes on a terminal, where a Korean letter takes two."""

import re

from rich.cells import cell_len

BETWEEN_PARTS = re.compile(r"( · | \. |  +)")


def wrap(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` columns.

    Lines break where parts are set apart (by ' · ' or several spaces), within a part only where it is
    longer than a line, and within a word only where that is.
    """
    lines = [""]
    pieces = BETWEEN_PARTS.split(text)
    for position, part in enumerate(pieces[::2]):
        before = pieces[2 * position - 1] if position else ""
        if cell_len(lines[-1] + before + part) <= width:
            lines[-1] += before + part
            continue
        if before.strip() and cell_len(lines[-1] + before.rstrip()) <= width:
            lines[-1] += before.rstrip()
        lines += _words(part, width)
    return [line.rstrip() for line in lines if line.strip()] or [""]


def hanging(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` columns, all but the first indented by two more than the first."""
    indent = " " * (len(text) - len(text.lstrip(" ")))
    first, *rest = wrap(text.lstrip(" "), width - len(indent) - 2)
    return [indent + first, *(f"{indent}  {line}" for line in rest)]


def _words(text: str, width: int) -> list[str]:
    """A text in lines that break at spaces; a longer word is broken within."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if cell_len(longer) <= width:
            lines[-1] = longer
        else:
            lines += _chop(word, width)
    return lines


def _chop(word: str, width: int) -> list[str]:
    pieces = [""]
    for character in word:
        if pieces[-1] and cell_len(pieces[-1] + character) > width:
            pieces.append("")
        pieces[-1] += character
    return pieces


def pad(text: str, width: int) -> str:
    """The text with spaces behind it up to that many columns."""
    return text + " " * max(0, width - cell_len(text))
