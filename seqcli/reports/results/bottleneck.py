"""`seqcli.bottleneck/1` laid out: a row a range of lengths, a column a model; what it says below."""

from seqcli.registry import later
from seqcli.reports.draw.sheet import Column, Line, Row, Section, Sheet, SheetCell
from seqcli.reports.numbers import MISSING, fixed, metric_words, unit_of
from seqcli.reports.words.bottleneck_words import half_text, trend_text
from seqcli.reports.words.comparison_words import guide_lines
from seqcli.results.bottleneck import Bottleneck, LengthCurve
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
        Row(
            "half the first score at", tuple(SheetCell(half_text(curve)) for curve in result.curves), "tokens"
        )
    )
    if any(improving for curve in result.curves for improving in curve.still_improving):
        rows.append(
            Row("still improving", tuple(SheetCell(_improving(curve)) for curve in result.curves), "runs")
        )
    metric = metric_words(result.metric)
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
PANELS = later("seqcli.reports.parts.bottleneck_figure", "bottleneck_panels")
DOCUMENT = later("seqcli.reports.parts.bottleneck_page", "bottleneck_document")


def _guide(result: Bottleneck) -> Section:
    return Section("what the guide says", guide_lines(result.guide))


def _improving(curve: LengthCurve) -> str:
    """Return how many of its runs ended while their validation score was rising."""
    known = [run for run in curve.still_improving if run is not None]
    return f"{sum(known)} of {len(known)}" if known else MISSING


def _dose(result: Bottleneck) -> Section:
    """L50 against the width of the context vector, where several were tried."""
    if len(result.dose) < 2:
        return Section("dose", ())
    halves = ", ".join(f"{dose.width} wide: {half_text(dose)}" for dose in result.dose)
    lines = [Line(f"half the first score by width of the context: {halves}", lead="dose")]
    trend = result.dose_trend
    if trend is not None:
        lines.append(Line(trend_text(trend), mark=trend.verdict))
    return Section("dose", tuple(lines))
