"""The cautions where a score is no better than always saying the most frequent class, or seems to be."""

from typing import TYPE_CHECKING

from seqcli.reports.numbers import Unit, bracketed, fixed
from seqcli.results.common import Interval
from seqcli.results.train import CaptionExample, ClassThreshold
from seqcli.results.wording import share_words

if TYPE_CHECKING:
    from seqcli.results.evaluate import Mistake

MAJORITY_CLASS = "the majority class"
IMBALANCED = 0.8
"""The share of the most frequent class from which on accuracy may flatter."""


def place_of(example: "Mistake | CaptionExample", unit: str) -> str:
    """The place of an example: its row where that is known."""
    return f"example {example.example}" if example.row is None else f"{unit} {example.row:,}"


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
    score = fixed(value * unit.factor, 1)
    if value <= majority:
        return f"Nothing learnt: {score}{unit.suffix} against {against} for {MAJORITY_CLASS}."
    if interval is None or interval[0] > majority:
        return ""
    ends = bracketed(interval, 1, factor=unit.factor)
    return (
        f"Not shown to beat {MAJORITY_CLASS}: {score} {ends}{unit.suffix} against {against}."
        " More test examples would decide."
    )


def accuracy_flatters(
    value: float, interval: Interval | None, majority: float | None, balanced: float | None
) -> str:
    """Say that a high accuracy is that of one frequent class; '' where it is more than that, or less.

    Args:
        value: The accuracy.
        interval: The same with its uncertainty.
        majority: What the majority class reaches; None where there is none.
        balanced: The balanced accuracy, if it is known.
    """
    low, high = (value, value) if interval is None else interval
    if majority is None or majority < IMBALANCED or not low <= majority <= high:
        return ""
    sentence = f"Accuracy flatters: {fixed(100 * majority, 1)} % of the test rows are of one class"
    half = "" if balanced is None else f", and balanced accuracy is {fixed(100 * balanced, 1)} %"
    return f"{sentence}{half}. Judge by --metric macro_F1 or balanced_accuracy."


_CHOSEN_BY = {"F1": "F1 of {label}", "macro_F1": "macro-F1", "balanced_accuracy": "balanced accuracy"}


def threshold_words(threshold: ClassThreshold) -> tuple[str, str, str]:
    """The name, the value and the remark of the probability from which on the rarer class is said."""
    score = _CHOSEN_BY[threshold.metric].format(label=threshold.label)
    gained = (
        f"valid {score} {share_words(threshold.valid)}, at one half {share_words(threshold.valid_at_half)}"
    )
    return f"said {threshold.label}", f"from {share_words(threshold.least)}", gained
