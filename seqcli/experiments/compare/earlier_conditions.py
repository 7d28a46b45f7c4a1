"""The circumstances in which this comparison and an earlier one differ, as far as they limit a verdict."""

from collections.abc import Sequence

from seqcli.data.kind import metric_named
from seqcli.results.compare import Comparison, ModelResult
from seqcli.results.earlier import EarlierCondition
from seqcli.results.measurements import ENOUGH_SITTINGS, Latency, Machine, Speed

ModelPair = tuple[ModelResult, ModelResult]
"""A model now, and the same one then."""


def conditions_of(now: Comparison, then: Comparison, both: Sequence[ModelPair]) -> list[EarlierCondition]:
    """Return the circumstances: data and protocol, models, answers to test examples, places of timing."""
    labels = [{model.label for model in result.models} for result in (now, then)]
    unpaired = sorted(labels[0] ^ labels[1])
    return [
        *unpaired_because(now, then),
        *([EarlierCondition(code="models", names=unpaired)] if unpaired else []),
        *_of_answers(now, then),
        *_of_sittings(now, then, both),
    ]


def unpaired_because(now: Comparison, then: Comparison) -> list[EarlierCondition]:
    """Return the reasons not to pair seed k of the one with seed k of the other; none where they pair."""
    settings = (
        ("data", now.task.data_sha256[:8], then.task.data_sha256[:8]),
        ("protocol", now.protocol.match, then.protocol.match),
        ("seeds", _listed(now.protocol.seeds), _listed(then.protocol.seeds)),
    )
    return [
        EarlierCondition(code="unpaired", names=[setting], now=current, then=earlier)
        for setting, current, earlier in settings
        if current != earlier
    ]


def _listed(seeds: Sequence[int]) -> str:
    return ",".join(map(str, seeds))


def _of_answers(now: Comparison, then: Comparison) -> list[EarlierCondition]:
    """Name the results without answers to test examples, which a corpus score cannot do without."""
    metric = metric_named(now.task.metric)
    silent = [name for name, result in (("now", now), ("then", then)) if result.answers is None]
    if not silent or not (metric.right is not None or metric.of_corpus):
        return []
    return [EarlierCondition(code="no answers", names=silent, verdict=metric.right is not None)]


def _of_sittings(now: Comparison, then: Comparison, both: Sequence[ModelPair]) -> list[EarlierCondition]:
    """Return the places and times of timing, as far as they keep the two from being compared."""
    timed = [(samples_of(model.train_speed), samples_of(other.train_speed)) for model, other in both]
    if not any(current and earlier for current, earlier in timed):
        return []
    if all(current == earlier for current, earlier in timed):
        return [EarlierCondition(code="same blocks")]
    current, earlier = machines_of(now), machines_of(then)
    if not (current and earlier):
        return [EarlierCondition(code="another time")]
    if current != earlier:
        return [EarlierCondition(code="machines", machines=(current, earlier))]
    if min(len(now.sittings), len(then.sittings)) < ENOUGH_SITTINGS:
        return [EarlierCondition(code="few sittings")]
    return []


def samples_of(measured: Speed | Latency | None) -> list[float]:
    """The processes' own figures; none where nothing was timed."""
    return [] if measured is None else measured.samples


def machines_of(result: Comparison) -> list[Machine]:
    """The machines that cost was measured on, each once."""
    machines = [sitting.machine for sitting in result.sittings]
    return [machine for place, machine in enumerate(machines) if machine not in machines[:place]]
