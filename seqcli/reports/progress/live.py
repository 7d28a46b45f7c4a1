"""Progress on a terminal: lines at the bottom that are drawn over as the work goes on."""

from rich.cells import cell_len
from rich.console import Group
from rich.live import Live
from rich.text import Text

from seqcli.reports.draw.page import Page
from seqcli.reports.draw.placement import hanging, wrap
from seqcli.reports.draw.printable import printable
from seqcli.reports.draw.terminal import QuietConsole, page_of
from seqcli.reports.progress import event_lines
from seqcli.reports.progress.bars import cost_line, leg_line, leg_name, legs_line
from seqcli.reports.progress.board import Board, ProgressOptions
from seqcli.reports.report import render
from seqcli.reports.words.worded import worded
from seqcli.results.compare import Comparison
from seqcli.results.events import (
    EpochFinished,
    Event,
    LegFailed,
    LegFinished,
    Note,
    QualityKnown,
    StepProgress,
)

REDRAW = 0.1  # seconds between two drawings


class LiveProgress:
    """A bar for one leg, or a line for each running leg over a bar for all of them.

    It draws when it is told of an event, in the caller's thread: no thread of its own can outlive the
    work, hold a lock over a fork, or write to a terminal that is gone.

    Args:
        console: A console on a terminal that can move its cursor.
        board: What is known of the work; it takes in every event.
        telling: How much is told.
    """

    def __init__(self, console: QuietConsole, board: Board, telling: ProgressOptions) -> None:
        self.console = console
        self.board = board
        self.telling = telling
        self._drawn = float("-inf")
        self._known: Comparison | None = None
        self._live = Live(
            console=console, auto_refresh=False, transient=True, redirect_stdout=False, redirect_stderr=False
        )

    def show(self, event: Event) -> None:
        """Draw the lines anew, after a line that stays if the event gives reason for one."""
        now = self.telling.now()
        self.board.take(event, now)
        if isinstance(event, QualityKnown) and isinstance(event.result, Comparison):
            self._known = worded(event.result).model_copy(update={"status": "complete"})
        text = self._text_of(event, now)
        if text is None and isinstance(event, StepProgress) and now - self._drawn < REDRAW:
            return
        self._drawn = now
        self._live.start()
        self.console.take_size()
        page = page_of(self.console)
        for line in [] if text is None else text.split("\n"):
            self.console.print(Text("\n".join(hanging(page.fit(line), page.width - 1))), soft_wrap=True)
        self._live.update(Group(*self._lines(now, page)), refresh=True)

    def close(self) -> None:
        """Take the moving lines away, and give the cursor back."""
        self._live.stop()

    def _text_of(self, event: Event, now: float) -> str | None:
        match event:
            case Note():
                return event_lines.note(event)
            case LegFailed():
                return event_lines.failed(event)
            case LegFinished() if self.telling.verbose and self.telling.many:
                return event_lines.finished(event, self.telling.metric)
            case EpochFinished() if self.telling.verbose:
                state = self.board.running[event.leg.model, event.leg.seed]
                return (
                    f"{event_lines.where(state, self.telling.metric, now)}\n  {event_lines.gradients(event)}"
                )
        return None

    def _table(self, page: Page, room: int) -> list[Text]:
        """The table as far as it is known, while cost is measured; its first lines where not all fit."""
        if self._known is None:
            return []
        drawn = Text.from_ansi(render(self._known, "table", page)).split("\n")
        return [*drawn[: max(0, room - 1)], Text()]

    def _cautions(self, page: Page) -> list[Text]:
        """The cautions about the data, to read while waiting; they go when the table comes."""
        texts = (page.fit(printable(text)) for text in self.telling.work.cautions)
        return [
            Text.assemble(("! ", "bold red"), wrapped) if place == 0 else Text(f"  {wrapped}")
            for text in texts
            for place, wrapped in enumerate(wrap(text, page.width - 3))
        ]

    def _lines(self, now: float, page: Page) -> list[Text]:
        running = list(self.board.running.values())
        if not self.telling.many:
            return [leg_line(state, self.telling.metric, now, page) for state in running]
        names = [leg_name(state.leg) for state in running]
        width = max(map(cell_len, names), default=8) + 2
        lines = [
            leg_line(state, self.telling.metric, now, page, name=f"{name}{' ' * (width - cell_len(name))}")
            for state, name in zip(running, names, strict=True)
        ]
        room = max(1, self.console.height - 3)
        if len(lines) > room:
            lines = [*lines[: room - 1], Text(page.fit(f"… and {len(lines) - room + 1} more"))]
        if self._known is None:
            lines = [*self._cautions(page), *lines]
        if self.board.cost is not None:
            return [*self._table(page, room - len(lines)), *lines, cost_line(self.board, now, page)]
        return [*lines, legs_line(self.board, now, page, width)]
