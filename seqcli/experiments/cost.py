"""Cost apart from quality: blocks in fresh processes, one at a time, in the order A B B A ….

Sources: Kalibera & Jones, 'Rigorous benchmarking in reasonable time', 2013 (repeat whole processes, report
ratios with intervals); the mirrored order cancels a drift of the machine's speed.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from statistics import median

from pydantic import TypeAdapter

from seqcli.experiments.legs import PlannedLeg
from seqcli.launch.job import Failed, Finished, Job
from seqcli.launch.local import LocalWorkers
from seqcli.results.events import CostProgress, Event, Note
from seqcli.results.measurements import Latency, Memory, Speed
from seqcli.results.record import Record
from seqcli.runs.atomic import write_json
from seqcli.statistics.intervals import geometric_mean

BLOCKS = 5


class Steps(Record):
    """Seconds, sequences and real tokens of each timed step of a block."""

    seconds: list[float]
    sequences: list[int]
    tokens: list[int]

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
    """One block of one model, measured alone in a fresh process; times in seconds."""

    parameters: int
    kernel: str
    steps: Steps
    predictions: list[float]
    memory: BlockMemory
    plain_steps: Steps | None = None


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
        StorageError: The blocks cannot be written.
    """
    adapter = TypeAdapter(dict[str, list[Block]])
    if keep.is_file():
        return adapter.validate_json(keep.read_bytes())
    by_label = {leg.label: leg for leg in legs}
    order = schedule([leg.label for leg in legs])
    # One plain path is common to all; it is worth timing only if there is somebody to compare with.
    jobs = [cost_job(by_label[label], number, plain=len(legs) > 1) for number, label in enumerate(order)]
    blocks: dict[str, list[Block]] = {leg.label: [] for leg in legs}
    yield CostProgress(done=0, total=len(jobs), what=order[0])
    for outcome in LocalWorkers(1, threads=legs[0].leg.threads, fresh=True).run(jobs, should_stop):
        if isinstance(outcome, Failed):
            yield Note(text=f"cost is not measured: {outcome.message}")
            return None
        if isinstance(outcome, Finished):
            number = int(outcome.job.name.split()[-1])
            blocks[order[number]].append(Block.from_json(outcome.result))
            yield CostProgress(done=number + 1, total=len(jobs), what=order[min(number + 1, len(order) - 1)])
    keep.parent.mkdir(parents=True, exist_ok=True)
    write_json(keep, {label: [block.to_json() for block in measured] for label, measured in blocks.items()})
    return blocks


def cost_job(leg: PlannedLeg, number: int, *, plain: bool) -> Job:
    """The job of measuring one block of a leg's model; `plain` times torch's own loop too."""
    arguments: dict[str, object] = {
        "leg": leg.leg.model_dump(mode="json"),
        "data": str(leg.data),
        "plain": plain,
    }
    return Job("cost", f"cost block {number}", arguments)


def speed(steps: Sequence[Steps]) -> Speed:
    """Training speed over blocks."""
    samples = [block.rate for block in steps]
    tokens = [sum(block.tokens) / sum(block.seconds) for block in steps]
    return Speed(
        median=median(samples),
        ci95=geometric_mean(samples).ci95,
        samples=samples,
        tokens_per_second=median(tokens),
    )


def plain_speed(blocks: Sequence[Block]) -> Speed | None:
    """Training speed on torch's own loop, where it was timed."""
    steps = [block.plain_steps for block in blocks if block.plain_steps is not None]
    return speed(steps) if steps else None


def block_latencies(blocks: Sequence[Block]) -> list[float]:
    """Each block's median milliseconds for one prediction."""
    return [1000 * median(block.predictions) for block in blocks]


def latency(blocks: Sequence[Block]) -> Latency:
    """Milliseconds of one prediction: the median over blocks of each block's quantiles."""
    p95 = [1000 * sorted(block.predictions)[int(0.95 * len(block.predictions))] for block in blocks]
    return Latency(p50=median(block_latencies(blocks)), p95=median(p95))


def memory(blocks: Sequence[Block]) -> Memory:
    """Exact bytes, equal in every block, and the range of the processes' peaks."""
    peaks = [block.memory.peak for block in blocks]
    exact = blocks[0].memory
    return Memory(
        parameters=exact.parameters,
        optimizer=exact.optimizer,
        activations=exact.activations,
        peak=(min(peaks), max(peaks)),
    )
