"""`seqcli.bottleneck/1` laid out: a row a range of lengths, a column a model; what it says below."""

from seqcli.reports.comparison.conclusions import guide_lines
from seqcli.reports.numbers import fixed, unit_of
from seqcli.reports.sheet import Cell, Column, Line, Row, Section, Sheet
from seqcli.results.bottleneck import Bottleneck, Curve
from seqcli.results.wording import counted


def sheet(result: Bottleneck) -> Sheet:
    """Quality by length as a sheet."""
    unit = unit_of(result.metric)
    seeds = max(len(curve.seeds) for curve in result.curves)
    rows = [
        Row(
            f"{name} ({count:,})",
            tuple(Cell(f"{fixed(unit.factor * curve.mean[i], 1)}{unit.suffix}") for curve in result.curves),
        )
        for i, (name, count) in enumerate(zip(result.buckets, result.sentences, strict=True))
    ]
    rows.append(
        Row("half the first score at", tuple(Cell(_half(curve)) for curve in result.curves), "tokens")
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


def _half(curve: Curve) -> str:
    return "not reached" if curve.l50 is None else fixed(curve.l50, 1)


def _dose(result: Bottleneck) -> Section:
    """L50 against the width of the context vector, where several were tried."""
    if len(result.dose) < 2:
        return Section("dose", ())
    told = ", ".join(
        f"{dose.width} wide: {'not reached' if dose.l50 is None else fixed(dose.l50, 1)}"
        for dose in result.dose
    )
    return Section("dose", (Line(f"half the first score by width of the context: {told}", lead="dose"),))
