"""The plan of a comparison under one protocol, checked before anything is trained."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from statistics import fmean
from typing import TYPE_CHECKING

from seqcli.data.kind import KINDS
from seqcli.data.prepared import Prepared
from seqcli.errors import UsageError, either
from seqcli.experiments.compare.reaching import check_target
from seqcli.experiments.config import CompareConfig
from seqcli.experiments.data import about_data, about_folds, prepare_data
from seqcli.experiments.legs import Contender, PlannedLeg, contender, plan_leg, resolve_device
from seqcli.experiments.protocol import PROTOCOLS, Contest, FairProtocol
from seqcli.models.cell import CELLS
from seqcli.models.spec import labels, parse_spec
from seqcli.results.compare import Comparison, Tuning
from seqcli.statistics.folds import Folds
from seqcli.statistics.looks import AUTO as AUTO_LOOKS
from seqcli.statistics.looks import Looks, TakenLook, after, divided, fixed
from seqcli.training.identity import Purpose

if TYPE_CHECKING:
    from seqcli.experiments.gates.gate_grammar import Gate


@dataclass(frozen=True)
class Plan:
    """The plan of a comparison under one protocol.

    Attributes:
        config: The checked configuration.
        match: The one of its protocols that this plan is for.
        prepared: The data.
        device: Where the legs run.
        contenders: The models in the order given, made equal by the protocol.
        gates: What is expected of the result.
        looks: After how many seeds a verdict is drawn, and at which level; declared before the first leg.
        seeds: All the seeds that the last look needs, in order.
        tuning: How the learning rates were chosen, once they have been.
        what: Which part of a study this is: 'length 50', 'equal parameters'; '' for the whole.
        earlier: The result that this one is held against, if one was named.
        before: The looks at some of the same seeds that were taken already.
        apart: Those at wholly other seeds.
        folds: Of a cross-validation, the data of each fold, of which `prepared` is the first; else nothing.
    """

    config: CompareConfig
    match: str
    prepared: Prepared
    device: str
    contenders: tuple[Contender, ...]
    gates: "tuple[Gate, ...]"
    looks: Looks
    seeds: tuple[int, ...]
    tuning: Tuning | None = None
    what: str = ""
    earlier: Comparison | None = None
    before: tuple[TakenLook, ...] = ()
    apart: tuple[TakenLook, ...] = ()
    folds: tuple[Prepared, ...] = ()

    @property
    def about(self) -> list[str]:
        """The announcements before anything runs."""
        return [*about_data(self.prepared), *about_folds(self.folds, len(self.seeds))]

    @property
    def models(self) -> tuple[str, ...]:
        """Each model's label, in the order given."""
        return tuple(contender.label for contender in self.contenders)

    @property
    def protocol(self) -> FairProtocol:
        """The protocol: the quantity held equal."""
        return PROTOCOLS.get(self.match)

    @property
    def reference(self) -> Contender:
        """The model that others are made equal to: the one named, else the first."""
        chosen = self.config.reference
        return next(
            (contender for contender in self.contenders if contender.label == chosen), self.contenders[0]
        )

    @cached_property
    def legs(self) -> tuple[PlannedLeg, ...]:
        """All legs of the last look, seed by seed, so that an early end leaves pairs."""
        return tuple(self.leg(contender, seed) for seed in self.seeds for contender in self.contenders)

    def leg(self, contender: Contender, seed: int, *, purpose: Purpose = "compare") -> PlannedLeg:
        """The leg of one of the models and a seed; of a cross-validation, on the seed's fold."""
        config, prepared = self.config, self.prepared
        if self.folds:
            fold = self.seeds.index(seed) % len(self.folds)
            config, prepared = config.model_copy(update={"fold": fold}), self.folds[fold]
        leg = plan_leg(config, contender, seed=seed, prepared=prepared, device=self.device, purpose=purpose)
        return leg.batched_with(self.batch_of(seed)) if config.batch_seeds and purpose == "compare" else leg

    def batch_of(self, seed: int) -> tuple[int, ...]:
        """The seeds that are trained together with one: those that its look adds to the one before."""
        place = self.seeds.index(seed)
        first = max(count for count in (0, *self.looks.counts) if count <= place)
        end = min((count for count in self.looks.counts if count > place), default=len(self.seeds))
        return self.seeds[first:end]

    @property
    def resampling(self) -> Folds | None:
        """The folds as statistics see them; None without a cross-validation."""
        if not self.folds:
            return None
        sizes = [[len(fold.splits[split]) for split in ("train", "test")] for fold in self.folds]
        share = self.config.train_size
        return Folds(len(self.folds), fmean(test / (train * share) for train, test in sizes))

    @property
    def identity(self) -> dict[str, object]:
        """The conditions besides the configuration that must be the same to go on: data and numerics."""
        leg = self.legs[0].leg
        return {
            "prepared_sha256": leg.prepared_sha256,
            "device": leg.device,
            "torch": leg.torch,
            "cpu": leg.cpu,
            "seqcli": leg.seqcli,
        }

    def judged(self, result: Comparison) -> Comparison:
        """The result with what came of the gates and of the earlier result, which may change by the call."""
        expectations, earlier = None, None
        if self.gates:
            from seqcli.experiments.compare.gate_figures import judge_gates

            expectations = judge_gates(self.gates, result, self.earlier)
        if self.earlier is not None:
            from seqcli.experiments.compare.reference import compare_with

            earlier = compare_with(result, self.earlier, file=str(self.config.baseline))
        return result.model_copy(update={"expectations": expectations or [], "earlier": earlier})

    def after(self, earlier: Sequence[TakenLook]) -> "Plan":
        """The plan with the level that earlier looks leave it; declared looks keep theirs."""
        if isinstance(self.config.seeds, str):
            own_looks = [frozenset(self.seeds[:count]) for count in self.looks.counts]
            foreign = [
                look for look in earlier if look.alpha != self.looks.alpha or {*look.seeds} not in own_looks
            ]
            before, apart = divided(foreign, self.seeds)
            return replace(self, before=before, apart=apart)
        looks, before, apart = after(earlier, self.seeds)
        return replace(self, looks=looks, before=before, apart=apart)

    def up_to(self, look: int) -> "Plan":
        """The part of the plan that the first `look` seeds need."""
        return replace(self, seeds=self.seeds[:look])

    def of_model(self, label: str) -> list[PlannedLeg]:
        """The legs of one model, seed by seed."""
        return [leg for leg in self.legs if leg.label == label]

    def equalised(self, seconds: dict[str, float]) -> "Plan":
        """The plan with its models made equal by the protocol.

        Args:
            seconds: A training step of each model; empty where the protocol does not go by the clock.

        Raises:
            UsageError: A model cannot be made equal.
        """
        contest = Contest(self.contenders, self.reference, self.prepared, seconds)
        return replace(self, contenders=self.protocol.equalised(contest))


def plan(config: CompareConfig, match: str | None = None) -> Plan:
    """Check everything and make the data ready; nothing is trained yet.

    Args:
        config: What was asked for.
        match: Which of its protocols is planned; the first one by default.

    Raises:
        UsageError: A model, setting or task is unknown, two models are the same, or the protocol cannot
            make them equal.
        DataError: The data cannot be read as what it was said to be.
    """
    specs = [parse_spec(text) for text in config.models]
    names = labels(specs)
    if config.reference is not None and config.reference not in names:
        raise UsageError(
            f"--reference {config.reference!r} is not one of the models compared",
            f"Name one of {', '.join(names)}.",
        )
    gates = _parsed(config.expect)
    device = resolve_device(config.device)
    folds = tuple(prepare_data(config.model_copy(update={"fold": fold})) for fold in range(config.folds or 0))
    prepared = folds[0] if folds else prepare_data(config)
    earlier = _earlier(config, prepared)
    _check_gates(gates, names, prepared, earlier)
    check_target(config.target, prepared)
    looks, seeds = _design(config)
    contenders = tuple(
        contender(config, spec, label=label, prepared=prepared)
        for spec, label in zip(specs, names, strict=True)
    )
    _refuse_twins(contenders)
    if config.batch_seeds:
        _check_batched(contenders, prepared)
    chosen = match or config.match[0]
    planned = Plan(
        config, chosen, prepared, device, contenders, gates, looks, tuple(seeds), earlier=earlier, folds=folds
    )
    return planned if planned.protocol.by_clock else planned.equalised({})


def _check_batched(contenders: Sequence[Contender], prepared: Prepared) -> None:
    """Refuse models and data whose seeds cannot be trained as one batch.

    Raises:
        UsageError: The model has no single recurrence, or a whole sequence is not put into a class.
    """
    for candidate in contenders:
        if candidate.model.model not in CELLS:
            raise UsageError(
                f"--batch-seeds trains the recurrences of all seeds as one, and {candidate.label} is of"
                " another architecture",
                f"Compare {either(CELLS.names())}, or leave it out.",
            )
    if not KINDS.get(prepared.kind).weighs_classes:
        raise UsageError(
            f"--batch-seeds is for sequences that are put into classes, and {prepared.name} is a task of kind"
            f" {prepared.kind}",
            "Leave it out.",
        )


def _parsed(expected: Sequence[str]) -> "tuple[Gate, ...]":
    """The gates of `--expect`; their grammar is imported only where there are any."""
    if not expected:
        return ()
    from seqcli.experiments.gates.gate_grammar import parse_gate

    return tuple(parse_gate(text) for text in expected)


def _earlier(config: CompareConfig, prepared: Prepared) -> Comparison | None:
    """The result of `--baseline`, if one was named."""
    if config.baseline is None:
        return None
    from seqcli.experiments.compare.earlier_file import read_baseline

    return read_baseline(config.baseline, prepared.metric)


def _check_gates(
    gates: "Sequence[Gate]", names: Sequence[str], prepared: Prepared, earlier: Comparison | None
) -> None:
    """Refuse gates on what this comparison, or the earlier one, does not have.

    Raises:
        UsageError: Which model, figure or value it is.
    """
    if not gates:
        return
    from seqcli.experiments.compare.gate_figures import figures_of, scores_of
    from seqcli.experiments.gates.gate_checks import check_names, check_shares

    earlier_labels = None if earlier is None else [model.label for model in earlier.models]
    check_names(gates, names, figures_of(prepared.metric), earlier=earlier_labels)
    check_shares(gates, scores_of(prepared.metric) if prepared.scored_by.share else ())


def _refuse_twins(contenders: Sequence[Contender]) -> None:
    """Refuse two models that are called otherwise and are the same: they would share every leg.

    Raises:
        UsageError: Which two.
    """
    labels_by_model: dict[str, str] = {}
    for candidate in contenders:
        twin = labels_by_model.setdefault(candidate.model.model_dump_json(), candidate.label)
        if twin != candidate.label:
            raise UsageError(
                f"{twin!r} and {candidate.label!r} are the same model: their settings come out equal",
                "Give one a setting that differs, or drop one.",
            )


def _design(config: CompareConfig) -> tuple[Looks, Sequence[int]]:
    """The declared looks, and all the seeds that they may need."""
    if isinstance(config.seeds, str):
        return AUTO_LOOKS, range(AUTO_LOOKS.last)
    return fixed(len(config.seeds)), config.seeds
