"""What follows from a comparison: the guide's claims, what to use, what went wrong, how to name it."""

from collections.abc import Sequence

from seqcli.data.score_words import figure_words
from seqcli.reports.comparison.headings import display
from seqcli.reports.marks import Mark
from seqcli.reports.sheet import Line
from seqcli.results.compare import Claim, Failure, Recommendation
from seqcli.results.expectations import Expectation

GATE_WORDS = {"holds": "holds", "fails": "does not hold", "undecided": "cannot be decided from these seeds"}
GATE_MARKS: dict[str, Mark] = {"holds": "supported", "fails": "refuted", "undecided": "undecided"}


def guide_lines(claims: Sequence[Claim]) -> tuple[Line, ...]:
    """A line a claim: its mark, the claim, the evidence of this run, and what is known from elsewhere."""
    return tuple(
        Line(
            f"{claim.claim}: {claim.evidence}" + (f" — known: {claim.prior}" if claim.prior else ""),
            lead="guide" if position == 0 else "",
            mark=claim.verdict,
        )
        for position, claim in enumerate(claims)
    )


def recommendation_lines(recommendation: Recommendation) -> tuple[Line, ...]:
    """The sentences of the recommendation, after the name of the model if the evidence allows one."""
    named = [] if recommendation.model is None else [f"Recommended: {display(recommendation.model)}."]
    text = " ".join((*named, *recommendation.because))
    return (Line(text, role="strong"),) if text else ()


def expectation_lines(expectations: Sequence[Expectation]) -> tuple[Line, ...]:
    """A line a gate, whether it holds, the figure, and the interval that decided.

    'gru.accuracy > 0.9: does not hold, gru.accuracy is 75.6 % [74.7, 76.5]'; with several figures it is
    'left less right is −1.2 points [−2.0, −0.4]'.
    """
    return tuple(
        Line(
            f"{one.text}: {GATE_WORDS[one.verdict]}{_figure(one)}",
            lead="expect" if position == 0 else "",
            mark=GATE_MARKS[one.verdict],
        )
        for position, one in enumerate(expectations)
    )


def _figure(one: Expectation) -> str:
    """What was measured, with its interval unless it is exact, and the level where that is not 95 %."""
    alone = one.name is not None
    value, ends = (one.value, one.value_interval) if alone else (one.difference, one.interval or one.ci95)
    what = one.name if alone else "left less right"
    if value is None and ends is None:
        return ""
    text = figure_words(value, ends, one.unit, alone=alone)
    verb = "is" if value is not None else "in"
    level = "" if abs(one.level - 0.95) < 1e-9 or "[" not in text else f" (of {100 * one.level:.4g} %)"
    return f", {what} {verb} {text}{level}"


def failure_lines(failures: Sequence[Failure]) -> tuple[Line, ...]:
    """A line a leg that did not finish: 'failed  GRU seed 3: the loss is not finite at step 40 (exit 8)'."""
    return tuple(
        Line(
            f"{display(failure.model)} seed {failure.seed}: {failure.reason} (exit {failure.exit_code})",
            lead="failed" if position == 0 else "",
            mark="failed",
        )
        for position, failure in enumerate(failures)
    )


def note_lines(notes: Sequence[str]) -> tuple[Line, ...]:
    """A line a note on the data, such as how many texts were cut."""
    return tuple(Line(note, lead="note", role="quiet") for note in notes)


def signature_lines(signature: str) -> tuple[Line, ...]:
    """The line that says exactly what was compared, so that it can be run again."""
    return (Line(signature, lead="signature", role="quiet"),)
