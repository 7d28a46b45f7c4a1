"""The answer of a comparison as one table: a row a model, then a row a baseline; what each reaches and costs.

A mark stands for a verdict against every other model at once: ▲ better than each, ▼ worse than each, = the
same as each. A page too narrow for all columns leaves out memory first, then latency, other scores, training
speed and parameters; never the score and its interval.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from seqcli.data.kind import metric_named
from seqcli.reports.draw.sheet import Column, Mark, Row, SheetCell
from seqcli.reports.numbers import (
    MEBIBYTE,
    align_points,
    alike,
    bracketed,
    fixed,
    level_text,
    metric_words,
    unit_of,
)
from seqcli.reports.parts.cost_table import smaller_mark
from seqcli.reports.words.comparison_words import display
from seqcli.results.common import MIRRORED, Verdict
from seqcli.results.compare import Comparison
from seqcli.results.compared_pairs import Pair, RatioPair
from seqcli.results.measurements import Quality
from seqcli.results.wording import decimals_to

MEMORY, LATENCY, BESIDE, SPEED, SIZE = 5, 4, 3, 2, 1
"""The order in which columns are left out of a narrow page, the greatest number first."""


@dataclass(frozen=True)
class AnswerColumn:
    """One quantity of every row, models first."""

    heading: str
    texts: list[str]
    marks: list[Mark | None]
    spare: int = 0


def answer_columns(result: Comparison, decimals: int) -> list[AnswerColumn]:
    """The columns that any row has a value for."""
    columns = [
        *_quality_columns(result, decimals),
        *_beside_columns(result),
        _speed(result),
        _latency(result),
        _size(result),
        _memory(result),
    ]
    return [column for column in columns if any(column.texts)]


def columns_of(answer_columns_of: Sequence[AnswerColumn]) -> tuple[Column, ...]:
    """The columns as a sheet has them."""
    return tuple(Column(column.heading, spare=column.spare) for column in answer_columns_of)


def answer_rows(result: Comparison, columns: Sequence[AnswerColumn]) -> tuple[Row, ...]:
    """The rows as a sheet has them."""
    names = [display(model.label) for model in result.models]
    names += [baseline.label for baseline in result.baselines]
    return tuple(
        Row(name, tuple(SheetCell(column.texts[place], column.marks[place]) for column in columns))
        for place, name in enumerate(names)
    )


def standings(result: Comparison, verdict: Callable[[Pair], Verdict | None]) -> list[Mark | None]:
    """Each model's verdict against every other one, where that is the same; None where it is mixed."""
    return [_standing(model.label, result.pairs, verdict) for model in result.models]


def _standing(label: str, pairs: Sequence[Pair], verdict: Callable[[Pair], Verdict | None]) -> Mark | None:
    verdicts: set[Verdict | None] = set()
    for pair in pairs:
        if label in (pair.a, pair.b):
            outcome = verdict(pair)
            verdicts.add(outcome if outcome is None or pair.a == label else MIRRORED[outcome])
    return verdicts.pop() if len(verdicts) == 1 else None


def quality_verdicts(result: Comparison) -> Callable[[Pair], Verdict | None]:
    """A pair's verdict on quality, that of all protocols together where there are several."""
    joint: Mapping[tuple[str, str], str] = {
        (agreement.a, agreement.b): agreement.verdict for agreement in result.agreement
    }

    def verdict(pair: Pair) -> Verdict | None:
        return None if joint.get((pair.a, pair.b)) == "depends" else pair.quality.verdict

    return verdict


def speed_verdict(pair: Pair) -> Verdict | None:
    """The verdict on training speed."""
    return _of_ratio(pair.train_speed)


def latency_verdict(pair: Pair) -> Verdict | None:
    """The verdict on latency."""
    return _of_ratio(pair.latency)


def memory_verdict(pair: Pair) -> Verdict | None:
    """The verdict on memory."""
    return _of_ratio(pair.memory)


def size_verdict(pair: Pair) -> Verdict | None:
    """The verdict on parameters, which are exact; none where a model has no size."""
    ratio = pair.parameters.ratio
    if not ratio:
        return None
    mark = smaller_mark(ratio)
    return mark if mark in ("better", "worse", "equivalent") else None


def _of_ratio(ratio: RatioPair | None) -> Verdict | None:
    return None if ratio is None else ratio.verdict


def _quality_columns(result: Comparison, decimals: int) -> list[AnswerColumn]:
    unit = unit_of(result.task.metric)
    qualities = [model.quality for model in result.models] + [
        baseline.quality for baseline in result.baselines
    ]
    means = align_points([_mean(quality, decimals) for quality in qualities])
    ends = [
        "" if baseline.ci95 is None else bracketed(baseline.ci95, decimals, factor=unit.factor)
        for baseline in qualities
    ]
    marks: list[Mark | None] = [*standings(result, quality_verdicts(result)), *_none(result.baselines)]
    solved = [
        "" if baseline.solved is None else f"{baseline.solved} of {len(baseline.per_seed)}"
        for baseline in qualities
    ]
    by_solving = any(solved)
    metric = f"test {metric_words(result.task.metric)}"
    nothing: list[Mark | None] = [None] * len(qualities)
    return [
        AnswerColumn("seeds solved", solved, marks if by_solving else nothing),
        AnswerColumn(metric, means, nothing if by_solving else marks),
        AnswerColumn(f"{level_text([])} interval", align_points(ends), nothing),
    ]


def _mean(quality: Quality, decimals: int) -> str:
    unit = unit_of(quality.metric)
    if quality.mean is None:
        return "failed" if quality.failed else ""
    return f"{fixed(quality.mean * unit.factor, decimals)}{unit.suffix}"


def _beside_columns(result: Comparison) -> list[AnswerColumn]:
    names = dict.fromkeys(name for model in result.models for name in model.beside)
    return [_other_score_column(result, name) for name in names if metric_named(name).brief]


def _other_score_column(result: Comparison, name: str) -> AnswerColumn:
    scores = [model.beside.get(name) for model in result.models]
    means = [None if score is None else score.mean for score in scores]
    unit = unit_of(name)
    largest = max((abs(mean) for mean in means if mean is not None), default=0.0)
    # Four digits of the largest: an error of .0123 keeps three decimals, a perplexity of a million none.
    decimals = 1 if unit.suffix else decimals_to(largest, 4, most=3)
    texts = ["" if mean is None else f"{fixed(mean * unit.factor, decimals)}{unit.suffix}" for mean in means]
    return _column(result, metric_words(name), align_points(texts), spare=BESIDE)


def _speed(result: Comparison) -> AnswerColumn:
    speeds = [model.train_speed for model in result.models]
    unit = next((speed.unit for speed in speeds if speed), "").replace("sequences", "seq")
    texts = alike([speed.typical if speed else None for speed in speeds])
    return _column(result, f"training {unit}", texts, spare=SPEED, verdict=speed_verdict)


def _latency(result: Comparison) -> AnswerColumn:
    texts = alike([model.latency.p50 if model.latency else None for model in result.models])
    return _column(result, "latency ms", texts, spare=LATENCY, verdict=latency_verdict)


def _size(result: Comparison) -> AnswerColumn:
    sizes = [model.parameters.total for model in result.models]
    texts = [f"{size:,}" if size else "" for size in sizes]
    return _column(result, "parameters", texts, spare=SIZE, verdict=size_verdict)


def _memory(result: Comparison) -> AnswerColumn:
    steps = [model.memory.step / MEBIBYTE if model.memory else None for model in result.models]
    return _column(result, "memory MiB", alike(steps), spare=MEMORY, verdict=memory_verdict)


def _column(
    result: Comparison,
    heading: str,
    texts: Sequence[str],
    *,
    spare: int,
    verdict: Callable[[Pair], Verdict | None] | None = None,
) -> AnswerColumn:
    """A column that baselines have no value in; an open verdict on cost leaves its figure without a mark."""
    marks: list[Mark | None] = [None for _ in texts]
    if verdict is not None:
        marks = [None if mark == "undecided" else mark for mark in standings(result, verdict)]
    blank = ["" for _ in result.baselines]
    widest = max(map(len, texts), default=0)
    aligned = [text.rjust(widest) if text else "" for text in texts]
    return AnswerColumn(heading, [*aligned, *blank], [*marks, *_none(result.baselines)], spare)


def _none(items: Sequence[object]) -> list[Mark | None]:
    return [None for _ in items]
