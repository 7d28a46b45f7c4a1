"""A trained encoder and decoder, probed each by itself and together through the context.

The loss is heard where the decoder's words are written. Its way to the source's first word leads back through
the decoder's steps, through the context (the encoder's last states, or both directions' through the bridge)
and then through the encoder's steps; attention is a second way, past the context. So there are three curves:
the decoder's over target words, the encoder's over source words by every way, and by the context alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from seqcli.data.randomness import stream_seed
from seqcli.data.tokenizer import PAD
from seqcli.errors import RunError, UsageError
from seqcli.experiments.gradprobe.probed_inputs import (
    CLIP_STEPS,
    ProbedSource,
    direction_names,
    gradient_norm,
)
from seqcli.experiments.gradprobe.probed_runs import TrainedRun
from seqcli.models.architecture import architecture
from seqcli.models.config import ModelConfig
from seqcli.models.recurrent import Recurrent
from seqcli.models.seq2seq.config import Seq2SeqConfig
from seqcli.models.seq2seq.seq2seq_network import Seq2Seq
from seqcli.probes.inputs import HeldInputs, ending_together
from seqcli.probes.loss_gradient import Objective
from seqcli.probes.subjects import Subject
from seqcli.results.gradprobe import ProbedInputs
from seqcli.training.construction import data_shape
from seqcli.training.state import load_weights
from seqcli.training.step import Batch, load_batch

ENCODER, DECODER = "encoder", "decoder"
CONTEXT = f"{ENCODER} by context alone"


@dataclass(frozen=True)
class KnownObjective(Objective):
    """A loss's gradients at a recurrence's outputs and last states, known before.

    Args:
        outputs: (B, T, D·H) ∂L/∂outputs, real steps first.
        states: (B, S, H) ∂L/∂(last state) of each layer and direction, by torch's suffix.
    """

    uses_all_outputs = True

    outputs: Tensor
    states: Mapping[str, Tensor] = field(default_factory=dict)

    def direct(self, outputs: Tensor) -> Tensor:  # noqa: ARG002 it is known already
        """(B, T, D·H)."""
        return self.outputs

    def at_last(self, suffix: str) -> Tensor | None:
        """(B, S, H), or None."""
        return self.states.get(suffix)


class RecordedCalls:
    """The inputs and outputs of a recurrence's latest call, with the graph that autograd keeps."""

    def __init__(self, recurrent: Recurrent) -> None:
        self.inputs = self.outputs = torch.empty(0)
        self.first: tuple[Tensor, ...] | None = None
        self.last: tuple[Tensor, ...] = ()
        self.handle = recurrent.register_forward_hook(self._keep)

    def _keep(self, _: object, inputs: tuple[Any, ...], result: tuple[Tensor, tuple[Tensor, ...]]) -> None:
        self.inputs, self.outputs, self.last = inputs[0], result[0], result[1]
        self.first = inputs[2] if len(inputs) > 2 else None


class Seq2SeqRunSource(ProbedSource):
    """A run of encoder and decoder over its own pairs; the seeds choose the batches.

    Args:
        run: The run.
        weights: By name; None for those that training began with.
        steps: How far back to look; None takes the median of the shorter sides.
        batch_size: Pairs of a batch.

    Raises:
        UsageError: No pair is that long on both sides.
    """

    def __init__(
        self, run: TrainedRun, weights: Mapping[str, Tensor] | None, *, steps: int | None, batch_size: int
    ) -> None:
        self.run, self.weights, self.prepared = run, weights, run.prepared
        train = self.prepared.splits["train"]
        shorter = np.minimum(train.lengths, train.targets)
        super().__init__(steps or int(np.median(shorter)), batch_size)
        self._long_enough = np.flatnonzero(shorter >= self.steps)
        if not len(self._long_enough):
            raise UsageError(
                f"--len {self.steps}: no pair of {self.prepared.name} is that long on both sides",
                f"Use --len {int(shorter.max())} or less.",
            )

    @property
    def sequences(self) -> int:
        """Fewer than `batch_size` where too few are long enough."""
        return min(self.batch_size, len(self._long_enough))

    @property
    def inputs(self) -> ProbedInputs:
        """The run."""
        name, folder = self.prepared.name, str(self.run.folder)
        return ProbedInputs(kind="run", name=name, sequences=self.sequences, run=folder)

    def systems(self, model: ModelConfig) -> list[str]:
        """Encoder and decoder; the encoder twice where attention is a way past the context."""
        names = [f"{ENCODER} {name}".strip() for name in direction_names(model)]
        if not isinstance(model, Seq2SeqConfig):
            return names
        if model.attention != "none":
            names += [f"{CONTEXT} {name}".strip() for name in direction_names(model)]
        return names if model.input_feeding else [*names, DECODER]

    def subject(self, model: ModelConfig, seed: int, *, normalised: bool = False) -> Subject:
        """The encoder by every way."""
        return self.subjects(model, seed, normalised=normalised)[ENCODER]

    def subjects(self, model: ModelConfig, seed: int, *, normalised: bool = False) -> dict[str, Subject]:
        """Encoder and decoder with what the loss of one batch says to each, by its own autograd.

        With input feeding the decoder is no plain recurrence, and is left out; what it says to the encoder
        is still the whole of it.
        """
        network = self.network(model)
        batch = self.batch(seed, 0)
        written, read = RecordedCalls(network.decoder.recurrent), RecordedCalls(network.encoder.recurrent)
        loss = network.batch_loss(*batch) * (batch.targets != PAD).sum()
        outputs = [read.outputs, *read.last, written.outputs]
        gradients = torch.autograd.grad(loss, outputs, allow_unused=True, materialize_grads=True)
        at_outputs, at_last, at_words = gradients[0], gradients[1:-1], gradients[-1]
        states = _by_suffix(network.encoder.recurrent, at_last)
        source_inputs = HeldInputs(ending_together(read.inputs.detach(), batch.lengths), batch.lengths)
        encoder = Subject(
            network.encoder.recurrent,
            source_inputs,
            batch.lengths,
            KnownObjective(at_outputs, states),
            normalised,
        )
        subjects = {ENCODER: encoder}
        if network.config.attention != "none":
            context = KnownObjective(torch.zeros_like(at_outputs), states)
            subjects[CONTEXT] = Subject(
                network.encoder.recurrent, source_inputs, batch.lengths, context, normalised
            )
        if not network.config.input_feeding:
            subjects[DECODER] = _decoder(
                network, written, KnownObjective(at_words), (batch.targets != PAD).sum(1)
            )
        return subjects

    def gradient_norms(self, model: ModelConfig, seed: int) -> list[float]:
        """Of the task's loss, over all weights."""
        network = self.network(model)
        weights = list(network.parameters())
        return [
            gradient_norm(network.batch_loss(*self.batch(seed, step)), weights) for step in range(CLIP_STEPS)
        ]

    def network(self, model: ModelConfig) -> Seq2Seq:
        """The run's network in float64, dropout off.

        Raises:
            RunError: The weights do not fit the model, or are not finite.
        """
        generator = torch.Generator().manual_seed(stream_seed(self.run.seed, "init"))
        network = architecture(model.model).build(model, data_shape(self.prepared), generator)
        if not isinstance(network, Seq2Seq):
            raise RunError(f"{self.run.folder} is not a run of an encoder and a decoder")
        if self.weights is not None:
            load_weights(network, self.weights, str(self.run.folder))
        return network.double().eval()

    def batch(self, seed: int, step: int) -> Batch:
        """Pairs of at least `steps` steps on both sides."""
        random = np.random.Generator(np.random.Philox(stream_seed(seed, "order", step)))
        rows = random.choice(self._long_enough, size=self.sequences, replace=False)
        return load_batch(self.prepared.splits["train"], rows, torch.device("cpu"))


def _decoder(network: Seq2Seq, written: RecordedCalls, objective: KnownObjective, lengths: Tensor) -> Subject:
    """The decoder over the right words, from the state that the context gave it."""
    first = written.first or ()
    begun = [torch.stack([part[layer].detach() for part in first], 1) for layer in range(len(first[0]))]
    target_inputs = HeldInputs(ending_together(written.inputs.detach(), lengths), lengths)
    return Subject(network.decoder.recurrent, target_inputs, lengths, objective, first=begun)


def _by_suffix(recurrent: Recurrent, gradients: tuple[Tensor, ...]) -> dict[str, Tensor]:
    """Gradients (L·D, B, H) of each state tensor as (B, S, H) of each layer and direction."""
    suffixes = [suffix for layer in range(recurrent.num_layers) for suffix in recurrent.suffixes(layer)]
    return {
        suffix: torch.stack([part[place] for part in gradients], dim=1)
        for place, suffix in enumerate(suffixes)
    }
