"""Numbers as tables write them: with a comma where columns are parted otherwise, or where names should be."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice, pairwise

from seqcli.data.config import DataConfig
from seqcli.data.data_words import OFFER
from seqcli.data.tables import CellValue, NumberedRow, Table, quoted
from seqcli.errors import ColumnsError, SeqcliError

_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*")
_WITH_COMMA = re.compile(r"\s*[+-]?\d*,\d+([eE][+-]?\d+)?\s*")
_WITH_POINT = re.compile(r"\s*[+-]?\d*\.\d+([eE][+-]?\d+)?\s*")
_PEEKED = 1_000
"""Rows by which decimal commas are told: a point among them says that a comma is none."""


def numbers_as_names(columns: Sequence[str]) -> bool:
    """Return whether the names of columns are numbers in no order or below 0, as a row of data is.

    Wavelengths and numbered steps rise or fall from column to column.
    """
    numbers = [float(name) for name in columns if _NUMBER.fullmatch(name)]
    rising = all(before < after for before, after in pairwise(numbers))
    falling = all(before > after for before, after in pairwise(numbers))
    return len(numbers) > 1 and (min(numbers) < 0 or not (rising or falling))


def refuse_numbers_as_names(table: Table, config: DataConfig) -> None:
    """Refuse a table of numbers whose first row is data: that row would be lost unseen.

    Raises:
        ColumnsError: Its names are numbers in no order, and nobody said that they are names.
    """
    if config.header is None and table.headed and numbers_as_names(table.columns):
        odd = next(name for name in table.columns if _NUMBER.fullmatch(name))
        raise ColumnsError(
            f"{table.name}: a column is named {quoted(odd)}, and others by numbers too, unordered or below 0",
            OFFER,
        )


def with_points(table: Table, config: DataConfig) -> Table:
    """The table, its decimal commas as points where another character than a comma parts its columns.

    Only where its first rows hold such numbers and none with a point.
    """
    if config.sep in (None, ",") or not _has_commas(table):
        return table

    def read(columns: tuple[str, ...]) -> Iterator[NumberedRow]:
        for row, cells in table.read(columns):
            yield row, tuple(map(_with_point, cells))

    return replace(table, read=read)


def _has_commas(table: Table) -> bool:
    commas = False
    try:
        for _, cells in islice(table.read(table.columns), _PEEKED):
            texts = [cell for cell in cells if isinstance(cell, str)]
            if any(map(_WITH_POINT.fullmatch, texts)):
                return False
            commas = commas or any(map(_WITH_COMMA.fullmatch, texts))
    except SeqcliError:
        return False  # whoever reads the table tells it
    return commas


def _with_point(cell: CellValue) -> CellValue:
    return cell.replace(",", ".") if isinstance(cell, str) and _WITH_COMMA.fullmatch(cell) else cell
