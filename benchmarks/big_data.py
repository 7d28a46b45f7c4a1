"""Peak memory and time of preparing files of several sizes and of a leg on them, training and scoring apart.

    python benchmarks/big_data.py
    python benchmarks/big_data.py --megabytes 100 1000 5000    # half an hour, 15 GB below --folder

Memory is to be the same for all sizes, within 15 %; time is told beside that of Python's own `csv.reader`.
What is mapped from files counts as resident too, as long as the system leaves it there: beside each peak
stands how much was the process's own (anonymous) when the part ended.
"""

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

WORDS = 50_000
ROWS_AT_ONCE = 1000
PREPARE = """
import sys
from seqcli.data.config import DataConfig
from seqcli.data.prepared import prepare
from seqcli.data.task import choose_task
config = DataConfig(data=sys.argv[1])
prepare(choose_task(None, config), config)
"""
MEMORY = """
import json, sys
def memory():
    lines = open("/proc/self/status").read().splitlines()
    fields = dict(line.split(":", 1) for line in lines)
    return [int(fields[name].split()[0]) * 1024 / 1e6 for name in ("VmHWM", "RssAnon")]
"""
PREPARED = (
    MEMORY
    + PREPARE
    + """
print(json.dumps({"prepare": memory()}))
"""
)
LEG = (
    MEMORY
    + """
from seqcli.cli.main import execute
from seqcli.training import leg
known, outcome = {}, leg.outcome
def scored(*arguments, **options):
    known["training"] = memory()
    open("/proc/self/clear_refs", "w").write("5")  # the peak counts from here anew
    return outcome(*arguments, **options)
leg.outcome = scored
code = execute(sys.argv[1:])
known["scoring"] = memory()
print(json.dumps(known))
sys.exit(code)
"""
)
"""Training ends where the best epoch is scored: that, writing the run and reading its result are scoring."""
SETTINGS = ["--hidden", "8", "--embedding", "8", "--max-steps", "50", "--seed", "0", "-q", "-o"]


class Measured(NamedTuple):
    """Peak and own megabytes of each part of a process; its seconds, and those of its CPU."""

    parts: dict[str, tuple[float, float]]
    wall: float
    busy: float


def write_reviews(path: Path, megabytes: float, kind: str) -> None:
    """Texts of 40 to 110 words, frequent as Zipf's law has it, under two labels or beside another text."""
    draw = np.random.default_rng(0)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    words = np.array(["".join(letters[draw.integers(0, 26, draw.integers(2, 10))]) for _ in range(WORDS)])
    cumulated = np.cumsum(1 / np.arange(1, WORDS + 1))
    cumulated /= cumulated[-1]
    with path.open("w", encoding="utf-8") as file:
        file.write("text,label\n" if kind == "classify" else "source,target\n")
        while file.tell() < megabytes * 1e6:
            for count in draw.integers(40, 110, ROWS_AT_ONCE):
                text = " ".join(words[np.searchsorted(cumulated, draw.random(count))])
                answer = ("pos", "neg")[int(draw.integers(2))] if kind == "classify" else text[::-1]
                file.write(f"{text},{answer}\n")


def measured(arguments: list[str], cache: Path) -> Measured:
    """A Python process that prints the memory of its parts as its last line."""
    environment = {**os.environ, "SEQCLI_CACHE_DIR": str(cache), "OMP_NUM_THREADS": "1"}
    before, began = os.times(), time.perf_counter()
    done = subprocess.run(
        [sys.executable, *arguments], env=environment, stdout=subprocess.PIPE, text=True, check=False
    )
    after, wall = os.times(), time.perf_counter() - began
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments[2:])} ended with {done.returncode}")
    busy = sum(after[2:4]) - sum(before[2:4])  # of children, in user and in system mode
    return Measured(json.loads(done.stdout.splitlines()[-1]), wall, busy)


def reader_seconds(path: Path) -> float:
    began = time.process_time()
    with path.open(encoding="utf-8", newline="") as file:
        sum(1 for _ in csv.reader(file))
    return time.process_time() - began


def measure(megabytes: float, kind: str, folder: Path, *, leg: bool) -> dict[str, float]:
    """Make a file, prepare it and train a leg on it; prints and returns the peak megabytes of each part."""
    path, cache = folder / f"{megabytes:.0f}.csv", folder / "cache"
    write_reviews(path, megabytes, kind)
    reading = reader_seconds(path)
    steps = [["-c", PREPARED, str(path)]]
    if leg:
        model = "seq2seq" if kind == "translate" else "gru"
        steps.append(["-c", LEG, "train", model, "--data", str(path), *SETTINGS, str(folder / "run")])
    peaks = {}
    for arguments in steps:
        parts, wall, busy = measured(arguments, cache)
        for part, (peak, own) in parts.items():
            print(f"{megabytes:6.0f} MB  {part:8} peak {peak:6.0f} MB, {own:5.0f} MB its own at the end")
            peaks[part] = peak
        times = f"{busy / reading:5.1f} times csv.reader's"
        print(f"{megabytes:6.0f} MB  {wall:7.1f} s  CPU {busy:7.1f} s, {times}", flush=True)
    return peaks


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megabytes", type=float, nargs="+", default=[100, 1000], help="sizes of the files")
    parser.add_argument("--kind", choices=["classify", "translate"], default="classify")
    parser.add_argument("--no-leg", action="store_true", help="only prepare")
    parser.add_argument("--folder", type=Path, help="where files are made and removed again")
    chosen = parser.parse_args()
    sizes = sorted(chosen.megabytes)
    peaks = []
    for megabytes in sizes:
        folder = Path(tempfile.mkdtemp(dir=chosen.folder))
        try:
            peaks.append(measure(megabytes, chosen.kind, folder, leg=not chosen.no_leg))
        finally:
            shutil.rmtree(folder)
    for megabytes, large in zip(sizes[1:], peaks[1:], strict=True):
        for part, peak in large.items():
            ratio = peak / peaks[0][part]
            print(f"{part:8} {ratio:.2f} times the memory at {megabytes:.0f} MB as at {sizes[0]:.0f} MB")


if __name__ == "__main__":
    main()
