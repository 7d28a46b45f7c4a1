"""The sources of probed models and their inputs: noise, a task's batches, or a trained run."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from seqcli.data.prepared import Prepared
from seqcli.data.randomness import stream_seed
from seqcli.errors import UsageError
from seqcli.experiments.legs import fitted
from seqcli.models.architecture import architecture, instead_of
from seqcli.models.cell import CELLS
from seqcli.models.config import ModelConfig
from seqcli.models.initialisation import initialise
from seqcli.models.network import Network, initialisation, recurrence
from seqcli.models.recurrent import Recurrent
from seqcli.probes.inputs import AddingInputs, HeldInputs, ending_together
from seqcli.probes.loss_gradient import AddingReadout, HeadObjective
from seqcli.probes.subjects import Subject
from seqcli.results.gradprobe import ProbedInputs
from seqcli.training.beginning import begin_from
from seqcli.training.construction import data_shape
from seqcli.training.step import Batch, load_batch

CLIP_STEPS = 8
"""Batches a seed whose gradient norms say what clipping would do."""

CELLS_ONLY = f"Name cells: {', '.join(CELLS.names())}."

HELD = 2**31
"""Most bytes that a batch may take where it must be held in memory as a whole."""

KEPT = 16
"""Numbers that are then kept for each unit and step, about: 6 of an RNN, 12 of a GRU, 20 of an LSTM."""

DOUBLE = 8
"""Bytes of a number in float64."""


class ProbedSource(ABC):
    """Models with their inputs, a pure function of model and seed.

    Args:
        steps: How far back to look.
        batch_size: Sequences of a batch.
    """

    def __init__(self, steps: int, batch_size: int) -> None:
        self.steps, self.batch_size = steps, batch_size

    @property
    def sequences(self) -> int:
        """Return how many sequences a batch really has."""
        return self.batch_size

    @property
    @abstractmethod
    def inputs(self) -> ProbedInputs:
        """The record of the inputs, for the result."""

    @abstractmethod
    def subject(self, model: ModelConfig, seed: int, *, normalised: bool = False) -> Subject:
        """A model's recurrence in float64, a batch for it and its loss."""

    def subjects(self, model: ModelConfig, seed: int, *, normalised: bool = False) -> dict[str, Subject]:
        """Every recurrence of the model by name; '' where there is only one."""
        return {"": self.subject(model, seed, normalised=normalised)}

    def systems(self, model: ModelConfig) -> list[str]:
        """The names of what will be probed in a model, in order."""
        return direction_names(model)

    @abstractmethod
    def gradient_norms(self, model: ModelConfig, seed: int) -> list[float]:
        """The norm of the whole gradient of `CLIP_STEPS` batches, dropout off."""

    def refuse_too_long(self, model: ModelConfig, measurement: str) -> None:
        """Refuse what must hold a whole batch in memory and cannot.

        Raises:
            UsageError: Names the length that would fit.
        """
        units = model.hidden * model.layers * (2 if model.bidirectional else 1)
        a_step = self.sequences * units * KEPT * DOUBLE
        if self.steps * a_step > HELD:
            raise UsageError(
                f"{measurement} keeps whole sequences in memory, and {self.steps:,} steps of "
                f"{self.sequences} do not fit",
                f"Use --len {max(1, HELD // a_step):,} or less, or a smaller --batch-size.",
            )


def direction_names(model: ModelConfig) -> list[str]:
    """One name for layers that look one way; one for each layer and direction where they look both ways."""
    if not model.bidirectional:
        return [""]
    layers = [f"layer {layer + 1} " if model.layers > 1 else "" for layer in range(model.layers)]
    return [f"{layer}{side}" for layer in layers for side in ("forward", "backward")]


class NoiseSource(ProbedSource):
    """Fresh models on adding-problem inputs, read out linearly at the last step.

    The seed decides weights and inputs; every model gets the same inputs.
    """

    @property
    def inputs(self) -> ProbedInputs:
        """Noise."""
        return ProbedInputs(kind="noise", name="adding-problem inputs", sequences=self.sequences)

    def subject(self, model: ModelConfig, seed: int, *, normalised: bool = False) -> Subject:
        """The model with its first weights and its own batch."""
        recurrent, readout = self._model(model, seed)
        inputs = AddingInputs(self.steps, self.batch_size, seed=stream_seed(seed, "order"))
        lengths = torch.full((self.batch_size,), self.steps)
        return Subject(recurrent, inputs, lengths, AddingReadout(readout, inputs.answers()), normalised)

    def gradient_norms(self, model: ModelConfig, seed: int) -> list[float]:
        """Of the mean squared error, over recurrence and readout."""
        recurrent, readout = self._model(model, seed)
        recurrent.double()
        weights = [*recurrent.parameters(), readout.requires_grad_()]
        norms = []
        for step in range(CLIP_STEPS):
            inputs = AddingInputs(self.steps, self.batch_size, seed=stream_seed(seed, "order", step))
            outputs = recurrent.outputs(inputs.stretch(0, self.steps))
            errors = _last_outputs(outputs, recurrent) @ readout - inputs.answers()
            norms.append(gradient_norm(errors.square().mean(), weights))
        return norms

    def _model(self, model: ModelConfig, seed: int) -> tuple[Recurrent, Tensor]:
        generator = torch.Generator().manual_seed(stream_seed(seed, "init"))
        recurrent = recurrence(model, AddingInputs.width)
        initialise(recurrent, initialisation(model), generator=generator)
        bound = recurrent.output_size**-0.5
        readout = torch.empty(recurrent.output_size, dtype=torch.float64)
        return recurrent, nn.init.uniform_(readout, -bound, bound, generator=generator)


class BatchSource(ProbedSource):
    """Models over batches of prepared data, chosen by the seed among sequences that are long enough.

    Args:
        prepared: The data.
        steps: How far back to look; None takes the training split's median length.
        batch_size: Sequences of a batch.
    """

    def __init__(self, prepared: Prepared, *, steps: int | None, batch_size: int) -> None:
        self.prepared = prepared
        lengths = prepared.splits["train"].lengths
        super().__init__(steps or int(np.median(lengths)), batch_size)
        self._long_enough = np.flatnonzero(lengths >= self.steps)
        if not len(self._long_enough):
            raise UsageError(
                f"--len {self.steps}: no sequence of {prepared.name} is that long; "
                f"the longest has {int(lengths.max())} steps",
                f"Use --len {int(lengths.max())} or less.",
            )

    @property
    def sequences(self) -> int:
        """Fewer than `batch_size` where too few are long enough."""
        return min(self.batch_size, len(self._long_enough))

    @abstractmethod
    def network(self, model: ModelConfig, seed: int) -> Network:
        """The model to read the data with, in any precision."""

    def subject(self, model: ModelConfig, seed: int, *, normalised: bool = False) -> Subject:
        """The model and a batch of the training split."""
        network = self.network(model, seed).double().eval()
        batch = self.batch(seed, 0)
        with torch.no_grad():
            embedded = network.embedding(batch.inputs)
        inputs = HeldInputs(ending_together(embedded, batch.lengths), batch.lengths)
        objective = HeadObjective(network.head, batch.targets, batch.lengths)
        return Subject(network.recurrent, inputs, batch.lengths, objective, normalised)

    def gradient_norms(self, model: ModelConfig, seed: int) -> list[float]:
        """Of the task's loss, over all weights."""
        network = self.network(model, seed).double().eval()
        weights = list(network.parameters())
        norms = []
        for step in range(CLIP_STEPS):
            batch = self.batch(seed, step)
            norms.append(
                gradient_norm(network.loss(network(batch.inputs, batch.lengths), batch.targets), weights)
            )
        return norms

    def batch(self, seed: int, step: int) -> Batch:
        """One batch of sequences of at least `steps` steps."""
        random = np.random.Generator(np.random.Philox(stream_seed(seed, "order", step)))
        rows = random.choice(self._long_enough, size=self.sequences, replace=False)
        return load_batch(self.prepared.splits["train"], rows, torch.device("cpu"))


class TaskSource(BatchSource):
    """Fresh models on a task: the weights that `seqcli train` with the same seed begins with."""

    @property
    def inputs(self) -> ProbedInputs:
        """The task."""
        return ProbedInputs(kind="task", name=self.prepared.name, sequences=self.sequences)

    def network(self, model: ModelConfig, seed: int) -> Network:
        """The model with its first weights.

        Raises:
            UsageError: The model does not learn the task, or is not a single recurrence.
        """
        return fresh_network(model, seed, self.prepared)


def fresh_network(model: ModelConfig, seed: int, prepared: Prepared) -> Network:
    """The network that training with this seed begins with, on the CPU.

    Raises:
        UsageError: Its model is not one recurrence with a head over tokens.
    """
    generator = torch.Generator().manual_seed(stream_seed(seed, "init"))
    described = architecture(model.model)
    if prepared.kind not in described.kinds:
        raise UsageError(
            f"{model.model} does not learn {prepared.name}", instead_of(model.model, prepared.kind)
        )
    network = described.build(fitted(model, prepared), data_shape(prepared), generator)
    if prepared.first is not None:
        begin_from(network, prepared.first)
    if not isinstance(network, Network):
        raise UsageError(
            f"gradprobe reads one recurrence with a head, and {model.model} is made otherwise", CELLS_ONLY
        )
    return network


def _last_outputs(outputs: Tensor, recurrent: Recurrent) -> Tensor:
    """Each direction's last output, (B, D·H)."""
    if not recurrent.bidirectional:
        return outputs[:, -1]
    forwards, backwards = outputs.chunk(2, dim=-1)
    return torch.cat([forwards[:, -1], backwards[:, 0]], dim=-1)


def gradient_norm(loss: Tensor, weights: Sequence[Tensor]) -> float:
    """The norm of the whole gradient."""
    gradients = torch.autograd.grad(loss, weights)
    return float(torch.stack([gradient.square().sum() for gradient in gradients]).sum().sqrt())
