"""A/A pairs that are really trained: one model against itself on other seeds, judged as a comparison.

Every pair has seeds of its own on both sides, and its verdict comes from the function that a comparison's
does, `compare.pair_verdicts.pairs`: the default margin, the metric's grid, seeds × examples,
the exact test where a task is solved or not. Pairs are kept one a line as they end, so that what an
interrupted run has trained counts in the next one.
"""

import hashlib
import json
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import torch

from seqcli.data.task import TASKS
from seqcli.experiments.compare.comparison_inputs import ComparisonInputs, ModelEvidence
from seqcli.experiments.compare.pair_verdicts import pairs
from seqcli.experiments.compare.plan import Plan, plan
from seqcli.experiments.compare.store import LegOutcome
from seqcli.experiments.config import CompareConfig
from seqcli.results.calibration import TrainedPairs
from seqcli.results.compared_pairs import QualityPair
from seqcli.runs.run_layout import PREDICTIONS_FILE
from seqcli.statistics.calibration import rate
from seqcli.statistics.looks import fixed
from seqcli.training.construction import make_training
from seqcli.training.leg_outcome import outcome, timing

SEED = 2024
TURNS = ("texts", "anbn", "texts", "translation", "texts")
"""Classification is the cheapest and the main job; six seeds of anbn take four times as long."""


@dataclass(frozen=True)
class AATask:
    """A task on which a model meets itself.

    Attributes:
        planned: How its legs are trained: a few steps, after which seeds still differ widely.
        seeds: Seeds a side.
    """

    planned: Plan
    seeds: int

    @property
    def design(self) -> str:
        """The identity of all that decides the outcome of its pairs."""
        leg = self.planned.leg(self.planned.contenders[0], 0).leg.model_dump_json()
        return hashlib.sha256(f"{leg} {self.seeds}".encode()).hexdigest()[:16]

    def outcome(self, seed: int) -> LegOutcome:
        """One leg, trained to its end."""
        leg, prepared = self.planned.leg(self.planned.contenders[0], seed).leg, self.planned.prepared
        training = make_training(leg, prepared)
        for _ in training.run():
            pass
        summary, files = outcome(leg, prepared, training)
        times = timing(training, torch.device(leg.device))
        return LegOutcome(summary, times, predictions=files[PREDICTIONS_FILE])

    def pair(self, number: int) -> QualityPair:
        """The verdict on the model against itself; no seed is on both sides or in two pairs."""
        first, contender = 2 * self.seeds * number, self.planned.contenders[0]
        sides = {"a": first, "b": first + self.seeds}
        models = tuple(
            ModelEvidence(
                label, contender.model, tuple(self.outcome(start + n) for n in range(self.seeds)), ()
            )
            for label, start in sides.items()
        )
        evidence = ComparisonInputs(
            config=self.planned.config,
            prepared=self.planned.prepared,
            device=self.planned.device,
            seeds=tuple(range(self.seeds)),
            alpha=fixed(self.seeds).alpha,
            models=models,
            baselines={},
            failures=(),
        )
        return pairs(evidence)[0].quality


def told_apart(quality: QualityPair, alpha: float) -> bool:
    """Whether a difference is shown, also where the word is 'equivalent' because it is within the margin."""
    if quality.solved is not None:
        return quality.solved.p_value <= alpha
    return quality.ci95 is not None and not quality.ci95[0] <= 0.0 <= quality.ci95[1]


def aa_tasks(folder: Path) -> dict[str, AATask]:
    """The tasks of three kinds: right or wrong answers, a corpus score, and solved or not."""
    legs = {"seeds": 1, "cost": False, "device": "cpu"}
    texts = {"models": ("lstm",), "hidden": 8, "embedding": 8, "epochs": 3, "batch_size": 50, "lr": 0.05}
    translation = {
        "models": ("seq2seq",),
        "hidden": 16,
        "embedding": 16,
        "epochs": 2,
        "batch_size": 60,
        "lr": 0.05,
        "source_column": "source",
        "target_column": "target",
    }
    anbn = {"models": ("lstm",), "hidden": 8, "epochs": 3, "batch_size": 50, "lr": 0.05}
    counting = TASKS.get("anbn").model_copy(update={"length": 3, "examples": 400})
    designs: dict[str, tuple[Mapping[str, object], int]] = {
        "texts": ({**texts, **_splits(folder, "text,label", _text, (200, 50, 200))}, 3),
        "translation": ({**translation, **_splits(folder, "source,target", _sentences, (240, 20, 60))}, 3),
        # Of five seeds even 5 against 0 decides nothing by the exact test.
        "anbn": ({**anbn, "task": counting}, 6),
    }
    return {
        name: AATask(plan(CompareConfig.model_validate({**legs, **how})), seeds)
        for name, (how, seeds) in designs.items()
    }


def train_pairs(number: int, minutes: float, kept: Path, folder: Path) -> list[TrainedPairs]:
    """Pairs in turn until so many are kept or the minutes are over; what was kept before counts.

    Args:
        number: Pairs in all.
        minutes: Stop training after so long.
        kept: A line of JSON a pair.
        folder: For the generated data.
    """
    tasks, ended = aa_tasks(folder), time.monotonic() + 60 * minutes
    found = _kept(kept, {name: task.design for name, task in tasks.items()})
    kept.parent.mkdir(parents=True, exist_ok=True)
    with kept.open("a") as file:
        for turn in count(sum(len(each) for each in found.values())):
            if turn >= number or time.monotonic() > ended:
                break
            # After an interruption the turn may be another task's, which only changes the order.
            name = TURNS[turn % len(TURNS)]
            task, pair = tasks[name], len(found[name])
            quality = task.pair(pair)
            row = {
                "design": task.design,
                "pair": pair,
                "verdict": quality.verdict,
                "told_apart": told_apart(quality, fixed(task.seeds).alpha),
            }
            found[name].append(row)
            file.write(json.dumps(row) + "\n")
            file.flush()
    return [_counted(name, tasks[name], rows) for name, rows in found.items() if rows]


def _kept(path: Path, designs: Mapping[str, str]) -> dict[str, list[dict[str, object]]]:
    """The rows of each task that were trained by its present design, without a gap."""
    lines = path.read_text().splitlines() if path.exists() else []
    rows = [json.loads(line) for line in lines]
    return {name: [row for row in rows if row["design"] == design] for name, design in designs.items()}


def _counted(name: str, task: AATask, rows: list[dict[str, object]]) -> TrainedPairs:
    prepared = task.planned.prepared
    return TrainedPairs(
        task=name,
        kind=prepared.kind,
        metric=prepared.metric,
        seeds=task.seeds,
        examples=len(prepared.splits["test"].lengths),
        false_better=rate(sum(row["told_apart"] is True for row in rows), len(rows)),
        equivalent=sum(row["verdict"] == "equivalent" for row in rows),
    )


def _splits(
    folder: Path, header: str, line: Callable[[random.Random], str], sizes: tuple[int, int, int]
) -> dict[str, str]:
    """Three generated tables under the options that name them."""
    generator, named = random.Random(SEED), {}
    for split, size in zip(("train", "valid", "test"), sizes, strict=True):
        path = folder / f"{header.partition(',')[0]}-{split}.csv"
        path.write_text("\n".join([header, *(line(generator) for _ in range(size))]) + "\n")
        named[split] = str(path)
    return named


def _text(generator: random.Random) -> str:
    """A text of one of two classes, which differ in how often they use six of thirty words."""
    label = generator.randrange(2)
    weights = [1 + 1.5 * label * (number < 6) for number in range(30)]
    return " ".join(f"word{n}" for n in generator.choices(range(30), weights, k=8)) + f",{'ab'[label]}"


def _sentences(generator: random.Random) -> str:
    """A sentence of eight words, and the same in another tongue, word by word."""
    words = generator.choices(range(8), k=generator.randrange(4, 7))
    return " ".join(f"one{n}" for n in words) + "," + " ".join(f"other{n}" for n in words)
