"""Progress where lines cannot be drawn over: whole lines for a log, few enough to read."""

from rich.console import Console

from seqcli.reports.draw.terminal import page_of
from seqcli.reports.numbers import clock
from seqcli.reports.progress import event_lines
from seqcli.reports.progress.bars import leg_name
from seqcli.reports.progress.board import Board, LegProgress, ProgressOptions
from seqcli.results.events import (
    CostProgress,
    EpochFinished,
    Event,
    LegFailed,
    LegFinished,
    LegStarted,
    Note,
    StepProgress,
)

EVERY = 30.0  # seconds between two lines about the same leg, or about cost


class PlainProgress:
    """A line an epoch where one leg runs; where many do, a line a leg each half minute and at its end.

    Args:
        console: Where the lines go.
        board: What is known of the work; it takes in every event.
        telling: How much is told.
    """

    def __init__(self, console: Console, board: Board, telling: ProgressOptions) -> None:
        self.console = console
        self.board = board
        self.telling = telling
        self._last: dict[str, float] = {}

    def show(self, event: Event) -> None:
        """Print what the event gives reason to print, if anything."""
        now = self.telling.now()
        state = self.board.take(event, now)
        text = self._line(event, state, now)
        if text is not None:
            self.console.out(page_of(self.console).fit(text), highlight=False)

    def close(self) -> None:
        """Nothing is left to take away."""

    def _line(self, event: Event, state: LegProgress | None, now: float) -> str | None:
        match event:
            case Note():
                return event_lines.note(event)
            case LegFailed():
                return self._counted(event_lines.failed(event), now)
            case LegFinished():
                return (
                    self._counted(event_lines.finished(event, self.telling.metric), now)
                    if self.telling.many
                    else None
                )
            case LegStarted():
                self._last[leg_name(event.leg)] = now
                return event_lines.started(event) if self.telling.verbose else None
            case CostProgress():
                return event_lines.measured(event) if self._due("cost", now) else None
        return None if state is None else self._progress(event, state, now)

    def _progress(self, event: Event, state: LegProgress, now: float) -> str | None:
        """An epoch's line where one leg runs, or where half a minute has passed since the leg's last line."""
        name = leg_name(state.leg)
        if isinstance(event, EpochFinished) and (self.telling.verbose or not self.telling.many):
            self._last[name] = now
            more = f"\n  {event_lines.gradients(event)}" if self.telling.verbose else ""
            return event_lines.where(state, self.telling.metric, now) + more
        if isinstance(event, StepProgress | EpochFinished) and self._due(name, now):
            return event_lines.where(state, self.telling.metric, now)
        return None

    def _counted(self, text: str, now: float) -> str:
        if self.board.legs is None or not self.telling.many:
            return text
        left = self.board.seconds_left(now)
        rest = f"  {clock(left)} left" if left else ""
        return f"runs {self.board.ended}/{self.board.legs}  {text}{rest}"

    def _due(self, name: str, now: float) -> bool:
        """Return whether half a minute has passed since the last line of that name.

        If so, the next begins.
        """
        if now - self._last.get(name, -EVERY) < EVERY:
            return False
        self._last[name] = now
        return True
