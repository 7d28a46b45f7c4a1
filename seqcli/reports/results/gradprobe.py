"""`seqcli.gradprobe/1` laid out: norms over lags, a chart, a sentence a model, and all else below."""

from collections.abc import Iterable

from seqcli.registry import later
from seqcli.reports.draw.sheet import Line, Section, Sheet
from seqcli.reports.parts import probe_table
from seqcli.reports.words import probe_words
from seqcli.reports.words.comparison_words import guide_lines, signature_lines
from seqcli.reports.words.gate_words import expectation_lines
from seqcli.results.gradprobe import Gradprobe


def sheet(result: Gradprobe) -> Sheet:
    """A probe as a sheet."""
    names = ", ".join(model.label for model in result.models)
    return Sheet(
        heading=f"gradients through time: {names}",
        title=tuple(probe_words.title(result)),
        columns=probe_table.columns(result),
        rows=probe_table.rows(result),
        sections=tuple(section for section in _sections(result) if section.lines),
        corner="k",
        charts=probe_table.chart(result),
    )


SHEET = sheet
PANELS = later("seqcli.reports.parts.probe_figure", "probe_panels")
DOCUMENT = later("seqcli.reports.parts.probe_page", "probe_document")


def _sections(result: Gradprobe) -> tuple[Section, ...]:
    return (
        _section("recommendation", probe_words.verdicts(result.models)),
        _section("further figures", probe_words.figures(result.models)),
        _section("what would help", probe_words.what_if(result)),
        _section("clipping", probe_words.clipping(result.models)),
        _section("demonstration", probe_words.demo(result)),
        _section("reach", probe_words.task_lags(result.models)),
        Section("what the guide says", guide_lines(result.guide)),
        Section("gates", expectation_lines(result.expectations)),
        _section("notes", (Line(note, lead="note") for note in result.notes)),
        Section("signature", signature_lines(result.signature)),
    )


def _section(name: str, lines: Iterable[Line]) -> Section:
    return Section(name, tuple(lines))
