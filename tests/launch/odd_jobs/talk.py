"""Tells something 200 times a second until it is told to stop, and then needs a moment more; or for ever."""

import time
from pathlib import Path

from seqcli.results.events import Note


def job(arguments, should_stop):
    started = Path(arguments["started"])
    while not should_stop() or arguments.get("deaf"):
        yield Note(text="still here")
        started.touch()
        time.sleep(0.005)  # far more often than any silence is measured in, and no core is taken by it
    time.sleep(0.2)
    started.with_suffix(".stopped").touch()
    return {}


JOB = job
