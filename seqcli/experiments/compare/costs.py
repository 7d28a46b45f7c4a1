"""The cost of models, from blocks in fresh processes: speed, latency, memory, and their ratios."""

from collections.abc import Sequence
from statistics import median

from seqcli.experiments.compare.cost_records import Block, BlockMemory, Blocks, TimedSteps
from seqcli.models.config import ModelConfig
from seqcli.results.common import Interval
from seqcli.results.measurements import ENOUGH_SITTINGS, Latency, Memory, Speed, Throughput
from seqcli.statistics.intervals import geometric_mean

BACKWARD_TOO = 3
"""Operations of a training step for each of its forward pass."""


def per_sitting(blocks: Blocks, values: Sequence[float]) -> list[float]:
    """The geometric mean of the blocks' values in each sitting."""
    numbers = sorted({block.sitting for block in blocks})
    return [
        geometric_mean(
            [value for block, value in zip(blocks, values, strict=True) if block.sitting == number]
        ).value
        for number in numbers
    ]


def highest_level(blocks: Blocks, values: Sequence[float]) -> list[float]:
    """The values that an interval of a ratio rests on: the sittings' from three on, else the processes'."""
    sittings = per_sitting(blocks, values)
    return sittings if len(sittings) >= ENOUGH_SITTINGS else list(values)


def interval_over_sittings(sittings: Sequence[float]) -> Interval | None:
    """The 95 % t-interval of their geometric mean; None below three, whose spread says too little."""
    return geometric_mean(sittings).ci95 if len(sittings) >= ENOUGH_SITTINGS else None


def speed(blocks: Blocks) -> Speed:
    """Training speed over processes."""
    return _speed(blocks, [block.steps for block in blocks])


def plain_speed(blocks: Blocks) -> Speed | None:
    """Training speed on torch's own loop, where it was timed."""
    timed = [block for block in blocks if block.plain_steps is not None]
    return (
        _speed(timed, [timed_block.plain_steps for timed_block in timed if timed_block.plain_steps])
        if timed
        else None
    )


def _speed(blocks: Blocks, steps: Sequence[TimedSteps]) -> Speed:
    samples = [each.rate for each in steps]
    sittings = per_sitting(blocks, samples)
    on_cpu = [rate for each in steps if (rate := each.cpu_rate) is not None]
    return Speed(
        median=median(samples),
        mean=geometric_mean(sittings).value,
        ci95=interval_over_sittings(sittings),
        samples=samples,
        per_sitting=sittings,
        tokens_per_second=geometric_mean([sum(each.tokens) / sum(each.seconds) for each in steps]).value,
        per_cpu_second=geometric_mean(on_cpu).value if len(on_cpu) == len(steps) else None,
    )


def achieved(blocks: Blocks, model: ModelConfig, input_size: int) -> Throughput | None:
    """Operations of the recurrence a second beside the peak; None where a block does not tell its steps.

    Forward by the cells' formulas over real steps, times three: a backward pass takes twice the products of
    the forward one (for the inputs' gradients and for the weights').
    """
    if not blocks or not all(block.steps.inputs for block in blocks):
        return None
    rates = [
        BACKWARD_TOO * model.flops(sum(s.inputs), sum(s.tokens), input_size=input_size) / sum(s.seconds)
        for s in (block.steps for block in blocks)
    ]
    peak = blocks[0].matrix_flops
    reached = median(rates)
    return Throughput(achieved=reached, peak=peak, share=reached / peak if peak else None)


def latencies(blocks: Blocks) -> list[float]:
    """The median milliseconds of each process's predictions."""
    return [1000 * median(block.predictions) for block in blocks]


def latency(blocks: Blocks) -> Latency:
    """Milliseconds of one prediction, over processes."""
    samples = latencies(blocks)
    p95 = [1000 * sorted(block.predictions)[int(0.95 * len(block.predictions))] for block in blocks]
    sittings = per_sitting(blocks, samples)
    return Latency(
        p50=geometric_mean(sittings).value,
        p95=geometric_mean(p95).value,
        ci95=interval_over_sittings(sittings),
        samples=samples,
        per_sitting=sittings,
    )


def on_plain_path(blocks: Blocks) -> list[Block]:
    """The blocks with their predictions on torch's own loop, where those were timed."""
    return [
        block.model_copy(update={"predictions": block.plain_predictions})
        for block in blocks
        if block.plain_predictions
    ]


def plain_latency(blocks: Blocks) -> Latency | None:
    """Milliseconds of one prediction on torch's own loop, where it was timed."""
    timed = on_plain_path(blocks)
    return latency(timed) if timed else None


def plain_memory(blocks: Blocks) -> Memory | None:
    """Exact bytes on torch's own loop, where they were counted; the peak is the whole process's."""
    used = [block.plain_memory for block in blocks if block.plain_memory is not None]
    return memory(used) if used else None


def memory(blocks: Sequence[BlockMemory]) -> Memory:
    """Exact bytes, equal in every block, and the range of the processes' peaks."""
    peaks = [block.peak for block in blocks]
    exact = blocks[0]
    return Memory(
        parameters=exact.parameters,
        optimizer=exact.optimizer,
        activations=exact.activations,
        peak=(min(peaks), max(peaks)),
    )
