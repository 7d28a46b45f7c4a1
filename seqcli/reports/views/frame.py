"""`result.to_pandas()`: the tables of `--format csv` and `tidy` with the types of their columns."""

from io import StringIO
from typing import TYPE_CHECKING

from seqcli.errors import unknown_name
from seqcli.reports.formats.csv import table_of
from seqcli.reports.report import render
from seqcli.results.shown_record import ShownRecord, TableRows

if TYPE_CHECKING:
    from pandas import DataFrame

ROWS: tuple[TableRows, ...] = ("model", "seed", "value")


def frame(result: ShownRecord, rows: TableRows) -> "DataFrame":
    """The result's table with such rows.

    Raises:
        UsageError: There is no such kind of row.
    """
    if rows not in ROWS:
        raise unknown_name("kind of row", rows, ROWS)
    if rows == "value":
        import pandas as pd

        # Nothing of a text is taken for a number or for nothing: a model may be called 'NA'.
        texts = dict.fromkeys(("part", "model", "against", "quantity", "text"), str)
        written = render(result, "tidy")
        return pd.read_csv(
            StringIO(written), dtype=texts, na_filter=True, keep_default_na=False, na_values=[""]
        )
    table = table_of(result)
    columns = table.by_seed() if rows == "seed" else table.wide()
    return columns.infer_objects()


FRAME = frame
