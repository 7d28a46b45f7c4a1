"""How often sittings of the same program cover each other: what one sitting's interval is worth.

    python benchmarks/sittings.py                      ten sittings of a quiet machine
    python benchmarks/sittings.py --load 2             the same beside two processes that compute
    python benchmarks/sittings.py --sittings 4 --model gru --model lstm

Each sitting measures the models as `seqcli compare` does: fresh processes in random order. Told is, over all
pairs of sittings, how often the 95 % interval of one holds the value of the other: for the ratio, and for the
absolute speed as if its processes were all that varies. A second sitting's value is itself uncertain: where
nothing varies but the processes, 83 % of 95 % intervals hold it (Cumming & Maillardet, 2006). Far less says
that sittings differ by more than their processes, so that one sitting cannot decide.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from itertools import permutations

from seqcli.experiments.config import CompareConfig
from seqcli.experiments.cost import MeasuredSitting
from seqcli.experiments.plan import plan
from seqcli.experiments.sitting import measure_sitting
from seqcli.results.events import Note
from seqcli.statistics.intervals import LogEstimate, geometric_mean, paired_ratio

EXPECTED = 0.83
"""The share of 95 % intervals that hold the mean of another sample of the same size."""
BUSY = "import os\nparent = os.getppid()\nwhile os.getppid() == parent: sum(range(10_000))"
"""Computes until the process that started it is gone, however that ended."""


def sit(config: CompareConfig, number: int) -> MeasuredSitting:
    """One sitting of the comparison's models.

    Raises:
        SystemExit: A process failed.
    """
    planned = plan(config)
    legs = [planned.leg(one, 0) for one in planned.contenders]
    told = measure_sitting(legs, bool, seed=number)
    why = "a process failed"
    while True:
        try:
            event = next(told)
        except StopIteration as end:
            if end.value is None:
                raise SystemExit(why) from None
            return end.value
        why = event.text if isinstance(event, Note) else why


def coverage(estimates: Sequence[LogEstimate]) -> tuple[int, int]:
    """In how many ordered pairs of sittings one's interval holds the other's value, of how many."""
    pairs = list(permutations(estimates, 2))
    held = sum(one.ci95 is not None and not one.ci95.excludes(other.value) for one, other in pairs)
    return held, len(pairs)


def tell(what: str, estimates: Sequence[LogEstimate]) -> None:
    """Print one figure's line."""
    held, every = coverage(estimates)
    values = ", ".join(f"{one.value:.4g}" for one in estimates)
    print(
        f"{what:28} {held} of {every} ({held / every:.0%}; {EXPECTED:.0%} if only processes vary): {values}"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sittings", type=int, default=10)
    parser.add_argument("--model", action="append", help="two of them; lstm and gru by default")
    parser.add_argument("--task", default="sentiment")
    parser.add_argument("--data", help="your own table in place of a task")
    parser.add_argument("--hidden", type=int, default=64)
    parser.add_argument("--load", type=int, default=0, help="processes that compute meanwhile")
    given = parser.parse_args()
    source = {"data": given.data} if given.data else {"task": given.task}
    models = tuple(given.model or ("lstm", "gru"))
    config = CompareConfig(models=models, hidden=given.hidden, seeds=1, **source)
    busy = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(given.load)]
    try:
        sittings = [sit(config, number) for number in range(given.sittings)]
    finally:
        for process in busy:
            process.kill()
            process.wait()
    rates = [{label: [b.steps.rate for b in s.blocks[label]] for label in models} for s in sittings]
    told = [one.told() for one in sittings]
    print(f"{given.sittings} sittings, {told[0].processes} processes a model, load {given.load}")
    print(
        f"disturbed and timed again: {sum(one.repeated for one in told)},"
        f" stayed so: {sum(one.disturbed for one in told)}"
    )
    tell(f"ratio {models[1]} / {models[0]}", [paired_ratio(one[models[1]], one[models[0]]) for one in rates])
    for label in models:
        tell(f"absolute speed of {label}", [geometric_mean(one[label]) for one in rates])


if __name__ == "__main__":
    main()
