"""A shared training whose first process halts at its first checkpoint: who kills it waits for no clock."""

import os
import sys
import time
from pathlib import Path

from seqcli.launch import processes
from seqcli.launch.local import PACKAGES
from seqcli.runs.checkpoints import Checkpoints

TESTS = str(Path(__file__).parents[1])
RUN_VARIABLE = "RUN_UNDER_TEST"
"""In the environment of all processes of a run: its folder."""


def started_by(function: str, *arguments: object) -> tuple[str, ...]:
    """As `processes.started_by`, of this file's functions."""
    called = f"halting_processes.{function}({', '.join(map(repr, arguments))})"
    begun = f"import sys; sys.path[:0] = {[TESTS, PACKAGES]!r}"
    return (sys.executable, "-P", "-c", f"{begun}; from training import halting_processes; {called}")


def agent(count: int, device: str) -> None:
    processes.started_by = started_by
    processes.agent(count, device)


def process(device: str) -> None:
    commit = Checkpoints.commit

    def commit_and_halt(*arguments: object, **named: object) -> None:
        commit(*arguments, **named)
        halted(Path(os.environ[RUN_VARIABLE])).touch()
        while True:
            time.sleep(60)

    Checkpoints.commit = commit_and_halt
    processes.process(device)


def halted(run: Path) -> Path:
    """The file that says that the first process of a run has halted."""
    return run.with_name(f"{run.name}.halted")
