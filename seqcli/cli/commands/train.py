"""`seqcli train`: one model, one seed, a run directory that can be used and continued."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

from seqcli.cli import options, pictures
from seqcli.cli.flags import Given, Parts, Positional, flags, takes
from seqcli.errors import StoppedError, either
from seqcli.models.architecture import model_names, trained_for

if TYPE_CHECKING:
    from seqcli.cli.signals import StopSignals
    from seqcli.experiments.train import TrainPlan
    from seqcli.results.train import TrainResult

PARTS: Parts = (
    Positional(
        "model",
        f"{either(model_names())} (default: {trained_for('classify')}, or what learns the data's kind), with"
        " settings if wanted: gru:hidden=64,layers=2; `seqcli models show NAME` explains them",
        "MODEL",
        many=True,
    ),
    *options.data,
    *options.model,
    *options.training,
    *flags(
        options.RUN,
        """
        --seed N       decides initialisation, order and dropout (default 0)
        -o, --out DIR  the run directory (default runs/TASK-MODEL-sSEED)
        --[no-]texts   with each prediction of the test split, keep its text beside its row (--no-texts: the
                       row alone)
        --processes N  processes that share each batch, by torch's DistributedDataParallel (default 1); on
                       CUDA one a GPU (untested there)
        --precision NAME  of a training step's products: float32 (default) or bf16, mixed: weights and scores
                          stay float32 (cells alone; for GPUs, and untested on CUDA)
        """,
    ),
    *options.legs,
    *pictures.picture_flags("validation over the epochs and each class"),
    *options.output,
)


USUAL = (
    "task",
    "data",
    "text_column",
    "label_column",
    "tokenizer",
    "hidden",
    "layers",
    "epochs",
    "lr",
    "seed",
    "out",
    "max_time",
    "dry_run",
    "format",
    "report",
)
"""The options that `-h` shows."""


@takes(*PARTS, usual=USUAL, record="seqcli.experiments.config:TrainConfig")
def train(given: Given) -> None:
    """Train one model and keep the best epoch: weights, predictions, metrics, a model card.

    seqcli train --data tickets.csv
    seqcli train bilstm --data tickets.csv --epochs 20 --out runs/tickets
    """
    from seqcli.cli.repeat import typed_command
    from seqcli.cli.resolve import check_again
    from seqcli.cli.run import check_format, configure, follow, show_result, speak, warn
    from seqcli.cli.signals import StopSignals
    from seqcli.experiments.config import TrainConfig

    began = time.monotonic()
    check_format(given)
    check_again(given)
    drawn = pictures.check_pictures(given)
    config = configure(TrainConfig, PARTS, {**given, "model": one_model(given)})
    if config is None:
        return
    from seqcli.experiments.train import plan_training
    from seqcli.experiments.train import train as run_training
    from seqcli.reports.progress.board import WorkAhead

    planned = plan_training(config)
    folder = config.out or planned.default_folder
    speak([*planned.about, f"run directory {folder}"], given, always=planned.cautions)
    stop = StopSignals(config.max_time, since=began)
    if given["dry_run"]:
        tell_estimate(planned, stop)
        return
    events = run_training(
        planned,
        folder,
        overwrite=given["overwrite"],
        should_stop=stop,
        budget_spent=lambda: stop.out_of_time and stop.received is None,
    )
    result = follow(events, "train", given, stop=stop, work=WorkAhead(metric=planned.prepared.metric))
    exploded = planned.explosion(result.largest_gradient_norm)
    if exploded is not None and given["quiet"]:  # otherwise it was told when it was seen
        warn([exploded])
    show_result(result, given)
    drawn.draw(with_captions(result) if drawn else result, lambda: typed_command("train", PARTS, given))
    if result.stopped == "time":
        raise StoppedError(
            f"the time budget ended the training in epoch {result.epochs}; the state is saved,"
            f" and epoch {result.best_epoch}, the best so far, can be used",
            "The same command continues from here, with more --max-time or without it.",
        )


def with_captions(result: "TrainResult") -> "TrainResult":
    """The result with captions of its test images, of a run that writes below images."""
    from seqcli.experiments.run_evaluation import captions_of

    if result.stopped == "time" or result.run is None:
        return result
    captions = captions_of(Path(str(result.run)))
    return result.model_copy(update={"captions": captions}) if captions else result


def tell_estimate(planned: "TrainPlan", stop: "StopSignals") -> None:
    """Print how long the training would take."""
    from seqcli.cli.run import print_lines
    from seqcli.experiments.estimate import estimate_training
    from seqcli.reports.words.estimate_words import estimate_line

    print_lines([estimate_line(estimate_training(planned, stop))])


def one_model(given: Given) -> str | None:
    """The model that was named, if any.

    Raises:
        UsageError: There are several; says the command that takes them.
    """
    from seqcli.cli.commands import compare
    from seqcli.cli.repeat import typed_command
    from seqcli.errors import UsageError

    named = given["model"] or []
    if len(named) > 1:
        compared = typed_command("compare", compare.PARTS, {**given, "models": named})
        raise UsageError(
            f"train takes one model, and {len(named)} are named: {', '.join(named)}",
            f"To compare them: {compared}",
        )
    return named[0] if named else None


COMMAND = train
