"""`seqcli.sweep/1` laid out: a row a value, a column a model, the curves, and how their trends differ."""

from seqcli.reports.comparison.conclusions import (
    expectation_lines,
    failure_lines,
    guide_lines,
    note_lines,
    recommendation_lines,
    signature_lines,
)
from seqcli.reports.comparison.headings import display
from seqcli.reports.sheet import Section, Sheet
from seqcli.reports.sweep import grid, lines
from seqcli.results.sweep import Sweep


def sheet(result: Sweep) -> Sheet:
    """A sweep as a sheet."""
    names = ", ".join(display(curve.label) for curve in result.curves)
    task = f" on {result.points[0].task.name}" if result.points else ""
    return Sheet(
        heading=f"{names}{task} along {grid.setting_name(result)}",
        title=tuple(lines.title(result)),
        columns=grid.columns(result),
        rows=grid.rows(result),
        sections=tuple(section for section in _sections(result) if section.lines),
        corner=grid.setting_name(result),
        charts=grid.chart(result),
    )


SHEET = sheet


def _sections(result: Sweep) -> tuple[Section, ...]:
    notes = list(dict.fromkeys(note for point in result.points for note in point.task.notes))
    return (
        Section("differences", lines.pair_lines(result)),
        Section("legend", lines.legend_lines(result.pairs)),
        Section("what the guide says", guide_lines(result.guide)),
        Section("gates", expectation_lines(result.expectations)),
        Section("what failed", failure_lines(result.failures)),
        Section("notes on the data", note_lines(notes)),
        Section("recommendation", recommendation_lines(result.recommendation)),
        Section("signature", signature_lines(result.signature)),
    )
