"""From a checked configuration to what will be probed; nothing is computed yet."""

from collections.abc import Iterator
from dataclasses import dataclass

from seqcli import __version__
from seqcli.config.layers import from_values, merge, validate
from seqcli.data.config import DataConfig
from seqcli.data.prepared import prepare
from seqcli.data.task import choose_task
from seqcli.errors import UsageError
from seqcli.experiments.gates.gate_checks import check_names
from seqcli.experiments.gates.judging import Gate, parse_gate
from seqcli.experiments.gradprobe.config import DEMO_LENGTH, NOISE_LENGTH, GradprobeConfig
from seqcli.experiments.gradprobe.demo import demo_config
from seqcli.experiments.gradprobe.encoder_decoder import Seq2SeqRunSource
from seqcli.experiments.gradprobe.probe_figures import FIGURES, LISTS
from seqcli.experiments.gradprobe.probed_inputs import CELLS_ONLY, NoiseSource, ProbedSource, TaskSource
from seqcli.experiments.gradprobe.probed_runs import RunSource, TrainedRun
from seqcli.experiments.gradprobe.summary import HORIZON
from seqcli.experiments.legs import torch_version
from seqcli.models.cell import CELLS
from seqcli.models.config import ModelConfig, ModelShape
from seqcli.models.seq2seq.config import Seq2SeqConfig
from seqcli.models.spec import ModelSpec, labels, parse_spec
from seqcli.probes.horizon import measured_lags
from seqcli.runs import strict_json


@dataclass(frozen=True)
class PlannedModel:
    """One model that will be probed.

    Args:
        label: What it is called in this result.
        config: Its settings.
        source: Its weights and inputs.
    """

    label: str
    config: ModelConfig
    source: ProbedSource

    @property
    def systems(self) -> list[tuple[str, str]]:
        """Return each system's name and label in the result."""
        return [(name, f"{self.label} {name}".strip()) for name in self.source.systems(self.config)]


@dataclass(frozen=True)
class ProbePlan:
    """The plan of a probe.

    Args:
        config: The checked configuration.
        models: The models, at least one.
        gates: What is expected of them.
        demo: The label and settings of the model that the demonstration trains.
    """

    config: GradprobeConfig
    models: tuple[PlannedModel, ...]
    gates: tuple[Gate, ...]
    demo: tuple[str, ModelConfig] | None = None

    @property
    def steps(self) -> int:
        """The largest lag."""
        return self.models[0].source.steps

    @property
    def horizon(self) -> int:
        """Steps within which a tenfold change counts: the task's longest dependency, or the guide's T."""
        return self.config.task_lag or HORIZON

    @property
    def lags(self) -> list[int]:
        """The lags at which norms are taken."""
        return measured_lags(self.steps, [self.config.task_lag] if self.config.task_lag else [])

    @property
    def signature(self) -> str:
        """One line that names what was probed."""
        inputs = self.models[0].source.inputs
        shapes = "+".join(model.label for model in self.models)
        digest = strict_json.digest([model.config.model_dump(mode="json") for model in self.models])[:8]
        seeds = ",".join(map(str, self.config.seeds))
        return (
            f"seqcli {__version__} · gradprobe {shapes}@{digest} · {inputs.name} · len {self.steps:,} · "
            f"seeds {seeds} · torch {torch_version()} float64"
        )


def plan(config: GradprobeConfig) -> ProbePlan:
    """Check everything and make the data ready.

    Raises:
        UsageError: A model, setting, task or gate is unknown, or a length that the data does not have.
        DataError: The data cannot be read as what it was said to be.
        RunError: The run cannot be read.
    """
    gates = tuple(parse_gate(text) for text in config.expect)
    models = tuple(_of_run(config) if config.run else _fresh(config))
    planned = ProbePlan(config, models, gates, _demo(config))
    if config.task_lag and config.task_lag > planned.steps:
        raise UsageError(
            f"--task-lag {config.task_lag} lies beyond the {planned.steps} steps that are probed",
            "Give a --len of at least as many steps.",
        )
    _check_memory(planned)
    check_names(gates, [label for model in models for _, label in model.systems], FIGURES, lists=LISTS)
    _check_indices(gates, planned.lags)
    _check_clip(gates, config)
    return planned


def _demo(config: GradprobeConfig) -> tuple[str, ModelConfig] | None:
    """The model that the demonstration trains: the first named rnn whose initialisation takes its gain.

    Raises:
        UsageError: There is none.
    """
    if config.demo is None:
        return None
    specs = [spec for spec in map(parse_spec, config.models) if spec.name == "rnn"]
    if not specs:
        raise UsageError(
            "--demo explode trains an rnn, and none is named",
            "Give `seqcli gradprobe rnn --demo explode`; the states of gated cells are bounded.",
        )
    for spec in specs[:-1]:
        try:
            return str(spec), demo_config(config, spec)
        except UsageError:  # beside others that can explode, one that cannot is only probed
            continue
    return str(specs[-1]), demo_config(config, specs[-1])


def _fresh(config: GradprobeConfig) -> Iterator[PlannedModel]:
    """Models with their first weights, on noise or on a task."""
    specs = [parse_spec(text) for text in config.models]
    others = [spec.name for spec in specs if spec.name not in CELLS]
    if others:
        raise UsageError(f"gradprobe reads one recurrence, which {others[0]} is not", CELLS_ONLY)
    source = _source(config)
    demo = _demo(config)
    if demo is not None and len(specs) == 1:
        yield PlannedModel(labels(specs)[0], demo[1], source)
        return
    for spec, label in zip(specs, labels(specs), strict=True):
        yield PlannedModel(label, _model_config(config, spec, source.steps), source)


def _source(config: GradprobeConfig) -> ProbedSource:
    data = config.section(DataConfig)
    if config.task is None and not data.own:
        one_model = config.demo is not None and len(config.models) == 1
        usual = DEMO_LENGTH if one_model else NOISE_LENGTH
        steps = config.len or max(usual, config.task_lag or 0)
        return NoiseSource(steps, config.batch_size)
    prepared = prepare(choose_task(config.task, data), data)
    return TaskSource(prepared, steps=config.len, batch_size=config.batch_size)


def _model_config(config: GradprobeConfig, spec: ModelSpec, steps: int) -> ModelConfig:
    """One model's settings, its own before the shared ones; chrono spans the probed length unless told."""
    shared = {name: getattr(config, name) for name in ModelShape.model_fields}
    if "chrono_length" not in config.model_fields_set:
        shared["chrono_length"] = max(3, steps)
    return validate(ModelConfig, merge(spec.layer(), from_values(shared, "all models' settings")))


def _of_run(config: GradprobeConfig) -> Iterator[PlannedModel]:
    """A run's best epoch, or every moment of its training whose weights are known."""
    if config.run is None:
        raise ValueError("no run was named")
    run = TrainedRun.open(config.run)
    moments = run.moments() if config.over_training else iter([("", run.best())])
    for moment, weights in moments:
        kind = Seq2SeqRunSource if isinstance(run.model, Seq2SeqConfig) else RunSource
        source = kind(run, weights, steps=config.len, batch_size=config.batch_size)
        yield PlannedModel(f"{run.model.model} {moment}".strip(), run.model, source)


def _check_memory(planned: ProbePlan) -> None:
    """Refuse what must hold whole sequences in memory where they would not fit.

    Raises:
        UsageError: Names the length that would.
    """
    for model in planned.models:
        if model.config.bidirectional:
            model.source.refuse_too_long(model.config, f"{model.label} reads both ways, which")
        if planned.config.clip is not None:
            model.source.refuse_too_long(model.config, "--clip")


def _check_indices(gates: tuple[Gate, ...], lags: list[int]) -> None:
    """Refuse a gate on a lag that will not be measured.

    Raises:
        UsageError: Lists the lags.
    """
    for name in (name for gate in gates for name in gate.terms):
        if name.parts[0].startswith("log10_") and name.index not in lags:
            measured = ", ".join(map(str, lags))
            raise UsageError(
                f"--expect {name}: a lag in brackets must be one that is measured", f"They are {measured}."
            )


def _check_clip(gates: tuple[Gate, ...], config: GradprobeConfig) -> None:
    """Refuse a gate on clipping where no clipping is tried.

    Raises:
        UsageError: Names the option that looks at it.
    """
    for name in (name for gate in gates for name in gate.terms):
        if name.parts[0] == "clip" and config.clip is None:
            raise UsageError(f"--expect {name}: no clipping is tried", "Add --clip X, the norm to clip at.")
