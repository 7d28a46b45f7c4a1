"""The time that a command would take, in a line for each part of it."""

from functools import singledispatch

from seqcli.results.estimates import (
    CostEstimate,
    ModelEstimate,
    Moment,
    PartEstimate,
    PartHeading,
    ProbeEstimate,
    RunEstimate,
    TimeEstimate,
    TrainingEstimate,
    WholeEstimate,
)
from seqcli.results.wording import counted, fixed, span


@singledispatch
def estimate_line(estimate: TimeEstimate) -> str:
    """Return one estimate as a line: '15 training runs, 2 side by side: at most 4 min; early stopping …'."""
    raise TypeError(estimate)


@estimate_line.register
def _(model: ModelEstimate) -> str:
    finished = f" ({model.kept:,} finished)" if model.kept else ""
    tuning = f" and {model.tuning} to tune it" if model.tuning else ""
    return (
        f"{model.label}: {counted(model.legs, 'training run')}{finished}{tuning}"
        f" of {model.parameters:,} parameters, {_step(model.step_seconds, model.age)},"
        f" at most {_span(model.leg_seconds)} a run"
    )


@estimate_line.register
def _(run: RunEstimate) -> str:
    size = f"{run.label}: {run.parameters:,} parameters, {_step(run.step_seconds, run.age)}"
    most = f"{counted(run.steps, 'step')} and {_span(run.steps * run.step_seconds)}"
    return f"{size}, at most {most}; early stopping makes it less"


@estimate_line.register
def _(training: TrainingEstimate) -> str:
    side_by_side = f"{counted(training.legs, 'training run')}, {training.jobs} side by side"
    return f"{side_by_side}: at most {_span(training.seconds)}; early stopping makes it less"


@estimate_line.register
def _(cost: CostEstimate) -> str:
    blocks = f"{cost.processes:,} processes for cost, one after the other"
    return f"{blocks}: about {_span(cost.seconds)}; none where cost is kept"


@estimate_line.register
def _(part: PartEstimate) -> str:
    parts = [counted(part.legs, "training run")] if part.legs else []
    parts += [f"{part.processes:,} processes for cost"] if part.processes else []
    return f"  {', '.join(parts)}: at most {_span(part.seconds)}" if parts else "  every run is finished"


@estimate_line.register
def _(probe: ProbeEstimate) -> str:
    return f"  {probe.models} models with {counted(probe.seeds, 'seed')} probed, and a run that explodes"


@estimate_line.register
def _(heading: PartHeading) -> str:
    numbers = ", ".join(map(str, heading.claims))
    claims = f" (claim{'s' if len(heading.claims) > 1 else ''} {numbers})" if heading.claims else ""
    return f"{heading.name}{claims}:"


@estimate_line.register
def _(estimate: WholeEstimate) -> str:
    return f"all together: at most about {_span(estimate.seconds)}; early stopping makes it less"


@estimate_line.register
def _(_moment: Moment) -> str:
    return "  a moment"


def _step(seconds: float, age: float | None) -> str:
    """A step's time, and when it was timed where that was earlier."""
    age_text = "" if age is None else f" (timed {_span(age)} ago)"
    return f"{fixed(1000 * seconds, 1)} ms a step{age_text}"


def _span(seconds: float) -> str:
    """A length of time that is never told as '0 s'."""
    return "1 s" if seconds < 1 else span(seconds)
