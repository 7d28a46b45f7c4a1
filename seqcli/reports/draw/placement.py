"""The places of a sheet's columns on a page, and of line breaks."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len

from seqcli.reports.draw.sheet import Column, Row, Sheet, SheetCell

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


GAP = 2  # columns: one space looks like that within a number and its unit
MARK = 2  # a mark and the space before it
MOST_AIR = 8  # more, and the eye loses its row


@dataclass(frozen=True)
class ColumnGroup:
    """Columns that stand side by side under one header.

    Args:
        columns: Positions of the sheet's columns, in order.
        rows: The rows that have something to show in these columns.
        label: How wide the rows' names are; 0 where a name stands on a line of its own.
        widths: How wide each column is, its air included.
    """

    columns: tuple[int, ...]
    rows: tuple[Row, ...]
    label: int
    widths: tuple[int, ...]

    @property
    def width(self) -> int:
        """The panel's width without the air behind its last column."""
        return self.label + sum(self.widths) + GAP * len(self.widths)


def panels(sheet: Sheet, width: int) -> list[ColumnGroup]:
    """The sheet's columns in as few panels as fit the width.

    Models and pairs share a panel only if all of them fit in one; otherwise the models come first.
    """
    all_columns = tuple(range(len(sheet.columns)))
    if not all_columns:
        return []
    undivided = _panel(sheet, all_columns, width)
    if undivided.width <= width:
        return [_aired(undivided, width)]
    kinds = [tuple(i for i in all_columns if sheet.columns[i].kind == kind) for kind in ("model", "pair")]
    return [panel for columns in kinds if columns for panel in _stacked(sheet, columns, width)]


def without_spare(sheet: Sheet, width: int) -> Sheet:
    """The sheet without the columns that it can spare, as far as the width asks for it."""
    while sheet.columns and _panel(sheet, tuple(range(len(sheet.columns))), width).width > width:
        most = max(column.spare for column in sheet.columns)
        if not most:
            break
        columns = [i for i, column in enumerate(sheet.columns) if column.spare < most]
        rows = tuple(replace(row, cells=tuple(row.cells[i] for i in columns)) for row in sheet.rows)
        sheet = replace(sheet, columns=tuple(sheet.columns[i] for i in columns), rows=rows)
    return sheet


def _stacked(sheet: Sheet, columns: Sequence[int], width: int) -> list[ColumnGroup]:
    """Equally large groups of columns, as many in each as fit; one to a panel where even one does not."""
    for size in range(len(columns), 0, -1):
        count = -(-len(columns) // size)
        even = -(-len(columns) // count)
        groups = [tuple(columns[i : i + even]) for i in range(0, len(columns), even)]
        panels_stacked = [_panel(sheet, group, width) for group in groups]
        if all(panel.width <= width for panel in panels_stacked):
            return [_aired(panel, width) for panel in panels_stacked]
    return [_one_column(sheet, column, width) for column in columns]


def _one_column(sheet: Sheet, column: int, width: int) -> ColumnGroup:
    """A column wider than the page: its cells are wrapped beside short names, or stand below long ones."""
    rows = _rows(sheet, (column,))
    label = max((_label_width(row) for row in rows), default=0)
    if sheet.columns[column].heading or 3 * label > width:
        return ColumnGroup((column,), rows, 0, (width - GAP,))
    return ColumnGroup((column,), rows, label, (width - label - GAP,))


def _panel(sheet: Sheet, columns: tuple[int, ...], width: int) -> ColumnGroup:
    rows = _rows(sheet, columns)
    if all(sheet.columns[i].kind == "pair" for i in columns):
        rows = tuple(replace(row, unit="") for row in rows)  # differences and ratios carry their own
    label = max((cell_len(sheet.corner), *(_label_width(row) for row in rows)))
    widths = tuple(_column_width(sheet.columns[i], [row.cells[i] for row in rows], width) for i in columns)
    return ColumnGroup(columns, rows, label, widths)


def _rows(sheet: Sheet, columns: Sequence[int]) -> tuple[Row, ...]:
    return tuple(row for row in sheet.rows if any(row.cells[i].text.strip() for i in columns))


def _label_width(row: Row) -> int:
    return cell_len(row.label) + (GAP + cell_len(row.unit) if row.unit else 0)


def _column_width(column: Column, cells: Sequence[SheetCell], width: int) -> int:
    widest = max((cell_len(cell.text) + (MARK if cell.mark else 0) for cell in cells), default=0)
    longest_word = max((cell_len(word) for word in column.heading.split()), default=0)
    return max(widest, min(longest_word, max(widest, width // 4)))


def _aired(panel: ColumnGroup, width: int) -> ColumnGroup:
    """The panel with the room that is left shared out between its columns."""
    air = min(MOST_AIR, (width - panel.width) // len(panel.widths))
    *others, last = panel.widths
    return ColumnGroup(
        panel.columns, panel.rows, panel.label + min(air, 4), (*(wide + air for wide in others), last)
    )
