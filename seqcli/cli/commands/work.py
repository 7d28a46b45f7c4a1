"""`seqcli work`: a worker that trains what waits in a folder that several machines see."""

import time
from pathlib import Path

from seqcli.cli import options
from seqcli.cli.flags import RESULTS, Given, Parts, Positional, flags, takes

WATCH_SECONDS = 2.0
"""Between two looks of `--watch`: workers beat a few times in that."""

PARTS: Parts = (
    Positional("store", "the folder that was given to `seqcli compare … --store`", "STORE"),
    *flags(
        options.RUN,
        """
        --jobs N         training runs side by side (default: one a core)
        --idle TIME      seconds, or a time such as 5m, to wait for more to do (default 10)
        --max-time TIME  stop after so long, saved: others go on with it; exit 75
        """,
    ),
    *options.LOST_AFTER,
    *flags(
        options.RUN,
        """
        --threads N    threads of each training run (default 1)
        --store-id ID  the `id` in the store.json that is meant: a folder of the same name that is not shared,
                       and so another, is refused; --on slurm gives it
        """,
    ),
    *flags(
        options.OUTPUT,
        """
        --state  only show what waits and who works here
        --watch  go on showing that until nothing is left
        """,
        setting=False,
    ),
    *options.result,
    *options.output,
)


@takes(*PARTS, panel=RESULTS)
def work(given: Given) -> None:
    """Train what waits in a shared folder, with any number of workers on any number of machines.

    seqcli compare lstm gru --task sentiment --store /mnt/shared/store --plan-only
    seqcli work /mnt/shared/store
    seqcli compare lstm gru --task sentiment --store /mnt/shared/store
    """
    from seqcli.cli.resolve import typed_options
    from seqcli.cli.run import check_format, follow, show_result
    from seqcli.cli.signals import StopSignals
    from seqcli.config.layers import from_values, validate
    from seqcli.errors import UsageError
    from seqcli.experiments import work as shared_work
    from seqcli.reports.progress.board import WorkAhead

    began = time.monotonic()
    check_format(given)
    if given["store"] is None:
        raise UsageError("work needs the folder of a store", "For example: seqcli work /mnt/shared/store")
    if given["state"] or given["watch"]:
        _show(Path(given["store"]), given)
        return
    config = validate(shared_work.WorkConfig, from_values(typed_options(PARTS, given), "the command line"))
    stop = StopSignals(config.max_time, since=began)
    events = shared_work.work(config, stop)
    show_result(follow(events, "compare", given, stop=stop, work=WorkAhead()), given)


def _show(folder: Path, given: Given) -> None:
    """Show the store's state, again and again where that is wanted and somebody looks.

    Raises:
        RunError: There is no such store.
    """
    from seqcli.cli.run import show_result
    from seqcli.experiments.work import state, watched

    if not given["watch"]:
        show_result(state(folder), given)
        return
    for result in watched(folder, WATCH_SECONDS):
        show_result(result, given)


COMMAND = work
