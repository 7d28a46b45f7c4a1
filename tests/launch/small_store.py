"""A store of runs that are over at once, and workers on it whose runs are odd in what way a test says."""

import importlib.metadata
import sys
from pathlib import Path

from seqcli import __version__
from seqcli.config.hardware import numerics
from seqcli.launch.job import Job, Progress
from seqcli.launch.local import LocalWorkers
from seqcli.launch.shared import SharedWorkers
from seqcli.launch.shared_store import SharedStore

ODD = (sys.executable, str(Path(__file__).parent / "odd_worker.py"))
SILENCE = 2.0


def worker_at(folder, lost_after=SILENCE):
    return SharedStore.open(folder, lost_after=lost_after, make=False)


def leg(folder, seed, **settings):
    here = {"cpu": numerics(), "torch": importlib.metadata.version("torch"), "seqcli": __version__}
    arguments = {
        "leg": {**here, "seed": seed, **settings},
        "label": "GRU",
        "data": str(folder / "data" / "d"),
        "run": str(folder / "legs" / f"leg-{seed}"),
    }
    return Job("small-leg", f"GRU seed {seed}", arguments)


def workers_at(folder, count=1, lost_after=SILENCE):
    return SharedWorkers(worker_at(folder, lost_after), LocalWorkers(count, command=ODD))


def never():
    return False


def ended(outcomes):
    return {outcome.job.name: outcome for outcome in outcomes if not isinstance(outcome, Progress)}
