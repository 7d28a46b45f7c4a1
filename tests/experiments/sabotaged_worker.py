"""A worker that does real jobs, but for those that `SABOTAGE` names: "gru 0=crash;bow=fault"."""

import os
import resource
import signal
import sys

from seqcli.launch import worker
from seqcli.launch.job import JOBS

FAULTS = dict(part.split("=") for part in os.environ.get("SABOTAGE", "").split(";") if part)


def crash():
    os.kill(os.getpid(), signal.SIGKILL)


def memory():
    """What torch says when the system has no more: the limit is the real one."""
    import torch

    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, resource.RLIM_INFINITY))
    try:
        torch.zeros(1 << 31)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def fault():
    raise ArithmeticError("sabotaged")


def name_of(kind, arguments):
    """What a job is called in `SABOTAGE`: 'gru 0', 'bow', 'cost'."""
    if kind == "leg":
        return f"{arguments['label']} {arguments['leg']['seed']}"
    return arguments["baseline"] if kind == "baseline" else kind


class Sabotaged:
    """Stands before the registry of jobs."""

    def get(self, kind):
        real = JOBS.get(kind)

        def run(arguments, should_stop):
            what = FAULTS.get(name_of(kind, arguments))
            if what:
                {"crash": crash, "memory": memory, "fault": fault}[what]()
            return real(arguments, should_stop)

        return run


if __name__ == "__main__":
    worker.JOBS = Sabotaged()
    sys.argv[1:] = []
    worker.main()
