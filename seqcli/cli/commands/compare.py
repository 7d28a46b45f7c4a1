"""`seqcli compare`: the main job: models side by side, paired seeds, one table that concludes."""

import time
from typing import TYPE_CHECKING

from seqcli.cli import options, pictures
from seqcli.cli.flags import Flag, Given, Positional, takes

if TYPE_CHECKING:
    from seqcli.cli.signals import StopSignals
    from seqcli.experiments.config import CompareConfig
    from seqcli.results.compare import Comparison
    from seqcli.results.sweep import Sweep

PARTS = (
    Positional(
        "models",
        "two or more of rnn, lstm, gru, seq2seq, with settings if wanted: gru:hidden=148",
        "MODEL",
        many=True,
    ),
    *options.data,
    *options.model,
    *options.training,
    Flag(
        "seeds",
        "how many paired seeds, their list, or auto: 5, 10, 20 until decided (default 5)",
        "number",
        metavar="N",
        panel=options.COMPARISON,
    ),
    Flag(
        "match",
        "what is held equal: hidden (width), params, flops or time; several are all run: hidden,params",
        metavar="NAME",
        panel=options.COMPARISON,
    ),
    Flag(
        "tune_lr",
        "first try the same learning rates for every model, on seeds of their own",
        "pair",
        panel=options.COMPARISON,
    ),
    Flag(
        "vary",
        "compare along a setting: length=25,50,100 or train-size=0.1,0.3,1.0 or hidden=32,64,128",
        metavar="NAME=V,V",
        panel=options.COMPARISON,
    ),
    Flag(
        "margin",
        "accuracy points that do not matter (default 1.0)",
        "number",
        metavar="X",
        panel=options.COMPARISON,
    ),
    Flag(
        "target",
        "tell epochs and seconds until validation reaches this quality, such as 0.75",
        "number",
        metavar="X",
        panel=options.COMPARISON,
    ),
    Flag("reference", "compare every model with this one only", metavar="MODEL", panel=options.COMPARISON),
    Flag(
        "expect",
        'a gate such as "gru.accuracy >= lstm.accuracy - 0.01" (repeatable); exit 20 or 21 if it is not met',
        "list",
        metavar="EXPR",
        panel=options.COMPARISON,
    ),
    Flag(
        "baseline",
        "an earlier `--format json` result: what became better or worse since, also for --expect",
        metavar="FILE",
        panel=options.COMPARISON,
    ),
    Flag("cost", "measure speed, latency and memory too (default)", "pair", panel=options.COMPARISON),
    Flag(
        "max_leg_time",
        "stop each leg after so long, saved; the others go on",
        metavar="TIME",
        panel=options.RUN,
    ),
    Flag("jobs", "legs side by side (default: one a core)", "number", metavar="N", panel=options.RUN),
    Flag("out", "keep the legs here (default: the cache)", metavar="DIR", short="-o", panel=options.RUN),
    *options.legs,
    *pictures.FLAGS,
    *options.output,
)


@takes(*PARTS)
def compare(given: Given) -> None:
    """Compare models on one task: the same data and order for all, several seeds, cost measured apart."""
    from seqcli.cli.repeat import repeat_command
    from seqcli.cli.run import check_format, configure, show_result
    from seqcli.cli.settings import check_again
    from seqcli.experiments.config import CompareConfig

    began = time.monotonic()
    check_format(given)
    drawn = pictures.check_pictures(given)
    check_again(given)
    config = configure(CompareConfig, PARTS, given)
    if config is None:
        return
    result, stop = run(config, given, began)
    if result is not None:
        if result.failures or any(finished_legs(result)):
            show_result(result, given)
            drawn.draw(result, lambda: repeat_command("compare", CompareConfig, PARTS, given))
        raise_stopped(result, stop)
        raise_shortfalls(result)


def run(
    config: "CompareConfig", given: Given, began: float
) -> "tuple[Comparison | Sweep | None, StopSignals]":
    """Run the comparison, or read the one that is finished; None after a dry run.

    Returns:
        The result, partial where a stop was asked for, and who asks for one.

    Raises:
        SeqcliError: What stopped it, with its exit code.
    """
    from seqcli.cli.run import follow, print_lines, speak
    from seqcli.cli.signals import StopSignals
    from seqcli.experiments.estimate import estimate
    from seqcli.experiments.signature import remember, signed
    from seqcli.experiments.store import Store, open_store, store_folder
    from seqcli.experiments.studies import study_of

    study = study_of(config)
    speak(study.about, given)
    stop = StopSignals(config.max_time, since=began)
    if given["dry_run"]:
        print_lines(estimate(study.plans, Store(store_folder(config.out)), stop))
        return None, stop
    with open_store(
        config.out, config=study.kept_config, identity=study.identity, overwrite=given["overwrite"]
    ) as store:
        result: Comparison | Sweep | None = store.stored(study.record)
        if result is None:
            told = study.run(store, stop)
            result = follow(told, "compare", given, stop=stop, legs=study.legs, metric=study.metric)
            result = signed(result, study.kept_config, study.identity)
            store.commit(result)
            remember(result)
        judged: Comparison | Sweep = study.judged(result)
    return judged, stop


def finished_legs(result: "Comparison | Sweep") -> list[int]:
    """How many legs each model has finished, under each protocol and at each value."""
    from seqcli.results.compare import Comparison

    points = [result] if isinstance(result, Comparison) else result.points
    models = [
        model
        for point in points
        for part in (point.models, *(other.models for other in point.alternatives))
        for model in part
    ]
    return [len(model.quality.per_seed) - model.quality.failed for model in models]


def raise_stopped(result: "Comparison | Sweep", stop: "StopSignals") -> None:
    """End with the code of the signal or the time limit where legs are left to be run.

    Raises:
        StoppedError: Says how many there are.
    """
    from seqcli.errors import StoppedError

    left = result.legs - sum(finished_legs(result)) - len(result.failures)
    if result.status == "complete" or not (left or stop()):
        return
    to_go = f"{left} of {result.legs} legs to go" if left else "cost not measured yet"
    error = StoppedError(
        f"stopped with {to_go}; what is finished is kept, what was running is saved",
        "The same command continues from here.",
    )
    error.exit_code = stop.exit_code(error.exit_code)
    raise error


def raise_shortfalls(result: "Comparison | Sweep") -> None:
    """End with the code of what is missing: failed legs first, then gates that are not met.

    Raises:
        LegsFailedError: A leg failed.
        GateFailedError: A gate does not hold.
        GateUndecidedError: A gate cannot be decided.
    """
    from seqcli.errors import LegsFailedError
    from seqcli.experiments.gates import raise_unmet

    if result.failures:
        raise LegsFailedError(
            f"{len(result.failures)} of {result.legs} legs failed; the table shows the rest"
        )
    raise_unmet(result.expectations)


COMMAND = compare
