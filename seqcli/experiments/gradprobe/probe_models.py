"""`seqcli gradprobe`: every model and seed in turn, then what they say together."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field

from seqcli.experiments.gates.judging import judge_family
from seqcli.experiments.gradprobe import summary, variants
from seqcli.experiments.gradprobe.demo import run_demo
from seqcli.experiments.gradprobe.encoder_decoder import DECODER
from seqcli.experiments.gradprobe.probe_claims import check_claims
from seqcli.experiments.gradprobe.probe_figures import lookup_in
from seqcli.experiments.gradprobe.probe_plan import PlannedModel, ProbePlan
from seqcli.experiments.gradprobe.probe_record import ProbeRecord, model_probe
from seqcli.experiments.gradprobe.variants import Change, changes, clipping, cures
from seqcli.models.config import ModelConfig
from seqcli.probes.probe import Findings, ProbeSettings
from seqcli.probes.subjects import probe_subject
from seqcli.results.events import relay
from seqcli.results.gradprobe import Clipping, Demo, Gradprobe, ModelProbe, ProbeProgress, Variant, WhatIf

CURE_SEEDS = 2
"""Seeds that show what would help, where `--what-if` does not ask for all of them."""

CURE_STEPS = 2000
"""The longest way over which that is shown unasked: it would take as long again as the probe itself."""

USUAL_CLIP = 1.0
"""The norm at which `--what-if` clips where `--clip` names none."""

BySystem = dict[str, list[Findings]]
"""Each system's findings, seed by seed."""

ProbeEvents = Generator[ProbeProgress, None, BySystem]


def probe_models(planned: ProbePlan) -> Generator[ProbeProgress, None, Gradprobe]:
    """Probe everything that was planned.

    Raises:
        DivergedError: A state or product leaves the range of float64.
    """
    work = _Work(planned)
    models: list[ModelProbe] = []
    tables: list[WhatIf] = []
    for model in planned.models:
        systems = yield from work.probe(model, Change("", model.config), planned.config.seeds)
        clip = yield from work.clipping(model)
        changed = yield from work.changed(model, systems)
        for name, label in model.systems:
            rows = _variants(
                changed, systems, name, judge_them=planned.config.what_if, horizon=planned.horizon
            )
            record = ProbeRecord(
                label, _settings_of(model, name), systems[name], clip, _cures(rows, model, planned)
            )
            probed = model_probe(record, planned.config.task_lag)
            models.append(probed)
            if planned.config.what_if:
                norm = planned.config.clip or USUAL_CLIP
                table = [variants.unchanged(probed), *rows, variants.clipped(probed, norm)]
                tables.append(WhatIf(label=label, variants=table))
    demo = None
    if planned.demo is not None:
        label, config = planned.demo
        demo = yield from run_demo(config, label, planned.config)
    return _result(planned, models, tables, demo)


@dataclass
class _Work:
    """Probes models, tells how far it is, and never does the same thing twice."""

    planned: ProbePlan
    done: int = 0
    total: int = 0
    _known: dict[tuple[object, ...], BySystem] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.total = len(self.planned.models) * len(self.planned.config.seeds)

    def probe(self, model: PlannedModel, change: Change, seeds: Sequence[int]) -> ProbeEvents:
        """All probes of a model as it is, or only the norms of a changed one."""
        key = (
            change.model.model_dump_json(),
            change.normalised,
            tuple(seeds),
            id(model.source),
            not change.name,
        )
        if key in self._known:
            return self._known[key]
        systems: BySystem = {}
        for seed in seeds:
            for name, findings in (yield from self._one_seed(model, change, seed)).items():
                systems.setdefault(name, []).append(findings)
            self.done += 1
        self._known[key] = systems
        return systems

    def changed(
        self, model: PlannedModel, systems: BySystem
    ) -> Generator[ProbeProgress, None, list[tuple[Change, BySystem]]]:
        """The model with one thing changed: for `--what-if`, or to say what would keep it from vanishing."""
        config = self.planned.config
        if config.what_if:
            changed_models, seeds = changes(model.config, self.planned.steps), config.seeds
        else:
            fades = any(
                summary.fate(findings, self.planned.horizon) == "vanishes" for findings in systems.values()
            )
            cheap = config.run is None and self.planned.steps <= CURE_STEPS
            changed_models = cures(model.config, self.planned.steps) if fades and cheap else []
            seeds = config.seeds[:CURE_SEEDS]
        self.total += len(changed_models) * len(seeds)
        probed: list[tuple[Change, BySystem]] = []
        for change in changed_models:
            by_system = yield from self.probe(model, change, seeds)
            probed.append((change, by_system))
        return probed

    def clipping(self, model: PlannedModel) -> Generator[ProbeProgress, None, Clipping | None]:
        """Return the effect of clipping, if it is asked for."""
        config = self.planned.config
        if config.clip is None:
            return None
        norms = []
        for seed in config.seeds:
            yield self._progress(model.label, seed, "clipping", 0.0)
            norms.append(model.source.gradient_norms(model.config, seed))
        return clipping(norms, config.clip)

    def _one_seed(
        self, model: PlannedModel, change: Change, seed: int
    ) -> Generator[ProbeProgress, None, dict[str, Findings]]:
        subjects = model.source.subjects(change.model, seed, normalised=change.normalised)
        outlook = ProbeSettings(self.planned.lags, all_probes=not change.name)
        by_name: dict[str, Findings] = {}
        for place, (part, subject) in enumerate(subjects.items()):

            def progress(share: float, before: int = place) -> ProbeProgress:
                return self._progress(model.label, seed, change.name, (before + share) / len(subjects))

            probed = probe_subject(subject.without_loss() if change.name else subject, outlook)
            systems = yield from relay(probed, progress)
            by_name |= {f"{part} {name}".strip(): findings for name, findings in systems.items()}
        return by_name

    def _progress(self, label: str, seed: int, what: str, share: float) -> ProbeProgress:
        return ProbeProgress(
            model=label,
            seed=seed,
            what=what,
            share=share,
            done=self.done,
            total=max(self.total, self.done + 1),
        )


def _settings_of(model: PlannedModel, name: str) -> ModelConfig:
    """The settings of one system: a decoder reads one way whatever its encoder does."""
    return model.config.model_copy(update={"bidirectional": False}) if name == DECODER else model.config


def _variants(
    changed: Sequence[tuple[Change, BySystem]],
    systems: BySystem,
    name: str,
    *,
    judge_them: bool,
    horizon: int,
) -> list[Variant]:
    unchanged = systems[name] if judge_them else None
    return [
        variants.variant(change, by_system[name], unchanged, horizon=horizon) for change, by_system in changed
    ]


def _cures(rows: Sequence[Variant], model: PlannedModel, planned: ProbePlan) -> list[Variant]:
    """The rows among the changes that the verdict's sentence tells."""
    if not rows:
        return []
    names = {change.name for change in cures(model.config, planned.steps)}
    return [row for row in rows if row.name in names]


def _result(
    planned: ProbePlan, models: list[ModelProbe], tables: list[WhatIf], demo: Demo | None
) -> Gradprobe:
    config = planned.config
    result = Gradprobe(
        signature=planned.signature,
        length=planned.steps,
        seeds=list(config.seeds),
        settings={
            name: getattr(config, name)
            for name in ("hidden", "layers", "bidirectional", "init", "batch_size", "clip", "task_lag")
        },
        inputs=planned.models[0].source.inputs,
        models=models,
        what_if=tables,
        demo=demo,
        guide=check_claims(models, demo),
        expectations=[],
    )
    judged = judge_family([(gate, lookup_in(result)) for gate in planned.gates])
    return result.model_copy(update={"expectations": judged})
