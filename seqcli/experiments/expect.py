"""What a name in a gate stands for in the result of `compare`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from seqcli.experiments.earlier import unpaired_because
from seqcli.experiments.gate_grammar import EARLIER
from seqcli.experiments.gates import UNKNOWN, Gate, Lookup, Name, Quantity, judge
from seqcli.results.compare import Comparison, ModelResult
from seqcli.results.expectations import Expectation
from seqcli.results.measurements import Memory
from seqcli.statistics.intervals import estimate, geometric_mean

Figure = Callable[[ModelResult, Sequence[int]], Quantity]
"""A figure of one model, over the places of the seeds at which every model has a value."""


def judge_gates(
    gates: Sequence[Gate], result: Comparison, earlier: Comparison | None = None
) -> list[Expectation]:
    """What the comparison says about each gate; `baseline.…` names figures of the earlier one."""
    return [judge(gate, _lookup_for(gate, result, earlier)) for gate in gates]


def _lookup_for(gate: Gate, result: Comparison, earlier: Comparison | None) -> Lookup:
    """How one gate reads this result, and the earlier one if it names it."""
    here = _complete_places(result)
    if earlier is None or not any(name.earlier for name in gate.terms):
        return _figures_in(result, here)
    there = _complete_places(earlier)
    paired = not unpaired_because(result, earlier)
    if paired:
        here = there = [place for place in here if place in there]
    now, then = _figures_in(result, here), _figures_in(earlier, there)

    def find(name: Name) -> Quantity:
        if not name.earlier:
            return now(name)
        over_seeds = ".".join(name.parts) in _over_seeds_of(result.task.metric)
        return then(name) if paired and over_seeds else replace(then(name), sample=EARLIER)

    return find


def _over_seeds_of(metric: str) -> tuple[str, ...]:
    """The figures that have one value a seed; others are of cost blocks, which are never paired over time."""
    return (metric, "quality", "quality.mean", "valid", "epochs_to_best")


def _complete_places(result: Comparison) -> list[int]:
    """The places of the seeds at which every model has a value."""
    return [
        place
        for place in range(len(result.protocol.seeds))
        if all(model.quality.per_seed[place] is not None for model in result.models)
    ]


def _figures_in(result: Comparison, shared: Sequence[int]) -> Lookup:
    figures = figures_of(result.task.metric)

    def find(name: Name) -> Quantity:
        model = next(model for model in result.models if model.label == name.label)
        return figures[".".join(name.parts)](model, shared)

    return find


def figures_of(metric: str) -> Mapping[str, Figure]:
    """The figures that a gate may name, under the names that the JSON has; the metric under its own too."""
    return {**FIGURES, metric: _quality, "quality": _quality, "quality.mean": _quality}


def _over_seeds(values: Sequence[float | None], shared: Sequence[int]) -> Quantity:
    known = tuple(value for place in shared if (value := values[place]) is not None)
    if not known:
        return UNKNOWN
    summary = estimate(known)
    return Quantity(summary.mean, summary.ci95, known)


def _quality(model: ModelResult, shared: Sequence[int]) -> Quantity:
    return _over_seeds(model.quality.per_seed, shared)


def _valid(model: ModelResult, shared: Sequence[int]) -> Quantity:
    return _over_seeds(model.quality.valid_per_seed, shared)


def _epochs(model: ModelResult, shared: Sequence[int]) -> Quantity:
    return _over_seeds(model.epochs_to_best, shared)


def _speed(model: ModelResult, _: Sequence[int]) -> Quantity:
    speed = model.train_speed
    return UNKNOWN if speed is None else Quantity(speed.median, speed.ci95, tuple(speed.samples))


def _latency(model: ModelResult, _: Sequence[int]) -> Quantity:
    """The median with the t-interval over blocks; without blocks no gate is decided by it."""
    found = model.latency
    if found is None or len(found.samples) < 2:
        return UNKNOWN if found is None else Quantity(found.p50)
    return Quantity(found.p50, geometric_mean(found.samples).ci95, tuple(found.samples))


def _peak(model: ModelResult, _: Sequence[int]) -> Quantity:
    """The range over processes stands for the interval."""
    if model.memory is None:
        return UNKNOWN
    low, high = model.memory.peak
    return Quantity((low + high) / 2, (float(low), float(high)))


def _exact(read: Callable[[ModelResult], float | None]) -> Figure:
    def figure(model: ModelResult, _: Sequence[int]) -> Quantity:
        value = read(model)
        return UNKNOWN if value is None else Quantity(float(value), exact=True)

    return figure


def _bytes(read: Callable[[Memory], int]) -> Figure:
    return _exact(lambda model: None if model.memory is None else read(model.memory))


FIGURES: Mapping[str, Figure] = {
    "valid": _valid,
    "epochs_to_best": _epochs,
    "train_speed": _speed,
    "latency": _latency,
    "memory.peak": _peak,
    "memory.parameters": _bytes(lambda memory: memory.parameters),
    "memory.optimizer": _bytes(lambda memory: memory.optimizer),
    "memory.activations": _bytes(lambda memory: memory.activations),
    "parameters.total": _exact(lambda model: model.parameters.total),
    "parameters.embedding": _exact(lambda model: model.parameters.embedding),
    "parameters.recurrent": _exact(lambda model: model.parameters.recurrent),
    "parameters.head": _exact(lambda model: model.parameters.head),
    "flops_per_step": _exact(lambda model: model.flops_per_step),
    "gates": _exact(lambda model: model.gates),
}
