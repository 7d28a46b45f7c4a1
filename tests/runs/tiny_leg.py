"""A leg without torch: its weights are a hash of its steps, so one lost or doubled step changes every byte.

As a script (`tiny_leg.py FOLDER STEPS`) it is what strace kills.
"""

import hashlib
import sys
from pathlib import Path

from seqcli.runs.directory import RunDirectory
from seqcli.runs.metrics import MetricsLog

INTERVAL = 2
CONFIG = {"model": "tiny", "hidden": 3, "task": {"name": "none"}}


def train(folder: Path, steps: int) -> list[int]:
    """Trains, or goes on, until the result is committed; the steps that this attempt computed."""
    computed: list[int] = []
    with RunDirectory.create(folder, {**CONFIG, "steps": steps}) as run:
        if run.status().state == "done":
            return computed
        checkpoint = run.checkpoints.latest_verified()
        weights = checkpoint.files["model.safetensors"] if checkpoint else b"\0" * 32
        begin = checkpoint.step if checkpoint else 0
        with MetricsLog.open(run.metrics_path, checkpoint.state["metrics"] if checkpoint else None) as log:
            for step in range(begin + 1, steps + 1):
                weights = hashlib.sha256(weights + step.to_bytes(4)).digest()
                computed.append(step)
                log.append({"step": step, "loss": weights[0] / 256})
                if step % INTERVAL == 0:
                    state = {"metrics": log.mark()}
                    run.checkpoints.commit(step, state=state, files={"model.safetensors": weights})
            log.mark()
        run.commit_result({"model.safetensors": weights, "predictions.jsonl": b"{}\n"}, {"score": weights[0]})
    return computed


if __name__ == "__main__":
    train(Path(sys.argv[1]), int(sys.argv[2]))
