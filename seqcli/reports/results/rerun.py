"""`seqcli.rerun/1` laid out: the same or not, what differs, and what may have changed it."""

from seqcli.reports.draw.sheet import Line, Section, Sheet
from seqcli.reports.words.earlier_words import ratio_text
from seqcli.results.earlier import EarlierModel
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
        title=(Line(result.signature, lead="then"), Line(result.signature_now, lead="now")),
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
                Section("cost, now over then", _costs(result)),
            )
            if section.lines
        ),
    )


SHEET = sheet


def _differing(result: Rerun) -> tuple[Line, ...]:
    lines = [
        Line(f"{differing.figure}: {_then_and_now(differing)}") for differing in result.differing[:SHOWN]
    ]
    rest = len(result.differing) - SHOWN
    return (*lines, *([Line(f"and {rest:,} more")] if rest > 0 else []))


def _then_and_now(differing: Differing) -> str:
    then, now = ("nothing" if value is None else f"{value:.10g}" for value in (differing.then, differing.now))
    return f"{then} then, {now} now"


def _costs(result: Rerun) -> tuple[Line, ...]:
    """Ratios of what is never the same twice: 'GRU  speed ×1.02 [0.95, 1.09], latency ×0.98 [0.90, 1.07]'."""
    if result.beside is None:
        return ()
    by_model = [(model.label, _ratios(model)) for model in result.beside.models]
    return tuple(Line(f"{label}, now over then: {text}", role="quiet") for label, text in by_model if text)


def _ratios(model: EarlierModel) -> str:
    named = (("speed", model.train_speed), ("latency", model.latency), ("memory", model.memory))
    return ", ".join(f"{name} {ratio_text(ratio)}" for name, ratio in named if ratio is not None)
