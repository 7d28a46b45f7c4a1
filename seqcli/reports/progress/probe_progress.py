"""Progress of probing on stderr: one moving line on a terminal, a plain one each half minute off it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from seqcli.reports.draw.printable import printable
from seqcli.reports.draw.terminal import ConsoleOptions, QuietConsole, page_of, stderr_console
from seqcli.reports.numbers import clock
from seqcli.results.gradprobe import ProbeProgress
from seqcli.results.wording import share_words

EVERY = 30.0
"""Seconds between two plain lines."""

ShowProbe = Callable[[ProbeProgress], None]


@contextmanager
def probe_progress(
    options: ConsoleOptions, *, console: QuietConsole | None = None, now: Callable[[], float] = time.monotonic
) -> Iterator[ShowProbe]:
    """A function that shows each event it is given, for as long as the block runs; with `-q` nothing.

    A stderr that is closed or lost ends the showing and nothing else.

    Args:
        options: `-q` and `--color`.
        console: Where to draw; stderr unless given.
        now: The clock, in seconds.
    """
    if options.quiet:
        yield lambda _: None
        return
    console = stderr_console(options) if console is None else console
    if not (console.is_terminal and console.is_interactive):
        yield _plain(console, now)
        return
    fit = page_of(console).fit
    name = TextColumn("{task.description}", markup=False)
    columns = (name, BarColumn(), TextColumn("{task.percentage:3.0f} %"))
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as bar:
        task = bar.add_task("probing", total=1.0)
        yield lambda event: bar.update(task, description=fit(name_of(event)), completed=share_of(event))


def name_of(event: ProbeProgress) -> str:
    """Return the name of the probe: 'gru seed 3', 'rnn seed 0, layer norm'."""
    activity = f", {event.what}" if event.what else ""
    return printable(f"{event.model} seed {event.seed}{activity}")


def share_of(event: ProbeProgress) -> float:
    """The share of all models and seeds that is done."""
    return min(1.0, (event.done + event.share) / event.total)


def _plain(console: QuietConsole, now: Callable[[], float]) -> ShowProbe:
    begun = last = now()

    def show(event: ProbeProgress) -> None:
        nonlocal last
        if now() - last < EVERY:
            return
        last = now()
        share = share_of(event)
        left = clock((last - begun) * (1 - share) / share) if share > 0 else "?"
        text = page_of(console).fit(f"probing {share_words(share, 0)}  {name_of(event)}  {left} left")
        with suppress(OSError):
            console.out(text, highlight=False)

    return show
