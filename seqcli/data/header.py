"""A first row that is read as column names and looks like data: such a file loses a row unseen."""

import itertools
import re

from seqcli.data.tables import Table, quoted
from seqcli.errors import DataError

_PEEKED = 200
"""Rows in which a name is looked for among the values: a class of a usual file occurs there by then."""

_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")
_STATEMENT = re.compile(r"(?s).*[.!…。！]['\"”»)\]]*")
_LONGEST_NAME = 60
"""Characters; beyond this a name is a text. The questions of a survey are names of any length."""

OFFER = "If the first row is data: --no-header, and the columns are called 1, 2, 3, … from the left."


def header_doubt(table: Table) -> str | None:
    """Why the names of a table's columns look like data, as a sentence; None where they do not.

    Names that are numbers, statements or longer than any name, or that occur as a value of their own column.
    """
    odd = [name for name in table.columns if _odd(name)]
    repeated = [] if odd else _repeated(table)
    if not odd and not repeated:
        return None
    what = (
        f"the name {quoted(odd[0], 40)} looks like a value"
        if odd
        else f"the name {quoted(repeated[0], 40)} also occurs as a value of its column"
    )
    return f"{table.name}: its first row was read as the columns' names, but {what}. {OFFER}"


def _odd(name: str) -> bool:
    """Whether a name is a number, a statement, or longer than any name."""
    statement = _STATEMENT.fullmatch(name) or (len(name) > _LONGEST_NAME and not name.endswith(("?", "？")))
    return bool(_NUMBER.fullmatch(name) or statement)


def _repeated(table: Table) -> list[str]:
    """The names that occur as values of their own columns near the beginning, up to the first bad row."""
    found: set[int] = set()
    try:
        for _, cells in itertools.islice(table.read(table.columns), _PEEKED):
            found.update(
                place
                for place, (name, cell) in enumerate(zip(table.columns, cells, strict=True))
                if isinstance(cell, str) and cell.strip() == name
            )
    except DataError:
        pass  # whoever reads the table tells it
    return [table.columns[place] for place in sorted(found)]
