"""Sentences and grids on a forecast's steps ahead."""

from collections.abc import Mapping, Sequence

from seqcli.reports.draw.sheet import Column, Row, Sheet, SheetCell
from seqcli.reports.numbers import align_points, alike, fixed, metric_words, unit_of
from seqcli.results.steps_ahead import StepScores

SHOWN_STEPS = 12  # rows that fit half a screen; JSON has every step


def repeats_last_value(steps: StepScores | None, name: str = "This model") -> str:
    """Say that a forecast is little more than the last value; '' where it is more."""
    if steps is None or steps.likeness is None or not steps.likeness.repeats:
        return ""
    likeness = steps.likeness
    last, truth, naive = (fixed(value, 2) for value in (likeness.to_last, likeness.to_truth, likeness.naive))
    return (
        f"{name} repeats the last value: its forecasts lie {last} from it and {truth} from what came, where"
        f" the last value itself lies {naive} from that (means, in naive errors of training)."
    )


def step_grids(steps: StepScores | None) -> tuple[Sheet, ...]:
    """A row a step ahead, a column a score; nothing of what has one step alone."""
    if steps is None or steps.horizon < 2:
        return ()
    return (_grid("scores step by step ahead", steps.scores),)


def step_grids_of_methods(steps: Mapping[str, StepScores | None], metric: str) -> tuple[Sheet, ...]:
    """A row a step ahead, a column a method; nothing where there is one step alone."""
    columns = {
        name: each.scores[metric]
        for name, each in steps.items()
        if each is not None and metric in each.scores and each.horizon > 1
    }
    if not columns:
        return ()
    return (_grid(f"test {metric_words(metric)} step by step ahead", columns, metric),)


def shown_steps(horizon: int) -> list[int]:
    """The steps that a grid shows, from 1: all of a few, else the first, the last and some evenly between."""
    if horizon <= SHOWN_STEPS:
        return list(range(1, horizon + 1))
    places = [1 + round(number * (horizon - 1) / (SHOWN_STEPS - 1)) for number in range(SHOWN_STEPS)]
    return list(dict.fromkeys(places))


def _grid(heading: str, columns: Mapping[str, Sequence[float]], metric: str | None = None) -> Sheet:
    steps = shown_steps(len(next(iter(columns.values()))))
    texts = [_texts([values[step - 1] for step in steps], metric or name) for name, values in columns.items()]
    return Sheet(
        heading=heading,
        title=(),
        columns=tuple(Column(metric_words(name)) for name in columns),
        rows=tuple(
            Row(str(step), tuple(SheetCell(text) for text in row))
            for step, *row in zip(steps, *texts, strict=True)
        ),
        sections=(),
        corner="step",
        ruled=False,
    )


def _texts(values: Sequence[float], metric: str) -> list[str]:
    unit = unit_of(metric)
    if unit.top is not None:
        return align_points([f"{fixed(value * unit.factor, 1)}{unit.suffix}" for value in values])
    return align_points(list(alike(list(values))))
