"""From a checked configuration to legs: each model's settings, the leg's identity, its folder."""

import importlib.metadata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from seqcli.config.layers import from_values, merge, validate
from seqcli.data.config import DataConfig, anchored
from seqcli.data.letters import ALPHABET, LETTER_FEATURES
from seqcli.data.prepared import Prepared
from seqcli.data.task import flat_settings
from seqcli.errors import UsageError
from seqcli.experiments.config import LegOptions
from seqcli.experiments.model_checks import (
    check_direction,
    check_first_weights,
    check_fits,
    check_kind,
    check_size,
)
from seqcli.experiments.setting_values import Device
from seqcli.launch.job import Job
from seqcli.models.architecture import architecture
from seqcli.models.config import ModelConfig, ModelShape
from seqcli.models.frames import FrameSize, recurrent_width
from seqcli.models.spec import ModelSpec
from seqcli.results.events import Leg, LegFinished
from seqcli.results.train import TrainSummary
from seqcli.runs import strict_json
from seqcli.training.config import Precision, TrainingConfig
from seqcli.training.identity import LegConfig, Purpose


@cache
def torch_version() -> str:
    """The installed torch's version, read without importing it."""
    return importlib.metadata.version("torch")


def resolve_device(device: Device) -> str:
    """The device that 'auto' stands for here, or the one asked for if this machine has it.

    torch is imported only where its build could see an accelerator at all.

    Raises:
        UsageError: The device asked for is not there.
    """
    if device == "cpu" or (device == "auto" and torch_version().endswith("+cpu")):
        return "cpu"
    import torch

    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if device == "auto":
        return next((name for name, is_present in present.items() if is_present), "cpu")
    if not present[device]:
        usable = ", ".join(["cpu", *(name for name, is_present in present.items() if is_present)])
        raise UsageError(f"--device {device}: torch {torch_version()} sees none here", f"Usable: {usable}.")
    return device


def model_config(options: LegOptions, spec: ModelSpec) -> ModelConfig:
    """One model's settings: its own, then those that all models share.

    Raises:
        UsageError: A setting of the model is unknown or not allowed.
    """
    shared = {name: getattr(options, name) for name in ModelShape.model_fields}
    config = architecture(spec.name).config
    return validate(config, merge(spec.layer(), from_values(shared, "all models' settings")))


def fitted(model: ModelConfig, prepared: Prepared) -> ModelConfig:
    """The model with an embedding as wide as the pretrained vectors of its data, where there are any."""
    width = None if prepared.first is None else prepared.first.width
    return model if width is None else model.model_copy(update={"embedding": width})


@dataclass(frozen=True)
class Contender:
    """One model of a comparison and how it is trained.

    Attributes:
        label: What it is called beside the others.
        model: What it is made of.
        training: How it is trained.
    """

    label: str
    model: ModelConfig
    training: TrainingConfig

    def trained(self, **settings: object) -> "Contender":
        """The same model, trained otherwise."""
        training = TrainingConfig.model_validate({**self.training.model_dump(), **settings})
        return replace(self, training=training)

    def epoch_steps(self, prepared: Prepared) -> int:
        """Training steps of an epoch over its part of the data."""
        # Loaded where steps are counted: most comparisons give epochs or a time.
        from seqcli.data.batches import subset_of, training_order

        # Any seed will do: the subset's size, and so the number of steps, is the same for all.
        split = subset_of(prepared.splits["train"], self.training.train_size, seed=0)
        return len(training_order(split, batch_size=self.training.batch_size, seed=0, epoch=1))

    def most_steps(self, prepared: Prepared) -> int:
        """Training steps where nothing ends it early."""
        all_epochs = self.training.epochs * self.epoch_steps(prepared)
        return min(all_epochs, self.training.max_steps or all_epochs)


def sized(contender: Contender, hidden: int) -> Contender:
    """The contender with a state of another width."""
    return replace(contender, model=contender.model.model_copy(update={"hidden": hidden}))


@dataclass(frozen=True)
class PlannedLeg:
    """A leg that is to be run, or has been.

    Attributes:
        label: What its model is called in this run.
        leg: All that decides its result.
        config: The flat, resolved configuration that its run directory keeps.
        data: The prepared data's folder.
    """

    label: str
    leg: LegConfig
    config: dict[str, object]
    data: Path

    @property
    def folder_name(self) -> str:
        """A name for its run directory: readable, and different for legs that differ in anything."""
        return f"{self.leg.task}-{self.leg.model.model}-s{self.leg.seed}-{self.digest}"

    @property
    def digest(self) -> str:
        """The name of all that decides its result."""
        return strict_json.digest(self.leg.model_dump(mode="json"))[:12]

    @property
    def name(self) -> str:
        """The leg's name in this run."""
        return f"{self.label} seed {self.leg.seed}"

    def found_finished(self, summary: TrainSummary) -> LegFinished:
        """Return the event of a leg that an earlier command finished."""
        return LegFinished.of(Leg(model=self.label, seed=self.leg.seed), summary, kept=True)

    def shared_by(self, processes: int) -> "PlannedLeg":
        """Return the leg as so many processes train it together; of one process it is the same leg."""
        if processes == 1:
            return self
        leg = self.leg.model_copy(update={"processes": processes})
        return replace(self, leg=leg, config={**self.config, "processes": processes})

    def in_precision(self, precision: Precision) -> "PlannedLeg":
        """Return the leg as it is trained with such products; in float32 it is the same leg."""
        if precision == "float32":
            return self
        leg = self.leg.model_copy(update={"precision": precision})
        return replace(self, leg=leg, config={**self.config, "precision": precision})

    def batched_with(self, seeds: tuple[int, ...]) -> "PlannedLeg":
        """Return the leg as it is trained in one batch with those of these seeds."""
        return replace(self, leg=self.leg.model_copy(update={"batched": seeds}))

    def job(self, folder: Path, limits: Mapping[str, object]) -> Job:
        """The job of training it under `folder`; its limits decide nothing of the result."""
        run = folder / self.folder_name
        arguments: dict[str, object] = {
            "leg": self.leg.model_dump(mode="json"),
            "config": self.config,
            "data": str(self.data),
            "run": str(run),
            "label": self.label,
            **limits,
        }
        return Job("leg", self.name, arguments)


def contender(options: LegOptions, spec: ModelSpec, *, label: str, prepared: Prepared) -> Contender:
    """A model as it was asked for, with what all models share.

    Raises:
        UsageError: A setting of the model is unknown or not allowed, or it does not learn such tasks.
    """
    check_kind(spec.name, prepared.name, prepared.kind)
    model = fitted(model_config(options, spec), prepared)
    if "embedding" in spec.settings and spec.settings["embedding"] != model.embedding:
        raise UsageError(
            f"{spec} sets an embedding, and --vectors has vectors of {model.embedding} numbers",
            "Leave it out.",
        )
    check_first_weights(model, prepared)
    competitor = Contender(label, model, options.section(TrainingConfig))
    check_direction(competitor.model, prepared.name, prepared.kind)
    check_fits(competitor.model, competitor.training, prepared)
    check_size(competitor.model, competitor.training, prepared)
    return competitor


def recurrent_input(model: ModelConfig, prepared: Prepared) -> int:
    """The width of what a model's recurrence reads of such data; 0 of vectors that it learns itself."""
    frame = prepared.frame
    if ALPHABET in prepared.reading:
        return model.embedding + LETTER_FEATURES
    return recurrent_width(model.frame_encoder, FrameSize(*frame) if frame else prepared.input_size)


def plan_leg(
    options: LegOptions,
    model_of_leg: Contender,
    *,
    seed: int,
    prepared: Prepared,
    device: str,
    purpose: Purpose = "compare",
) -> PlannedLeg:
    """The leg of one model and seed."""
    model, training = model_of_leg.model, model_of_leg.training
    leg = LegConfig(
        task=prepared.name,
        prepared_sha256=prepared.sha256,
        model=model,
        training=training,
        seed=seed,
        purpose=purpose,
        device=device,
        threads=options.threads,
        torch=torch_version(),
    )
    sections = (options.section(DataConfig), model, training)
    config = {key: value for section in sections for key, value in section.model_dump(mode="json").items()}
    task = {"task": None} if options.task is None else flat_settings(options.task)
    flat = {**task, **config, "seed": seed, "device": device, "threads": options.threads}
    return PlannedLeg(model_of_leg.label, leg, anchored(flat), prepared.folder)
