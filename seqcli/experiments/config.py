"""The configuration of each command: the sections of the floors below, flat, and what the command adds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Self, TypeVar

from pydantic import (
    Field,
    create_model,
    model_validator,
)

from seqcli.config.names import FilePath, OneLine
from seqcli.config.settings import (
    Duration,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    Settings,
    clash,
)
from seqcli.data.config import DataConfig
from seqcli.data.task import Task
from seqcli.experiments.setting_values import (
    ChosenCost,
    ChosenTask,
    Controls,
    CostMode,
    Device,
    EngineName,
    Matches,
    PairedSeeds,
    Processes,
    Threads,
    with_controls,
)
from seqcli.launch.slurm_settings import SlurmSettings
from seqcli.models.architecture import ARCHITECTURES
from seqcli.models.config import ModelShape
from seqcli.models.spec import LabelText, ModelText, model_name
from seqcli.training.config import CHECKPOINT_SECONDS, Precision, TrainingConfig

M = TypeVar("M", bound=Settings)
C = TypeVar("C", bound=Settings)


LOST_AFTER = 60.0
"""Seconds: a busy disk may hold up a beat for some, and a minute is little against a run trained twice."""


class LegOptions(DataConfig, ModelShape, TrainingConfig):
    """The settings of every leg: data, a model's shape, training, device."""

    task: ChosenTask | None = Field(default=None, description="a built-in task")
    device: Device = Field(default="auto", description="where to train")
    threads: Threads = Field(default=1, description="threads of each training run")
    max_time: Duration | None = Field(default=None, description="stop after so long, saved to go on later")
    checkpoint_every: Duration = Field(default=CHECKPOINT_SECONDS, description="time between checkpoints")

    @property
    def model_names(self) -> tuple[str, ...]:
        """The models as written."""
        return ()

    def section(self, model: type[M]) -> M:
        """The part of these settings that one of the floors below takes."""
        return model.model_validate({name: getattr(self, name) for name in model.model_fields})


def model_defaults(models: Sequence[str]) -> Mapping[str, object]:
    """Return the defaults of the models' architecture, where all are of one that has any.

    Args:
        models: The models as written.
    """
    names = {model_name(text) for text in models}
    if len(names) != 1 or not names <= set(ARCHITECTURES.names()):
        return {}
    return ARCHITECTURES.get(names.pop()).defaults


def with_task(config: type[C], task: Task) -> type[C]:
    """The record of a command with the settings of one task among its own: `task.length`."""
    kind = type(task)
    return create_model(config.__name__, __doc__=config.__doc__, __base__=config, task=(kind, task))


class TrainConfig(LegOptions):
    """`seqcli train`: one model, one seed, one run directory."""

    model: ModelText = Field(description="a model with optional settings: gru:hidden=64")
    seed: NonNegativeInt = Field(default=0, description="decides initialisation, order and dropout")
    out: FilePath | None = Field(default=None, description="the run directory")
    texts: bool = Field(default=True, description="keep the test examples' texts with the predictions")
    processes: Processes = Field(default=1, description="processes that share each batch")
    precision: Precision = Field(default="float32", description="of the products in a training step")

    @model_validator(mode="after")
    def _a_row_for_each_process(self) -> Self:
        """Refuse more processes than a batch has sequences.

        Raises:
            PydanticCustomError: Some would compute nothing.
        """
        if self.processes > self.batch_size:
            raise clash(
                f"{self.processes} processes share each batch, and a batch of {self.batch_size} has not a"
                " sequence for each: give fewer processes or a larger batch_size",
                "processes",
                "batch_size",
            )
        return self

    @property
    def model_names(self) -> tuple[str, ...]:
        """The one model as written."""
        return (self.model,)


class PlaceOptions(Settings):
    """The settings of where training runs, of all commands that have many of them."""

    store: FilePath | None = Field(
        default=None, description="folder that other machines see too, whose workers share the training runs"
    )
    lost_after: Duration = Field(
        default=LOST_AFTER, description="silence after which another worker's runs are taken over"
    )
    on: EngineName | None = Field(default=None, description="what trains: local, work, slurm, ray")
    strict: bool = Field(default=False, description="refuse machines that would give other numbers")
    slurm: SlurmSettings = Field(
        default_factory=SlurmSettings, description="what SLURM is asked for by `--on slurm`"
    )

    @property
    def slurm_settings(self) -> dict[str, object]:
        """The wishes to SLURM, by setting name."""
        return {f"slurm.{name}": getattr(self.slurm, name) for name in SlurmSettings.model_fields}

    @property
    def place(self) -> dict[str, object]:
        """The place where training runs, by setting name."""
        names = ("store", "lost_after", "on", "strict")
        return {**{name: getattr(self, name) for name in names}, **self.slurm_settings}


class CompareConfig(LegOptions, PlaceOptions):
    """`seqcli compare`: models × seeds, paired."""

    models: Annotated[tuple[ModelText, ...], Field(min_length=1)] = Field(description="the models to compare")
    seeds: PairedSeeds = Field(default=(0, 1, 2, 3, 4), description="paired seeds")
    match: Matches = Field(default=("hidden",), description="what is held equal; several are all run")
    batch_seeds: bool = Field(default=False, description="train all seeds of a model as one batch")
    tune_lr: bool = Field(default=False, description="try a grid of learning rates on other seeds first")
    vary: OneLine | None = Field(default=None, description="a setting and its values: length=25,50,100")
    control: Controls = Field(
        default=(),
        description="models without order, or without the image, beside the others: bag, shuffle, blank",
    )
    margin: PositiveFloat | None = Field(
        default=None,
        description="points that do not matter; 1 of accuracy, 0.5 of BLEU, 2 % of a loss by default",
    )
    target: PositiveFloat | None = Field(default=None, description="validation quality to time the way to")
    reference: LabelText | None = Field(
        default=None, description="the model that the others are compared with"
    )
    jobs: PositiveInt | None = Field(
        default=None, description="training runs side by side; all cores by default"
    )
    max_leg_time: Duration | None = Field(
        default=None, description="stop each training run after so long, saved"
    )
    expect: tuple[OneLine, ...] = Field(default=(), description="gates that must hold")
    baseline: FilePath | None = Field(default=None, description="an earlier result to compare with")
    cost: ChosenCost | None = Field(
        default=None,
        description="care in measuring speed, latency and memory; by default quick, and no with vary",
    )
    cost_on: OneLine | None = Field(default=None, description="the one machine that measures cost, by host")
    measure_again: bool = Field(default=False, description="add a sitting to the cost that is kept")
    out: FilePath | None = Field(
        default=None, description="folder for the training runs; the cache by default"
    )

    @model_validator(mode="after")
    def _cost_has_a_place(self) -> Self:
        """Refuse a machine for cost that is not measured, or that decides how long all are trained.

        Raises:
            PydanticCustomError: Which settings exclude each other.
        """
        if self.cost_on is not None and not self.measures_cost:
            raise clash("cost_on names where cost is measured, and cost is no: drop one", "cost_on", "cost")
        if self.cost_on is not None and "time" in self.match:
            raise clash("match time times steps where it runs, whatever cost_on says: drop one", "cost_on")
        return self

    @model_validator(mode="after")
    def _controls_are_models(self) -> Self:
        """A control takes part as any model does, trained with the same seeds."""
        models = with_controls(self.models, self.control)
        if models != self.models:
            object.__setattr__(self, "models", models)
        return self

    @model_validator(mode="before")
    @classmethod
    def _a_seed_a_fold(cls, values: object) -> object:
        """Of a cross-validation every fold has a seed of its own unless seeds are named."""
        if not isinstance(values, Mapping) or values.get("folds") is None or "seeds" in values:
            return values
        return {**values, "seeds": values["folds"]}

    @model_validator(mode="after")
    def _seeds_of_one_batch(self) -> Self:
        """Refuse what seeds that are trained together cannot be combined with.

        Raises:
            PydanticCustomError: Which setting, and why.
        """
        if self.batch_seeds and self.folds is not None:
            raise clash(
                "batch_seeds trains seeds on the same data, and folds gives each its own: drop one",
                "batch_seeds",
                "folds",
            )
        elsewhere = "store" if self.store is not None else "on" if self.on not in (None, "local") else None
        if self.batch_seeds and elsewhere is not None:
            raise clash(
                "batch_seeds trains all seeds of a model in one process here, and"
                f" {elsewhere} shares them out: drop one",
                "batch_seeds",
                elsewhere,
            )
        return self

    @model_validator(mode="after")
    def _fit_folds(self) -> Self:
        """Refuse what a cross-validation cannot be combined with.

        Raises:
            PydanticCustomError: Which settings, and why.
        """
        if self.folds is None:
            return self
        if isinstance(self.seeds, str):
            raise clash(
                "seeds auto adds runs until every pair is decided, and more runs of the same folds decide"
                " nothing: say a number, or drop folds",
                "seeds",
                "folds",
            )
        if len(self.seeds) % self.folds:
            raise clash(
                f"seeds must be a multiple of {self.folds}, the folds: run i is tested on fold i mod"
                f" {self.folds}, so that {self.folds} or {2 * self.folds} seeds give each fold as many",
                "seeds",
                "folds",
            )
        for name in ("fold", "vary", "baseline"):
            if getattr(self, name) is not None:
                raise clash(f"{name} and folds exclude each other: drop one", name, "folds")
        if self.tune_lr:
            raise clash("tune_lr would see rows that folds test on: drop one", "tune_lr", "folds")
        if len(self.match) > 1:
            raise clash("folds are compared under one match: drop all but one", "match", "folds")
        return self

    @property
    def cost_mode(self) -> CostMode:
        """The care asked for; by default cost is measured quickly, and not where a setting is varied."""
        return self.cost or ("quick" if self.vary is None else "no")

    @property
    def measures_cost(self) -> bool:
        """Return whether cost is measured at all."""
        return self.cost_mode != "no"

    @property
    def model_names(self) -> tuple[str, ...]:
        """The models as written."""
        return self.models
