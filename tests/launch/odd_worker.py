"""The worker with a few more kinds of job, each odd in its own way; with `--beat` it beats fast."""

import sys
from pathlib import Path

import seqcli.launch.jobs
from seqcli.launch import worker

seqcli.launch.jobs.__path__.append(str(Path(__file__).parent / "odd_jobs"))
if "--beat" in sys.argv:
    worker.BEAT_SECONDS = 0.1
worker.main()
