"""Seeds trained as one batch (`compare --batch-seeds`) against one seed by itself; prints ratios.

A step of S seeds together and a step of one seed, by turns in one process, on the film reviews; each ratio is
that of the medians. 'as so many' is how many seeds by themselves take as long as all S together: below S the
batch is faster on one core, and a machine of C cores runs C seeds by themselves side by side.

    python benchmarks/batched_seeds.py --cells rnn gru lstm --seeds 5 20
"""

import argparse
import time
from statistics import median

import torch

from seqcli.data.task import TASKS
from seqcli.experiments.config import TrainConfig
from seqcli.experiments.train import plan_training
from seqcli.training.batched_seeds import step_together
from seqcli.training.construction import make_training
from seqcli.training.loop import StepWanted, Training
from seqcli.training.process import settle_process
from seqcli.training.step import Batch, load_batch


def trainings(cell: str, options: argparse.Namespace, seeds: range) -> list[Training]:
    made = []
    for seed in seeds:
        config = TrainConfig(
            model=cell,
            task=TASKS.get("sentiment"),
            seed=seed,
            hidden=options.hidden,
            batch_size=options.batch_size,
        )
        plan = plan_training(config)
        leg = plan.leg.batched_with(tuple(seeds)).leg if len(seeds) > 1 else plan.leg.leg
        made.append(make_training(leg, plan.prepared))
    return made


def batches(made: list[Training], step: int) -> list[Batch]:
    orders = [training.order_of(1) for training in made]
    return [
        load_batch(training.train, order[step % len(order)], training.device)
        for training, order in zip(made, orders, strict=True)
    ]


def ratio(cell: str, count: int, options: argparse.Namespace) -> None:
    (single,), together = trainings(cell, options, range(1)), trainings(cell, options, range(count))
    seconds: dict[str, list[float]] = {"single": [], "together": []}
    for step in range(options.steps + 1):
        own, each = batches([single], step)[0], batches(together, step)
        size = (max(b.sequences for b in each), max(b.inputs.shape[1] for b in each))
        began = time.process_time()
        single.step(own)
        middle = time.process_time()
        step_together([StepWanted(t, b) for t, b in zip(together, each, strict=True)], size)
        if step:  # the first one warms up
            seconds["single"].append(middle - began)
            seconds["together"].append(time.process_time() - middle)
    alone, all_of_them = median(seconds["single"]), median(seconds["together"])
    print(
        f"{cell}: {count} seeds together {1e3 * all_of_them:.1f} ms a step, one by itself"
        f" {1e3 * alone:.1f} ms: as so many: {all_of_them / alone:.1f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--cells", nargs="+", default=["rnn", "gru", "lstm"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[5, 20])
    parser.add_argument("--hidden", type=int, default=128)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--steps", type=int, default=30)
    options = parser.parse_args()
    settle_process(1)
    torch.manual_seed(0)
    for cell in options.cells:
        for count in options.seeds:
            ratio(cell, count, options)


if __name__ == "__main__":
    main()
