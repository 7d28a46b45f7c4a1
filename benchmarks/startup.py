"""How long `seqcli --help` takes, beside an empty Python and one that imports torch; prints ratios."""

import subprocess
import sys
import time
from statistics import median

COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "seqcli --version": ["-m", "seqcli", "--version"],
    "seqcli --help": ["-m", "seqcli", "--help"],
    "seqcli compare --help": ["-m", "seqcli", "compare", "--help"],
    "python -c 'import torch'": ["-c", "import torch"],
}
REPEATS = 7


def seconds(arguments: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    return time.perf_counter() - began


def main() -> None:
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(REPEATS):
        for name, arguments in COMMANDS.items():
            times[name].append(seconds(arguments))
    slowest = median(times["python -c 'import torch'"])
    for name, taken in times.items():
        print(f"{name:26} {1000 * median(taken):6.0f} ms   {median(taken) / slowest:.3f} of importing torch")


if __name__ == "__main__":
    main()
