"""`seqcli.conclude/1` laid out: a row a model, a sentence a pair."""

from seqcli.reports.draw.sheet import Column, Line, Row, Section, Sheet, SheetCell
from seqcli.reports.numbers import (
    MINUS,
    PLUS_MINUS,
    Unit,
    bracketed,
    fixed,
    level_suffix,
    mean_decimals,
    metric_words,
    unit_of,
)
from seqcli.results.conclude import Conclusion, ScoredPair
from seqcli.results.wording import counted

SHOWN_SEEDS = 8
"""So many runs' scores stand in the table; more are in JSON and `to_pandas(rows="seed")`."""


def sheet(result: Conclusion) -> Sheet:
    """The scores with their intervals, and what they say of each pair."""
    name = metric_words(result.metric)
    count = counted(len(result.seeds), "paired run")
    examples = "" if result.examples is None else f" · {result.examples:,} test examples"
    return Sheet(
        heading=", ".join(model.label for model in result.models),
        title=(Line(f"{name} · {count}{examples} · scores of your own", role="strong"),),
        columns=(Column(name), Column("95 % interval"), Column("each run")),
        rows=_rows(result),
        sections=(Section("verdict", tuple(_verdict(result, pair) for pair in result.pairs)),),
    )


SHEET = sheet


def _decimals(result: Conclusion) -> int:
    return mean_decimals(
        [model.quality.mean for model in result.models],
        [*(model.quality.ci95 for model in result.models), *(pair.quality.shown for pair in result.pairs)],
        unit_of(result.metric),
    )


def _rows(result: Conclusion) -> tuple[Row, ...]:
    unit, decimals = unit_of(result.metric), _decimals(result)
    rows = []
    for model in result.models:
        quality = model.quality
        each = [
            "failed" if score is None else fixed(score * unit.factor, decimals) for score in quality.per_seed
        ]
        of_seeds = " ".join(each[:SHOWN_SEEDS]) + (" …" if len(each) > SHOWN_SEEDS else "")
        ends = "" if quality.ci95 is None else bracketed(quality.ci95, decimals, factor=unit.factor)
        mean = "" if quality.mean is None else f"{fixed(quality.mean * unit.factor, decimals)}{unit.suffix}"
        rows.append(Row(model.label, (SheetCell(mean), SheetCell(ends), SheetCell(of_seeds))))
    return tuple(rows)


def _verdict(result: Conclusion, pair: ScoredPair) -> Line:
    """As in 'mine is better than theirs by 2.1 points [0.4, 3.8].'."""
    quality, unit, decimals = pair.quality, unit_of(result.metric), _decimals(result)
    if quality.difference is None:
        return Line(f"{pair.a} and {pair.b} have no run in common.", mark="undecided")
    if quality.verdict in ("better", "worse"):
        first, second = (pair.a, pair.b) if quality.verdict == "better" else (pair.b, pair.a)
        return Line(f"{first} is better than {second} by {_size(pair, decimals, unit)}.", mark="better")
    size = f"{fixed(quality.difference * unit.factor, decimals, signed=True)}{unit.words}"
    ends = ""
    if quality.shown is not None:
        interval = bracketed(quality.shown, decimals, factor=unit.factor, signed=True)
        ends = f" {interval}{level_suffix(quality.level)}"
    difference = f"{pair.a} {MINUS} {pair.b} {size}{ends}"
    if quality.verdict == "equivalent":
        margin = f"{PLUS_MINUS}{fixed(result.margin * unit.factor, decimals)}{unit.words}"
        return Line(f"Equivalent within {margin}: {difference}.", mark="equivalent")
    return Line(f"Not decided: {difference}.{_needed(pair, len(result.seeds))}", mark="undecided")


def _size(pair: ScoredPair, decimals: int, unit: Unit) -> str:
    """The size of a decided difference, positive, with its interval: '2.1 points [0.4, 3.8]'."""
    difference, interval = pair.quality.difference or 0.0, pair.quality.shown
    size = f"{fixed(abs(difference) * unit.factor, decimals)}{unit.words}"
    if interval is None:
        return size
    ends = interval if difference > 0 else (-interval[1], -interval[0])
    ends_text = bracketed(ends, decimals, factor=unit.factor)
    return f"{size} {ends_text}{level_suffix(pair.quality.level)}"


def _needed(pair: ScoredPair, runs: int) -> str:
    """The evidence that would decide an open pair."""
    quality = pair.quality
    if runs == 1:
        return " One run of each gives no interval."
    if quality.examples_needed:
        return f" More runs would not separate them; about {quality.examples_needed:,} test examples would."
    if quality.seeds_needed:
        return f" {counted(runs, 'run')} cannot separate them; {quality.seeds_needed:,} fresh ones would."
    return ""
