"""`result.plot()`: all pictures of a result in one figure."""

from io import BytesIO
from typing import TYPE_CHECKING

from seqcli.errors import UsageError
from seqcli.reports.draw.sheet import kind_of
from seqcli.results.shown_record import ShownRecord

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def figure(result: ShownRecord) -> "Figure":
    """The result's figure.

    Raises:
        UsageError: There is nothing to draw of a result of this kind.
    """
    from seqcli.reports.draw.panel import PANELS, draw_all

    kind = kind_of(result)
    if not has_pictures(kind):
        raise UsageError(
            f"there is nothing to draw of a result of `{kind}`",
            f"Pictures are there of: {', '.join(name for name in PANELS.names() if has_pictures(name))}.",
        )
    return shown_in_notebooks(draw_all(result))


FIGURE = figure


def has_pictures(kind: str) -> bool:
    """Return whether results of that kind can be drawn."""
    from seqcli.reports.draw.panel import PANELS

    try:
        PANELS.get(kind)
    except AttributeError:
        return False
    return True


def shown_in_notebooks(drawn: "Figure") -> "Figure":
    """The figure with its own PNG for a notebook's cell, which else shows only pyplot's figures."""

    def as_png() -> bytes:
        from seqcli.reports.draw.picture import without_alarm

        stream = BytesIO()
        with without_alarm():
            drawn.savefig(stream, format="png")
        return stream.getvalue()

    drawn._repr_png_ = as_png  # type: ignore[attr-defined]
    return drawn
