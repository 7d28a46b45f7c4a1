"""Peak memory and time of preparing a large file and of a leg on it, beside one of a tenth of its size.

    python benchmarks/big_data.py --megabytes 1000

Memory is to be the same for both, within 15 %; time is told beside that of Python's own `csv.reader`.
"""

import argparse
import csv
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

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
LEG = [
    "-m",
    "seqcli",
    "train",
    "gru",
    "--hidden",
    "8",
    "--embedding",
    "8",
    "--max-steps",
    "50",
    "--seed",
    "0",
]


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


def measured(arguments: list[str], cache: Path) -> tuple[float, float, float]:
    """Peak MB, seconds and CPU seconds of a Python process."""
    environment = {**os.environ, "SEQCLI_CACHE_DIR": str(cache), "OMP_NUM_THREADS": "1"}
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, *arguments], env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(arguments)} ended with {process.returncode}")
    return usage.ru_maxrss / 1000, time.perf_counter() - began, usage.ru_utime + usage.ru_stime


def reader_seconds(path: Path) -> float:
    began = time.process_time()
    with path.open(encoding="utf-8", newline="") as file:
        sum(1 for _ in csv.reader(file))
    return time.process_time() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megabytes", type=float, default=1000, help="of the larger file")
    parser.add_argument("--kind", choices=["classify", "translate"], default="classify")
    parser.add_argument("--no-leg", action="store_true", help="only prepare")
    chosen = parser.parse_args()
    peaks: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for megabytes in (chosen.megabytes / 10, chosen.megabytes):
            path, cache = Path(folder) / f"{megabytes:.0f}.csv", Path(folder) / f"cache-{megabytes:.0f}"
            write_reviews(path, megabytes, chosen.kind)
            steps = {"prepare": ["-c", PREPARE, str(path)]}
            if not chosen.no_leg:
                out = ["--data", str(path), "-o", str(Path(folder) / f"run-{megabytes:.0f}")]
                model = [*LEG[:3], "seq2seq", *LEG[4:]] if chosen.kind == "translate" else LEG
                steps["leg"] = [*model, *out]
            reading = reader_seconds(path)
            for step, arguments in steps.items():
                peak, wall, busy = measured(arguments, cache)
                peaks.setdefault(step, []).append(peak)
                print(
                    f"{megabytes:6.0f} MB  {step:8} peak {peak:6.0f} MB  {wall:7.1f} s  CPU {busy:7.1f} s,"
                    f" {busy / reading:5.1f} times csv.reader's",
                    flush=True,
                )
    for step, (small, large) in peaks.items():
        print(f"{step:8} {large / small:.2f} times the memory of a tenth of the data")


if __name__ == "__main__":
    main()
