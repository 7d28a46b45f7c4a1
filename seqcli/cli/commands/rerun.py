"""`seqcli rerun`: repeat a result from nothing and say whether its figures are the same."""

import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from seqcli.cli import options
from seqcli.cli.completion import run_names
from seqcli.cli.flags import OPTIONS, RESULTS, Given, Parts, Positional, flags, takes

if TYPE_CHECKING:
    from seqcli.experiments.config import TrainConfig
    from seqcli.experiments.rerun import RecalledResult, RerunResult
    from seqcli.results.train import TrainResult

PARTS: Parts = (
    Positional(
        "what",
        "a run directory, a result's JSON file, or the signature of one made here",
        "WHAT",
        values=run_names,
    ),
    *flags(
        OPTIONS,
        """
        -o, --out DIR         keep the repetition here (default: nowhere)
        --jobs N              training runs side by side (default: one a core)
        --cost full|quick|no  measure speed, latency and memory again (default: as it was)
        """,
        setting=False,
    ),
    options.NO_COST,
    *options.result,
    *options.output,
)


@takes(*PARTS, panel=RESULTS)
def rerun(given: Given) -> None:
    """Repeat every training run of a result and compare: exit 20 where a figure is not the same.

    seqcli rerun result.json
    seqcli rerun runs/comparison
    """
    from seqcli.cli.run import check_format, show_result
    from seqcli.data.cache import cache_folder
    from seqcli.errors import UsageError
    from seqcli.experiments.rerun import difference, raise_unless_same, recall
    from seqcli.reports.words.worded import worded_rerun

    began = time.monotonic()
    check_format(given)
    if given["what"] is None:
        raise UsageError("rerun needs a result to repeat", "For example: seqcli rerun result.json")
    recalled = recall(given["what"])
    with ExitStack() as stack:
        folder = Path(given["out"]) if given["out"] else None
        if folder is None:
            cache = cache_folder()
            folder = (
                Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rerun-", dir=cache))) / "again"
            )
        result = worded_rerun(difference(recalled, _repeated(recalled, folder, given, began)), recalled.then)
    show_result(result, given)
    raise_unless_same(result)


def _repeated(recalled: "RecalledResult", folder: Path, given: Given, began: float) -> "RerunResult":
    """The same, from nothing, in `folder`.

    Raises:
        SeqcliError: What stopped it, with its exit code.
    """
    from seqcli.cli.comparing import CommandCaller, raise_stopped
    from seqcli.cli.resolve import said_otherwise
    from seqcli.cli.run import speak
    from seqcli.cli.signals import StopSignals
    from seqcli.config.layer_sources import typed
    from seqcli.experiments.config import CompareConfig
    from seqcli.experiments.studies import run_study, study_of
    from seqcli.results.compare import Comparison
    from seqcli.results.sweep import Sweep

    config = recalled.config
    if not isinstance(config, CompareConfig):
        return _train(config, folder, given)
    changed: dict[str, object] = {"out": folder}
    if given["jobs"] is not None:
        changed["jobs"] = typed(given["jobs"], "--jobs")
    if given["cost"] is not None:
        changed["cost"] = given["cost"]
    changed |= said_otherwise(PARTS, given)
    checked = type(config).model_validate({**dict(config), **changed})
    study = study_of(checked)
    # Only now is there something to save: a signal while data is prepared ends the command at once.
    stop = StopSignals(checked.max_time, since=began)
    speak(study.about, given, always=study.cautions)
    then = recalled.then
    repeats = then if isinstance(then, Comparison | Sweep) else None
    result = run_study(study, CommandCaller(given, stop), repeats=repeats)
    raise_stopped(result, stop)
    return result


def _train(config: "TrainConfig", folder: Path, given: Given) -> "TrainResult":
    """One leg from nothing.

    Raises:
        SeqcliError: What stopped it, with its exit code.
    """
    from seqcli.cli.run import follow, speak
    from seqcli.cli.signals import StopSignals
    from seqcli.experiments.train import plan_training, train
    from seqcli.reports.progress.board import WorkAhead

    planned = plan_training(config)
    speak(planned.about, given, always=planned.cautions)
    stop = StopSignals()
    events = train(planned, folder, overwrite=False, should_stop=stop)
    return follow(events, "train", given, stop=stop, work=WorkAhead(metric=planned.prepared.metric))


COMMAND = rerun
