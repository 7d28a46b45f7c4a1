"""`seqcli.bottleneck/1` laid out: a row a range of lengths, a column a model; what it says below."""

from seqcli.reports.draw.sheet import Column, Line, Row, Section, Sheet, SheetCell
from seqcli.reports.numbers import MISSING, bracketed, fixed, unit_of
from seqcli.reports.words.comparison_words import guide_lines
from seqcli.results.bottleneck import Bottleneck, Dose, LengthCurve
from seqcli.results.wording import counted


def sheet(result: Bottleneck) -> Sheet:
    """Quality by length as a sheet."""
    unit = unit_of(result.metric)
    seeds = max(len(curve.seeds) for curve in result.curves)
    rows = [
        Row(
            f"{name} ({count:,})",
            tuple(
                SheetCell(f"{fixed(unit.factor * curve.mean[i], 1)}{unit.suffix}") for curve in result.curves
            ),
        )
        for i, (name, count) in enumerate(zip(result.buckets, result.sentences, strict=True))
    ]
    rows.append(
        Row("half the first score at", tuple(SheetCell(_half(curve)) for curve in result.curves), "tokens")
    )
    if any(one for curve in result.curves for one in curve.still_improving):
        rows.append(
            Row("still improving", tuple(SheetCell(_improving(curve)) for curve in result.curves), "runs")
        )
    metric = result.metric.replace("_", " ")
    about = f"{result.task} · {metric} by source tokens (sentences) · {counted(seeds, 'seed')}"
    return Sheet(
        heading=f"quality by source length on {result.task}",
        title=(Line(about),),
        columns=tuple(Column(curve.label) for curve in result.curves),
        rows=tuple(rows),
        sections=tuple(part for part in (_dose(result), _guide(result)) if part.lines),
        corner="source tokens",
    )


SHEET = sheet


def _guide(result: Bottleneck) -> Section:
    return Section("what the guide says", guide_lines(result.guide))


def _half(curve: LengthCurve | Dose) -> str:
    """L50 with its interval, or on which side of the lengths tried it lies."""
    if curve.l50 is not None:
        return fixed(curve.l50, 1) + (f" {bracketed(curve.l50_ci95, 1)}" if curve.l50_ci95 else "")
    if curve.l50_below is not None:
        return f"below {fixed(curve.l50_below, 0)}"
    if curve.l50_beyond is not None:
        return f"not reached by {fixed(curve.l50_beyond, 0)}"
    return "never learnt"


def _improving(curve: LengthCurve) -> str:
    """How many of its runs ended while their validation score was rising."""
    told = [one for one in curve.still_improving if one is not None]
    return f"{sum(told)} of {len(told)}" if told else MISSING


GROWS = {
    "better": "it grows with the width",
    "worse": "it shrinks with the width",
    "equivalent": "the width changes it by less than a tenth",
    "undecided": "undecided",
}


def _dose(result: Bottleneck) -> Section:
    """L50 against the width of the context vector, where several were tried."""
    if len(result.dose) < 2:
        return Section("dose", ())
    told = ", ".join(f"{dose.width} wide: {_half(dose)}" for dose in result.dose)
    lines = [Line(f"half the first score by width of the context: {told}", lead="dose")]
    trend = result.dose_trend
    if trend is not None:
        ends = (
            "" if trend.ci95 is None else f" [{fixed(2 ** trend.ci95[0], 2)}, {fixed(2 ** trend.ci95[1], 2)}]"
        )
        lines.append(
            Line(
                f"times {fixed(2**trend.slope, 2)}{ends} for each doubling of the width"
                f" ({counted(len(trend.seeds), 'seed')}): {GROWS[trend.verdict]}",
                mark=trend.verdict,
            )
        )
    return Section("dose", tuple(lines))
