"""Progress of preparing data: one moving line on a terminal, where it takes longer than a moment."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from seqcli.data.preparation_steps import PreparationStep, Step, watched

if TYPE_CHECKING:
    from rich.live import Live

    from seqcli.reports.draw.terminal import ConsoleOptions, QuietConsole
    from seqcli.reports.progress.bars import BarPart

SHOWN_AFTER = 1.0
"""Seconds that data may take before a person is told that it does."""
REDRAW = 0.2
"""Seconds between two drawings."""

_CALLED: Mapping[Step, str] = {
    "checking": "checking",
    "reading": "reading",
    "counting": "counting tokens",
    "encoding": "encoding texts",
    "going through": "going through texts",
    "writing": "writing texts",
}


@contextmanager
def preparation_shown(
    options: "Callable[[], ConsoleOptions]", *, quiet: bool, now: Callable[[], float] = time.monotonic
) -> Iterator[None]:
    """Inside the block what preparing data does is shown on stderr, if that is a terminal.

    Args:
        options: Gives those of the console, once there is something to show.
        quiet: Nothing is shown.
        now: The clock, in seconds.
    """
    if quiet:
        yield
        return
    line = PreparationLine(options, now)
    with watched(line):
        yield


class PreparationLine:
    """A line that goes when the data is ready.

    Args:
        options: As `preparation_shown`.
        now: The clock, in seconds.
        console: Where to draw; stderr unless given.
    """

    def __init__(
        self,
        options: "Callable[[], ConsoleOptions]",
        now: Callable[[], float],
        console: "QuietConsole | None" = None,
    ) -> None:
        self._options = options
        self._now = now
        self._console = console
        self._live: Live | None = None
        self._began: float | None = None
        self._drawn = float("-inf")
        self._step: tuple[str, str] | None = None
        self._step_began = self._step_done = 0.0

    def show(self, event: PreparationStep) -> None:
        """Draw the line anew, if it is time."""
        now = self._now()
        self._began = now if self._began is None else self._began
        if self._step != (event.step, event.name) or event.done < self._step_done:
            self._step, self._step_began = (event.step, event.name), now
        self._step_done = event.done
        if now - self._began < SHOWN_AFTER or now - self._drawn < REDRAW:
            return
        self._drawn = now
        with suppress(OSError):
            self._draw(event, now - self._step_began)

    def close(self) -> None:
        """Take the line away."""
        if self._live is not None:
            with suppress(OSError):
                self._live.stop()
        self._live, self._began, self._step = None, None, None

    def _draw(self, event: PreparationStep, seconds: float) -> None:
        from rich.live import Live

        from seqcli.reports.draw.terminal import page_of, stderr_console
        from seqcli.reports.progress.bars import line

        console = stderr_console(self._options()) if self._console is None else self._console
        self._console = console
        if not (console.is_terminal and console.is_interactive):
            return
        if self._live is None:
            self._live = Live(
                console=console,
                auto_refresh=False,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._live.start()
        console.take_size()
        share = event.done / max(event.total, 1)
        self._live.update(
            line(_head(event), share, _parts(event, share, seconds), page_of(console)), refresh=True
        )


def _head(event: PreparationStep) -> str:
    """The work and the file: 'reading reviews.csv '."""
    from seqcli.reports.draw.printable import one_line

    return " ".join(filter(None, (_CALLED[event.step], one_line(event.name, 40)))) + " "


def _parts(event: PreparationStep, share: float, seconds: float) -> "list[BarPart]":
    """The share, the speed and the time left, as far as they are known."""
    from seqcli.reports.numbers import clock
    from seqcli.reports.progress.bars import BarPart

    parts = [BarPart(f"{share:.0%}".replace("%", " %"), 1)]
    if seconds > 0 and share > 0:
        if event.in_bytes:
            parts.append(BarPart(f"{event.done / seconds / 1e6:.1f} MB/s", 2))
        parts.append(BarPart(f"{clock(seconds * (1 - share) / share)} left", 0))
    return parts
