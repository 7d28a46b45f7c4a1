"""One sitting: every model's cost measured in fresh processes, one at a time, in a balanced random order.

Source: Kalibera & Jones, 'Rigorous benchmarking in reasonable time', 2013 (repeat whole processes, in random
order, and report ratios with intervals).
"""

import random
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from seqcli.errors import OutOfMemoryError, RunError, StorageError
from seqcli.experiments.compare.cost_records import Block, Costs, MeasuredSitting
from seqcli.experiments.legs import PlannedLeg
from seqcli.launch.job import Failed, Finished, Job
from seqcli.launch.local import LocalWorkers
from seqcli.launch.machine import this_machine
from seqcli.results.events import CostProgress, Event, Note
from seqcli.results.measurements import ALL_PROCESSES, Sitting
from seqcli.runs.sealed import read_record, write_record
from seqcli.runs.storage import storage_faults

MATRICES = "matrix products"
"""The last of a sitting's measurements."""


def schedule(labels: Sequence[str], rounds: int = ALL_PROCESSES, *, seed: int = 0) -> list[str]:
    """Return the model that each process measures: every model once a round.

    Rounds go in pairs: a random order, then the same one backwards, so that a drift of the machine's speed
    that is even over the two cancels in the mean, and no model always comes first.
    """
    # The seed is the sitting's number: another sitting has another order, the same one repeats it.
    generator = random.Random(seed)
    order: list[str] = []
    for number in range(rounds):
        if number % 2 == 0:
            turn = generator.sample(labels, len(labels))
        order += turn if number % 2 == 0 else turn[::-1]
    return order


@dataclass(frozen=True)
class Allowance:
    """The time that measuring cost may take.

    Attributes:
        training: Seconds that the training took.
        whole: All processes are run, however long they take; else about as long as the training took, and
            at least one process of each model, from which a ratio has no interval and no verdict.
        most: Fresh processes of each model where all are run.
        extras: Whether torch's own loop, where there are several models to compare, and the machine's peak
            are measured too.
    """

    training: float | None = None
    whole: bool = True
    most: int = ALL_PROCESSES
    extras: bool = True

    def rounds(self, done: int = 0, seconds: float = 0.0) -> int:
        """The rounds to run in all, after so many of them took so long.

        The number goes by the clock alone and never by what was measured, so that no ratio is the more
        likely to be called faster for having been looked at.
        """
        if self.whole:
            return self.most
        # Of the rounds done so far, as many as fit into training's time at their pace.
        affordable = int((self.training or 0.0) * done / seconds) if seconds > 0 else 1
        return max(1, done, min(self.most, affordable))


WHOLE = Allowance()


def measure_costs(
    legs: Sequence[PlannedLeg],
    *,
    keep: Path,
    should_stop: Callable[[], bool],
    anew: bool = False,
    allowance: Allowance = WHOLE,
) -> Generator[Event, None, Costs | None]:
    """Measure one leg of each model, or read what was measured before; None when a process failed.

    Where a whole sitting is asked for and only shorter ones were measured, one is added to those.

    Args:
        legs: One leg of each model, with labels of their own.
        keep: The file that holds the sittings.
        should_stop: Asked while waiting.
        anew: Add a sitting to those that are there.
        allowance: The time that it may take.

    Raises:
        StoppedError: A stop was asked for.
    """
    earlier = read_costs(keep)
    if earlier is not None and not anew and (not allowance.whole or is_whole(earlier)):
        return earlier
    before = [] if earlier is None else earlier.sittings
    sitting = yield from measure_sitting(legs, should_stop, seed=len(before), allowance=allowance)
    if sitting is None:
        return None
    costs = Costs(sittings=[*before, sitting])
    yield from keep_blocks(keep, costs.to_json())
    return costs


def is_whole(costs: Costs) -> bool:
    """Return whether a sitting ran all its processes."""
    return any(sitting.processes >= ALL_PROCESSES for sitting in costs.sittings)


class Turns:
    """The processes of a sitting, one after the other: those that are done, and those still to run.

    Args:
        labels: The models.
        allowance: The time that they may take.
        seed: Of their order.
    """

    def __init__(self, labels: Sequence[str], allowance: Allowance, *, seed: int) -> None:
        self.order = schedule(labels, allowance.most, seed=seed)
        self.done = 0
        self._models = len(labels)
        self._allowance = allowance
        self._rounds = allowance.rounds()
        self._started = time.monotonic()

    @property
    def seconds(self) -> float:
        """The time since the first of them began."""
        return time.monotonic() - self._started

    def end(self) -> CostProgress:
        """Count one more; after a whole round the time so far says how many more there will be."""
        self.done += 1
        if self.done % self._models == 0 and self.done <= len(self.order):
            self._rounds = self._allowance.rounds(self.done // self._models, self.seconds)
        return self.progress

    @property
    def progress(self) -> CostProgress:
        """The event that tells of them; after all processes the machine's peak is measured."""
        peak = self._allowance.extras and self._rounds == self._allowance.most
        return CostProgress(
            done=self.done,
            total=self._rounds * self._models + peak,
            what=[*self.order, MATRICES][min(self.done, len(self.order))],
        )

    @property
    def enough(self) -> bool:
        """Return whether there is no time for another."""
        return self._rounds < self._allowance.most and self.done >= self._rounds * self._models


def measure_sitting(
    legs: Sequence[PlannedLeg],
    should_stop: Callable[[], bool],
    *,
    seed: int = 0,
    allowance: Allowance = WHOLE,
) -> Generator[Event, None, MeasuredSitting | None]:
    """Measure every leg's model in processes of its own; None when one failed.

    Args:
        legs: One of each model.
        should_stop: Asked while waiting.
        seed: Of the order.
        allowance: The time that it may take.

    Raises:
        StoppedError: A stop was asked for.
    """
    began, turns = datetime.now(UTC), Turns([leg.label for leg in legs], allowance, seed=seed)
    blocks: dict[str, list[Block]] = {leg.label: [] for leg in legs}
    matrix_flops: float | None = None
    jobs = sitting_jobs(legs, turns.order, extras=allowance.extras)
    yield turns.progress
    with closing(LocalWorkers(1, threads=legs[0].leg.threads, fresh=True).run(jobs, should_stop)) as outcomes:
        for outcome in outcomes:
            if isinstance(outcome, Failed) and outcome.job.kind != "peak":
                yield Note(subject="cost not measured", values={"reason": outcome.message})
                return None
            if isinstance(outcome, Failed):
                yield Note(subject="peak not measured", values={"reason": outcome.message})
            elif isinstance(outcome, Finished):
                if outcome.job.kind == "peak":
                    matrix_flops = float(str(outcome.result["flops_per_second"]))
                else:
                    blocks[turns.order[turns.done]].append(Block.from_json(outcome.result))
                yield turns.end()
            if turns.enough:
                break
    return MeasuredSitting(
        date=f"{began:%Y-%m-%d %H:%M} UTC",
        machine=this_machine(legs[0].leg.device, legs[0].leg.threads),
        blocks={
            label: [block.model_copy(update={"matrix_flops": matrix_flops}) for block in measured]
            for label, measured in blocks.items()
        },
        seconds=turns.seconds,
        training_seconds=allowance.training,
    )


def sitting_jobs(legs: Sequence[PlannedLeg], order: Sequence[str], *, extras: bool) -> list[Job]:
    """The jobs of a sitting: a block a process, in this order, and at last the machine's peak."""
    by_label = {leg.label: leg for leg in legs}
    # One plain path is common to all; it is worth timing only if there is somebody to compare with.
    plain = extras and len(legs) > 1
    blocks = [cost_job(by_label[label], number, plain=plain) for number, label in enumerate(order)]
    return [*blocks, *([peak_job(legs[0])] if extras else [])]


def read_costs(path: Path) -> Costs | None:
    """The sittings that were measured before; None where there are none, or the file was changed."""
    with suppress(RunError, StorageError, ValidationError):
        return Costs.from_json(read_record(path)).model_copy(update={"kept": True})
    return None


def kept_cost_note(sittings: Sequence[Sitting]) -> Note:
    """That cost was not measured by this command, but when and where it was."""
    last = sittings[-1]
    machine = last.machine
    return Note(subject="cost kept", values={"date": last.date, "host": machine.host, "cpu": machine.cpu})


def keep_blocks(path: Path, record: Mapping[str, object]) -> Iterator[Note]:
    """Keep the blocks for later; where the disk does not take them that is told, and they are used here."""
    try:
        with storage_faults(path, needed=0):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_record(path, record)
    except (StorageError, OutOfMemoryError) as error:
        yield Note(subject="cost not kept", values={"reason": error.message})


def cost_job(leg: PlannedLeg, number: int, *, plain: bool) -> Job:
    """The job of measuring one block of a leg's model; `plain` times torch's own loop too."""
    arguments: dict[str, object] = {
        "leg": leg.leg.model_dump(mode="json"),
        "data": str(leg.data),
        "plain": plain,
    }
    return Job("cost", f"cost measurement {number}", arguments)


def peak_job(leg: PlannedLeg) -> Job:
    """The job of measuring the peak of matrix products where a leg runs."""
    return Job("peak", "matrix peak", {"device": leg.leg.device, "threads": leg.leg.threads})
