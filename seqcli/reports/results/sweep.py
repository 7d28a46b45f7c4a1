"""`seqcli.sweep/1` laid out: a row a value, a column a model, the curves, and how their trends differ."""

from seqcli.registry import later
from seqcli.reports.draw.sheet import Section, Sheet
from seqcli.reports.parts import sweep_table
from seqcli.reports.words import sweep_words
from seqcli.reports.words.answer_words import rest_lines
from seqcli.reports.words.comparison_words import (
    display,
    failure_lines,
    guide_lines,
    note_lines,
    recommendation_lines,
    signature_lines,
)
from seqcli.reports.words.gate_words import expectation_lines
from seqcli.reports.words.sweep_words import setting_name
from seqcli.results.sweep import Sweep


def sheet(result: Sweep) -> Sheet:
    """A sweep as a sheet."""
    names = ", ".join(display(curve.label) for curve in result.curves)
    task = f" on {result.points[0].task.name}" if result.points else ""
    return Sheet(
        heading=f"{names}{task} along {setting_name(result)}",
        title=tuple(sweep_words.title(result)),
        columns=sweep_table.columns(result),
        rows=sweep_table.rows(result),
        sections=tuple(section for section in _sections(result) if section.lines),
        corner=setting_name(result),
        charts=sweep_table.chart(result),
        brief=_brief(result),
    )


def _brief(result: Sweep) -> Sheet:
    """The table, how the models' trends differ, what to doubt, and where the rest is."""
    sections = (
        Section("differences", sweep_words.verdict_lines(result)),
        Section("gates", expectation_lines(result.expectations)),
        Section(
            "more",
            (*sweep_words.warning_lines(result), *rest_lines(result.guide, result.signature, chart=True)),
        ),
    )
    return Sheet(
        heading=setting_name(result),
        title=tuple(sweep_words.brief_title(result)),
        columns=sweep_table.columns(result, signed=False),
        rows=sweep_table.rows(result),
        sections=tuple(section for section in sections if section.lines),
        corner=setting_name(result),
        ruled=False,
    )


SHEET = sheet
PANELS = later("seqcli.reports.parts.sweep_figure", "sweep_panels")
DOCUMENT = later("seqcli.reports.parts.sweep_page", "sweep_document")


def _sections(result: Sweep) -> tuple[Section, ...]:
    notes = list(dict.fromkeys(note for point in result.points for note in point.task.notes))
    return (
        Section("differences", sweep_words.pair_lines(result)),
        Section("legend", sweep_words.legend_lines(result.pairs)),
        Section("what the guide says", guide_lines(result.guide)),
        Section("gates", expectation_lines(result.expectations)),
        Section("what failed", failure_lines(result.failures)),
        Section("notes on the data", note_lines(notes)),
        Section("recommendation", recommendation_lines(result.recommendation)),
        Section("signature", signature_lines(result.signature)),
    )
