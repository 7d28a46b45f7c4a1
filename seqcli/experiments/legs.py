"""From a checked configuration to legs: each model's settings, the leg's identity, its folder."""

import importlib.metadata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from seqcli.config.hardware import free_memory
from seqcli.config.layers import from_values, merge, validate
from seqcli.data.config import DataConfig, anchored
from seqcli.data.first_weights import EMBEDDING
from seqcli.data.kind import KINDS
from seqcli.data.letters import ALPHABET, LETTER_FEATURES
from seqcli.data.prepared import Prepared
from seqcli.data.task import flat_settings
from seqcli.errors import OutOfMemoryError, UsageError
from seqcli.experiments.config import Device, LegOptions
from seqcli.launch.job import Job
from seqcli.models.architecture import architecture, instead_of
from seqcli.models.cell import CELLS
from seqcli.models.config import ModelConfig, ModelShape
from seqcli.models.frames import FrameSize, recurrent_width
from seqcli.models.spec import ModelSpec
from seqcli.results.events import Leg, LegFinished
from seqcli.results.train import TrainSummary
from seqcli.results.wording import fixed
from seqcli.runs import strict_json
from seqcli.training.config import Precision, TrainingConfig
from seqcli.training.identity import LegConfig, Purpose

MANY_GATES = 7
"""No cell here has more (an LSTM has three): what fits with so many fits, and no cell's torch is loaded."""


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


def check_first_weights(model: ModelConfig, prepared: Prepared) -> None:
    """Refuse a model into which neither the embedding nor the recurrence of an earlier run fits.

    Raises:
        UsageError: Names the widths that would.
    """
    if prepared.first is None or prepared.first.from_vectors:
        return
    tensors = prepared.first.tensors
    matrix = tensors.get("recurrent.weight_hh_l0")
    vectors = tensors.get(EMBEDDING)
    if matrix is None:  # of several parts: what fits is told when training begins
        return
    same_width = matrix.shape[1] == model.hidden
    same_cell = len(matrix) == (len(CELLS.get(model.cell_name).gates) + 1) * model.hidden
    if not (same_width and same_cell) and (vectors is None or vectors.shape[1] != model.embedding):
        raise UsageError(
            f"nothing of --init-from fits a {model.model} of width {model.hidden}: its state has"
            f" {matrix.shape[1]:,}"
            + ("" if vectors is None else f" and its vectors have {vectors.shape[1]:,}"),
            "Take its --hidden, --embedding and model.",
        )


def check_kind(model: str, task: str, kind: str, other: str = "") -> None:
    """Refuse a model that does not learn tasks of this kind.

    Args:
        model: Its name.
        task: The task's name.
        kind: What it is.
        other: What else may be meant, as a sentence.

    Raises:
        UsageError: What to take instead.
    """
    made = architecture(model)
    if kind not in made.kinds:
        raise UsageError(
            f"{model} cannot learn {task}, a task of kind {kind}",
            f"{instead_of(model, kind)} {other}".strip(),
        )


def check_direction(model: ModelConfig, task: str, kind: str) -> None:
    """Refuse a model that would read what it is to say.

    Raises:
        UsageError: It reads in both directions, or in any order, and the kind's answers lie ahead.
    """
    if model.control == "shuffle" and KINDS.get(kind).one_way:
        raise UsageError(
            f"control=shuffle would throw away what {task} asks for: which token comes next",
            "Leave it out: the unigram baseline knows no order.",
        )
    if model.bidirectional and KINDS.get(kind).one_way:
        raise UsageError(f"--bidirectional would read what {task} asks for: what comes next", "Leave it out.")


def check_size(model: ModelConfig, training: TrainingConfig, prepared: Prepared) -> None:
    """Refuse a model whose training cannot fit into this machine's memory, before anything runs.

    The need is a lower bound in float32: weights, gradients, Adam's two moments and the best epoch's copy,
    and the states that a step keeps for its way back. What passes can still be too much; what is refused is.

    Raises:
        OutOfMemoryError: How much it needs, and how much there is.
    """
    free = free_memory()
    if _least_bytes(model, training, prepared, gates=MANY_GATES) <= free:
        return
    # Counting a cell's gates loads its file and torch: only where a cell of many would not fit.
    needed = _least_bytes(model, training, prepared, gates=len(model.gate_names))
    if needed > free:
        raise OutOfMemoryError(
            f"{model.model} of width {model.hidden} needs at least {fixed(needed / 2**30, 0)} GiB to train,"
            f" and {fixed(free / 2**30, 1)} GiB are free",
            "Take a smaller --hidden, --embedding, --layers or --batch-size.",
        )


def _least_bytes(model: ModelConfig, training: TrainingConfig, prepared: Prepared, *, gates: int) -> int:
    """A lower bound of the memory that training takes, in float32, for a cell of so many gates."""
    width = model.hidden * (1 + model.bidirectional)
    below = model.hidden + model.embedding + (model.layers - 1) * (model.hidden + width)
    recurrent = (gates + 1) * width * below
    # Weights, gradients, Adam's two moments, the best epoch's copy: five numbers for each weight.
    numbers = 5 * (recurrent + prepared.vocab_size * model.embedding + width * prepared.output_size)
    steps = int(prepared.splits["train"].lengths.max(initial=1))
    states = min(training.batch_size, len(prepared.splits["train"].lengths)) * steps * width * model.layers
    return 4 * (numbers + states)


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


def check_fits(made: Contender, prepared: Prepared) -> None:
    """Refuse settings that a kind of task would ignore.

    Raises:
        UsageError: Classes are weighed, labels chained or frames encoded where there are none.
    """
    if made.training.class_weights != "none" and not KINDS.get(prepared.kind).weighs_classes:
        raise UsageError(
            f"--class-weights weighs classes, and {prepared.name}, a task of kind {prepared.kind}, puts no"
            " whole sequence into one",
            "Leave it out.",
        )
    if made.training.threshold != "half":
        check_threshold(prepared)
    if made.model.crf and not KINDS.get(prepared.kind).chains_labels:
        raise UsageError(
            f"--crf joins the labels of neighbouring words, and {prepared.name}, a task of kind"
            f" {prepared.kind}, has none",
            "Leave it out.",
        )
    if made.model.frame_encoder and prepared.frame is None:
        raise UsageError(
            f"--frame-encoder reads frames that are images, and {prepared.name}, a task of kind"
            f" {prepared.kind}, has none",
            "Leave it out.",
        )


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
    made = Contender(label, model, options.section(TrainingConfig))
    check_direction(made.model, prepared.name, prepared.kind)
    check_fits(made, prepared)
    check_size(made.model, made.training, prepared)
    return made


def check_threshold(prepared: Prepared) -> None:
    """Refuse to choose a threshold where no single probability decides.

    Raises:
        UsageError: Whole sequences are put into no classes, or into more or fewer than two.
    """
    if not KINDS.get(prepared.kind).weighs_classes:
        raise UsageError(
            f"--threshold decides between two classes, and {prepared.name}, a task of kind {prepared.kind},"
            " puts no whole sequence into one",
            "Leave it out.",
        )
    if (classes := len(prepared.labels)) != 2:
        raise UsageError(
            f"--threshold decides between two classes, and {prepared.name} has {classes}: among them it is"
            " the likeliest that is said, not the one beyond a threshold",
            "Leave it out; --class-weights balanced makes errors of rare classes count more.",
        )


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
