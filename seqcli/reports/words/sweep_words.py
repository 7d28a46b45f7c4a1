"""The sentences around a sweep's table: the setting varied, the models' trends, their crossings."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import takewhile

from seqcli.reports.draw.sheet import Line
from seqcli.reports.numbers import (
    MINUS,
    between,
    bracketed,
    decimals_to,
    fixed,
    level_text,
    mean_decimals,
    metric_words,
    unit_of,
)
from seqcli.reports.words.comparison_words import (
    DOT,
    display,
    failure_lines,
    look_lines,
    protocol_line,
    status_lines,
    task_line,
)
from seqcli.results.compare import Comparison
from seqcli.results.sweep import Sweep, SweepPair
from seqcli.results.wording import PLAIN, counted, p_value_words, shortest

LEGEND = "▲ a greater value favours the first   ▼ the second   = neither   ? undecided"


def title(result: Sweep) -> Iterator[Line]:
    """The data and the protocol of the first value, and what was varied."""
    if result.points:
        yield _task(result.points)
        yield _protocol(result)
        yield from look_lines(result.points[0].protocol)
    values = DOT.join(value_text(value) for value in result.values)
    yield Line(f"{setting_name(result)} = {values}", lead="varied")
    has_intervals = any(interval is not None for curve in result.curves for interval in curve.ci95)
    spread = "mean and 95 % interval over seeds" if has_intervals else "mean over seeds"
    yield Line(f"test {metric_words(result.metric)} at each {setting_name(result)}: {spread}", role="quiet")
    yield from status_lines(result)


def brief_title(result: Sweep) -> Iterator[Line]:
    """The data, what the figures are, and what is missing."""
    if result.points:
        yield _task(result.points)
    has_intervals = any(interval is not None for curve in result.curves for interval in curve.ci95)
    spread = ", mean and 95 % interval over seeds" if has_intervals else ", mean over seeds"
    yield Line(f"test {metric_words(result.metric)} at each {setting_name(result)}{spread}", role="quiet")
    yield from status_lines(result)


def verdict_lines(result: Sweep) -> tuple[Line, ...]:
    """A line a pair, whom a greater value favours first, then by how much and where the lines cross."""
    return tuple(
        Line(_verdict(result, pair), mark=None if pair.verdict == "undecided" else pair.verdict)
        for pair in result.pairs
    )


def _verdict(result: Sweep, pair: SweepPair) -> str:
    a, b = display(pair.a), display(pair.b)
    if pair.solved is not None or pair.difference is None:
        return f"{a} and {b}: {pair_text(result, pair)}."
    name = setting_name(result)
    slopes = _slopes(result, pair)
    if pair.verdict == "undecided":
        return f"Not decided whether a greater {name} favours {a} or {b}: {slopes}."
    if pair.verdict == "equivalent":
        return f"A greater {name} favours neither {a} nor {b}: {slopes}."
    ahead, behind = (a, b) if pair.verdict == "better" else (b, a)
    favoured = f"A greater {name} favours {ahead} over {behind}: {a} {MINUS} {b} {slopes}"
    return "; ".join(filter(None, (favoured, _crossing(pair)))) + "."


def warning_lines(result: Sweep) -> tuple[Line, ...]:
    """Return the warnings about the table: the data, and runs that failed."""
    cautions = dict.fromkeys(text for point in result.points for text in point.task.cautions)
    failures = [replace(line, lead="", mark="failed") for line in failure_lines(result.failures)]
    return (*failures, *(Line(text, mark="failed") for text in cautions))


def _task(points: Sequence[Comparison]) -> Line:
    """The data, without the sizes of splits that are not the same at every value."""
    first = points[0].task
    if all((point.task.train, point.task.source) == (first.train, first.source) for point in points):
        return task_line(first)
    sizes = [point.task.train for point in points]
    train = between(min(sizes), max(sizes), 0)
    split = f"{train} train / {first.valid:,} valid / {first.test:,} test"
    return Line(DOT.join(part for part in (_shared_source(points), split) if part), lead=first.name)


def _shared_source(points: Sequence[Comparison]) -> str:
    """Return the data's name at every value: 'generated letters' where the lengths differ."""
    parts = zip(*(point.task.source.split(", ") for point in points), strict=False)
    return ", ".join(part for part, *_ in takewhile(lambda same: len(set(same)) == 1, parts))


def _protocol(result: Sweep) -> Line:
    """Return the settings held equal at every value: not the one that was varied."""
    first = result.points[0]
    models = [
        model.model_copy(update={"settings": {**model.settings, result.setting: None}})
        for model in first.models
    ]
    return protocol_line(first.protocol, models)


def pair_lines(result: Sweep) -> tuple[Line, ...]:
    """A line a pair: 'GRU − LSTM  ▲ +1.7 points per doubling of length [+0.9, +2.5] (−0.4 against −2.1)'."""
    return tuple(
        Line(
            pair_text(result, pair),
            lead=f"{display(pair.a)} {MINUS} {display(pair.b)}",
            mark=pair.verdict,
        )
        for pair in result.pairs
    )


def legend_lines(pairs: Sequence[SweepPair]) -> tuple[Line, ...]:
    """Return the meanings of the pairs' marks."""
    return (Line(LEGEND, role="quiet"),) if any(pair.solved is None for pair in pairs) else ()


def pair_text(result: Sweep, pair: SweepPair) -> str:
    """Return the sentence on a pair: its slopes, their difference, whom the setting favours, a crossing."""
    if pair.solved is not None:
        solved = pair.solved
        runs = f"{solved.a} of {solved.seeds} runs solved against {solved.b}"
        return f"{runs} ({p_value_words(solved.p_value)}): {pair.verdict}{_sooner(pair)}"
    if pair.difference is None:
        return f"no seed of both models finished at every {setting_name(result)}"
    return "; ".join(filter(None, (_slopes(result, pair), _favour(result, pair), _crossing(pair))))


def _sooner(pair: SweepPair) -> str:
    """Return the clause on steps: '; GRU sooner in 9 runs, LSTM in 0 (p = 0.0625 over seeds)'."""
    if pair.sooner is None:
        return ""
    counts = ((pair.sooner.a, display(pair.a)), (pair.sooner.b, display(pair.b)))
    (more, ahead), (fewer, behind) = sorted(counts, reverse=True)
    p_value = "" if pair.sooner.p_value is None else f" ({p_value_words(pair.sooner.p_value)} over seeds)"
    return f"; {ahead} sooner in {counted(more, 'run')}, {behind} in {fewer}{p_value}"


def _slopes(result: Sweep, pair: SweepPair) -> str:
    """Both slopes, their difference and its interval."""
    unit = unit_of(result.metric)
    decimals = mean_decimals([pair.difference, pair.slope_a, pair.slope_b], [pair.shown], unit)
    per = f"per doubling of {setting_name(result)}"
    if result.scale == "linear":
        per = f"per unit of {setting_name(result)}"
    difference = f"{fixed((pair.difference or 0.0) * unit.factor, decimals, signed=True)}{unit.words} {per}"
    if pair.shown is not None:
        level = level_text([pair.level])
        difference += f" {bracketed(pair.shown, decimals, factor=unit.factor, signed=True)}"
        difference += "" if level == "95 %" else f" (its {level} interval)"
    if pair.slope_a is None or pair.slope_b is None:
        return difference
    a, b = (fixed(slope * unit.factor, decimals, signed=True) for slope in (pair.slope_a, pair.slope_b))
    return f"{difference} ({a} against {b}, {counted(pair.seeds, 'seed')})"


def _favour(result: Sweep, pair: SweepPair) -> str:
    name = setting_name(result)
    if pair.verdict == "undecided":
        return "undecided"
    if pair.verdict == "equivalent":
        return f"{name} favours neither beyond the margin"
    return f"a greater {name} favours {display(pair.a if pair.verdict == 'better' else pair.b)}"


def _crossing(pair: SweepPair) -> str:
    """Return the clause on the meeting of the mean lines, if it is shown."""
    if pair.crossing is None:
        return ""
    if pair.crossing_ci95 is None:
        return f"the lines cross at {place_text(pair.crossing)}"
    low, high = (place_text(end) for end in pair.crossing_ci95)
    return f"the lines cross at {place_text(pair.crossing)} [{low}, {high}]"


def place_text(value: float) -> str:
    """A place along the setting, with three significant digits."""
    plain = PLAIN[0] < abs(value) < PLAIN[1]
    return fixed(value, decimals_to(value, 3)) if plain else shortest(value, 3)


def setting_name(result: Sweep) -> str:
    """The setting as people say it: 'train size'."""
    return result.setting.removeprefix("task.").replace("_", " ").replace("-", " ")


def value_text(value: float) -> str:
    """A value of the setting: '1,600', '0.1', '2e-05'."""
    # From 2 ** 53 on a float64 does not hold every whole number.
    return f"{int(value):,}" if value == int(value) and abs(value) < 1e15 else shortest(value, 6)
