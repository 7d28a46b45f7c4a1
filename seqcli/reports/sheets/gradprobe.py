"""`seqcli.gradprobe/1` laid out: norms over lags, a chart, a sentence a model, and all else below."""

from collections.abc import Iterable

from seqcli.reports.comparison.conclusions import expectation_lines, guide_lines, signature_lines
from seqcli.reports.gradprobe import grid, lines
from seqcli.reports.sheet import Line, Section, Sheet
from seqcli.results.gradprobe import Gradprobe


def sheet(result: Gradprobe) -> Sheet:
    """A probe as a sheet."""
    names = ", ".join(model.label for model in result.models)
    return Sheet(
        heading=f"gradients through time: {names}",
        title=tuple(lines.title(result)),
        columns=grid.columns(result),
        rows=grid.rows(result),
        sections=tuple(section for section in _sections(result) if section.lines),
        corner="k",
        charts=grid.chart(result),
    )


SHEET = sheet


def _sections(result: Gradprobe) -> tuple[Section, ...]:
    return (
        _section("recommendation", lines.verdicts(result.models)),
        _section("differences", lines.figures(result.models)),
        _section("what would help", lines.what_if(result)),
        _section("clipping", lines.clipping(result.models)),
        _section("demonstration", lines.demo(result)),
        _section("reach", lines.task_lags(result.models)),
        Section("what the guide says", guide_lines(result.guide)),
        Section("gates", expectation_lines(result.expectations)),
        _section("notes", (Line(note, lead="note") for note in result.notes)),
        Section("signature", signature_lines(result.signature)),
    )


def _section(name: str, told: Iterable[Line]) -> Section:
    return Section(name, tuple(told))
