"""How often sittings of the same program cover each other: what one sitting's interval is worth.

    python benchmarks/sittings.py                      ten sittings, some twenty minutes on two busy cores
    python benchmarks/sittings.py --load 2             the same beside two processes that compute
    python benchmarks/sittings.py --processes 5 --hidden 64 --task sentiment --model gru --model lstm

Each sitting measures the models as `seqcli compare` does: fresh processes in random order. Told is, over all
pairs of sittings, how often the 95 % interval of one holds the value of the other: for the ratio, and for the
absolute speed as if its processes were all that varies. A second sitting's value is itself uncertain: where
nothing varies but the processes, 83 % of 95 % intervals hold it (Cumming & Maillardet, 2006). Far less says
that sittings differ by more than their processes, so that one sitting cannot decide.

All sittings are of one program, so that every verdict between them is false: told is how often `--baseline`
says better or worse, of one sitting against another, and of three against three others.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from itertools import combinations, permutations

from seqcli.experiments.compare.cost_records import MeasuredSitting
from seqcli.experiments.compare.earlier_costs import over_sittings
from seqcli.experiments.compare.plan import plan
from seqcli.experiments.compare.sitting import Allowance, measure_sitting
from seqcli.experiments.config import CompareConfig
from seqcli.results.events import Note, drive
from seqcli.statistics.intervals import LogEstimate, geometric_mean, paired_ratio

EXPECTED = 0.83
"""The share of 95 % intervals that hold the mean of another sample of the same size."""
BUSY = "import os\nparent = os.getppid()\nwhile os.getppid() == parent: sum(range(10_000))"
"""Computes until the process that started it is gone, however that ended."""


def sit(config: CompareConfig, number: int, processes: int) -> MeasuredSitting:
    """One sitting of the comparison's models.

    Raises:
        SystemExit: A process failed.
    """
    planned = plan(config)
    legs = [planned.leg(one, 0) for one in planned.contenders]
    told = measure_sitting(legs, bool, seed=number, allowance=Allowance(most=processes, extras=False))
    why = ["a process failed"]
    measured = drive(told, lambda event: why.extend([event.text] if isinstance(event, Note) else []))
    if measured is None:
        raise SystemExit(why[-1])
    return measured


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


def tell_verdicts(label: str, speeds: Sequence[float]) -> None:
    """Print how often `--baseline` tells sittings of one program apart."""
    everyone = range(len(speeds))
    for size in (1, 3):
        words = [
            over_sittings(
                [speeds[place] for place in now], [speeds[place] for place in then], higher_is_better=True
            ).verdict
            for now in combinations(everyone, size)
            for then in combinations([place for place in everyone if place not in now], size)
        ]
        false = sum(word in ("better", "worse") for word in words)
        if words:
            share = false / len(words)
            print(f"{label}: {size} against {size}  better or worse in {false} of {len(words)} ({share:.1%})")


def main() -> None:
    """Measure and print; what was measured before a stop is told too."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sittings", type=int, default=10)
    parser.add_argument("--processes", type=int, default=3, help="fresh processes of each model in a sitting")
    parser.add_argument("--model", action="append", help="two of them; lstm and gru by default")
    parser.add_argument("--task", default="spam")
    parser.add_argument("--data", help="your own table in place of a task")
    parser.add_argument("--hidden", type=int, default=16)
    parser.add_argument("--load", type=int, default=0, help="processes that compute meanwhile")
    given = parser.parse_args()
    source = {"data": given.data} if given.data else {"task": given.task}
    models = tuple(given.model or ("lstm", "gru"))
    config = CompareConfig(models=models, hidden=given.hidden, seeds=(0,), **source)
    busy = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(given.load)]
    sittings: list[MeasuredSitting] = []
    began = time.monotonic()
    try:
        for number in range(given.sittings):
            sittings.append(sit(config, number, given.processes))
            print(f"sitting {number + 1} at {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
    finally:
        for process in busy:
            process.kill()
            process.wait()
    if len(sittings) > 1:
        tell_all(sittings, models, given.load)


def tell_all(sittings: Sequence[MeasuredSitting], models: Sequence[str], load: int) -> None:
    """Print what the sittings say."""
    rates = [{label: [b.steps.rate for b in s.blocks[label]] for label in models} for s in sittings]
    told = [one.summary() for one in sittings]
    print(f"{len(sittings)} sittings, {told[0].processes} processes a model, load {load}")
    print(
        f"disturbed and timed again: {sum(one.repeated for one in told)}"
        f" of {sum(one.processes for one in told) * len(models)},"
        f" stayed so: {sum(one.disturbed for one in told)}"
    )
    tell(f"ratio {models[1]} / {models[0]}", [paired_ratio(one[models[1]], one[models[0]]) for one in rates])
    for label in models:
        speeds = [geometric_mean(one[label]) for one in rates]
        tell(f"absolute speed of {label}", speeds)
        tell_verdicts(label, [speed.value for speed in speeds])


if __name__ == "__main__":
    main()
