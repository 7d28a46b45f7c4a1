"""The cost of one model, measured alone in this process: time a step, latency, memory; and their yardstick.

The timed region is a step on batches that are already tensors on the device: loading data is outside it.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import TypeVar
from weakref import ref

import numpy as np
import torch
from torch import Tensor

from seqcli.config.hardware import peak_memory
from seqcli.data.batches import training_order
from seqcli.data.sequences import SequenceSplit
from seqcli.models.learner import Learner
from seqcli.models.network import parameter_counts
from seqcli.ops.gru import scan_off
from seqcli.training.config import TrainingConfig
from seqcli.training.step import Batch, load_batch, make_optimiser, train_step

# The first steps allocate, choose kernels and fill caches; three are the least that the protocol allows.
WARM_UP_STEPS = 3
# The least that the protocol of timings allows a block.
TIMED_STEPS = 20
WARM_UP_PREDICTIONS = 10
"""Predictions before the clock counts, which fill caches: a tenth of those that are timed."""
# The 95th percentile rests on the five slowest.
TIMED_PREDICTIONS = 100
DISTURBED = 1.05
"""Wall time over CPU time from which on something else had the core: a process that computes has it all."""
PACE_STEPS = 7
"""Steps of a model that a dry run times at most, of batches from the shortest to the longest."""
PACE_SECONDS = 0.5
"""The time after which a dry run times no more steps of a model."""
TRIES = 3
"""How often steps, or predictions, are timed at most until nothing disturbs them."""


@dataclass(frozen=True)
class Times:
    """Seconds by the clock and of CPU of each thing that was timed."""

    seconds: list[float]
    cpu_seconds: list[float]

    @property
    def excess(self) -> float:
        """Wall time over the process's CPU time; with several threads only a great disturbance shows."""
        # A CPU clock that ticks in milliseconds may tell nothing for what is short.
        return sum(self.seconds) / max(sum(self.cpu_seconds), 1e-9)


@dataclass(frozen=True)
class StepTimes(Times):
    """The times of steps, with the sequences, real tokens and input steps of each."""

    sequences: list[int]
    tokens: list[int]
    inputs: list[int]


T = TypeVar("T", bound=Times)


@dataclass(frozen=True)
class MemoryUse:
    """Exact bytes of a training step on its largest batch."""

    parameters: int
    optimizer: int
    activations: int


def synchronise(device: torch.device) -> None:
    """Wait until the device has done what it was given, so that a clock sees the work."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


@dataclass(frozen=True)
class StepPace:
    """The pace of learning and answering, from so few steps that it takes a moment to know.

    Args:
        parameters: Trained numbers.
        step_seconds: One training step, the median of those timed.
        prediction_seconds: One prediction, likewise.
    """

    parameters: int
    step_seconds: float
    prediction_seconds: float

    @property
    def block_seconds(self) -> float:
        """A block of cost measurements on one path, its process's start left out."""
        steps, predictions = WARM_UP_STEPS + TIMED_STEPS, WARM_UP_PREDICTIONS + TIMED_PREDICTIONS
        return steps * self.step_seconds + predictions * self.prediction_seconds


def pace(
    network: Learner, splits: Mapping[str, SequenceSplit], config: TrainingConfig, device: torch.device
) -> StepPace:
    """Time a step after a first one, and as many more as a moment allows; then some predictions.

    The batches are spread over an epoch, since short sequences and long ones are in batches of their own.
    """
    train, test = splits["train"], splits["test"]
    order = training_order(train, batch_size=config.batch_size, seed=0, epoch=1)
    spread = np.linspace(0, len(order) - 1, PACE_STEPS).astype(np.int64)
    optimiser = make_optimiser(network, config.lr, optimizer=config.optimizer)
    network.train()

    def step(place: int) -> None:
        train_step(network, optimiser, load_batch(train, order[place], device), clip_norm=config.clip)

    @torch.no_grad()
    def predict(index: int) -> None:
        batch = load_batch(test, np.array([index]), device)
        network.predict(batch.inputs, batch.lengths)

    step_seconds = _moment([partial(step, place) for place in spread], device)
    network.eval()
    answered = np.linspace(0, len(test.lengths) - 1, PACE_STEPS).astype(np.int64)
    prediction_seconds = _moment([partial(predict, index) for index in answered], device)
    return StepPace(parameter_counts(network)["total"], step_seconds, prediction_seconds)


def _moment(calls: Sequence[Callable[[], None]], device: torch.device) -> float:
    """The median seconds of a few calls after a first one that does not count."""
    times: list[float] = []
    for call in (calls[0], *calls):
        synchronise(device)
        began = time.perf_counter()
        call()
        synchronise(device)
        times.append(time.perf_counter() - began)
        if len(times) > 1 and sum(times) > PACE_SECONDS:
            break
    return median(times[1:])


def cost_batches(split: SequenceSplit, config: TrainingConfig, device: torch.device) -> list[Batch]:
    """The same batches for every model: the first of epoch 1 in seed 0's order, repeated if there are few."""
    # Seed 0 whatever the leg's: costs of two models must be those of the same lengths.
    order = training_order(split, batch_size=config.batch_size, seed=0, epoch=1)
    count = WARM_UP_STEPS + TIMED_STEPS
    return [load_batch(split, order[i % len(order)], device) for i in range(count)]


def nothing() -> None:
    """Do nothing between two steps."""


def time_steps(
    network: Learner,
    batches: list[Batch],
    config: TrainingConfig,
    device: torch.device,
    *,
    between: Callable[[], None] = nothing,
) -> StepTimes:
    """Train on `batches`, the first few untimed; `between` is called before each, outside the clock."""
    optimiser = make_optimiser(network, config.lr, optimizer=config.optimizer)
    network.train()
    times = StepTimes([], [], [], [], [])
    for number, batch in enumerate(batches):
        between()
        synchronise(device)
        began, cpu_began = time.perf_counter(), time.process_time()
        train_step(network, optimiser, batch, clip_norm=config.clip)
        synchronise(device)
        if number >= WARM_UP_STEPS:
            times.seconds.append(time.perf_counter() - began)
            times.cpu_seconds.append(time.process_time() - cpu_began)
            times.sequences.append(batch.sequences)
            times.tokens.append(network.tokens(batch.lengths, batch.targets))
            times.inputs.append(int(batch.lengths.sum()))
    return times


def undisturbed(measure: Callable[[], T], device: torch.device) -> tuple[T, int]:
    """The times and how often they were taken: again while other load disturbs them, `TRIES` at most.

    Of several tries the one counts whose wall time is nearest to its CPU time, not the fastest: the choice
    looks at the disturbance alone. On a GPU the CPU waits in ways of its own, so that one try stands.
    """
    tries = [measure()]
    while device.type == "cpu" and tries[-1].excess > DISTURBED and len(tries) < TRIES:
        tries.append(measure())
    return min(tries, key=lambda times: times.excess), len(tries)


@torch.no_grad()
def time_predictions(
    network: Learner, split: SequenceSplit, device: torch.device, *, between: Callable[[], None] = nothing
) -> Times:
    """The times of single predictions, batch 1, on examples spread evenly over `split`.

    `between` is called before each, outside the clock.
    """
    network.eval()
    # Spread and not drawn: every model then answers the same examples, whatever the number of tries.
    spread = np.linspace(0, len(split.lengths) - 1, WARM_UP_PREDICTIONS + TIMED_PREDICTIONS).astype(np.int64)
    times = Times([], [])
    for number, index in enumerate(spread):
        between()
        batch = load_batch(split, np.array([index]), device)
        synchronise(device)
        began, cpu_began = time.perf_counter(), time.process_time()
        network.predict(batch.inputs, batch.lengths)
        synchronise(device)
        if number >= WARM_UP_PREDICTIONS:
            times.seconds.append(time.perf_counter() - began)
            times.cpu_seconds.append(time.process_time() - cpu_began)
    return times


def tensor_bytes(tensors: Iterator[Tensor]) -> int:
    """Bytes of the tensors' storages, a shared storage counted once."""
    storages = {tensor.untyped_storage().data_ptr(): tensor.untyped_storage().nbytes() for tensor in tensors}
    return sum(storages.values())


def optimiser_bytes(optimiser: torch.optim.Optimizer) -> int:
    """Bytes of the optimiser's state tensors."""
    return tensor_bytes(
        value for state in optimiser.state.values() for value in state.values() if isinstance(value, Tensor)
    )


def activation_bytes(network: Learner, batch: Batch) -> int:
    """Bytes that autograd keeps between forward and backward on one batch.

    A fused kernel's workspace is among them: the backward pass needs it. Left out are the parameters and the
    batch itself, which are there anyway, and what only a part of the graph kept that was dropped before the
    end. A test finds the same number of bytes in a trace of the allocator.
    """
    own = {tensor.untyped_storage().data_ptr() for tensor in (*network.parameters(), *batch)}
    references: list[ref[Tensor]] = []

    def keep(tensor: Tensor) -> Tensor:
        if tensor.untyped_storage().data_ptr() not in own:
            references.append(ref(tensor))
        return tensor

    network.train()
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        loss = network.batch_loss(*batch)
    total = tensor_bytes(tensor for tensor in (reference() for reference in references) if tensor is not None)
    # The graph lives until here: what the references point to would be freed with it.
    del loss
    return total


def peak_bytes(device: torch.device) -> int:
    """The greatest memory so far: resident size on a CPU, the allocator's on a GPU."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    return peak_memory()


def memory_use(network: Learner, batches: list[Batch], config: TrainingConfig) -> MemoryUse:
    """Exact bytes by kind on the largest batch, after one step on it."""
    largest = max(batches, key=lambda batch: batch.inputs.numel())
    optimiser = make_optimiser(network, config.lr, optimizer=config.optimizer)
    # Adam makes its moments in the first step; without one its memory would count as nothing.
    train_step(network, optimiser, largest, clip_norm=config.clip)
    return MemoryUse(
        parameters=tensor_bytes(network.parameters()),
        optimizer=optimiser_bytes(optimiser),
        activations=activation_bytes(network, largest),
    )


@contextmanager
def plain_kernels() -> Iterator[None]:
    """Every fused layer on torch's own loop: what models with and without a vendor kernel have in common."""
    # mkldnn.flags would touch TF32 too, which torch answers with a warning where there is no such hardware.
    (was_enabled, *_) = torch.backends.mkldnn.set_flags(_enabled=False)  # type: ignore[no-untyped-call]
    try:
        with torch.backends.cudnn.flags(enabled=False), scan_off():
            yield
    finally:
        torch.backends.mkldnn.set_flags(_enabled=was_enabled)  # type: ignore[no-untyped-call]


FIRST_SIZE, LARGEST_SIZE = 256, 8192
"""Rows of the square matrices, doubled until a product takes long enough: 8192 of float32 are 256 MiB."""
ENOUGH_SECONDS = 0.02
"""A product that takes this long is long beside the clock and the call."""
WARM_UP, TIMED = 2, 7
"""Products before the clock counts, which make room and choose a kernel; then the median of seven."""


@dataclass(frozen=True)
class MatrixFlops:
    """Floating-point operations a second of products of square matrices of `size`."""

    flops_per_second: float
    size: int


def matrix_flops(
    device: torch.device, seconds_of: Callable[[Tensor, Tensor], float] | None = None
) -> MatrixFlops:
    """The median over several products N × N in float32, N doubled until one product takes long enough.

    On a GPU the products may use TF32, as cuDNN's recurrent layers do by torch's default.

    Args:
        device: Where to multiply.
        seconds_of: The time that one product takes, by the clock where it is None.
    """
    timed = seconds_of or product_seconds
    if device.type == "cuda":
        torch.set_float32_matmul_precision("high")
    size = FIRST_SIZE
    while True:
        a, b = (torch.randn(size, size, device=device) for _ in range(2))
        seconds = [timed(a, b) for _ in range(WARM_UP)]
        if seconds[-1] >= ENOUGH_SECONDS or size >= LARGEST_SIZE:
            break
        # A small product is mostly the call itself; doubling reaches a long one in a few tries on any device.
        size *= 2
    typical = median(timed(a, b) for _ in range(TIMED))
    return MatrixFlops(2 * size**3 / typical, size)


def product_seconds(a: Tensor, b: Tensor) -> float:
    """Seconds of one matrix product, from an idle device to an idle device."""
    synchronise(a.device)
    began = time.perf_counter()
    torch.mm(a, b)
    synchronise(a.device)
    return time.perf_counter() - began
