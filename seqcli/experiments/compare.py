"""`seqcli compare`: legs of every model and seed, baselines, cost; then what they say together."""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace

from seqcli.data.prepared import KINDS, Prepared
from seqcli.errors import unknown_name
from seqcli.experiments.about import about_data
from seqcli.experiments.conclude import Evidence, ModelEvidence, conclude, pairs
from seqcli.experiments.config import CompareConfig
from seqcli.experiments.cores import usable_cores
from seqcli.experiments.cost import Block, measure_costs
from seqcli.experiments.data import prepare_data
from seqcli.experiments.expect import figures_of, judge_gates
from seqcli.experiments.gates import Gate, check_names, parse_gate
from seqcli.experiments.legs import PlannedLeg, plan_leg, resolve_device
from seqcli.experiments.store import Store
from seqcli.launch.job import Failed, Job, Told
from seqcli.launch.local import LocalWorkers
from seqcli.models.spec import labels, parse_spec
from seqcli.results.compare import Comparison, Failure
from seqcli.results.events import Event, Leg, LegFailed, Note
from seqcli.statistics.looks import AUTO as AUTO_LOOKS
from seqcli.statistics.looks import Looks, fixed, next_look


@dataclass(frozen=True)
class Plan:
    """What a comparison will run: legs by model and seed, in the order they are started.

    Attributes:
        config: The checked configuration.
        prepared: The data.
        device: Where the legs run.
        models: Each model's label, in the order given.
        gates: What is expected of the result.
        looks: After how many seeds a verdict is drawn, and at which level; declared before the first leg.
        legs: All legs of the last look, seed by seed, so that an early end leaves pairs.
    """

    config: CompareConfig
    prepared: Prepared
    device: str
    models: tuple[str, ...]
    gates: tuple[Gate, ...]
    looks: Looks
    legs: tuple[PlannedLeg, ...]

    @property
    def about(self) -> list[str]:
        """What to say before anything runs."""
        return about_data(self.prepared)

    @property
    def kept_config(self) -> dict[str, object]:
        """The configuration that a comparison's run directory keeps: all that decides its result."""
        return self.config.model_dump(mode="json", exclude={"out", "jobs", "expect"})

    @property
    def identity(self) -> dict[str, object]:
        """What else must be the same to go on: data and numerics."""
        leg = self.legs[0].leg
        return {
            "data_sha256": leg.data_sha256,
            "device": leg.device,
            "torch": leg.torch,
            "seqcli": leg.seqcli,
        }

    def judged(self, result: Comparison) -> Comparison:
        """The result with what came of the gates; they may change from one look at it to the next."""
        return result.model_copy(update={"expectations": judge_gates(self.gates, result)})

    def up_to(self, look: int) -> "Plan":
        """The part of the plan that the first `look` seeds need."""
        return replace(self, legs=self.legs[: look * len(self.models)])

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds of the legs, in order."""
        return tuple(dict.fromkeys(leg.leg.seed for leg in self.legs))

    def of_model(self, label: str) -> list[PlannedLeg]:
        """The legs of one model, seed by seed."""
        return [leg for leg in self.legs if leg.label == label]


def plan(config: CompareConfig) -> Plan:
    """Check everything and make the data ready; nothing is trained yet.

    Raises:
        UsageError: A model, setting or task is unknown, or two models are the same.
        DataError: The data cannot be read as what it was said to be.
    """
    specs = [parse_spec(text) for text in config.models]
    names = labels(specs)
    if config.reference is not None and config.reference not in names:
        raise unknown_name("model of this comparison", config.reference, names)
    gates = tuple(parse_gate(text) for text in config.expect)
    device = resolve_device(config.device)
    prepared = prepare_data(config)
    check_names(gates, names, figures_of(prepared.metric))
    looks, seeds = _design(config)
    legs = tuple(
        plan_leg(config, spec, label=label, seed=seed, prepared=prepared, device=device)
        for seed in seeds
        for spec, label in zip(specs, names, strict=True)
    )
    return Plan(config, prepared, device, names, gates, looks, legs)


def _design(config: CompareConfig) -> tuple[Looks, Sequence[int]]:
    """The declared looks, and all the seeds that they may need."""
    if isinstance(config.seeds, str):
        return AUTO_LOOKS, range(AUTO_LOOKS.last)
    return fixed(len(config.seeds)), config.seeds


def run_comparison(
    planned: Plan, store: Store, should_stop: Callable[[], bool]
) -> Generator[Event, None, Comparison]:
    """Run what is not finished yet, measure cost, and conclude.

    Raises:
        StoppedError: A stop was asked for; finished legs are kept, running ones have saved their state.
    """
    for text in planned.prepared.facts.warnings:
        yield Note(text=text)
    planned, failures = yield from _run_to_a_decision(planned, store, should_stop)
    costs: dict[str, list[Block]] | None = None
    if planned.config.cost:
        finished = [_first_finished(planned.of_model(label), store) for label in planned.models]
        legs = [leg for leg in finished if leg is not None]
        if len(legs) == len(finished):
            costs = yield from measure_costs(legs, keep=store.cost_file(legs), should_stop=should_stop)
    return conclude(_evidence(planned, store, costs=costs, failures=failures))


def _run_to_a_decision(
    whole: Plan, store: Store, should_stop: Callable[[], bool]
) -> Generator[Event, None, tuple[Plan, list[Failure]]]:
    """Run the legs of each declared look until every pair is decided or the last look is done."""
    look: int | None = whole.looks.counts[0]
    told: set[str] = set()
    while look is not None:
        planned = whole.up_to(look)
        failures = yield from _run_legs(planned, store, should_stop, told)
        evidence = _evidence(planned, store, costs=None, failures=failures)
        undecided = [pair for pair in pairs(evidence) if pair.quality.verdict == "undecided"]
        look = next_look(whole.looks, look, decided=not undecided)
        if look is not None:
            yield Note(
                text=f"{len(undecided)} undecided after {len(planned.seeds)} seeds: going on to {look}"
            )
    return planned, failures


def _first_finished(legs: Sequence[PlannedLeg], store: Store) -> PlannedLeg | None:
    """A leg to measure a model's cost with; its seed only fills the weights."""
    return next((leg for leg in legs if store.outcome(leg) is not None), None)


def _run_legs(
    planned: Plan, store: Store, should_stop: Callable[[], bool], told: set[str]
) -> Generator[Event, None, list[Failure]]:
    """Train every leg and fit every baseline that is not kept; tell of those that are, once each."""
    waiting = []
    for leg in planned.legs:
        kept = store.outcome(leg)
        if kept is None:
            waiting.append(leg)
        elif leg.name not in told:
            yield leg.found_finished(kept.summary)
    told.update(leg.name for leg in planned.legs)
    legs = {leg.name: leg for leg in waiting}
    jobs = [*_baseline_jobs(planned, store), *(leg.job(store.legs) for leg in waiting)]
    workers = LocalWorkers(planned.config.jobs or usable_cores(), threads=planned.config.threads)
    failures: list[Failure] = []
    for outcome in workers.run(jobs, should_stop):
        if isinstance(outcome, Told):
            yield outcome.event
        elif isinstance(outcome, Failed):
            yield from _tell_failure(outcome, legs.get(outcome.job.name), failures)
        elif outcome.job.kind == "baseline":
            store.keep_baseline(outcome.job.name, planned.prepared, outcome.result)
    return failures


def _baseline_jobs(planned: Plan, store: Store) -> list[Job]:
    arguments: dict[str, object] = {"data": str(planned.prepared.folder)}
    return [
        Job("baseline", name, {**arguments, "baseline": name})
        for name in KINDS.get(planned.prepared.kind).baselines
        if not store.baseline_file(name, planned.prepared).is_file()
    ]


def _tell_failure(failed: Failed, leg: PlannedLeg | None, failures: list[Failure]) -> Iterator[Event]:
    """A failed leg is one row of the result; a failed baseline is a note."""
    reason = f"{failed.message}. {failed.hint}" if failed.hint else failed.message
    if leg is None:
        yield Note(text=f"the baseline {failed.job.name} failed: {reason}")
        return
    name = Leg(model=leg.label, seed=leg.leg.seed)
    failures.append(Failure(model=name.model, seed=name.seed, exit_code=failed.exit_code, reason=reason))
    yield LegFailed(leg=name, exit_code=failed.exit_code, reason=reason)


def _evidence(
    planned: Plan, store: Store, *, costs: dict[str, list[Block]] | None, failures: Sequence[Failure]
) -> Evidence:
    models = tuple(
        ModelEvidence(
            label=label,
            model=planned.of_model(label)[0].leg.model,
            outcomes=tuple(store.outcome(leg) for leg in planned.of_model(label)),
            blocks=tuple(costs[label]) if costs else (),
        )
        for label in planned.models
    )
    names = KINDS.get(planned.prepared.kind).baselines
    baselines = {name: store.baseline(name, planned.prepared) for name in names}
    return Evidence(
        config=planned.config,
        prepared=planned.prepared,
        device=planned.device,
        seeds=planned.seeds,
        alpha=planned.looks.alpha,
        models=models,
        baselines={name: scores for name, scores in baselines.items() if scores is not None},
        failures=tuple(failures),
    )
