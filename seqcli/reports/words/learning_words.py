"""The caution where a score is no better than always saying the most frequent class."""

from seqcli.reports.numbers import Unit, bracketed, fixed
from seqcli.results.common import Interval

MAJORITY_CLASS = "the majority class"


def nothing_learnt(value: float, interval: Interval | None, majority: float | None, unit: Unit) -> str:
    """Say that a model does not beat the majority class, or is not shown to; '' where it does.

    Args:
        value: Its score, of which more is better.
        interval: The same with its uncertainty.
        majority: What the majority class reaches; None where there is none.
        unit: In which they are shown.
    """
    if majority is None:
        return ""
    against = f"{fixed(majority * unit.factor, 1)}{unit.suffix}"
    shown = fixed(value * unit.factor, 1)
    if value <= majority:
        return f"Nothing learnt: {shown}{unit.suffix} against {against} for {MAJORITY_CLASS}."
    if interval is None or interval[0] > majority:
        return ""
    ends = bracketed(interval, 1, factor=unit.factor)
    return (
        f"Not shown to beat {MAJORITY_CLASS}: {shown} {ends}{unit.suffix} against {against}."
        " More test examples would decide."
    )
