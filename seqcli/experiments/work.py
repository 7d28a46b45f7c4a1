"""`seqcli work`: train what waits in a store that several machines see; and what is put into it."""

import os
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from seqcli.config.names import FilePath
from seqcli.config.settings import Duration, PositiveInt, Settings
from seqcli.data.cache import VARIABLE
from seqcli.errors import UsageError
from seqcli.experiments.compare.study import Study
from seqcli.experiments.config import LOST_AFTER
from seqcli.launch.job import Failed, Progress
from seqcli.launch.local import LocalWorkers
from seqcli.launch.machine import usable_cores
from seqcli.launch.shared import SharedWorkers, state_of
from seqcli.launch.shared_store import SharedStore
from seqcli.launch.store_mark import check_room
from seqcli.results.events import Event, Leg, LegFailed
from seqcli.results.work import WorkResult
from seqcli.runs.run_layout import LEGS_FOLDER

IDLE = 10.0
"""Seconds without anything to do after which a worker ends: a comparison that adds seeds needs less."""


class WorkConfig(Settings):
    """`seqcli work`: one worker on a store.

    Attributes:
        store: The store's folder.
        jobs: Training runs side by side; all cores by default.
        idle: Seconds to wait for more where nothing is left.
        max_time: Seconds after which to stop, saved.
        lost_after: Seconds of silence after which another worker's runs are taken over.
        threads: Of each training run; all that a store holds were planned with the same.
        store_id: The id of the store that is meant; '' where any at the path will do.
    """

    store: FilePath
    jobs: PositiveInt | None = None
    idle: Duration = IDLE
    max_time: Duration | None = None
    lost_after: Duration = LOST_AFTER
    threads: PositiveInt = 1
    store_id: str = ""


def work(config: WorkConfig, should_stop: Callable[[], bool]) -> Generator[Event, None, WorkResult]:
    """Train what nobody has finished until nothing is left, telling events on the way.

    Raises:
        RunError: There is no such store, or it is another than the one that is meant.
        StoppedError: A stop was asked for; what is in training has saved its state.
        WorkerLostError: This machine fails every run.
        StorageError: The store is full or fails.
    """
    store = SharedStore.open(
        Path(config.store), lost_after=config.lost_after, make=False, same_as=config.store_id
    )
    store.sweep()
    workers = SharedWorkers(store, LocalWorkers(config.jobs or usable_cores(), threads=config.threads))
    for outcome in workers.serve(should_stop, idle=config.idle):
        if isinstance(outcome, Progress):
            yield outcome.event
        elif isinstance(outcome, Failed):
            yield _failure(outcome)
    return state_of(store, trained_here=workers.done, elsewhere=len(workers.unfit))


def state(folder: Path) -> WorkResult:
    """The state of a store, which is not changed.

    Raises:
        RunError: There is no such store.
        StorageError: The disk fails.
    """
    return state_of(SharedStore.open(folder, lost_after=LOST_AFTER, make=False))


def watched(folder: Path, seconds: float) -> Iterator[WorkResult]:
    """The state of a store each time that it has changed, until nothing is left to do.

    Args:
        folder: The store.
        seconds: Between two looks.
    """
    store = SharedStore.open(folder, lost_after=LOST_AFTER, make=False)
    before: WorkResult | None = None
    while before is None or before.waiting or before.running:
        now = state_of(store)
        if before is None or told_apart(now) != told_apart(before):
            yield now
        before = now
        time.sleep(seconds)
        store.awake += seconds


def told_apart(result: WorkResult) -> WorkResult:
    """The state without beats, which change all the time and tell nobody anything."""
    workers = [worker.model_copy(update={"beat": 0}) for worker in result.workers]
    return result.model_copy(update={"workers": workers})


@contextmanager
def shared_cache(folder: Path | None) -> Iterator[None]:
    """Keep all that is prepared, trained and measured in the store where one is named, not in the cache.

    Raises:
        RunError: The folder is no place for a store.
        StorageError: It cannot be made or written, or is full: no other folder will do, as for a cache.
    """
    if folder is None:
        yield
        return
    store = SharedStore.open(folder, lost_after=LOST_AFTER, make=True)
    check_room(store.folder)
    store.sweep()
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = str(store.folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = before


def publish(study: Study[Any]) -> WorkResult:
    """Put the training runs of a study into its store, to be trained by workers.

    Of a study that adds seeds until it is decided, those of the first look.

    Raises:
        UsageError: It has no store, or what it trains hangs on what other runs come to.
        StorageError: The store is full or fails.
    """
    config = study.config
    if config.store is None:
        raise UsageError("--plan-only writes a plan into a store", "Name one: --store DIR")
    if config.tune_lr:
        raise UsageError(
            "--plan-only knows no learning rates before --tune-lr has tried them",
            "Leave --plan-only out: the command tunes, trains with all workers, and concludes.",
        )
    store = SharedStore.open(config.store, lost_after=config.lost_after, make=True)
    limits = {"max_time": config.max_leg_time, "checkpoint_every": config.checkpoint_every}
    for planned in study.plans:
        for leg in planned.up_to(planned.looks.counts[0]).legs:
            store.publish(leg.job(store.folder / LEGS_FOLDER, limits))
    return state_of(store)


def _failure(failed: Failed) -> LegFailed:
    leg = failed.job.arguments["leg"]
    seed = leg["seed"] if isinstance(leg, dict) else 0
    reason = f"{failed.message}. {failed.hint}" if failed.hint else failed.message
    return LegFailed(
        leg=Leg(model=str(failed.job.arguments["label"]), seed=seed),
        exit_code=failed.exit_code,
        reason=reason,
        log=failed.log,
    )
