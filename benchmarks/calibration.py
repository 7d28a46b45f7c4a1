"""How often verdicts are wrong: simulated, and from A/A pairs that are really trained.

    python benchmarks/calibration.py                           all of it: an hour or two
    python benchmarks/calibration.py --part pairs --pairs 1200 as many trained pairs in all
    python benchmarks/calibration.py --part designs            one part; the others stay as they are

What `seqcli compare --calibration` prints is written to seqcli/statistics/calibration.json.
"""

import argparse
import json
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from simulated_claims import simulated_claims
from simulated_contrasts import simulated_contrasts
from simulated_corpora import simulated_corpora
from trained_pairs import train_pairs

import seqcli.statistics
from seqcli import __version__
from seqcli.results.calibration import Calibration, SimulatedDesign
from seqcli.results.record import Record
from seqcli.statistics.calibration import ALPHA, DESIGNS, MARGIN, kept_calibration, rate, simulate

SEED = 2024
FILE = Path(seqcli.statistics.__file__).with_name("calibration.json")
KEPT = Path(__file__).parents[1] / "build" / "calibration-pairs.jsonl"


def designs(seed: int) -> Iterator[SimulatedDesign]:
    """The designs one by one."""
    return (simulate(design, seed=seed) for design in DESIGNS)


PARTS: dict[str, Callable[[int], Iterator[Record]]] = {
    "designs": designs,
    "corpora": simulated_corpora,
    "claims": simulated_claims,
    "contrasts": simulated_contrasts,
}


def main() -> None:
    """Simulate, train, write."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--part", choices=(*PARTS, "pairs"), action="append", help="this part alone")
    parser.add_argument("--pairs", type=int, default=1000, help="A/A pairs in all; 0 for none")
    parser.add_argument("--minutes", type=float, default=240.0, help="stop training pairs after so long")
    parser.add_argument("--kept", type=Path, default=KEPT, help="where trained pairs are kept")
    given = parser.parse_args()
    torch.set_num_threads(1)
    asked = given.part or [*PARTS, "pairs"]
    for part, simulated in PARTS.items():
        if part in asked:
            write({part: [_told(row) for row in simulated(SEED)]})
    if "pairs" in asked:
        with tempfile.TemporaryDirectory() as folder:
            trained = train_pairs(given.pairs, given.minutes, given.kept, Path(folder))
        rates = [one.false_better for one in trained]
        every = rate(sum(r.count for r in rates), sum(r.trials for r in rates)) if rates else None
        write({"trained": trained, "trained_all": every})


def _told(row: Record) -> Record:
    print(row, flush=True)
    return row


def write(parts: dict[str, object]) -> None:
    """Keep what is known so far, beside what was known before."""
    frame = {"seqcli": __version__, "seed": SEED, "alpha": ALPHA, "margin": MARGIN}
    result: Calibration = kept_calibration().model_copy(update={**frame, **parts})
    FILE.write_text(json.dumps(result.to_json(), indent=1) + "\n")
    print(f"written: {FILE}", flush=True)


if __name__ == "__main__":
    main()
