"""Cost apart from quality: blocks in fresh processes, one at a time, in the order A B B A ….

Sources: Kalibera & Jones, 'Rigorous benchmarking in reasonable time', 2013 (repeat whole processes, report
ratios with intervals); the mirrored order cancels a drift of the machine's speed.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median

from pydantic import Field, TypeAdapter, ValidationError

from seqcli.errors import OutOfMemoryError, RunError, StorageError
from seqcli.experiments.legs import PlannedLeg
from seqcli.launch.job import Failed, Finished, Job
from seqcli.launch.local import LocalWorkers
from seqcli.models.config import ModelConfig
from seqcli.results.events import CostProgress, Event, Note
from seqcli.results.measurements import Latency, Memory, Speed, Throughput
from seqcli.results.record import Record
from seqcli.runs.record import read_record, write_record
from seqcli.runs.storage import storage_faults
from seqcli.statistics.intervals import geometric_mean
from seqcli.statistics.outliers import outliers

BLOCKS = 5
BACKWARD_TOO = 3
"""Operations of a training step for each of its forward pass."""


class Steps(Record):
    """Seconds, sequences, real tokens and real steps of the inputs of each timed step of a block."""

    seconds: list[float]
    sequences: list[int]
    tokens: list[int]
    inputs: list[int] = Field(default_factory=list)

    @property
    def rate(self) -> float:
        """Sequences a second: the median over the steps."""
        return median(n / s for n, s in zip(self.sequences, self.seconds, strict=True))


class BlockMemory(Record):
    """Bytes: what a step on the largest batch needs, and the process's peak."""

    parameters: int
    optimizer: int
    activations: int
    peak: int


class Block(Record):
    """One block of one model, measured alone in a fresh process; times in seconds.

    `plain_…` is the same on torch's own loop; `matrix_flops` the peak of matrix products on this machine, in
    operations a second, measured in a process of its own beside the blocks.
    """

    parameters: int
    kernel: str
    steps: Steps
    predictions: list[float]
    memory: BlockMemory
    plain_steps: Steps | None = None
    plain_predictions: list[float] | None = None
    plain_memory: BlockMemory | None = None
    matrix_flops: float | None = None


Blocks = Mapping[str, Sequence[Block]]
"""The blocks of each model, by label, in the order they were measured."""


def schedule(labels: Sequence[str], blocks: int = BLOCKS) -> list[str]:
    """Which model each block measures: the labels forwards, backwards, forwards …."""
    return [label for number in range(blocks) for label in (labels if number % 2 == 0 else labels[::-1])]


def measure_costs(
    legs: Sequence[PlannedLeg], *, keep: Path, should_stop: Callable[[], bool]
) -> Generator[Event, None, dict[str, list[Block]] | None]:
    """Measure one leg of each model, or read what was measured before; None when a block failed.

    Args:
        legs: One leg of each model, with labels of their own.
        keep: The file that holds the blocks.
        should_stop: Asked while waiting.

    Raises:
        StoppedError: A stop was asked for.
    """
    kept = read_blocks(keep)
    if kept is not None:
        return kept
    by_label = {leg.label: leg for leg in legs}
    order = schedule([leg.label for leg in legs])
    # One plain path is common to all; it is worth timing only if there is somebody to compare with.
    jobs = [cost_job(by_label[label], number, plain=len(legs) > 1) for number, label in enumerate(order)]
    jobs.append(peak_job(legs[0]))
    blocks: dict[str, list[Block]] = {leg.label: [] for leg in legs}
    matrix_flops: float | None = None
    yield CostProgress(done=0, total=len(jobs), what=order[0])
    for outcome in LocalWorkers(1, threads=legs[0].leg.threads, fresh=True).run(jobs, should_stop):
        if isinstance(outcome, Failed) and outcome.job.kind != "peak":
            yield Note(text=f"cost is not measured: {outcome.message}")
            return None
        if isinstance(outcome, Failed):
            yield Note(text=f"the peak of matrix products is not measured: {outcome.message}")
        elif isinstance(outcome, Finished) and outcome.job.kind == "peak":
            matrix_flops = float(str(outcome.result["flops_per_second"]))
            yield CostProgress(done=len(jobs), total=len(jobs), what="matrix products")
        elif isinstance(outcome, Finished):
            number = jobs.index(outcome.job)
            blocks[order[number]].append(Block.from_json(outcome.result))
            yield CostProgress(done=number + 1, total=len(jobs), what=order[min(number + 1, len(order) - 1)])
    blocks = {
        label: [block.model_copy(update={"matrix_flops": matrix_flops}) for block in measured]
        for label, measured in blocks.items()
    }
    told = {label: [block.to_json() for block in measured] for label, measured in blocks.items()}
    yield from keep_blocks(keep, told)
    return blocks


def read_blocks(path: Path) -> dict[str, list[Block]] | None:
    """The blocks that were measured before; None where there are none, or the file was changed."""
    try:
        return TypeAdapter(dict[str, list[Block]]).validate_python(read_record(path))
    except (RunError, StorageError, ValidationError):
        return None


def keep_blocks(path: Path, told: Mapping[str, object]) -> Iterator[Note]:
    """Keep the blocks for later; where the disk does not take them that is told, and they are used here."""
    try:
        with storage_faults(path, needed=0):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_record(path, told)
    except (StorageError, OutOfMemoryError) as error:
        yield Note(text=f"cost will be measured again another time: {error.message}")


def cost_job(leg: PlannedLeg, number: int, *, plain: bool) -> Job:
    """The job of measuring one block of a leg's model; `plain` times torch's own loop too."""
    arguments: dict[str, object] = {
        "leg": leg.leg.model_dump(mode="json"),
        "data": str(leg.data),
        "plain": plain,
    }
    return Job("cost", f"cost block {number}", arguments)


def peak_job(leg: PlannedLeg) -> Job:
    """The job of measuring the peak of matrix products where a leg runs."""
    return Job("peak", "matrix peak", {"device": leg.leg.device, "threads": leg.leg.threads})


def speed(steps: Sequence[Steps]) -> Speed:
    """Training speed over blocks."""
    samples = [block.rate for block in steps]
    tokens = [sum(block.tokens) / sum(block.seconds) for block in steps]
    return Speed(
        median=median(samples),
        ci95=geometric_mean(samples).ci95,
        samples=samples,
        tokens_per_second=median(tokens),
        outliers=list(outliers(samples)),
    )


def plain_speed(blocks: Sequence[Block]) -> Speed | None:
    """Training speed on torch's own loop, where it was timed."""
    steps = [block.plain_steps for block in blocks if block.plain_steps is not None]
    return speed(steps) if steps else None


def achieved(blocks: Sequence[Block], model: ModelConfig, input_size: int) -> Throughput | None:
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


def block_latencies(predictions: Sequence[Sequence[float]]) -> list[float]:
    """The median milliseconds of each block's predictions."""
    return [1000 * median(block) for block in predictions]


def latency(predictions: Sequence[Sequence[float]]) -> Latency:
    """Milliseconds of one prediction: the median over blocks of each block's quantiles."""
    samples = block_latencies(predictions)
    p95 = [1000 * sorted(block)[int(0.95 * len(block))] for block in predictions]
    return Latency(p50=median(samples), p95=median(p95), samples=samples, outliers=list(outliers(samples)))


def plain_latencies(blocks: Sequence[Block]) -> list[list[float]]:
    """The predictions of each block on torch's own loop, where they were timed."""
    return [block.plain_predictions for block in blocks if block.plain_predictions]


def plain_memory(blocks: Sequence[Block]) -> Memory | None:
    """Exact bytes on torch's own loop, where they were counted; the peak is the whole process's."""
    found = [block.plain_memory for block in blocks if block.plain_memory is not None]
    return memory(found) if found else None


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
