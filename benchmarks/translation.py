"""Training and translating Multi30k-like pairs: BLEU against minutes, tokens a second, sentences a second.

    OMP_NUM_THREADS=1 python benchmarks/translation.py train FOLDER RUN   # about ten minutes on a quiet core
    OMP_NUM_THREADS=1 python benchmarks/translation.py speed FOLDER RUN   # a minute or two

FOLDER holds multi30k.{train,val,test_2016_flickr}.de-en.tsv with the columns de and en. Seconds are of the
processor, not of the clock: one thread works, and other programs on the machine shall not count.

Measured on one thread of a busy AMD EPYC (load 5 to 9 on 2 cores), seed 0, test_2016_flickr, whole texts:
greedy BLEU 28.9, 33.1, 35.9, 37.0 after 178, 341, 513, 689 processor seconds (2,433 of the clock), 38.6 with
beam 5; training 2,800 target tokens a second against the tutorial's 710. Translating, both in turn under
load 6: 650 sentences a second greedily against the tutorial's 44.5 one by one (14.6 times), 174 with beam 5
against 18.3 (9.5 times); under load 3 to 4: 743 against 65.4 (11.3 times), 195 against 23.5 (8.3 times). The
model of these two had learnt for 195 processor seconds (one epoch, BLEU 26.5 greedily, 27.5 with beam 5).

Greedily a sentence takes 37 million multiply-adds, nearly half of them to compare 16 words with 4,000: a core
that does 90 GFLOP/s, as this one, cannot do more than 1,250 sentences a second in float32. bfloat16 is twice
as fast and is not used: beam search needs the exact sum over all words, and greedily only 12 % is gained once
every word that bfloat16 cannot decide for certain is compared again.
"""

import argparse
import json
import os
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import numpy as np
import torch
from translation_tutorial import Tutorial

from seqcli.data.encoded_pairs import EncodedPairs
from seqcli.data.pair_scores import corpus_score
from seqcli.experiments.config import TrainConfig
from seqcli.experiments.train import TrainPlan, plan_training
from seqcli.models.architecture import ARCHITECTURES
from seqcli.models.seq2seq.search import SearchConfig
from seqcli.results.train import Score
from seqcli.runs.directory import RunDirectory
from seqcli.training.construction import make_training
from seqcli.training.evaluate import evaluate
from seqcli.training.leg_outcome import outcome
from seqcli.training.loop import EpochDone, StepDone
from seqcli.training.step import load_batch, train_step
from seqcli.training.translator import Translator

FILES = {"train": "train", "valid": "val", "test": "test_2016_flickr"}
CPU = torch.device("cpu")


def planned(folder: Path, **settings: object) -> TrainPlan:
    """seqcli's default translation model on the files of a folder."""
    files = {split: str(folder / f"multi30k.{name}.de-en.tsv") for split, name in FILES.items()}
    defaults = ARCHITECTURES.get("seq2seq").defaults
    own = {"model": "seq2seq", "source_column": "de", "target_column": "en"}
    return plan_training(TrainConfig.model_validate({**defaults, **files, **own, **settings}))


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
        if isinstance(event, StepDone):
            seconds += time.process_time() - began
            steps += 1
            began = time.process_time()
            if steps % 500 == 0:
                tell(step=steps, cpu_seconds=round(seconds), loss=round(event.outcome.loss, 3))
        if not isinstance(event, EpochDone):
            continue
        test = evaluate(training.network, plan.prepared.splits["test"], training.metric, device=CPU).score
        tell(
            epoch=event.record.epoch,
            cpu_seconds=round(seconds),
            wall_seconds=round(training.clock.train_seconds),
            tokens_per_cpu_second=round(training.clock.tokens / seconds),
            valid_bleu=round(event.record.valid_metric, 2),
            valid_loss=round(event.record.valid_loss, 3),
            test_bleu=round(test.value, 2),
        )
        began = time.process_time()
    summary, files = outcome(plan.leg.leg, plan.prepared, training)
    identity = plan.leg.leg.model_dump(mode="json")
    with RunDirectory.create(run, plan.leg.config, identity=identity, overwrite=True) as directory:
        directory.commit_result(files, summary.to_json())
    tell(what="end", cpu_seconds=round(seconds), test_bleu=round(bleu(summary.test), 2))


def bleu(score: Score | None) -> float:
    """The score of a run, which has a test split here."""
    if score is None:
        raise SystemExit("the run has no score")
    return score.value


def pairs_of(plan: TrainPlan, name: str) -> EncodedPairs:
    """A split of the plan's data."""
    split = plan.prepared.splits[name]
    if not isinstance(split, EncodedPairs):
        raise SystemExit("the data are no pairs of texts")
    return split


def timed(work: Callable[[], int], least: float = 8.0) -> float:
    """How many of what `work` counts are done in a second of the processor."""
    work()
    began, done = time.process_time(), 0
    while time.process_time() - began < least:
        done += work()
    return done / (time.process_time() - began)


def train_speed(plan: TrainPlan) -> tuple[float, float]:
    """Target tokens a second: seqcli's steps on its own batches, the tutorial's on pairs as they come."""
    split, config = pairs_of(plan, "train"), plan.leg.leg.training
    training = make_training(plan.leg.leg, plan.prepared)
    order = cycle(split.batches(batch_size=config.batch_size, seed=0, epoch=1))

    def ours() -> int:
        batch = load_batch(split, next(order), CPU)
        train_step(training.network, training.optimiser, batch, clip_norm=config.clip)
        return training.network.tokens(batch.lengths, batch.targets)

    torch.manual_seed(0)
    tutorial = Tutorial(plan.prepared.vocab_size, plan.leg.leg.model.hidden)
    optimiser = torch.optim.Adam(tutorial.parameters(), lr=1e-3)
    starts = cycle(range(0, len(split) - config.batch_size, config.batch_size))

    def theirs() -> int:
        first = next(starts)
        batch = load_batch(split, np.arange(first, first + config.batch_size), CPU)
        optimiser.zero_grad()
        tutorial.loss(batch.inputs, batch.targets).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        return int((batch.targets != 0).sum())

    training.network.train()
    return timed(ours), timed(theirs)


def tutorials_way(tutorial: Tutorial, test: EncodedPairs, beam: int) -> Callable[[], int]:
    """Translates the next sentence each time it is called, with as many steps as its reference has."""
    pairs = cycle(range(len(test)))

    def one_by_one() -> int:
        ids, _, targets = test.rows(np.array([next(pairs)]))
        source, steps = torch.from_numpy(ids), targets.shape[1]
        tutorial.write(source, steps) if beam == 1 else tutorial.write_by_beam(source, steps, beam)
        return 1

    return one_by_one


def speed(folder: Path, run: Path) -> None:
    """Tokens a second in training, sentences a second in translating, beside the tutorial's loops."""
    plan = planned(folder)
    ours, theirs = train_speed(plan)
    tell(what="training", seqcli=round(ours), tutorial=round(theirs), ratio=round(ours / theirs, 1))
    translator = Translator.open(run)
    test = pairs_of(plan, "test")
    sources, references = list(plan.prepared.texts("test")), list(test.references)
    tutorial = Tutorial(plan.prepared.vocab_size, plan.leg.leg.model.hidden).eval()
    for beam in (1, 5):
        search = SearchConfig(beam=beam)
        one_by_one = tutorials_way(tutorial, test, beam)
        translator.translate(sources, search)
        rates = []
        for _ in range(3):  # in turn, so that both see the same load
            began = time.process_time()
            told = [one[0].text for one in translator.translate(sources, search)]
            rates.append((len(told) / (time.process_time() - began), timed(one_by_one, 2.0)))
        ours, theirs = np.median(rates, axis=0)
        bleu = corpus_score("BLEU", told, references).value
        tell(what=f"translating, beam {beam}", seqcli=round(ours), tutorial=round(theirs, 1),
             ratio=round(ours / theirs, 1), test_bleu=round(bleu, 2))  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["train", "speed"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("run", type=Path)
    given = parser.parse_args()
    torch.set_num_threads(1)
    {"train": train, "speed": speed}[given.what](given.folder, given.run)


if __name__ == "__main__":
    main()
