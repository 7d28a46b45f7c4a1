"""All seeds of a model trained as one batch of recurrences: each product over time is one for all seeds.

Every seed keeps its own weights, data order, dropout, optimiser, best epoch and run; only the recurrence, the
part whose many small products leave a processor idle, runs over all of them with one more dimension. Numbers
differ from those of a seed by itself in their last digits, for sums are taken in another order. Untested on
CUDA.

Shapes: S seeds, B batch, T time, I input, H hidden, G gates.
"""

import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor
from torch.nn.functional import pad

from seqcli.data.batches import subset_of, training_order
from seqcli.data.randomness import stream_seed
from seqcli.data.sequences import SequenceSplit
from seqcli.models.network import Network
from seqcli.models.recurrent import KINDS, Recurrent
from seqcli.ops.padding import reverse_by_length
from seqcli.ops.recurrence import Weights, mapped
from seqcli.training.config import TrainingConfig
from seqcli.training.loop import StepWanted, Training, seed_dropout
from seqcli.training.step import Batch, StepOutcome, descend


class BatchedTraining(Training):
    """One seed's training, whose steps are taken by `step_together`; arguments as for `Training`."""

    outcome: StepOutcome
    """The outcome of the last step."""
    seconds = 0.0
    """The time that it took, for all seeds."""

    def taken(self, batch: Batch) -> Generator[StepWanted, None, StepOutcome]:
        """Wait for the step on a batch."""
        began = time.perf_counter()
        yield StepWanted(self, batch)
        self.idle = time.perf_counter() - began - self.seconds
        return self.outcome


@dataclass(frozen=True)
class BatchSizes:
    """The size of the batches that all seeds have at a step, whichever of them still train.

    A seed's own rows and steps are filled up to it, so that its numbers do not depend on who has ended.

    Args:
        split: The training split.
        config: How each seed is trained.
        seeds: All seeds.
    """

    split: SequenceSplit
    config: TrainingConfig
    seeds: tuple[int, ...]

    def at(self, epoch: int, batch: int) -> tuple[int, int]:
        """The most rows B and steps T of that batch of an epoch."""
        return _sizes(self, epoch)[batch]

    def __hash__(self) -> int:
        return id(self)


@lru_cache(maxsize=2)
def _sizes(sizes: BatchSizes, epoch: int) -> list[tuple[int, int]]:
    """The most rows and steps of each batch of an epoch."""
    each = []
    for seed in sizes.seeds:
        train = subset_of(sizes.split, sizes.config.train_size, seed=seed)
        order = training_order(
            train, batch_size=sizes.config.batch_size, seed=stream_seed(seed, "order"), epoch=epoch
        )
        each.append([(len(indices), int(train.lengths[indices].max())) for indices in order])
    return [
        (max(rows for rows, _ in batch), max(steps for _, steps in batch))
        for batch in zip(*each, strict=True)
    ]


class RandomStream:
    """One seed's random numbers where those of several are drawn in turn."""

    def __init__(self, seed: int, device: torch.device) -> None:
        self.device = device
        seed_dropout(seed, device)
        self._keep()

    @contextmanager
    def drawing(self) -> Iterator[None]:
        """Inside it random numbers are this stream's, which goes on where it was."""
        torch.set_rng_state(self._state)
        if self._device_state is not None:
            torch.cuda.set_rng_state(self._device_state, self.device)
        yield
        self._keep()

    def _keep(self) -> None:
        self._state = torch.get_rng_state()
        on_cuda = self.device.type == "cuda"
        self._device_state = torch.cuda.get_rng_state(self.device) if on_cuda else None


def step_together(steps: Sequence[StepWanted], size: tuple[int, int]) -> None:
    """Take one step of each training, all as one batch of recurrences.

    Args:
        steps: The trainings, each with its batch.
        size: B and T that all batches are filled up to.
    """
    began = time.perf_counter()
    losses = losses_together([want.training for want in steps], [want.batch for want in steps], size)
    for want in steps:
        want.training.optimiser.zero_grad(set_to_none=True)
    torch.autograd.backward(losses)
    for want, loss in zip(steps, losses, strict=True):
        training = want.training
        clip = training.config.clip
        outcome = descend(training.network, training.optimiser, loss.item(), clip_norm=clip)
        training.outcome = outcome  # type: ignore[attr-defined]
    for want in steps:
        want.training.seconds = time.perf_counter() - began  # type: ignore[attr-defined]


def losses_together(
    trainings: Sequence[Training], batches: Sequence[Batch], size: tuple[int, int]
) -> list[Tensor]:
    """The mean loss of each training on its batch, each as `batch_loss` has it.

    Args:
        trainings: S trainings of one model.
        batches: A batch of each.
        size: B and T that all are filled up to.
    """
    networks = [network_of(training) for training in trainings]
    streams = [
        RandomStream(stream_seed(training.seed, "dropout", training.position.step), training.device)
        for training in trainings
    ]
    inputs, orders = [], []
    for network, stream, batch in zip(networks, streams, batches, strict=True):
        with stream.drawing():
            embedded, order = network.embedded(batch.inputs, batch.lengths)
        inputs.append(embedded)
        orders.append(order)
    outputs = _outputs(networks, inputs, batches, streams=streams, size=size)
    losses = []
    for network, stream, batch, output, order in zip(
        networks, streams, batches, outputs, orders, strict=True
    ):
        with stream.drawing():
            answer = network.answer(output, batch.lengths, order)
        losses.append(network.head.training_loss(answer, batch.targets))
    return losses


def network_of(training: Training) -> Network:
    """The network of a training that can be batched.

    Raises:
        TypeError: It is of another architecture.
    """
    if not isinstance(training.network, Network):
        raise TypeError(f"{type(training.network).__name__} has no recurrence that seeds can share")
    return training.network


def _outputs(
    networks: Sequence[Network],
    inputs: Sequence[Tensor],
    batches: Sequence[Batch],
    *,
    streams: Sequence[RandomStream],
    size: tuple[int, int],
) -> list[Tensor]:
    """Each seed's outputs (B, T, D·H) of its own inputs (B, T, I), by all layers of all seeds."""
    stacks = [network.recurrent for network in networks]
    rows, steps = size
    lengths = torch.cat([pad(batch.lengths, (0, rows - batch.sequences), value=1) for batch in batches])
    values = list(inputs)
    for layer in range(stacks[0].num_layers):
        if layer:
            values = [
                _dropped(stack, stream, own)
                for stack, stream, own in zip(stacks, streams, values, strict=True)
            ]
        filled = torch.cat([_filled(own, rows, steps) for own in values])  # (S·B, T, I)
        sides = []
        for backwards, suffix in enumerate(stacks[0].suffixes(layer)):
            side = reverse_by_length(filled, lengths) if backwards else filled
            side = _layer(stacks, suffix, side)
            sides.append(reverse_by_length(side, lengths) if backwards else side)
        joined = sides[0] if len(sides) == 1 else torch.cat(sides, dim=-1)
        each = joined.view(len(stacks), rows, steps, -1)  # (S, B, T, D·H)
        values = [own[: before.shape[0], : before.shape[1]] for own, before in zip(each, inputs, strict=True)]
    return values


def _dropped(stack: Recurrent, stream: RandomStream, values: Tensor) -> Tensor:
    """Values between two layers after dropout by a seed's own numbers."""
    with stream.drawing():
        dropped: Tensor = stack.dropout(values)
    return dropped


def _filled(values: Tensor, rows: int, steps: int) -> Tensor:
    """Values (B, T, I) with rows and steps of zeros behind them, up to so many."""
    return pad(values, (0, 0, 0, steps - values.shape[1], 0, rows - values.shape[0]))


def _layer(stacks: Sequence[Recurrent], suffix: str, inputs: Tensor) -> Tensor:
    """One layer and direction of all seeds: (S·B, T, I) to (S·B, T, H); every step counts as real."""
    cell, count = stacks[0].cell, len(stacks)
    w_ih, w_hh, b_ih, b_hh = _stacked(stacks, suffix)
    by_time = inputs.view(count, -1, *inputs.shape[1:]).transpose(1, 2)  # (S, T, B, I)
    projected = mapped(by_time.flatten(1, 2), w_ih, b_ih).view(*by_time.shape[:3], -1)
    state = tuple(inputs.new_zeros(count, by_time.shape[2], stacks[0].hidden_size) for _ in cell.state_names)
    outputs = []
    for x in projected.unbind(1):
        state = cell.step(x, state, w_hh, b_hh)
        outputs.append(state[0])
    return torch.stack(outputs, dim=2).flatten(0, 1)


def _stacked(stacks: Sequence[Recurrent], suffix: str) -> Weights:
    """The weights of one layer and direction, one above the other: (S, …) each."""
    w_ih, w_hh, b_ih, b_hh = (
        torch.stack([stack.get_parameter(kind + suffix) for stack in stacks]) for kind in KINDS
    )
    return w_ih, w_hh, b_ih, b_hh
