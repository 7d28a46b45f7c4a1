"""A table for a terminal: fits its width, stacks models where it is narrow, and needs no colour."""

import re
from collections.abc import Sequence
from dataclasses import replace
from io import StringIO

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from seqcli.reports.draw.chart import draw_chart
from seqcli.reports.draw.page import Page
from seqcli.reports.draw.placement import GAP, ColumnGroup, pad, panels, without_spare, wrap
from seqcli.reports.draw.printable import cut_middle, printable
from seqcli.reports.draw.sheet import (
    GLYPHS,
    PICTURES_HINT,
    STYLES,
    Line,
    Mark,
    Row,
    Sheet,
    SheetCell,
    rewritten,
)
from seqcli.reports.report import SheetReport

QUIET = "dim"
CLAUSE = re.compile(r"[.:;](?=\s)")
CLOSE = ("legend", "baselines")  # these follow what is above them without an empty line
# A line that goes on begins deeper than the one it belongs to.
HANGING = 2
TALL = 3  # columns that a value is set in under its name: one more than a wrapped line
SHORTEST_LABEL = 28
"""Names of rows are never cut below this many cells."""


class TableReport(SheetReport):
    """Title, grid and sections, in at most `page.columns` columns."""

    def shown(self, sheet: Sheet, page: Page) -> Sheet:
        """The answer alone, where it stands apart and no details were asked for.

        Where a page with pictures is written, its name stands for the option that would write one.
        """
        chosen = sheet if page.detailed or sheet.brief is None else sheet.brief
        if page.report is None:
            return chosen
        written = printable(f"pictures: {page.report}")
        return rewritten(chosen, lambda text: text.replace(PICTURES_HINT, written))

    def draw(self, sheet: Sheet, page: Page) -> str:
        """The sheet as lines, with SGR codes on a page with colour."""
        signed = _signed(rewritten(sheet, page.fit))
        fitted = without_spare(signed, page.columns)
        if len(fitted.columns) < len(signed.columns):  # a long name is cut before a column is left out
            fitted = without_spare(_short_labels(signed, page), page.columns)
        title = fitted.title or (Line(fitted.heading, role="strong"),)
        lines = [*_lines(title, page), *_grid(fitted, page)]
        for chart in fitted.charts:
            lines += draw_chart(chart, page)
        widest = _widest_lead([line for section in fitted.sections for line in section.lines])
        for section in fitted.sections:
            if section.name not in CLOSE:
                lines.append(Text())
            if fitted.aligned:
                lines += [Text(part, "bold") for part in wrap(section.name, page.columns)]
            lines += _lines(section.lines, page, widest if fitted.aligned else 0)
        return _text(lines, page)


REPORT = TableReport()


def _signed(sheet: Sheet) -> Sheet:
    """The sheet with the signs of the chart's curves before the names that they stand for."""
    return replace(
        sheet,
        columns=tuple(
            replace(column, heading=f"{column.sign} {column.heading}".strip()) for column in sheet.columns
        ),
        rows=tuple(
            replace(row, label=f"{row.sign} {row.label}" if row.sign else row.label) for row in sheet.rows
        ),
    )


def _short_labels(sheet: Sheet, page: Page) -> Sheet:
    """The sheet with long names of rows cut in the middle, so that they leave the figures their place.

    What is left of two names still differs by more than their signs, if half a page is enough for that.
    """
    dots = page.fit("…")
    signs = {row.label: row.sign for row in sheet.rows}
    widths = range(max(page.columns // 3, SHORTEST_LABEL), max(page.columns // 2, SHORTEST_LABEL) + 1)
    cut = [{name: cut_middle(name, width, dots) for name in signs} for width in widths]
    distinct = (
        names
        for names in cut
        if len({short.removeprefix(signs[name]) for name, short in names.items()}) == len(signs)
    )
    short = next(distinct, cut[0])
    return replace(sheet, rows=tuple(replace(row, label=short[row.label]) for row in sheet.rows))


def _text(lines: list[Text], page: Page) -> str:
    """The lines as one string; without colour no escape code is written at all."""
    if not page.colour:
        return "".join(f"{line.plain.rstrip()}\n" for line in lines)
    stream = StringIO()
    console = Console(
        file=stream,
        width=page.columns + 1,
        force_terminal=True,
        color_system="standard",
        no_color=False,
        markup=False,
        highlight=False,
        legacy_windows=False,
    )
    for line in lines:
        line.rstrip()
        console.print(line, no_wrap=True, overflow="ignore", crop=False, soft_wrap=True)
    return stream.getvalue()


def _grid(sheet: Sheet, page: Page) -> list[Text]:
    fitted = panels(sheet, page.columns)
    if len(fitted) > 1:
        fitted = panels(_short_labels(sheet, page), page.columns)
    lines: list[Text] = []
    for panel in fitted:
        lines.append(Text())
        lines += _header(sheet, panel)
        for row in panel.rows:
            lines += _row(row, panel, page)
    if sheet.ruled and any(column.heading for column in sheet.columns):
        lines.append(Text(page.fit("─") * min(page.columns, max(panel.width for panel in fitted)), "dim"))
    return lines


def _header(sheet: Sheet, panel: ColumnGroup) -> list[Text]:
    """The columns' names in as many lines as the longest needs, each ending right above its values."""
    names = [
        wrap(sheet.columns[i].heading, width) for i, width in zip(panel.columns, panel.widths, strict=True)
    ]
    height = max(len(name) for name in names)
    if not any(any(name) for name in names):
        return []
    lines = []
    for level in range(height):
        line = Text(pad(sheet.corner if panel.label and level == height - 1 else "", panel.label), "bold")
        for name, width in zip(names, panel.widths, strict=True):
            position = level - (height - len(name))
            line.append(
                " " * (GAP if panel.label else 0) + pad(name[position] if position >= 0 else "", width),
                "bold",
            )
        lines.append(line)
    return lines


def _row(row: Row, panel: ColumnGroup, page: Page) -> list[Text]:
    cells = [row.cells[i] for i in panel.columns]
    if panel.label == 0:
        return _tall_row(row, cells[0], page)
    unit = " " * (panel.label - cell_len(row.label) - cell_len(row.unit)) + row.unit
    line = Text(row.label).append(unit, "dim")
    if len(cells) == 1 and cells[0].mark is None and cell_len(cells[0].text) > panel.widths[0]:
        if max(map(cell_len, cells[0].text.split())) > panel.widths[0]:  # a hash, or a path, to be copied
            return [line, *(Text(" " * TALL + part) for part in wrap(cells[0].text, page.columns - TALL))]
        first, *rest = wrap(cells[0].text, panel.widths[0])
        return [line.append(" " * GAP + first), *(Text(" " * (panel.label + GAP) + part) for part in rest)]
    for place, cell, width in zip(panel.columns, cells, panel.widths, strict=True):
        line.append(" " * GAP)
        widest = max(cell_len(other.cells[place].text) for other in panel.rows)
        line.append_text(_cell(cell, widest, page))
        line.append(" " * max(0, width - widest - (2 if cell.mark else 0)))
    return [line]


def _cell(cell: SheetCell, widest: int, page: Page) -> Text:
    """Return a cell's text, its mark in one line with the column's other marks."""
    text = Text(pad(cell.text, widest), STYLES["failed"] if cell.broken else "")
    return text if cell.mark is None else text.append(" ").append_text(_mark(cell.mark, page))


def _tall_row(row: Row, cell: SheetCell, page: Page) -> list[Text]:
    """A row whose name stands above its value, for pages too narrow to hold both in a line."""
    name = wrap(f"{row.label.strip()}  {row.unit}".rstrip(), page.columns)
    value = [cell.text] if cell.spelled else wrap(cell.text.strip(), page.columns - TALL - 2)
    lines = [Text(part) for part in name] + [Text(" " * TALL + part) for part in value]
    if cell.mark is not None:
        lines[-1].append(" ").append_text(_mark(cell.mark, page))
    return lines


def _mark(mark: Mark, page: Page) -> Text:
    return Text(page.fit(GLYPHS[mark]), STYLES[mark])


def _widest_lead(lines: Sequence[Line]) -> int:
    return max((cell_len(line.lead) for line in lines), default=0)


def _lines(lines: tuple[Line, ...], page: Page, least: int = 0) -> list[Text]:
    """The lines of a section with their lead words in one column; above the text where the page is narrow.

    That column is at least so many cells wide.
    """
    lead = max(_widest_lead(lines), least)
    narrow = lead > page.columns // 3
    indent = HANGING if narrow else lead + GAP if lead else 0
    return [drawn for line in lines for drawn in _line(line, page, indent, own_line=narrow)]


def _line(line: Line, page: Page, indent: int, *, own_line: bool) -> list[Text]:
    mark = _mark(line.mark, page).append(" ") if line.mark else Text()
    margin = indent + len(mark)
    parts = wrap(line.text, page.columns - margin)
    first = Text() if own_line else Text().append(pad(line.lead, indent), "bold")
    above = [Text(part, "bold") for part in wrap(line.lead, page.columns)] if own_line and line.lead else []
    if own_line:
        first.append(" " * indent)
    first.append_text(mark)
    drawn = [first, *(Text(" " * margin) for _ in parts[1:])]
    strong = _opening(line.text) if line.role == "strong" else 0
    for text, part in zip(drawn, parts, strict=True):
        text.append(part[:strong], "bold").append(part[strong:], QUIET if line.role == "quiet" else "")
        strong = max(0, strong - len(part) - 1)
    return [*above, *drawn]


def _opening(text: str) -> int:
    """Return the length of a strong line's bold first clause: a paragraph stays readable."""
    end = CLAUSE.search(text)
    return end.end() if end else len(text)
