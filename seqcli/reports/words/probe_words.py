"""The sentences around a probe's table: its subject, its meaning, remedies, further figures."""

import math
from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from seqcli.reports.draw.chart import mark_of
from seqcli.reports.draw.placement import pad
from seqcli.reports.draw.sheet import Line, Mark
from seqcli.reports.numbers import decimals_to, fixed
from seqcli.results.gradprobe import (
    DemoTraining,
    Gradprobe,
    Help,
    ModelProbe,
    Reach,
    StepCount,
    TaskLag,
    Variant,
)
from seqcli.results.wording import counted, power_of_ten

HELPS: dict[Help, tuple[Mark, str]] = {
    "helps": ("better", "helps"),
    "hurts": ("worse", "hurts"),
    "no difference": ("equivalent", "no difference"),
    "undecided": ("undecided", "undecided"),
}
REACHED: dict[Reach, tuple[Mark, str]] = {
    "yes": ("supported", "is within reach"),
    "no": ("refuted", "is out of reach"),
    "undecided": ("undecided", "cannot be decided from these seeds"),
}


def title(result: Gradprobe) -> Iterator[Line]:
    """Return the title: the systems probed, their inputs, and the table's quantity."""
    read = (
        f"{result.inputs.name}, {counted(result.length, 'step')} back · {counted(len(result.seeds), 'seed')}"
    )
    common = _shared_settings(result.models)
    words = {"hidden": "width {}", "layers": "{} layers", "init": "{} init", "gain": "gain {}"}
    shared = [
        words[name].format(value)
        for name, value in common.items()
        if name in words and (name, value) != ("layers", 1)
    ]
    yield Line(" · ".join([read, *shared, "float64"]), lead="gradients")
    if result.inputs.run is not None:
        yield Line(result.inputs.run, lead="run")
    horizon = result.models[0].horizon
    yield Line(
        f"vanishes or explodes: tenfold within {counted(horizon, 'step')}, by the interval of the rate",
        role="quiet",
    )
    yield Line(
        "log10 of ‖∂s_T/∂s_(T−k)‖₂: how much of a change k steps ago reaches now; and of ‖∂L/∂h_(T−k)‖₂",
        role="quiet",
    )


def verdicts(models: Sequence[ModelProbe]) -> Iterator[Line]:
    """One sentence a model."""
    for model in models:
        yield Line(f"{model.label} {model.sentence}")


def figures(models: Sequence[ModelProbe]) -> Iterator[Line]:
    """Return the further figures of each model, one line each, after the settings that are its own."""
    shared = _shared_settings(models)
    for model in models:
        different = [f"{name} {value}" for name, value in model.settings.items() if name not in shared]
        settings = [", ".join(different).replace("_", " ")] if different else []
        yield Line(" · ".join([*settings, *_figures(model)]), lead=model.label)


def _shared_settings(models: Sequence[ModelProbe]) -> dict[str, object]:
    """The settings in which all models agree."""
    first, *others = (model.settings for model in models)
    return {
        name: value
        for name, value in first.items()
        if all(name in other and other[name] == value for other in others)
    }


def _figures(model: ModelProbe) -> Iterator[str]:
    if model.half_life is not None and model.half_life.ci95 is not None:
        low, high = model.half_life.ci95
        yield f"half-life [{fixed(low, 1)}, {'∞' if high is None else fixed(high, 1)}]"
    if model.memory_length is None:
        yield f"remembers beyond {model.lags[-1]:,}"
    else:
        yield f"memory {steps(model.memory_length)} steps"
    if model.float32_underflow_lag is not None:
        yield f"float32 underflows at {model.float32_underflow_lag:,}"
    if model.float32_overflow_lag is not None:
        yield f"float32 overflows at {model.float32_overflow_lag:,}"
    if model.lyapunov.exponents and model.lyapunov.exponents[0] is not None:
        error = model.lyapunov.standard_error[0]
        spread = "" if error is None else f" ± {fixed(error, 3)}"
        yield f"λ₁ {fixed(model.lyapunov.exponents[0], 3)}{spread}"
    yield "ρ(W_hh) " + " ".join(
        f"{name} {fixed(radius.mean, 2)}" if len(model.spectral_radius) > 1 else fixed(radius.mean, 2)
        for name, radius in model.spectral_radius.items()
    )
    yield from _gate_figures(model)


def _gate_figures(model: ModelProbe) -> Iterator[str]:
    if model.gates:
        means = " ".join(f"{name} {fixed(gate.mean, 2)}" for name, gate in model.gates.items())
        stuck = max(gate.shut + gate.open for gate in model.gates.values())
        # Less than half a percent would be told as 0 %.
        yield f"gates {means}" + (f", up to {fixed(100 * stuck, 0)} % saturated" if stuck >= 0.005 else "")
    if model.log10_direct_path is not None and len(model.log10_by_state) > 1:
        last = model.log10_direct_path.mean[-1]
        ends = [f"∂/∂{name} {_decades(curve.mean[-1])}" for name, curve in model.log10_by_state.items()]
        yield f"at k = {model.lags[-1]:,}: {', '.join(ends)}, direct path {_decades(last)}"


def what_if(result: Gradprobe) -> Iterator[Line]:
    """One table a model: each change, what it comes to, whether it helps."""
    for table in result.what_if:
        header = ("what if", "half-life", "memory", "", "")
        body = [_variant_cells(row, table.variants[0], result.length) for row in table.variants]
        widths = [max(map(cell_len, column)) for column in zip(header, *body, strict=True)]
        yield Line("  " + _aligned(header, widths), lead=table.label, role="quiet")
        for row, cells in zip(table.variants, body, strict=True):
            mark = HELPS[row.change][0] if row.change else None
            yield Line(("" if mark else "  ") + _aligned(cells, widths), mark=mark)


def _variant_cells(row: Variant, unchanged: Variant, length: int) -> tuple[str, ...]:
    memory = f">{length:,}" if row.memory_length is None else steps(row.memory_length)
    word = HELPS[row.change][1] if row.change else ""
    return row.name, _variant_pace(row), memory, row.verdict, f"{word}{_factor(row, unchanged)}"


def clipping(models: Sequence[ModelProbe]) -> Iterator[Line]:
    """Return the effect of clipping on each model: one factor for all lags."""
    for model in models:
        if model.clip is None:
            continue
        clip = model.clip
        share = f"{fixed(100 * clip.fraction_clipped, 0)} % of {clip.steps} steps clipped at {clip.norm:g}"
        fate = {
            "vanishes": f"what vanishes still does: half-life {pace(model)}",
            "explodes": f"that bounds the step, but from lag to lag it still grows, {pace(model)} steps",
            "preserves": "nothing else changes",
            "undecided": "what becomes of it from lag to lag stays as it is",
        }[model.verdict]
        yield Line(f"{share}, ×{_small(clip.scale)} at every lag alike; {fate}", lead=model.label)


def demo(result: Gradprobe) -> Iterator[Line]:
    """The trainings of the demonstration: what was trained, and how each seed ended."""
    example = result.demo
    if example is None:
        return
    settings = ", ".join(f"{name} {value}" for name, value in example.settings.items())
    yield Line(
        f"{example.label} ({settings}) on the adding problem, {example.length} steps long: gradient descent, "
        f"learning rate {example.learning_rate:g}, float32, {example.steps} steps",
        lead="demo",
    )
    for place, seed in enumerate(example.seeds):
        signs = [f"{mark_of(number)} " if place == 0 else "" for number in (0, 1)]
        names = ("without clipping", f"clipped at {example.clip:g}")
        clauses = [
            f"{sign}{name}: {_ended(training)}"
            for sign, name, training in zip(signs, names, (seed.without, seed.clipped), strict=True)
        ]
        yield Line("; ".join(clauses), lead=f"seed {seed.seed}")


def _ended(training: DemoTraining) -> str:
    """Return the end of a training, and the largest gradient on its way."""
    norms = [norm for norm in training.gradient_norm if norm is not None]
    largest = f", gradient norm up to {norm_text(max(norms))}" if norms else ""
    if training.diverged_at is not None:
        return f"{training.seen} at step {training.diverged_at}{largest}"
    first, last = training.loss[0] or 0.0, training.loss[-1] or 0.0
    return f"loss {norm_text(first)} → {norm_text(last)} after {len(training.loss)} steps{largest}"


def norm_text(value: float) -> str:
    """A size as people read it, or a power of ten where it is far from 1."""
    return (
        fixed(value, decimals_to(value, 2))
        if 1e-3 <= value < 1e4
        else f"about {power_of_ten(round(math.log10(value)))}"
        if value
        else "0"
    )


def task_lags(models: Sequence[ModelProbe]) -> Iterator[Line]:
    """Return whether each model reaches as far back as the task needs."""
    for model in models:
        if model.task_lag is not None:
            mark, words = REACHED[model.task_lag.reached]
            yield Line(
                f"a dependency of {model.task_lag.lag:,} steps {words}: {_share(model.task_lag)} "
                "of lag 1's effect is left, at least a thousandth is needed",
                lead=model.label,
                mark=mark,
            )


def _variant_pace(row: Variant) -> str:
    if row.doubling_time is not None and row.half_life is None:
        return f"×2 in {steps(row.doubling_time)}"
    return "none" if row.half_life is None else f"{steps(row.half_life)} steps"


def _factor(row: Variant, unchanged: Variant) -> str:
    """Return how many times as long the half-life is, where both decay."""
    if row.change not in ("helps", "hurts") or row.half_life is None or unchanged.half_life is None:
        return ""
    factor = row.half_life.mean / unchanged.half_life.mean
    return f" ×{fixed(factor, decimals_to(factor, 2))}"


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    """Cells in columns three spaces apart, as parts of their own."""
    return "   ".join(pad(cell, width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _share(lag: TaskLag) -> str:
    """A share as people read it, or as a power of ten where it is far from 1."""
    if lag.log10_share is None:
        return "nothing"
    mean = lag.log10_share.mean
    if -3 <= mean < 3:
        share = 10.0**mean
        return (
            f"×{fixed(share, decimals_to(share, 2))}" if share >= 1 else fixed(share, decimals_to(share, 2))
        )
    return power_of_ten(round(mean))


def _small(factor: float) -> str:
    return (
        fixed(factor, 2)
        if factor >= 0.01
        else power_of_ten(math.floor(math.log10(factor)))
        if factor
        else "0"
    )


def _decades(value: float | None) -> str:
    return "-" if value is None else fixed(value, 1)


NOTHING = "none"


def pace(model: ModelProbe) -> str:
    """'1.3 steps', or '×2 in 2.4' for what grows."""
    if model.verdict == "explodes" and model.doubling_time is not None:
        return f"×2 in {steps(model.doubling_time)}"
    return NOTHING if model.half_life is None else f"{steps(model.half_life)} steps"


def steps(count: StepCount) -> str:
    """A number of steps: one decimal below ten."""
    return fixed(count.mean, 1 if count.mean < 10 else 0)


GATE_NAMES = {
    ("lstm", "i"): "input i",
    ("lstm", "f"): "forget f",
    ("lstm", "o"): "output o",
    ("gru", "r"): "reset r",
    ("gru", "z"): "update z",
}
"""The guide's names of gates, by cell and letter."""


def gate_name(cell: str, letter: str) -> str:
    """A gate as the guide calls it, with its letter in the equations."""
    return GATE_NAMES.get((cell, letter), letter)
