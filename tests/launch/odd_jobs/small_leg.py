"""A leg without a network: some steps, each saved, then a result that is the same whoever made it."""

import time
from pathlib import Path

from seqcli.errors import DataError, DivergedError, StoppedError
from seqcli.results.events import Note
from seqcli.runs.directory import RunDirectory

FAULTS = {"diverged": DivergedError("the loss is no number"), "data": DataError("no such row")}


def job(arguments, should_stop):
    leg = arguments["leg"]
    with RunDirectory.create(Path(arguments["run"]), {"seed": leg["seed"]}) as run:
        if run.status().state == "done":
            return {}
        saved = run.checkpoints.latest_verified()
        first = 0 if saved is None else saved.step
        yield Note(text=f"from step {first}")
        if leg.get("fault") in FAULTS:
            raise FAULTS[leg["fault"]]
        hitch = Path(arguments["data"]) / f"hitch-{leg['seed']}"
        if leg.get("fault") == "disk once" and not hitch.exists():
            hitch.touch()
            raise OSError(5, "Input/output error")
        if leg.get("fault") == "broken machine" or (Path(arguments["data"]) / "broken").exists():
            raise OSError(5, "Input/output error")
        for step in range(first, leg.get("steps", 1)):
            if should_stop():
                raise StoppedError("stopped", "go on")
            time.sleep(leg.get("seconds", 0.0))
            run.checkpoints.commit(step + 1, state={"step": step + 1}, files={})
        run.commit_result({}, {"seed": leg["seed"]})
    return {}


JOB = job
