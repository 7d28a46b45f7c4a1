"""`seqcli runs`: what runs there are, one in full, whether they are intact, which may go, what differs."""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from seqcli.cli import options
from seqcli.cli.completion import run_names, verbs
from seqcli.cli.flags import OPTIONS, RESULTS, Flag, Given, Positional, flags, takes

if TYPE_CHECKING:
    from seqcli.cli.spelling import Made
    from seqcli.reports.draw.sheet import Result
    from seqcli.results.runs import RunStatus

PRUNE = "Prune"
LISTS = ("list", "ls")
STATUSES: tuple["RunStatus", ...] = ("done", "stopped", "failed", "damaged")


@takes(
    Positional(
        "arguments",
        "folders to list (or `list`, `ls`); or `show RUN`, `rm RUN…`, `verify [RUN…]`, `prune [FOLDER…]`,"
        " `diff A B`; a run in ./runs or the cache by its name alone",
        "[list|show|rm|verify|prune|diff] [RUN...]",
        many=True,
        values=verbs("list", "show", "rm", "verify", "prune", "diff", then=run_names),
    ),
    *flags(
        OPTIONS,
        "--all  list the training runs of comparisons made without -o too, which are in the cache",
        setting=False,
    ),
    *(Flag(name, f"remove {name} runs", "switch", panel=PRUNE, setting=False) for name in STATUSES),
    *flags(
        PRUNE,
        """
        --older-than TIME  only runs that last changed so long ago: 12h, 7d
        --yes              really remove them; without it prune only lists them, and rm asks
        """,
        setting=False,
    ),
    *options.result,
    *options.output,
    panel=RESULTS,
)
def runs(given: Given) -> None:
    """List runs, newest first; show, verify, remove or compare them (default: those in ./runs).

    seqcli runs
    seqcli runs show runs/tickets-gru-s0
    seqcli runs prune runs --failed
    """
    from seqcli.cli.run import check_format, show_result
    from seqcli.experiments.runs.listing import run_called

    check_format(given)
    words = list(given["arguments"] or ())
    if words and words[0] in LISTS:
        words = words[1:]
    action = ACTIONS.get(words[0]) if words else None
    check_options(given, words[0] if action in (prune, remove) else "")
    result = action([run_called(word) for word in words[1:]], given) if action else listing(words, given)
    show_result(result, given)
    if action is verify:
        from seqcli.experiments.runs.checking import refuse_damaged
        from seqcli.results.runs import RunChecks

        refuse_damaged(RunChecks.from_json(result.to_json()))


def check_options(given: Given, action: str) -> None:
    """Refuse prune's options elsewhere: who reads `seqcli runs --yes` must not wonder what it did.

    Raises:
        UsageError: One of them was given without `prune`; `rm` takes --yes alone.
    """
    from seqcli.errors import UsageError

    for key in (*STATUSES, "older_than", "yes"):
        if given[key] and action != "prune" and (action, key) != ("rm", "yes"):
            raise UsageError(f"--{key.replace('_', '-')} belongs to `seqcli runs prune`", "Drop it.")


def listing(words: Sequence[str], given: Given) -> "Result":
    """The runs in these folders, or in ./runs; with `--all` those in the cache too."""
    from seqcli.experiments.runs.listing import USUAL, cached_runs, list_runs

    folders = [Path(word) for word in words]
    if not given["all"]:
        return list_runs(folders or usual())
    folders = folders or [USUAL]
    return list_runs(
        [folder for folder in (*folders, cached_runs()) if folder.is_dir() or folder in map(Path, words)]
    )


def show(paths: Sequence[Path], given: Given) -> "Result":  # noqa: ARG001 - one signature for all actions
    """One run in full."""
    from seqcli.cli.spelling import spell_command
    from seqcli.experiments.runs.listing import open_run, show_run

    count(paths, 1, "show RUN")
    return show_run(paths[0], spell_command(open_run(paths[0]).config, str(paths[0]), makers()))


def makers() -> "Mapping[str, Made]":
    """The record and the options of each command that makes runs."""
    from seqcli.cli.commands import compare, guide, train
    from seqcli.experiments.config import CompareConfig, TrainConfig
    from seqcli.experiments.guide.config import GuideConfig

    return {
        "train": (TrainConfig, train.PARTS),
        "compare": (CompareConfig, compare.PARTS),
        "guide": (GuideConfig, guide.PARTS),
    }


def verify(paths: Sequence[Path], given: Given) -> "Result":  # noqa: ARG001 - one signature for all actions
    """Every file read again."""
    from seqcli.experiments.runs.checking import verify_runs

    return verify_runs(paths or usual())


def prune(paths: Sequence[Path], given: Given) -> "Result":
    """The files that would go, or went."""
    from seqcli.config.settings import DURATION_ALLOWED, parse_duration
    from seqcli.errors import UsageError
    from seqcli.experiments.runs.pruning import prune_runs

    written = given["older_than"]
    seconds = parse_duration(written) if written else 0.0
    if seconds is None:
        raise UsageError(f"--older-than is {written!r}", f"It must be {DURATION_ALLOWED}, or 7d.")
    statuses = [name for name in STATUSES if given[name]]
    return prune_runs(paths or usual(), statuses, older_than=seconds, remove=given["yes"])


def remove(paths: Sequence[Path], given: Given) -> "Result":
    """The runs named, gone; where nobody said --yes, a person at a terminal is asked.

    Raises:
        UsageError: No run is named.
        RunError: A folder is no run.
    """
    from seqcli.errors import UsageError
    from seqcli.experiments.runs.pruning import remove_named

    if not paths:
        raise UsageError("`runs rm` needs a run", "Write: seqcli runs rm RUN --yes")
    plan = remove_named(paths, remove=False)
    going = [run.label for run in plan.runs if run.kept is None]
    if going and (given["yes"] or confirmed(f"Remove {', '.join(going)}?")):
        return remove_named(paths, remove=True)
    return plan


def confirmed(question: str) -> bool:
    """Return the answer of the person at the terminal; no by default, and where nobody is there."""
    if sys.stdin is None or not sys.stdin.isatty():
        return False
    return typer.confirm(question, err=True)


def diff(paths: Sequence[Path], given: Given) -> "Result":  # noqa: ARG001 - one signature for all actions
    """The differences between two runs."""
    from seqcli.experiments.runs.contrast import contrast

    count(paths, 2, "diff A B")
    return contrast(paths[0], paths[1])


def usual() -> list[Path]:
    """./runs, where `train` puts its runs.

    Raises:
        RunError: There is none.
    """
    from seqcli.errors import RunError
    from seqcli.experiments.runs.listing import USUAL

    if not USUAL.is_dir():
        raise RunError(f"there is no folder {USUAL} here", "Name the folder that --out named.")
    return [USUAL]


def count(paths: Sequence[Path], expected: int, usage: str) -> None:
    """Refuse too few or too many runs.

    Raises:
        UsageError: Says how the command is written.
    """
    from seqcli.errors import UsageError

    if len(paths) != expected:
        raise UsageError(
            f"`runs {usage.partition(' ')[0]}` takes {expected}, got {len(paths)}",
            f"Write: seqcli runs {usage}",
        )


ACTIONS: dict[str, Callable[[Sequence[Path], Given], "Result"]] = {
    "show": show,
    "verify": verify,
    "prune": prune,
    "rm": remove,
    "diff": diff,
}

COMMAND = runs
