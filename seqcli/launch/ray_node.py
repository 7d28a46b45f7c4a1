"""Work of a Ray task, on the node that it was sent to: it imports no Ray."""

import shutil
import socket
import tempfile
from pathlib import Path

from seqcli.errors import SeqcliError
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


def train_in_store(message: Message, store: str, lost_after: float) -> Message:
    """Train one run in the store, unless another worker of it is faster.

    Returns:
        Nothing where it is finished; else why it is not.
    """
    job = job_of(message)
    needs = unfit(job)
    if needs is not None:
        return {"unfit": needs, "host": socket.gethostname()}
    try:
        shared = SharedStore.open(Path(store), lost_after=lost_after, make=False)
        workers = SharedWorkers(shared, LocalWorkers(1, threads=_threads(job)))
        workers.only = {Path(str(job.arguments["run"])).name}  # each of the others is a task of its own
        for outcome in workers.run([job], never):
            if isinstance(outcome, Failed):
                return {"failed": outcome.exit_code, "message": outcome.message, "hint": outcome.hint}
            if isinstance(outcome, Finished):
                return {}
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
