"""Where the columns of a sheet stand on a page: side by side if they fit, else stacked, never cropped."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len

from seqcli.reports.sheet import Cell, Column, Row, Sheet

GAP = 2
MARK = 3  # a mark and the two spaces before it
MOST_AIR = 8


@dataclass(frozen=True)
class Panel:
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
        """How wide the panel is without the air behind its last column."""
        return self.label + sum(self.widths) + GAP * len(self.widths)


def panels(sheet: Sheet, width: int) -> list[Panel]:
    """The sheet's columns in as few panels as fit the width.

    Models and pairs share a panel only if all of them fit in one; otherwise the models come first.
    """
    everything = tuple(range(len(sheet.columns)))
    if not everything:
        return []
    whole = _panel(sheet, everything, width)
    if whole.width <= width:
        return [_aired(whole, width)]
    kinds = [tuple(i for i in everything if sheet.columns[i].kind == kind) for kind in ("model", "pair")]
    return [panel for columns in kinds if columns for panel in _stacked(sheet, columns, width)]


def _stacked(sheet: Sheet, columns: Sequence[int], width: int) -> list[Panel]:
    """Equally large groups of columns, as many in each as fit; one to a panel where even one does not."""
    for size in range(len(columns), 0, -1):
        count = -(-len(columns) // size)
        even = -(-len(columns) // count)
        groups = [tuple(columns[i : i + even]) for i in range(0, len(columns), even)]
        found = [_panel(sheet, group, width) for group in groups]
        if all(panel.width <= width for panel in found):
            return [_aired(panel, width) for panel in found]
    return [Panel((column,), _rows(sheet, (column,)), 0, (width - GAP,)) for column in columns]


def _panel(sheet: Sheet, columns: tuple[int, ...], width: int) -> Panel:
    rows = _rows(sheet, columns)
    if all(sheet.columns[i].kind == "pair" for i in columns):
        rows = tuple(replace(row, unit="") for row in rows)  # differences and ratios carry their own
    label = max((cell_len(sheet.corner), *(_label_width(row) for row in rows)))
    widths = tuple(_column_width(sheet.columns[i], [row.cells[i] for row in rows], width) for i in columns)
    return Panel(columns, rows, label, widths)


def _rows(sheet: Sheet, columns: Sequence[int]) -> tuple[Row, ...]:
    return tuple(row for row in sheet.rows if any(row.cells[i].text.strip() for i in columns))


def _label_width(row: Row) -> int:
    return cell_len(row.label) + (GAP + cell_len(row.unit) if row.unit else 0)


def _column_width(column: Column, cells: Sequence[Cell], width: int) -> int:
    widest = max((cell_len(cell.text) + (MARK if cell.mark else 0) for cell in cells), default=0)
    longest_word = max((cell_len(word) for word in column.heading.split()), default=0)
    return max(widest, min(longest_word, max(widest, width // 4)))


def _aired(panel: Panel, width: int) -> Panel:
    """The panel with the room that is left shared out between its columns."""
    air = min(MOST_AIR, (width - panel.width) // len(panel.widths))
    *others, last = panel.widths
    return Panel(
        panel.columns, panel.rows, panel.label + min(air, 4), (*(wide + air for wide in others), last)
    )
