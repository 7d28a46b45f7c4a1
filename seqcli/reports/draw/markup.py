"""Text that stays text in Markdown and in JSON for a terminal."""

import html
import json
import re
import unicodedata
from collections.abc import Sequence

from seqcli.data.cells import is_number
from seqcli.reports.draw.page import Page
from seqcli.reports.draw.printable import printable
from seqcli.reports.draw.sheet import GLYPHS, Line, Sheet, SheetCell, parts

SPECIAL = re.compile(r"([\\`*_#|~$])")
ENTITIES = (("](", "&#93;("), ("][", "&#93;["), ("@", "&#64;"), ("://", "&#58;//"))


def escaped(text: str) -> str:
    """Text in which nothing is markup, a mention, a link or HTML; parts set apart get a dot between."""
    return " &middot; ".join(_escaped(part) for part in parts(text))


def _escaped(text: str) -> str:
    marked = SPECIAL.sub(r"\\\1", html.escape(" ".join(text.split()), quote=False))
    for characters, entity in ENTITIES:
        marked = marked.replace(characters, entity)
    return marked


def table(sheet: Sheet, page: Page) -> list[str]:
    """The grid as a pipe table: a column a model, right of it the pairs; nothing where there is no row."""
    if not sheet.rows:
        return []
    heads = [escaped(column.heading) or " " for column in sheet.columns]
    lines = [_pipes([escaped(sheet.corner), *heads]), _pipes(["---", *("---" for _ in heads)])]
    for row in sheet.rows:
        label = escaped(row.label + (f", {row.unit}" if row.unit and row.label != "seeds" else ""))
        lines.append(_pipes([label, *(_cell(cell, page) for cell in row.cells)]))
    return lines


def bullets(lines: Sequence[Line], page: Page) -> list[str]:
    """The lines as a list, each with its mark and its lead word; details one step further in."""
    return [f"{'  ' * line.detail}- {sentence(line, page)}" for line in lines]


def quoted(sentences: Sequence[str]) -> list[str]:
    """The sentences as a quotation, a line each."""
    return [f"> {line}" for line in "  \n".join(sentences).split("\n") if line]


def sentence(line: Line, page: Page) -> str:
    """One line with its mark in front and its lead word in bold."""
    mark = f"{page.fit(escaped(GLYPHS[line.mark]))} " if line.mark else ""
    return f"{mark}{_lead(line)}{escaped(line.text)}"


def signature(sheet: Sheet) -> list[list[str]]:
    """Each line of the signature as a block of code."""
    return [[_lead(line) + code(line.text)] for line in sheet.headed("signature")]


def code(text: str) -> str:
    """Text as code, fenced by more backticks than it has in a row."""
    ticks = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    space = " " if "`" in text else ""
    return f"{ticks}{space}{text}{space}{ticks}"


def _lead(line: Line) -> str:
    return f"**{escaped(line.lead)}**: " if line.lead else ""


def _cell(cell: SheetCell, page: Page) -> str:
    text = escaped(cell.spelled if cell.spelled is not None else cell.text)
    return f"{text} {page.fit(escaped(GLYPHS[cell.mark]))}" if cell.mark else text


def _pipes(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


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
    """Return whether a character may stand as it is; json leaves only the line feeds of its indentation."""
    return character == "\n" or (character != "\x7f" and unicodedata.category(character) not in OBEYED)


def _escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


def spreadsheet_text(text: str, page: Page) -> str:
    """The text of a cell as it is, but inert: escaped for a terminal, and no formula for a spreadsheet."""
    fitted = page.fit(printable(text) if page.terminal else text)
    return f"'{fitted}" if fitted.startswith(FORMULA) and not is_number(fitted) else fitted
