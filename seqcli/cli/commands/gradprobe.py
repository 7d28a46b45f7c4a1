"""`seqcli gradprobe`: how far back a model's gradients reach, what that means, and what would change it."""

from pathlib import Path
from typing import TYPE_CHECKING

from seqcli.cli import options, pictures
from seqcli.cli.flags import RESEARCH, Given, Parts, Positional, flags, takes
from seqcli.models.cell import CELLS
from seqcli.runs.run_layout import CONFIG_FILE

if TYPE_CHECKING:
    from seqcli.experiments.gradprobe.config import GradprobeConfig
    from seqcli.results.gradprobe import Gradprobe

PROBE = "Probe"

PARTS: Parts = (
    Positional(
        "models",
        f"{', '.join(CELLS.names())}, with settings if wanted: rnn:activation=relu,gain=1.5"
        " (`seqcli models show NAME` explains them); or a run directory",
        "MODEL",
        many=True,
    ),
    *flags(
        PROBE,
        """
        --len N               how far back, in steps (default 200; of a task, its median length)
        --seeds N             how many seeds, or their list as 1,2,3 (default 5)
        --[no-]what-if        also the models with one thing changed: forget bias, orthogonal, chrono,
                              clipping, layer norm
        --clip X              say what clipping gradients at this norm would do
        --demo NAME           explode: also train an rnn by gradient descent until NaN, and again with
                              clipping
        --task-lag N          the longest dependency of your task, in steps: is it within reach?
        --expect EXPR ...     a gate such as "lstm.half_life > 5" (repeatable); exit 20 or 21 if it is not
                              met
        --run DIR             probe a trained run in place of fresh models
        --[no-]over-training  the run at its start and every saved checkpoint
        """,
    ),
    *options.data,
    *options.model,
    *flags(options.MODEL, "--batch-size N  sequences for the loss gradient (default 8)"),
    *flags(options.RUN, "--threads N  threads of the matrix products (default 1)"),
    *options.configuration,
    *options.result,
    *options.seeds,
    *pictures.picture_flags("curves, spectrum and gates"),
    *options.output,
)


USUAL = (
    "len",
    "seeds",
    "hidden",
    "init",
    "task",
    "run",
    "what_if",
    "clip",
    "task_lag",
    "expect",
    "plot",
    "report",
    "format",
)
"""The options that `-h` shows."""


@takes(
    *PARTS,
    panel=RESEARCH,
    usual=USUAL,
    record="seqcli.experiments.gradprobe.config:GradprobeConfig",
)
def gradprobe(given: Given) -> None:
    """Measure how gradients travel back through time, what that means, and what would change it.

    seqcli gradprobe rnn lstm gru --len 200
    seqcli gradprobe --run runs/tickets-gru-s0 --plot gradients.png
    """
    from seqcli.cli.comparing import raise_unmet
    from seqcli.cli.repeat import typed_command
    from seqcli.cli.run import check_format, configure, show_result, table_in_sight
    from seqcli.experiments.gradprobe.config import GradprobeConfig

    check_format(given)
    drawn = pictures.check_pictures(given)
    config = configure(GradprobeConfig, PARTS, _of_a_run(given))
    if config is None:
        return
    result = probe(config, given)
    show_result(result, given)
    drawn.draw(result, lambda: typed_command("gradprobe", PARTS, given))
    raise_unmet(result.expectations, in_sight=table_in_sight(given))


def _of_a_run(given: Given) -> Given:
    """A run directory in the models' place is the run to probe: `seqcli gradprobe runs/mt`."""
    models = given.get("models") or []
    if len(models) == 1 and not given.get("run") and (Path(models[0]) / CONFIG_FILE).is_file():
        return {**given, "models": None, "run": models[0]}
    return given


def probe(config: "GradprobeConfig", given: Given) -> "Gradprobe":
    """Probe what was asked for, and show on stderr how far it is."""
    import torch

    from seqcli.cli.run import console_options
    from seqcli.experiments.gradprobe.probe_models import probe_models
    from seqcli.experiments.gradprobe.probe_plan import plan
    from seqcli.reports.progress.probe_progress import probe_progress
    from seqcli.reports.words.worded import worded_claims
    from seqcli.results.events import drive

    torch.set_num_threads(config.threads)
    events = probe_models(plan(config))
    with probe_progress(console_options(given)) as show:
        return worded_claims(drive(events, show))


COMMAND = gradprobe
