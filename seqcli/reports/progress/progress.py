"""Progress on stderr: moving lines on a terminal, plain lines off it, nothing with `-q`."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from seqcli.reports.draw.terminal import ConsoleOptions, QuietConsole, silence, stderr_console
from seqcli.reports.progress.board import Board, ProgressOptions, WorkAhead
from seqcli.results.events import Event

if TYPE_CHECKING:
    from seqcli.reports.progress.live import LiveProgress
    from seqcli.reports.progress.plain import PlainProgress

ProgressKind = Literal["train", "compare"]
ShowEvent = Callable[[Event], None]


@contextmanager
def progress(
    kind: ProgressKind,
    options: ConsoleOptions,
    work: WorkAhead,
    *,
    console: QuietConsole | None = None,
    now: Callable[[], float] = time.monotonic,
) -> Iterator[ShowEvent]:
    """A function that shows each event it is given, for as long as the block runs.

        with progress("train", options, WorkAhead()) as show:
            for event in train(config):
                show(event)

    A stderr that is closed, or a terminal that is lost, ends the showing and nothing else.

    Args:
        kind: 'train' for one leg, 'compare' for many legs and then the measuring of cost.
        options: `-q` shows nothing, `-v` more; `--color`.
        work: What is to be done.
        console: Where to draw; stderr unless given.
        now: The clock, in seconds; it need not be the time of day.
    """
    if options.quiet:
        yield _nothing
        return
    console = stderr_console(options) if console is None else console
    telling = ProgressOptions(work, many=kind == "compare", verbose=options.verbose, now=now)
    guarded = _Guarded(_drawing(console, Board(work.legs), telling))
    try:
        yield guarded.show
    finally:
        guarded.close()


def _drawing(console: QuietConsole, board: Board, telling: ProgressOptions) -> "LiveProgress | PlainProgress":
    """The moving lines of a terminal, or the plain ones of anything else; the other is not imported."""
    if console.is_terminal and console.is_interactive:
        from seqcli.reports.progress.live import LiveProgress

        return LiveProgress(console, board, telling)
    from seqcli.reports.progress.plain import PlainProgress

    return PlainProgress(console, board, telling)


def _nothing(event: Event) -> None:
    """Show nothing of an event."""


class _Guarded:
    """A drawing that ends, quietly and for good, where its stream fails."""

    def __init__(self, drawing: "LiveProgress | PlainProgress") -> None:
        self._drawing = drawing
        self._alive = True

    def show(self, event: Event) -> None:
        self._attempt(lambda: self._drawing.show(event))

    def close(self) -> None:
        self._attempt(self._drawing.close)

    def _attempt(self, draw: Callable[[], None]) -> None:
        stream = self._drawing.console.file
        if not self._alive or stream.closed:
            return
        try:
            draw()
        except OSError:
            self._alive = False
            self._drawing.console.quiet = True
            silence(stream)
