"""The worker with a few more kinds of job, each behaving oddly in its own way."""

from pathlib import Path

import seqcli.launch.jobs
from seqcli.launch.worker import main

seqcli.launch.jobs.__path__.append(str(Path(__file__).parent / "odd_jobs"))
main()
