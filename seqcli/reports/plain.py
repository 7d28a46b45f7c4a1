"""Progress where lines cannot be drawn over: whole lines for a log, few enough to read."""

from rich.console import Console

from seqcli.reports import sentences
from seqcli.reports.bars import leg_name
from seqcli.reports.board import Board, LegState
from seqcli.reports.numbers import clock
from seqcli.reports.telling import Telling
from seqcli.reports.terminal import page_of
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

    def __init__(self, console: Console, board: Board, telling: Telling) -> None:
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

    def _line(self, event: Event, state: LegState | None, now: float) -> str | None:
        match event:
            case Note():
                return sentences.note(event)
            case LegFailed():
                return self._counted(sentences.failed(event), now)
            case LegFinished():
                return (
                    self._counted(sentences.finished(event, self.telling.metric), now)
                    if self.telling.many
                    else None
                )
            case LegStarted():
                self._last[leg_name(event.leg)] = now
                return sentences.started(event) if self.telling.verbose else None
            case CostProgress():
                return sentences.measured(event) if self._due("cost", now) else None
        return None if state is None else self._progress(event, state, now)

    def _progress(self, event: Event, state: LegState, now: float) -> str | None:
        """An epoch's line where one leg runs, or where half a minute has passed since the leg's last line."""
        name = leg_name(state.leg)
        if isinstance(event, EpochFinished) and (self.telling.verbose or not self.telling.many):
            self._last[name] = now
            more = f"\n  {sentences.gradients(event)}" if self.telling.verbose else ""
            return sentences.where(state, self.telling.metric, now) + more
        if isinstance(event, StepProgress | EpochFinished) and self._due(name, now):
            return sentences.where(state, self.telling.metric, now)
        return None

    def _counted(self, text: str, now: float) -> str:
        if self.board.legs is None or not self.telling.many:
            return text
        left = self.board.seconds_left(now)
        rest = f"  {clock(left)} left" if left else ""
        return f"legs {self.board.ended}/{self.board.legs}  {text}{rest}"

    def _due(self, name: str, now: float) -> bool:
        """Whether half a minute has passed since the last line of that name; if so, the next begins."""
        if now - self._last.get(name, -EVERY) < EVERY:
            return False
        self._last[name] = now
        return True
