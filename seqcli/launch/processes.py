"""One training on several processes of this machine, started and watched by torchrun's agent.

The agent is a child of the command, and its processes are the agent's: process 0 inherits the pipes on which
workers are spoken to, so that a shared training is one worker to the command, whose loss is the loss of all.
"""

import os
import signal
import sys
import threading
import time
import uuid
from collections.abc import Callable, Generator

from seqcli.errors import SeqcliError, WorkerLostError
from seqcli.launch.job import Failed, Finished, Job, Progress
from seqcli.launch.local import START, WORKER, LocalWorkers
from seqcli.results.events import Event

END_SECONDS = 5
"""How long processes may take to end after one of them was lost."""
WATCH_SECONDS = 0.5
"""How often a process looks whether its agent lives."""


def started_by(function: str, *arguments: object) -> tuple[str, ...]:
    """The command that calls a function of this file in a new process."""
    called = f"processes.{function}({', '.join(map(repr, arguments))})"
    return (*WORKER[:-1], "; ".join([*START[:-2], "from seqcli.launch import processes", called]))


def run_together(
    job: Job, count: int, *, device: str, threads: int, should_stop: Callable[[], bool]
) -> Generator[Event, None, dict[str, object]]:
    """Run a job on so many processes to its end, and return its result.

    Raises:
        SeqcliError: The job's own error.
        WorkerLostError: A process was lost; no retry: the checkpoint stands, and a person says when to go on.
        StoppedError: A stop was asked for; the state is saved.
    """
    workers = LocalWorkers(1, threads=threads, retries=0, command=started_by("agent", count, device))
    for outcome in workers.run([job], should_stop):
        if isinstance(outcome, Progress):
            yield outcome.event
        elif isinstance(outcome, Finished):
            return outcome.result
        elif isinstance(outcome, Failed):
            raise _error_of(outcome)
    raise WorkerLostError("the processes ended without a result", "The same command continues from here.")


def _error_of(failed: Failed) -> SeqcliError:
    """The error that a job told by its exit code."""
    kinds = {kind.exit_code: kind for kind in SeqcliError.__subclasses__()}
    return kinds.get(failed.exit_code, SeqcliError)(failed.message, failed.hint)


def agent(count: int, device: str) -> None:
    """Start so many processes, meet them at a rendezvous, and end all of them where one fails."""
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    # A signal to the whole group reaches the command too, which stops the processes in order.
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.SIG_IGN)
    config = LaunchConfig(
        min_nodes=1,
        max_nodes=1,
        nproc_per_node=count,
        run_id=uuid.uuid4().hex,
        rdzv_backend="c10d",
        rdzv_endpoint="localhost:0",
        max_restarts=0,
        signals_to_handle="SIGQUIT",
        shutdown_timeout=END_SECONDS,
    )
    program, *arguments = started_by("process", device)
    try:
        elastic_launch(config, program)(*arguments)
    except ChildFailedError as error:
        rank, failure = error.get_first_failure()
        how = f"code {failure.exitcode}" if failure.exitcode >= 0 else failure.signal_name()
        sys.stderr.write(f"process {rank + 1}: {how}\n")
        sys.exit(1)


def process(device: str) -> None:
    """One of the processes: the first one takes the job from the command, the others follow it."""
    from seqcli.launch import worker
    from seqcli.launch.jobs.shared_leg import follow
    from seqcli.training.shared_training import join

    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    if join(device) == 0:
        worker.main()
        return
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.SIG_IGN)
    follow(device)


def _end_with_parent(parent: int) -> None:
    """End this process soon after its agent, which may be killed without a word."""
    while os.getppid() == parent:
        time.sleep(WATCH_SECONDS)
    os._exit(1)
