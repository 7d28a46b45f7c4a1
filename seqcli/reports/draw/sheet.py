"""A result laid out for reading, before any format draws it: titles, a grid of cells, lines below.

A kind of result becomes a sheet in one file of `sheets/`; a format draws any sheet in one file of
`formats/`. A new result and a new format are therefore one new file each.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from seqcli.registry import Registry
from seqcli.reports.draw.chart import Chart

Mark = Literal["better", "worse", "equivalent", "undecided", "supported", "refuted", "depends", "failed"]

GLYPHS: dict[Mark, str] = {
    "better": "▲",
    "worse": "▼",
    "equivalent": "=",
    "undecided": "?",
    "supported": "✓",
    "refuted": "✗",
    "depends": "~",
    "failed": "!",
}
"""One character a verdict; each is read without colour, and has a word."""

STYLES: dict[Mark, str] = {
    "better": "green",
    "worse": "red",
    "equivalent": "cyan",
    "undecided": "yellow",
    "supported": "green",
    "refuted": "red",
    "depends": "magenta",
    "failed": "bold red",
}

Role = Literal["plain", "strong", "quiet"]
APART = re.compile(r" {3,}")


class Result(Protocol):
    """A record that a command ends with: it names its schema and knows its JSON form."""

    @property
    def schema_(self) -> str:
        """The schema's name and version: 'seqcli.compare/1'."""

    def to_json(self) -> dict[str, object]:
        """The record as plain JSON values."""


@dataclass(frozen=True)
class SheetCell:
    """The text under a column; `spelled` replaces `text` where no fixed-width font can be counted on.

    What is `broken` is red where colour is shown; its words say it too.
    """

    text: str = ""
    mark: Mark | None = None
    spelled: str | None = None
    broken: bool = False


@dataclass(frozen=True)
class Column:
    """A model, or a pair of models against each other; `sign` is that of its curve in a chart.

    A column with `spare` above 0 is left out where the page is too narrow, the greatest first.
    """

    heading: str
    kind: Literal["model", "pair"] = "model"
    sign: str = ""
    spare: int = 0


@dataclass(frozen=True)
class Row:
    """One quantity: its name, its unit, a cell for each column, and the sign of its curve in a chart."""

    label: str
    cells: tuple[SheetCell, ...]
    unit: str = ""
    sign: str = ""


@dataclass(frozen=True)
class Line:
    """A sentence below or above the grid, after a short lead word and a mark if it has them.

    A `detail` is said of the line above it.
    """

    text: str
    lead: str = ""
    mark: Mark | None = None
    role: Role = "plain"
    detail: bool = False


@dataclass(frozen=True)
class Section:
    """Lines that belong together; where a format has headings, the name is one: 'what would help'."""

    name: str
    lines: tuple[Line, ...]

    @property
    def heading(self) -> str:
        """The name as a heading: 'What would help'."""
        return self.name.capitalize()

    @property
    def headed(self) -> tuple[Line, ...]:
        """The lines below the heading, without lead words that it says: 'note' of 'Notes on the data'."""
        heading_words = {"", *self.name.split(), *(word.removesuffix("s") for word in self.name.split())}
        return tuple(replace(line, lead="") if line.lead in heading_words else line for line in self.lines)


@dataclass(frozen=True)
class Sheet:
    """A result laid out for reading; `heading` names it where a document needs a heading.

    `corner` stands above the rows' names, and `charts` below the grid where characters can draw them.
    `ruled` says that a rule ends the grid, `aligned` that the lead words of all sections stand in one column
    below each section's name. `more` are further grids below, each with a title.
    `brief` is what a terminal shows unless details are asked for; None where the whole is short.
    """

    heading: str
    title: tuple[Line, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    sections: tuple[Section, ...]
    corner: str = ""
    charts: tuple[Chart, ...] = ()
    brief: "Sheet | None" = None
    ruled: bool = True
    aligned: bool = False
    more: tuple["Sheet", ...] = ()

    def section(self, name: str) -> tuple[Line, ...]:
        """The lines of that section; none where the sheet has no such section."""
        return next((section.lines for section in self.sections if section.name == name), ())

    def headed(self, name: str) -> tuple[Line, ...]:
        """The lines of that section as they stand below its heading; none where there is no such section."""
        return Section(name, self.section(name)).headed

    def besides(self, placed: Collection[str]) -> tuple[Section, ...]:
        """The sections that a format has no place of their own for, to be written under their names."""
        return tuple(section for section in self.sections if section.name not in placed)


SHEETS: Registry[Callable[[Result], Sheet]] = Registry("result", "seqcli.reports.results", "SHEET")


def kind_of(result: Result) -> str:
    """The kind of a result, which its schema names and its files are named after: 'compare'."""
    return result.schema_.removeprefix("seqcli.").partition("/")[0]


def sheet_of(result: Result) -> Sheet:
    """The sheet of a result: one of kind 'compare' is drawn by `sheets/compare.py`.

    Raises:
        UsageError: No file draws results of this kind.
    """
    return SHEETS.get(kind_of(result))(result)


def parts(text: str) -> list[str]:
    """The parts of a text that spaces set apart where letters are all of one width."""
    return APART.split(text.strip())


PICTURES_HINT = "pictures: --report out.html"
"""The option that writes a page with pictures; where one is written, its name stands here."""


def rewritten(sheet: Sheet, rewrite: Callable[[str], str]) -> Sheet:
    """The sheet with every text passed through a function, as one that cleans or fits to ASCII."""
    return Sheet(
        heading=rewrite(sheet.heading),
        title=tuple(_line(line, rewrite) for line in sheet.title),
        columns=tuple(
            replace(column, heading=rewrite(column.heading), sign=rewrite(column.sign))
            for column in sheet.columns
        ),
        rows=tuple(_row(row, rewrite) for row in sheet.rows),
        sections=tuple(
            Section(section.name, tuple(_line(line, rewrite) for line in section.lines))
            for section in sheet.sections
        ),
        corner=rewrite(sheet.corner),
        charts=tuple(replace(chart, end=rewrite(chart.end)) for chart in sheet.charts),
        ruled=sheet.ruled,
        aligned=sheet.aligned,
        brief=None if sheet.brief is None else rewritten(sheet.brief, rewrite),
        more=tuple(rewritten(further, rewrite) for further in sheet.more),
    )


def _line(line: Line, rewrite: Callable[[str], str]) -> Line:
    return replace(line, text=rewrite(line.text), lead=rewrite(line.lead))


def _row(row: Row, rewrite: Callable[[str], str]) -> Row:
    cells = tuple(
        replace(
            cell, text=rewrite(cell.text), spelled=None if cell.spelled is None else rewrite(cell.spelled)
        )
        for cell in row.cells
    )
    return Row(rewrite(row.label), cells, rewrite(row.unit), rewrite(row.sign))
