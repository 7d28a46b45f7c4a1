"""Work of a Ray task, on the node that it was sent to: it imports no Ray."""

import shutil
import socket
import tempfile
from pathlib import Path

from seqcli.errors import RunError, SeqcliError
from seqcli.launch.job import JOBS, Failed, Finished, Job
from seqcli.launch.local import LocalWorkers
from seqcli.launch.shared import SharedWorkers, unfit
from seqcli.launch.shared_store import SharedStore
from seqcli.launch.worker import Message, failure
from seqcli.results.events import drive
from seqcli.runs.packed_run import Files, pack, unpack


def never() -> bool:
    """Nobody asks a task to stop: it is cancelled."""
    return False


def train_on_node(message: Message, data: Files) -> Message:
    """Train one run in a temporary folder of this node.

    Args:
        message: The job, as plain values.
        data: The prepared data, as bytes.

    Returns:
        The committed run folder as bytes; or why there is none.
    """
    job = job_of(message)
    needs = unfit(job)
    if needs is not None:
        return {"unfit": needs, "host": socket.gethostname()}
    folder = Path(tempfile.mkdtemp(prefix="seqcli-ray-"))
    try:
        prepared = folder / Path(str(job.arguments["data"])).name
        unpack(data, prepared)
        arguments = {**job.arguments, "data": str(prepared), "run": str(folder / "run"), "replace": False}
        drive(JOBS.get(job.kind)(arguments, never))
        return {"files": pack(folder / "run")}
    except Exception as error:  # noqa: BLE001 - told as a worker process tells it; Ray retries lost workers alone
        return failure(error)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def train_in_store(message: Message, store: str, store_id: str, lost_after: float) -> Message:
    """Train one run in the store, unless another worker of it is faster.

    Args:
        message: The job, as plain values.
        store: The folder's path, the same on all nodes.
        store_id: The store that is meant: this node may have another at the path.
        lost_after: Seconds of silence after which a worker is given up.

    Returns:
        Nothing where it is finished; else why it is not.
    """
    try:
        shared = SharedStore.open(Path(store), lost_after=lost_after, make=False, same_as=store_id)
    except RunError as error:
        return {"unshared": error.message, "hint": error.hint}
    except SeqcliError as error:
        return failure(error)
    job = job_of(message)
    needs = unfit(job)
    if needs is not None:
        return {"unfit": needs, "host": socket.gethostname()}
    return _trained(job, shared)


def _trained(job: Job, shared: SharedStore) -> Message:
    """Train one run of the store, or wait for the worker that does."""
    workers = SharedWorkers(shared, LocalWorkers(1, threads=_threads(job)))
    workers.only = {Path(str(job.arguments["run"])).name}  # each of the others is a task of its own
    try:
        for outcome in workers.run([job], never):
            if isinstance(outcome, Failed):
                fault = {"failed": outcome.exit_code, "message": outcome.message, "hint": outcome.hint}
                return {**fault, "log": outcome.log}
            if isinstance(outcome, Finished):
                break
    except SeqcliError as error:
        return failure(error)
    return {}


def job_of(message: Message) -> Job:
    """The job that plain values tell of."""
    arguments = message["arguments"]
    return Job(
        str(message["kind"]), str(message["name"]), dict(arguments) if isinstance(arguments, dict) else {}
    )


def _threads(job: Job) -> int:
    leg = job.arguments["leg"]
    return int(leg["threads"]) if isinstance(leg, dict) else 1
