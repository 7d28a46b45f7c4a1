"""`seqcli.rerun/1` laid out: the same or not, what differs, and what may have changed it."""

from seqcli.reports.draw.sheet import Column, Line, Row, Section, Sheet, SheetCell
from seqcli.reports.numbers import MISSING
from seqcli.reports.words.earlier_words import COSTS, OF_TIMING, condition_note, ratio_text
from seqcli.results.rerun import Differing, Rerun

SHOWN = 20
"""Differing figures that are listed; the JSON has all."""


def sheet(result: Rerun) -> Sheet:
    """The sheet of a repeated result: are its figures the same?"""
    sentence = (
        f"all {result.compared:,} figures are the same to the last digit"
        if result.same
        else f"{len(result.differing):,} of {result.compared:,} figures are not the same"
    )
    return Sheet(
        heading=f"{result.source} run again",
        title=_signatures(result),
        columns=(),
        rows=(),
        sections=tuple(
            section
            for section in (
                Section(
                    "recommendation",
                    (Line(sentence, mark="equivalent" if result.same else "failed", role="strong"),),
                ),
                Section("figures that are not the same", _differing(result)),
                Section("what has changed", tuple(Line(change, lead="changed") for change in result.changes)),
            )
            if section.lines
        ),
        more=_costs(result),
    )


SHEET = sheet


def _signatures(result: Rerun) -> tuple[Line, ...]:
    """The signatures of both, one line where they are the same."""
    if result.signature == result.signature_now:
        return (Line(result.signature, lead="then and now"),)
    return (Line(result.signature, lead="then"), Line(result.signature_now, lead="now"))


def _differing(result: Rerun) -> tuple[Line, ...]:
    lines = [
        Line(f"{differing.figure}: {_then_and_now(differing)}") for differing in result.differing[:SHOWN]
    ]
    rest = len(result.differing) - SHOWN
    return (*lines, *([Line(f"and {rest:,} more")] if rest > 0 else []))


def _then_and_now(differing: Differing) -> str:
    then, now = ("nothing" if value is None else f"{value:.10g}" for value in (differing.then, differing.now))
    return f"{then} then, {now} now"


def _costs(result: Rerun) -> tuple[Sheet, ...]:
    """Ratios of speed, latency and memory, and why one of them may have no verdict."""
    if result.beside is None:
        return ()
    measured = [
        (name, [(model.label, getattr(model, field)) for model in result.beside.models])
        for name, field in COSTS
        if name != "parameters"
    ]
    compared = [(name, ratios) for name, ratios in measured if any(ratio is not None for _, ratio in ratios)]
    if not compared:
        return ()
    rows = tuple(
        Row(
            model.label,
            tuple(
                SheetCell(MISSING if ratio is None else ratio_text(ratio))
                for ratio in (ratios[place][1] for _, ratios in compared)
            ),
        )
        for place, model in enumerate(result.beside.models)
    )
    notes = tuple(
        Line(condition_note(condition, ""), role="quiet")
        for condition in result.beside.conditions
        if condition.machines is not None or condition.code in OF_TIMING
    )
    return (
        Sheet(
            heading="cost, now over then",
            title=(),
            columns=tuple(Column(name) for name, _ in compared),
            rows=rows,
            sections=(Section("notes", notes),) if notes else (),
            ruled=False,
        ),
    )
