"""Says nothing until it is told to stop, or for ever."""

import time
from pathlib import Path


def job(arguments, should_stop):
    yield from ()
    Path(arguments["started"]).touch()
    while not should_stop() or arguments.get("deaf"):
        time.sleep(0.02)
    Path(arguments["started"]).with_suffix(".stopped").touch()
    return {}


JOB = job
