"""Sheets as Markdown: text that stays text, tables with pipes, a line a difference."""

import html
import re
from collections.abc import Sequence

from seqcli.reports.marks import GLYPHS
from seqcli.reports.page import Page
from seqcli.reports.sheet import Cell, Line, Sheet, parts

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


def _cell(cell: Cell, page: Page) -> str:
    text = escaped(cell.spelled if cell.spelled is not None else cell.text)
    return f"{text} {page.fit(escaped(GLYPHS[cell.mark]))}" if cell.mark else text


def _pipes(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
