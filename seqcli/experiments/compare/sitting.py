"""One sitting: every model's cost measured in fresh processes, one at a time, in a balanced random order.

Source: Kalibera & Jones, 'Rigorous benchmarking in reasonable time', 2013 (repeat whole processes, in random
order, and report ratios with intervals).
"""

import random
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from seqcli.errors import OutOfMemoryError, RunError, StorageError
from seqcli.experiments.compare.costs import Block, Costs, MeasuredSitting
from seqcli.experiments.legs import PlannedLeg
from seqcli.launch.job import Failed, Finished, Job
from seqcli.launch.local import LocalWorkers
from seqcli.launch.machine import this_machine
from seqcli.results.events import CostProgress, Event, Note
from seqcli.runs.sealed import read_record, write_record
from seqcli.runs.storage import storage_faults

PROCESSES = 5
"""Fresh processes of each model in a sitting."""


def schedule(labels: Sequence[str], rounds: int = PROCESSES, *, seed: int = 0) -> list[str]:
    """Return the model that each process measures: every model once a round.

    Rounds go in pairs: a random order, then the same one backwards, so that a drift of the machine's speed
    that is even over the two cancels in the mean, and no model always comes first.
    """
    generator = random.Random(seed)
    order: list[str] = []
    for number in range(rounds):
        if number % 2 == 0:
            turn = generator.sample(labels, len(labels))
        order += turn if number % 2 == 0 else turn[::-1]
    return order


def measure_costs(
    legs: Sequence[PlannedLeg], *, keep: Path, should_stop: Callable[[], bool], again: bool = False
) -> Generator[Event, None, Costs | None]:
    """Measure one leg of each model, or read what was measured before; None when a process failed.

    Args:
        legs: One leg of each model, with labels of their own.
        keep: The file that holds the sittings.
        should_stop: Asked while waiting.
        again: Add a sitting to those that are there.

    Raises:
        StoppedError: A stop was asked for.
    """
    kept = read_costs(keep)
    if kept is not None and not again:
        return kept
    before = [] if kept is None else kept.sittings
    sitting = yield from measure_sitting(legs, should_stop, seed=len(before))
    if sitting is None:
        return None
    costs = Costs(sittings=[*before, sitting])
    yield from keep_blocks(keep, costs.to_json())
    return costs


def measure_sitting(
    legs: Sequence[PlannedLeg],
    should_stop: Callable[[], bool],
    *,
    seed: int = 0,
    processes: int = PROCESSES,
    extras: bool = True,
) -> Generator[Event, None, MeasuredSitting | None]:
    """Measure every leg's model in processes of its own; None when one failed.

    Args:
        legs: One of each model.
        should_stop: Asked while waiting.
        seed: Of the order.
        processes: Fresh processes of each model.
        extras: Whether torch's own loop, where there are several models to compare, and the machine's peak
            are measured too.

    Raises:
        StoppedError: A stop was asked for.
    """
    by_label = {leg.label: leg for leg in legs}
    order = schedule([leg.label for leg in legs], processes, seed=seed)
    # One plain path is common to all; it is worth timing only if there is somebody to compare with.
    jobs = [
        cost_job(by_label[label], number, plain=extras and len(legs) > 1)
        for number, label in enumerate(order)
    ]
    jobs += [peak_job(legs[0])] if extras else []
    blocks: dict[str, list[Block]] = {leg.label: [] for leg in legs}
    matrix_flops: float | None = None
    began = datetime.now(UTC)
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
    return MeasuredSitting(
        date=f"{began:%Y-%m-%d %H:%M} UTC",
        machine=this_machine(legs[0].leg.device, legs[0].leg.threads),
        blocks={
            label: [block.model_copy(update={"matrix_flops": matrix_flops}) for block in measured]
            for label, measured in blocks.items()
        },
    )


def read_costs(path: Path) -> Costs | None:
    """The sittings that were measured before; None where there are none, or the file was changed."""
    with suppress(RunError, StorageError, ValidationError):
        return Costs.from_json(read_record(path)).model_copy(update={"kept": True})
    return None


def keep_blocks(path: Path, record: Mapping[str, object]) -> Iterator[Note]:
    """Keep the blocks for later; where the disk does not take them that is told, and they are used here."""
    try:
        with storage_faults(path, needed=0):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_record(path, record)
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
