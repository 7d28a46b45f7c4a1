"""Training and translating Multi30k-like pairs: BLEU against minutes, tokens a second, sentences a second.

    OMP_NUM_THREADS=1 python benchmarks/translation.py train FOLDER RUN   # about ten minutes on a quiet core
    OMP_NUM_THREADS=1 python benchmarks/translation.py speed FOLDER RUN   # a minute or two

FOLDER holds multi30k.{train,val,test_2016_flickr}.de-en.tsv with the columns de and en. Seconds are of the
processor, not of the clock: one thread works, and other programs on the machine shall not count.
"""

import argparse
import json
import os
import time
from pathlib import Path

import torch

from seqcli.experiments.config import TrainConfig
from seqcli.experiments.train import TrainPlan, plan_training
from seqcli.models.architecture import ARCHITECTURES
from seqcli.runs.directory import RunDirectory
from seqcli.training.evaluate import evaluate
from seqcli.training.leg import make_training, outcome
from seqcli.training.loop import EpochDone

FILES = {"train": "train", "valid": "val", "test": "test_2016_flickr"}
CPU = torch.device("cpu")


def planned(folder: Path, **settings: object) -> TrainPlan:
    """seqcli's default translation model on the files of a folder."""
    files = {split: str(folder / f"multi30k.{name}.de-en.tsv") for split, name in FILES.items()}
    own = {"model": "seq2seq", "source_column": "de", "target_column": "en"}
    return plan_training(TrainConfig(**{**ARCHITECTURES.get("seq2seq").defaults, **files, **own, **settings}))


def tell(**values: object) -> None:
    load = os.getloadavg()[0]
    print(json.dumps({**values, "load": round(load, 1)}), flush=True)


def train(folder: Path, run: Path) -> None:
    """Train the default; after each epoch tell BLEU (greedy, whole texts) and the seconds of training."""
    plan = planned(folder)
    training = make_training(plan.leg.leg, plan.prepared)
    seconds, steps = 0.0, 0
    events = training.run()
    began = time.process_time()
    tell(what="begin", settings=plan.leg.config)
    for event in events:
        if not isinstance(event, EpochDone):
            seconds += time.process_time() - began
            steps += 1
            began = time.process_time()
            if steps % 500 == 0:
                tell(step=steps, cpu_seconds=round(seconds), loss=round(event.outcome.loss, 3))
            continue
        test = evaluate(training.network, plan.prepared.splits["test"], device=CPU).score
        tell(
            epoch=event.record.epoch,
            cpu_seconds=round(seconds),
            wall_seconds=round(training.clock.train_seconds),
            tokens_per_cpu_second=round(training.clock.tokens / seconds),
            valid_bleu=round(100 * event.record.valid_metric, 2),
            valid_loss=round(event.record.valid_loss, 3),
            test_bleu=round(100 * test.value, 2),
        )
        began = time.process_time()
    summary, files = outcome(plan.leg.leg, plan.prepared, training)
    identity = plan.leg.leg.model_dump(mode="json")
    with RunDirectory.create(run, plan.leg.config, identity=identity, overwrite=True) as directory:
        directory.commit_result(files, summary.to_json())
    tell(what="end", cpu_seconds=round(seconds), test_bleu=round(100 * summary.test.value, 2))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["train"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("run", type=Path)
    given = parser.parse_args()
    torch.set_num_threads(1)
    train(given.folder, given.run)


if __name__ == "__main__":
    main()
