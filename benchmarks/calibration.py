"""How often verdicts are wrong: simulated tables, and A/A pairs that are really trained.

    python benchmarks/calibration.py                           all of it: hours
    python benchmarks/calibration.py --pairs 1000 --minutes 1  as many trained pairs as a minute allows

What `seqcli compare --calibration` prints is written to seqcli/statistics/calibration.json.
"""

import argparse
import json
import random
import tempfile
import time
from itertools import count, product
from pathlib import Path

import torch

import seqcli.statistics
from seqcli import __version__
from seqcli.data.kind import KINDS
from seqcli.data.task import TASKS
from seqcli.experiments.config import CompareConfig
from seqcli.experiments.examples import crossed_mean
from seqcli.experiments.plan import Plan, plan
from seqcli.results.calibration import Calibration, TrainedPairs
from seqcli.statistics.calibration import ALPHA, MARGIN, rate, simulate
from seqcli.statistics.evidence import Evidence
from seqcli.statistics.intervals import paired_difference
from seqcli.statistics.verdicts import Rule, judge
from seqcli.training.evaluate import evaluate
from seqcli.training.leg import make_training

SEED = 2024
DESIGNS = tuple(product((3, 5, 10, 20), (200, 853), (2, 4, 8)))
SEEDS = 3
"""Seeds a side of a trained pair."""
FILE = Path(seqcli.statistics.__file__).with_name("calibration.json")


def texts(folder: Path) -> Path:
    """A table of generated texts of two classes that share most of their words."""
    generator, words = random.Random(SEED), [f"word{number}" for number in range(30)]
    lines = ["text,label"]
    for _ in range(600):
        label = generator.randrange(2)
        told = generator.choices(words, weights=[1 + label * (n < 6) for n in range(30)], k=12)
        lines.append(f"{' '.join(told)},{'ab'[label]}")
    path = folder / "texts.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def train(planned: Plan, seed: int) -> tuple[float, bytes]:
    """The test score of one leg and its answers."""
    leg, prepared = planned.leg(planned.contenders[0], seed).leg, planned.prepared
    training = make_training(leg, prepared)
    for _ in training.run():
        pass
    training.network.load_state_dict(training.best_weights)
    tested = evaluate(
        training.network, prepared.splits["test"], prepared.scored_by, device=torch.device("cpu")
    )
    lines = KINDS.get(prepared.kind).prediction_lines(prepared, tested.outputs)
    return tested.score.value, lines


def decided(planned: Plan, first: int) -> bool:
    """Whether a model is called better or worse than itself on the next seeds."""
    a, b = ([train(planned, first + side + n) for n in range(SEEDS)] for side in (0, SEEDS))
    prepared = planned.prepared
    scale = prepared.scored_by
    resolution = scale.resolution(len(prepared.splits["test"].lengths))
    mean = paired_difference([v for v, _ in a], [v for v, _ in b], resolution=resolution)
    shared = crossed_mean([(1.0, tuple(t for _, t in a)), (-1.0, tuple(t for _, t in b))], prepared.metric)
    return judge(Evidence(mean, shared), Rule(margin=MARGIN, cap=1)).verdict in ("better", "worse")


def trained(pairs: int, minutes: float, folder: Path) -> list[TrainedPairs]:
    """As many A/A pairs as asked for, or as the minutes allow, over three kinds in turn."""
    small = {"models": ("gru",), "hidden": 8, "epochs": 2, "seeds": 1, "cost": False, "device": "cpu"}
    sources = {
        "texts": {"data": str(texts(folder))},
        "adding": {
            "task": TASKS.get("adding").model_copy(update={"length": 8, "examples": 300, "held_out": 200})
        },
        "anbn": {"task": TASKS.get("anbn")},
    }
    plans = {name: plan(CompareConfig.model_validate({**small, **how})) for name, how in sources.items()}
    ended, wrong = time.monotonic() + 60 * minutes, {name: [] for name in plans}
    for number in count():
        if number >= pairs or time.monotonic() > ended:
            break
        name = list(plans)[number % len(plans)]
        wrong[name].append(decided(plans[name], number // len(plans) * 2 * SEEDS))
    return [
        TrainedPairs(
            task=name,
            kind=plans[name].prepared.kind,
            seeds=SEEDS,
            examples=len(plans[name].prepared.splits["test"].lengths),
            false_better=rate(sum(found), len(found)),
        )
        for name, found in wrong.items()
        if found
    ]


def main() -> None:
    """Simulate, train, write."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=1000, help="A/A pairs to train; 0 for none")
    parser.add_argument("--minutes", type=float, default=240.0, help="stop training pairs after so long")
    given = parser.parse_args()
    torch.set_num_threads(1)
    designs = []
    for one in DESIGNS:
        designs.append(simulate(*one, seed=SEED))
        print(f"simulated {one}", flush=True)
    result = Calibration(seqcli=__version__, seed=SEED, alpha=ALPHA, margin=MARGIN, designs=designs)
    write(result)
    with tempfile.TemporaryDirectory() as folder:
        found = trained(given.pairs, given.minutes, Path(folder))
    rates = [one.false_better for one in found]
    every = rate(sum(r.count for r in rates), sum(r.trials for r in rates)) if rates else None
    write(result.model_copy(update={"trained": found, "trained_all": every}))


def write(result: Calibration) -> None:
    """Keep what is known so far."""
    FILE.write_text(json.dumps(result.to_json(), indent=1) + "\n")
    print(f"written: {FILE}")


if __name__ == "__main__":
    main()
