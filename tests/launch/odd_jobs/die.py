"""Killed by a signal: always, or only while its marker file is missing."""

import os
import signal
from pathlib import Path


def job(arguments, should_stop):
    yield from ()
    marker = arguments.get("until")
    if marker is None or not Path(marker).exists():
        if marker:
            Path(marker).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return {"survived": True}


JOB = job
