"""`seqcli compare`: the main job: models side by side, paired seeds, one table that concludes."""

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from seqcli.cli import options, pictures
from seqcli.cli.flags import Given, Parts, Positional, flags, takes
from seqcli.models.architecture import model_names

if TYPE_CHECKING:
    from seqcli.experiments.config import CompareConfig

PARTS: Parts = (
    Positional(
        "models",
        f"two or more of {', '.join(model_names())} (default: all that learn the data's kind), with settings"
        " if wanted: gru:hidden=148; `seqcli models show NAME` explains them",
        "MODEL",
        many=True,
    ),
    *options.data,
    *options.model,
    *options.training,
    *flags(
        options.COMPARISON,
        """
        --seeds N             how many paired seeds, a range 5:20, a list, or auto: 5, 10, 20 until decided
                              (default 5)
        --folds K             cross-validate small data: K test sets, train anew for each; one seed a fold by
                              default
        --[no-]batch-seeds    of classes: train all seeds of a model as one batch, for a GPU (untested on
                              CUDA); on a CPU it is slower. Such runs are kept apart from single seeds' own
        --match NAME          hold equal: hidden, params, flops or time; several: hidden,params (default
                              hidden)
        --[no-]tune-lr        first try the same learning rates for every model, on seeds of their own
        --vary NAME=V,V       compare along a setting: length=25,50,100 or train-size=0.1,0.3,1.0 or
                              hidden=32,64,128
        --margin X            points that do not matter: of accuracy (default 1), of seeds solved where a
                              task is (default 20)
        --target X            show epochs and seconds until validation reaches this quality, such as 0.75
        --control NAME ...    add models that know no order, to see what order is worth: bag, shuffle or both
                              (repeatable); of captions blank: without the image
        --reference MODEL     compare every model with this one only
        --expect EXPR ...     a gate such as "gru.accuracy >= lstm.accuracy - 0.01" (repeatable); exit 20 or
                              21 if it is not met
        --baseline FILE       an earlier `--format json` result: what became better or worse since, also for
                              --expect
        --cost full|quick|no  speed, latency and memory: quick takes about as long as training at most
                              (default), full times five processes of each model however long it takes
        """,
    ),
    options.NO_COST,
    *flags(
        options.COMPARISON,
        "--[no-]measure-again  measure cost anew and keep it beside what was measured: three"
        " sittings give absolute speed",
    ),
    *flags(options.RUN, "--max-leg-time TIME  stop each training run after so long, saved; the others go on"),
    *flags(
        options.COMPARISON,
        "--calibration  print how often verdicts are wrong: simulated, and trained A/A pairs; no"
        " models needed",
        setting=False,
    ),
    *options.side_by_side,
    *options.shared_store,
    *options.legs,
    *options.seeds,
    *pictures.FLAGS,
    *options.output,
)


USUAL = (
    "task",
    "data",
    "text_column",
    "label_column",
    "seeds",
    "epochs",
    "hidden",
    "match",
    "expect",
    "jobs",
    "out",
    "dry_run",
    "report",
    "verbose",
)
"""The options that `-h` shows."""


@takes(*PARTS, usual=USUAL, record="seqcli.experiments.config:CompareConfig")
def compare(given: Given) -> None:
    """Compare models on one task: the same data and order for all, several seeds, cost measured apart.

    seqcli compare --data tickets.csv
    seqcli compare lstm gru --task sentiment --seeds 10
    seqcli compare gru gru:hidden=256 --data tickets.csv --report out.html
    """
    from seqcli.cli.resolve import check_again
    from seqcli.cli.run import check_format, configure, show_result
    from seqcli.experiments.config import CompareConfig

    began = time.monotonic()
    check_format(given)
    if given["calibration"]:
        from seqcli.statistics.calibration import kept_calibration

        show_result(kept_calibration(), given)
        return
    drawn = pictures.check_pictures(given)
    check_again(given)
    config = configure(CompareConfig, PARTS, given)
    if config is None:
        return
    if config.store is None and not given["plan_only"]:
        _compare(config, given, drawn, began)
        return
    from seqcli.experiments.work import shared_cache

    with shared_cache(config.store):
        _compare(config, given, drawn, began)


def _compare(config: "CompareConfig", given: Given, drawn: "pictures.Pictures", began: float) -> None:
    """Plan, run and conclude, and show what came of it."""
    from seqcli.cli.comparing import CommandCaller, raise_shortfalls, raise_stopped, speak_before
    from seqcli.cli.run import print_lines, show_result, table_in_sight
    from seqcli.cli.signals import StopSignals
    from seqcli.experiments.studies import run_study, study_of

    study = study_of(config)
    # Only now is there something to save: a signal while data is prepared ends the command at once.
    stop = StopSignals(config.max_time, since=began)
    speak_before(study, given, about_one(config.models))
    if given["dry_run"]:
        from seqcli.experiments.compare.store import Store, store_folder
        from seqcli.experiments.estimate import estimate
        from seqcli.reports.words.estimate_words import estimate_line

        print_lines(map(estimate_line, estimate(study.plans, Store(store_folder(config.out)), stop)))
        return
    if given["plan_only"]:
        from seqcli.experiments.work import publish

        show_result(publish(study), given)
        return
    result = run_study(study, CommandCaller(given, stop), overwrite=given["overwrite"])
    if result.failures or result.finished_legs:
        show_result(result, given)
        drawn.draw(result, lambda: _repeating(given))
    raise_stopped(result, stop, attach=_attaching(given) if config.on == "slurm" else None)
    raise_shortfalls(result, in_sight=table_in_sight(given))


def _repeating(given: Given) -> str:
    """The command line that repeats this one, for its page."""
    from seqcli.cli.repeat import repeat_command
    from seqcli.experiments.config import CompareConfig

    return repeat_command("compare", CompareConfig, PARTS, given)


def _attaching(given: Given) -> str:
    """The command line that waits for the same training runs again."""
    from seqcli.cli.repeat import repeat_command
    from seqcli.experiments.config import CompareConfig

    return repeat_command("compare", CompareConfig, PARTS, given, without=frozenset())


def about_one(models: Sequence[str]) -> list[str]:
    """The line to tell where a single model is to be compared, which has the baselines beside it alone."""
    if len(models) != 1:
        return []
    name = models[0]
    return [f"{name} is held against the baselines alone; name a second model too, or: seqcli train {name}"]


COMMAND = compare
