"""What became better or worse since an earlier result, in sentences below the table."""

from seqcli.reports.comparison.headings import display
from seqcli.reports.marks import GLYPHS, Mark
from seqcli.reports.numbers import PLUS_MINUS, Unit, bracketed, fixed, times, unit_of
from seqcli.reports.sheet import Line
from seqcli.results.compare import Comparison
from seqcli.results.earlier import EarlierModel, EarlierQuality, EarlierRatio

COSTS = (("speed", "train_speed"), ("latency", "latency"), ("memory", "memory"), ("parameters", "parameters"))


def earlier_lines(result: Comparison, decimals: int) -> tuple[Line, ...]:
    """The earlier result, a line a model for quality and one for cost, and what the two do not share."""
    found = result.earlier
    if found is None:
        return ()
    unit = unit_of(result.task.metric)
    margin = fixed(result.protocol.margin * unit.factor, decimals)
    lines = [Line(f"{found.file}: {found.signature}", lead="baseline", role="quiet")]
    for model in found.models:
        told = (
            "not measured in both"
            if model.quality is None
            else _quality(model.quality, unit, decimals, margin)
        )
        metric = result.task.metric.replace("_", " ")
        mark: Mark | None = None if model.quality is None else model.quality.verdict
        lines.append(Line(f"{display(model.label)} {metric} {told}", mark=mark))
        lines += [Line(f"{display(model.label)} {text}", role="quiet") for text in _costs(model)]
    return (*lines, *(Line(note, role="quiet") for note in found.notes))


def _quality(found: EarlierQuality, unit: Unit, decimals: int, margin: str) -> str:
    """'−0.4 points [−1.2, +0.4], inside noise'; 'worse by 2.1 points [−3.0, −1.2]'."""
    if found.unchanged:
        return "is the same in every seed"
    interval = (
        "" if found.ci95 is None else f" {bracketed(found.ci95, decimals, factor=unit.factor, signed=True)}"
    )
    test = f"({found.test} over seeds{' and test examples' if found.examples else ''})"
    size = f"{fixed(abs(found.difference) * unit.factor, decimals)}{unit.words}"
    difference = f"{fixed(found.difference * unit.factor, decimals, signed=True)}{unit.words}{interval}"
    if found.verdict == "equivalent":
        return f"{difference}, the same within {PLUS_MINUS}{margin} {test}"
    if found.verdict == "undecided":
        why = "inside noise" if found.ci95 is not None else "one seed tells nothing of noise"
        return f"{difference}, {why} {test}"
    return f"{found.verdict} by {size}{interval} {test}"


def _costs(model: EarlierModel) -> list[str]:
    """One sentence of ratios, now over then: 'now over then: speed ×1.02 [0.95, 1.09] ?, memory ×1.00 ='."""
    ratios = [(name, getattr(model, field)) for name, field in COSTS]
    told = [f"{name} {ratio_text(ratio)}" for name, ratio in ratios if ratio]
    return [f"now over then: {', '.join(told)}"] if told else []


def ratio_text(ratio: EarlierRatio) -> str:
    """A ratio with its interval and mark, or without a verdict: '×1.02 (one sitting each: no verdict)'."""
    if ratio.sittings is None or ratio.ci95 is not None:
        return f"{times(ratio.ratio, ratio.ci95)} {GLYPHS[ratio.verdict]}"
    now, then = ratio.sittings
    counts = "one sitting each" if now == then == 1 else f"sittings: {now} now, {then} then"
    return f"{times(ratio.ratio)} ({counts}: no verdict)"
