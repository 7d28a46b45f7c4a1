"""A result that shows itself in Python: as a table, as a picture, and in a notebook."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from seqcli.registry import Registry
from seqcli.results.record import Record

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from pandas import DataFrame

TableRows = Literal["model", "seed", "value"]
"""One row of a table: a model, a model and seed, or a single number."""

FRAMES: "Registry[Callable[[ShownRecord, TableRows], DataFrame]]" = Registry(
    "view", "seqcli.reports.views", "FRAME"
)
FIGURES: "Registry[Callable[[ShownRecord], Figure]]" = Registry("view", "seqcli.reports.views", "FIGURE")
FRAGMENTS: "Registry[Callable[[ShownRecord], str]]" = Registry("view", "seqcli.reports.views", "FRAGMENT")


class ShownRecord(Record):
    """A result with the views that `import seqcli` promises; those are files of the reports above.

    A record knows no words: they are found by name, and loaded when they are first asked for.
    """

    schema_: str = Field(alias="schema")

    def to_pandas(self, rows: TableRows = "model") -> "DataFrame":
        """The result as a table, unrounded and in the record's own units.

        >>> frame = result.to_pandas()  # doctest: +SKIP
        >>> frame[["label", "quality.mean", "parameters.total"]]  # doctest: +SKIP

        Args:
            rows: 'model' is the table of `--format csv`, a row a model (and value, where one was varied);
                'seed' that of `--per-seed`, a row a model and seed; 'value' that of `--format tidy`, every
                number of the result in a row of its own.

        Returns:
            One row a thing; accuracy as a share, memory in bytes, times as the column says. Columns of what
            was not measured are there and empty.

        Raises:
            UsageError: There is no such kind of row.
        """
        return FRAMES.get("frame")(self, rows)

    def plot(self) -> "Figure":
        """The pictures of `--plot` as one matplotlib figure, made without a display.

        >>> result.plot().savefig("compared.png")  # doctest: +SKIP

        Raises:
            UsageError: There is nothing to draw of a result of this kind.
        """
        return FIGURES.get("figure")(self)

    def _repr_html_(self) -> str:
        """The answer, and folded below it the details and the pictures, for a notebook's cell."""
        return FRAGMENTS.get("fragment")(self)
