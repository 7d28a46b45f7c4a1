"""The records of a measuring of cost: blocks of timed steps, their memory, and their sittings."""

from collections.abc import Mapping, Sequence
from statistics import median

from pydantic import Field

from seqcli.results.measurements import Machine, Sitting
from seqcli.results.record import Record

DISTURBED = 1.05
"""Wall time over CPU time from which on other load disturbed a process that only computes."""


def is_disturbed(seconds: Sequence[float], cpu_seconds: Sequence[float]) -> bool:
    """Return whether something else had the core for more than 5 % of the time."""
    # Without a CPU time nothing is said of the block.
    cpu = sum(cpu_seconds)
    return cpu > 0 and sum(seconds) / cpu > DISTURBED


class TimedSteps(Record):
    """Seconds, sequences, real tokens and real steps of the inputs of each timed step of a block.

    `cpu_seconds` are the process's own, beside those of the clock; empty where they were not told.
    """

    seconds: list[float]
    sequences: list[int]
    tokens: list[int]
    inputs: list[int] = Field(default_factory=list)
    cpu_seconds: list[float] = Field(default_factory=list)

    @property
    def rate(self) -> float:
        """Sequences a second: the median over the steps."""
        return median(n / s for n, s in zip(self.sequences, self.seconds, strict=True))

    @property
    def cpu_rate(self) -> float | None:
        """Sequences a second of CPU time; None where it was not told, or the clock of it is too coarse."""
        seconds = sum(self.cpu_seconds)
        return sum(self.sequences) / seconds if seconds > 0 else None


class BlockMemory(Record):
    """Bytes: what a step on the largest batch needs, and the process's peak."""

    parameters: int
    optimizer: int
    activations: int
    peak: int


class Block(Record):
    """One block of one model, measured alone in a fresh process; times in seconds.

    `plain_…` is the same on torch's own loop; `matrix_flops` the peak of matrix products on this machine, in
    operations a second, measured in a process of its own beside the blocks. `tries` tells how often steps or
    predictions were timed until nothing disturbed them, `sitting` which sitting the block is of, from 0;
    `…_cpu_seconds` are the process's own beside those of the clock.
    """

    parameters: int
    kernel: str
    steps: TimedSteps
    predictions: list[float]
    memory: BlockMemory
    plain_steps: TimedSteps | None = None
    plain_predictions: list[float] | None = None
    plain_memory: BlockMemory | None = None
    matrix_flops: float | None = None
    tries: int = 1
    sitting: int = 0
    predictions_cpu_seconds: list[float] = Field(default_factory=list)
    plain_predictions_cpu_seconds: list[float] = Field(default_factory=list)

    def disturbed(self, device: str) -> bool:
        """Return whether its times stayed disturbed; never on a GPU, where the CPU waits for it."""
        steps = [self.steps] if self.plain_steps is None else [self.steps, self.plain_steps]
        timed = [(each.seconds, each.cpu_seconds) for each in steps]
        timed.append((self.predictions, self.predictions_cpu_seconds))
        timed.append((self.plain_predictions or [], self.plain_predictions_cpu_seconds))
        return device == "cpu" and any(is_disturbed(*times) for times in timed)


class MeasuredSitting(Record):
    """The blocks of each model, by label, that were measured in one go: when, and where.

    `seconds` is the time that it took and `training_seconds` the time that the training before it took; None
    in those of earlier versions.
    """

    date: str
    machine: Machine
    blocks: dict[str, list[Block]]
    seconds: float | None = None
    training_seconds: float | None = None

    @property
    def processes(self) -> int:
        """The processes of each model."""
        return max(map(len, self.blocks.values()))

    def summary(self) -> Sitting:
        """Return its record."""
        all_blocks = [block for blocks in self.blocks.values() for block in blocks]
        return Sitting(
            date=self.date,
            machine=self.machine,
            processes=self.processes,
            repeated=sum(block.tries > 1 for block in all_blocks),
            disturbed=sum(block.disturbed(self.machine.device) for block in all_blocks),
            seconds=self.seconds,
            training_seconds=self.training_seconds,
            share=share_of(self.seconds, self.training_seconds),
        )


def share_of(cost: float | None, training: float | None) -> float | None:
    """The part of the whole time that measuring cost took; None where a time is not told."""
    if cost is None or training is None or cost + training <= 0:
        return None
    return cost / (cost + training)


class Costs(Record):
    """All sittings of one comparison, in the order they were measured; `kept`: none of them just now."""

    sittings: list[MeasuredSitting] = Field(min_length=1)
    kept: bool = False

    @property
    def blocks(self) -> Mapping[str, list[Block]]:
        """The blocks of each model, sitting after sitting."""
        return {
            label: [
                block.model_copy(update={"sitting": number})
                for number, sitting in enumerate(self.sittings)
                for block in sitting.blocks[label]
            ]
            for label in self.sittings[0].blocks
        }

    @property
    def summaries(self) -> list[Sitting]:
        """Return the record of the sittings."""
        return [sitting.summary() for sitting in self.sittings]


Blocks = Sequence[Block]
"""The blocks of one model."""
