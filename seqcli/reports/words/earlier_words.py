"""This comparison beside an earlier one, in lines, and the conditions that differ in sentences."""

from collections.abc import Sequence

from seqcli.data.kind import metric_named
from seqcli.reports.draw.sheet import GLYPHS, Line, Mark
from seqcli.reports.numbers import (
    PLUS_MINUS,
    Unit,
    bracketed,
    fixed,
    level_suffix,
    metric_words,
    times,
    unit_of,
)
from seqcli.reports.words.comparison_words import display
from seqcli.results.compare import Comparison
from seqcli.results.earlier import (
    EarlierComparison,
    EarlierCondition,
    EarlierModel,
    EarlierQuality,
    EarlierRatio,
)
from seqcli.results.measurements import ENOUGH_SITTINGS, Machine
from seqcli.results.wording import counted

COSTS = (("speed", "train_speed"), ("latency", "latency"), ("memory", "memory"), ("parameters", "parameters"))


def earlier_lines(result: Comparison, decimals: int) -> tuple[Line, ...]:
    """The earlier result, a line a model for quality and one for cost, and what the two do not share."""
    earlier = result.earlier
    if earlier is None:
        return ()
    unit = unit_of(result.task.metric)
    margin = fixed(result.protocol.margin * unit.factor, decimals)
    lines = [Line(f"{earlier.file}: {earlier.signature}", lead="baseline", role="quiet")]
    for model in earlier.models:
        clause = (
            "not measured in both"
            if model.quality is None
            else _quality(model.quality, unit, decimals, margin)
        )
        metric = metric_words(result.task.metric)
        mark: Mark | None = None if model.quality is None else model.quality.verdict
        lines.append(Line(f"{display(model.label)} {metric} {clause}", mark=mark))
        lines += [Line(f"{display(model.label)} {text}", role="quiet") for text in _costs(model)]
    return (*lines, *(Line(note, role="quiet") for note in earlier.notes))


def _quality(quality: EarlierQuality, unit: Unit, decimals: int, margin: str) -> str:
    """'−0.4 points [−1.2, +0.4], inside noise'; 'worse by 2.1 points [−3.0, −1.2]'."""
    if quality.unchanged:
        return "is the same in every seed"
    interval = (
        ""
        if quality.ci95 is None
        else f" {bracketed(quality.ci95, decimals, factor=unit.factor, signed=True)}"
    )
    rests = f"{quality.test} over seeds{' and test examples' if quality.examples else ''}"
    level = level_suffix(quality.level).strip(" ()")
    test = f"({', '.join(filter(None, (rests, level)))})"
    size = f"{fixed(abs(quality.difference) * unit.factor, decimals)}{unit.words}"
    difference = f"{fixed(quality.difference * unit.factor, decimals, signed=True)}{unit.words}{interval}"
    if quality.verdict == "equivalent":
        return f"{difference}, the same within {PLUS_MINUS}{margin} {test}"
    if quality.verdict == "undecided":
        reason = "inside noise" if quality.ci95 is not None else "which may be noise"
        return f"{difference}, {reason} {test}"
    return f"{quality.verdict} by {size}{interval} {test}"


def _costs(model: EarlierModel) -> list[str]:
    """One sentence of ratios, now over then: 'now over then: speed ×1.02 [0.95, 1.09] ?, memory ×1.00 ='."""
    ratios = [(name, getattr(model, field)) for name, field in COSTS]
    ratio_words = [f"{name} {ratio_text(ratio)}" for name, ratio in ratios if ratio]
    return [f"now over then: {', '.join(ratio_words)}"] if ratio_words else []


def ratio_text(ratio: EarlierRatio) -> str:
    """A ratio with its interval and mark: '×1.02 [0.95, 1.09] ='; bare, '×1.02', where it has no verdict.

    Why it has none is a condition of the two results, which is told once.
    """
    if ratio.sittings is None or ratio.ci95 is not None:
        return f"{times(ratio.ratio, ratio.ci95)}{level_suffix(ratio.level)} {GLYPHS[ratio.verdict]}"
    return times(ratio.ratio)


def with_notes(earlier: EarlierComparison, metric: str) -> EarlierComparison:
    """Return the comparison with its conditions in sentences too; those of earlier versions stay."""
    notes = [condition_note(condition, metric) for condition in earlier.conditions]
    return earlier.model_copy(update={"notes": notes or earlier.notes})


def condition_note(condition: EarlierCondition, metric: str) -> str:
    """Return a condition that differs, and what it leaves of a verdict, in a sentence."""
    code = condition.code
    if code == "unpaired":
        return f"not paired: the {condition.names[0]} differ: {condition.now} now, {condition.then} then"
    if code == "models":
        return f"only one of the two has {', '.join(condition.names)}"
    if code == "no answers":
        return _without_answers(condition, metric)
    if condition.machines is not None:
        now, then = map(_machine_names, condition.machines)
        return f"speed and latency were timed on {now} now, {then} then: no verdict"
    return OF_TIMING[code]


OF_TIMING = {
    "same blocks": "speed and latency are those measured for the baseline: nothing was timed anew",
    "another time": "speed and latency were timed at another time, maybe on another machine: no verdict",
    "few sittings": "speed and latency were timed in other sittings, which differ more than their processes:"
    f" a verdict needs {ENOUGH_SITTINGS} on either side (--measure-again adds one)",
}


def _without_answers(condition: EarlierCondition, metric: str) -> str:
    files = {"now": "this result", "then": "the baseline"}
    keep = "keep" if len(condition.names) > 1 else "keeps"
    missing = f"{' and '.join(files[name] for name in condition.names)} {keep} no answers to test examples"
    if condition.verdict:
        return f"{missing}: the sampling of a share counts for them, which is more than the answers would"
    name = metric_named(metric).name
    return f"{missing}: others could overturn what seeds agree on, so {name} has no verdict"


def _machine_names(machines: Sequence[Machine]) -> str:
    return " and ".join(
        f"{machine.host} ({machine.cpu}, {machine.instruction_set}, torch {machine.torch},"
        f" {counted(machine.threads, 'thread')}, {machine.device})"
        for machine in machines
    )
