"""Progress of preparing data: one moving line on a terminal, where it takes longer than a moment."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, cast, get_args

from seqcli.data.preparation_steps import PreparationStep, Step, watched

if TYPE_CHECKING:
    from rich.live import Live

    from seqcli.reports.draw.terminal import QuietConsole
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
    color: str | None, *, quiet: bool, now: Callable[[], float] = time.monotonic
) -> Iterator[None]:
    """Inside the block what preparing data does is shown on stderr, if that is a terminal.

    Args:
        color: `--color` as it was typed.
        quiet: Nothing is shown.
        now: The clock, in seconds.
    """
    if quiet:
        yield
        return
    with watched(PreparationLine(now, color=color)):
        yield


class PreparationLine:
    """A line that goes when the data is ready.

    Args:
        now: The clock, in seconds.
        color: `--color` as it was typed.
        console: Where to draw; stderr unless given.
    """

    def __init__(
        self,
        now: Callable[[], float],
        *,
        color: str | None = None,
        console: "QuietConsole | None" = None,
    ) -> None:
        self._color = color
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

        from seqcli.reports.draw.terminal import Colour, ConsoleOptions, page_of, stderr_console
        from seqcli.reports.progress.bars import line

        if self._console is None:
            # Another word than those that are known is refused where the command reads it.
            known = cast("Colour", self._color if self._color in get_args(Colour) else "auto")
            self._console = stderr_console(ConsoleOptions(color=known))
        console = self._console
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
    from seqcli.reports.numbers import clock, fixed
    from seqcli.reports.progress.bars import BarPart

    parts = [BarPart(f"{fixed(100 * share, 0)} %", 1)]
    if seconds > 0 and share > 0:
        if event.in_bytes:
            parts.append(BarPart(f"{fixed(event.done / seconds / 1e6, 1)} MB/s", 2))
        parts.append(BarPart(f"{clock(seconds * (1 - share) / share)} left", 0))
    return parts
