"""seqcli against the script that a person would write, side by side in one run; prints ratios.

1. Training speed: `seqcli train` (on one thread, and on as many as the tutorial) and `tutorial.py` (torch's
   default threads), the same data, model, batch size and epochs, one after the other, several times; the
   ratios are those of the medians.
2. Wall time: `seqcli compare lstm gru --seeds N`, cost measurement included, against the 2 N tutorial runs
   that give the same accuracies, in sequence.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import mean, median
from typing import Any

from seqcli.data.config import DataConfig
from seqcli.data.prepared import prepare
from seqcli.data.task import choose_task

HERE = Path(__file__).parent


def timed(command: list[str], environment: dict[str, str] | None = None) -> tuple[dict[str, Any], float]:
    began = time.perf_counter()
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, env={**os.environ, **(environment or {})}
    )
    return json.loads(done.stdout), time.perf_counter() - began


def tutorial(kind: str, data: Path, epochs: int, seed: int) -> tuple[dict[str, Any], float]:
    script = [sys.executable, str(HERE / "tutorial.py"), kind, str(data)]
    return timed([*script, "--epochs", str(epochs), "--seed", str(seed)])


def seqcli_train(
    kind: str, epochs: int, seed: int, out: Path, *, threads: int
) -> tuple[dict[str, Any], float]:
    command = [sys.executable, "-m", "seqcli", "train", kind, "--task", "sentiment", "--format", "json", "-q"]
    settings = ["--epochs", str(epochs), "--patience", str(epochs), "--seed", str(seed), "--out", str(out)]
    return timed([*command, *settings, "--threads", str(threads), "--overwrite"])


def speed(kind: str, data: Path, folder: Path, *, epochs: int, repeats: int) -> None:
    theirs = [tutorial(kind, data, epochs, 0)[0]]
    both = int(theirs[0]["threads"])
    ours: dict[int, list[dict[str, Any]]] = {1: [], both: []}
    for seed in range(repeats):
        if seed:
            theirs.append(tutorial(kind, data, epochs, seed)[0])
        for threads, runs in ours.items() if seed % 2 == 0 else reversed(ours.items()):
            runs.append(seqcli_train(kind, epochs, seed, folder / kind, threads=threads)[0])
    their_speed = median(run["sequences_per_second"] for run in theirs)
    accuracy = mean(run["test"] for run in theirs)
    print(f"{kind}: tutorial {their_speed:,.0f} seq/s on {both} threads, test accuracy {accuracy:.3f}")
    for threads, runs in ours.items():
        our_speed = median(run["train_speed"]["mean"] for run in runs)
        print(
            f"  seqcli {our_speed:,.0f} seq/s on {threads} thread{'s' * (threads > 1)}: "
            f"{our_speed / their_speed:.2f} x; test accuracy {mean(run['test']['value'] for run in runs):.3f}"
        )


def wall(data: Path, folder: Path, *, epochs: int, seeds: int) -> None:
    command = [sys.executable, "-m", "seqcli", "compare", "lstm", "gru", "--task", "sentiment", "-q"]
    settings = [
        "--seeds",
        str(seeds),
        "--epochs",
        str(epochs),
        "--format",
        "json",
        "--out",
        str(folder / "compare"),
    ]
    _, ours = timed([*command, *settings])
    theirs = sum(tutorial(kind, data, epochs, seed)[1] for kind in ("lstm", "gru") for seed in range(seeds))
    print(
        f"compare lstm gru, {seeds} seeds, cost included: {ours:.0f} s; {2 * seeds} tutorial runs: "
        f"{theirs:.0f} s: {theirs / ours:.2f} x"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=10, help="epochs of every run")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each in the speed comparison")
    parser.add_argument("--seeds", type=int, default=5, help="seeds of compare; 0 leaves wall time out")
    given = parser.parse_args()
    config = DataConfig()
    data = prepare(choose_task("sentiment", config), config).folder
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("lstm", "gru"):
            speed(kind, data, Path(folder), epochs=given.epochs, repeats=given.repeats)
        if given.seeds:
            wall(data, Path(folder), epochs=given.epochs, seeds=given.seeds)


if __name__ == "__main__":
    main()
