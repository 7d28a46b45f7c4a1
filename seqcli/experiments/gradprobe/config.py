"""The configuration of `seqcli gradprobe`; imports no torch, so that a mistake is told at once."""

from typing import Annotated, Literal, Self, TypeVar

from pydantic import Field, model_validator

from seqcli.config.names import FilePath, OneLine
from seqcli.config.settings import Allowed, PositiveFloat, PositiveInt, Settings, clash
from seqcli.data.config import DataConfig
from seqcli.experiments.setting_values import ChosenTask, Seeds, Threads
from seqcli.models.config import ModelShape
from seqcli.models.spec import ModelText

M = TypeVar("M", bound=Settings)

LONGEST = 10_000_000
"""Beyond this even one way through takes hours."""

NOISE_LENGTH = 200
"""T of the noise inputs where none is given: the guide's."""

DEMO_LENGTH = 30
"""Steps of the demonstration's sequences: far enough for gradients to explode, near enough for float32."""

ProbeLength = Annotated[
    PositiveInt, Field(le=LONGEST), Allowed(f"a whole number of steps from 1 to {LONGEST:,}")
]
ProbeBatch = Annotated[PositiveInt, Field(le=4096), Allowed("a whole number from 1 to 4,096")]


class GradprobeConfig(DataConfig, ModelShape):
    """`seqcli gradprobe`: models × seeds on noise, on a task's batches, or trained runs."""

    models: tuple[ModelText, ...] = Field(
        default=(), description="the models to probe: rnn lstm gru:hidden=64"
    )
    task: ChosenTask | None = Field(default=None, description="a task whose batches are read, not noise")
    len: ProbeLength | None = Field(
        default=None, description=f"how far back, in steps; {NOISE_LENGTH} on noise, the task's median else"
    )
    seeds: Seeds = Field(default=(0, 1, 2, 3, 4), description="each draws its own weights and inputs")
    batch_size: ProbeBatch = Field(default=8, description="sequences for the loss gradient")
    clip: PositiveFloat | None = Field(default=None, description="say what clipping at this norm would do")
    what_if: bool = Field(default=False, description="the same models with one thing changed")
    demo: Literal["explode"] | None = Field(
        default=None, description="also train an rnn that explodes, without and with clipping"
    )
    task_lag: PositiveInt | None = Field(default=None, description="the longest dependency that the task has")
    expect: tuple[OneLine, ...] = Field(default=(), description="gates that must hold")
    run: FilePath | None = Field(default=None, description="a trained run to probe instead of fresh models")
    threads: Threads = Field(default=1, description="threads of the matrix products")
    over_training: bool = Field(default=False, description="the run at its start and every saved checkpoint")

    @model_validator(mode="after")
    def _one_subject(self) -> Self:
        if self.run is None and not self.models:
            raise clash("no model to probe: name some (rnn lstm gru), or a trained run with --run", "models")
        if self.run is not None:
            self._refuse_beside_run()
        elif self.over_training:
            raise clash("over_training looks at a trained run: name it with --run", "over_training")
        if self.len is not None and self.task_lag is not None and self.task_lag > self.len:
            raise clash("task_lag lies beyond len: probe at least that far back", "task_lag", "len")
        return self

    def _refuse_beside_run(self) -> None:
        """A run brings its own model, data and weights."""
        its_own = ("models", "task", *DataConfig.model_fields, *ModelShape.model_fields)
        for name in its_own:
            if name in self.model_fields_set and getattr(self, name) not in (None, ()):
                raise clash(f"run brings its own model and data: leave {name} out", "run", name)
        if self.demo is not None:
            raise clash("demo trains a model of its own: drop one", "run", "demo")
        if self.what_if:
            raise clash(
                "what_if changes how weights begin, and a run's are trained: drop one", "run", "what_if"
            )

    def section(self, model: type[M]) -> M:
        """The part of these settings that one of the floors below takes."""
        return model.model_validate({name: getattr(self, name) for name in model.model_fields})
