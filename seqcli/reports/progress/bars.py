"""One line of progress each for a leg, for all legs and for cost blocks, as wide as there is room."""

from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text

from seqcli.reports.draw.page import Page
from seqcli.reports.draw.printable import one_line, printable
from seqcli.reports.numbers import clock, fixed, unit_of
from seqcli.reports.progress.board import Board, LegProgress
from seqcli.reports.words.comparison_words import display
from seqcli.results.events import EpochFinished, Leg
from seqcli.results.wording import counted

BAR = 28  # columns: what a line of 80 leaves beside counts, time and score
# The words beside the bar go before it gets shorter than this.
SHORTEST_BAR = 8
# A model's settings may make its name as long as the line.
LONGEST_NAME = 40


@dataclass(frozen=True)
class BarPart:
    """A piece of a line; of those that do not fit, the one with the highest `rank` goes first."""

    text: str
    rank: int


def leg_name(leg: Leg) -> str:
    """A leg as people call it: 'GRU seed 3'."""
    return f"{one_line(display(leg.model), LONGEST_NAME)} seed {leg.seed}"


def score(value: float, metric: str) -> str:
    """A value of the metric: '74.9 %', or three decimals where it is no share."""
    unit = unit_of(metric)
    return f"{fixed(value * unit.factor, 3 if unit.top is None else 1)}{unit.suffix}"


def leg_parts(state: LegProgress, metric: str, now: float) -> list[BarPart]:
    """Return the figures of a leg, in reading order: loss, validation, speed, time left."""
    parts = [] if state.loss is None else [BarPart(f"loss {fixed(state.loss, 3)}", 2)]
    if state.finished is not None:
        parts += validation_parts(state.finished, metric)
    if state.speed is not None:
        parts.append(BarPart(f"{fixed(state.speed, 0)} seq/s", 3))
    left = state.seconds_left(now)
    return parts if left is None else [*parts, BarPart(f"{clock(left)} left", 0)]


def validation_parts(event: EpochFinished, metric: str) -> list[BarPart]:
    """The validation metric of the last epoch and of the best."""
    metric = event.metric or metric
    best = score(event.best_metric, metric).removesuffix(" %")
    return [
        BarPart(f"valid {score(event.record.valid_metric, metric)}", 1),
        BarPart(f"(best {best}, epoch {event.best_epoch})", 4),
    ]


def epoch_of(state: LegProgress) -> str:
    """Return the epoch of a leg: 'epoch 3/10'."""
    return (
        f"epoch {state.epoch:>{len(str(state.epochs))}}/{state.epochs}"
        if state.epochs
        else f"epoch {state.epoch}"
    )


def leg_line(state: LegProgress, metric: str, now: float, page: Page, *, name: str = "") -> Text:
    """A leg's line: 'epoch 3/10 ━━━━━━╸   loss 0.412  valid 74.9 % (best 75.3, epoch 2)  0:21 left'."""
    return line(f"{name}{epoch_of(state)} ", state.share, leg_parts(state, metric, now), page)


def legs_line(board: Board, now: float, page: Page, width: int) -> Text:
    """Return how many legs are done: 'runs 3/10  ━━━━━━╸   1:20 left'."""
    failed = [BarPart(f"{board.failed} failed", 1)] if board.failed else []
    if board.legs is None:
        return line(f"{counted(board.ended, 'run')} done ", None, failed, page)
    work = board.ended + sum(state.share for state in board.running.values())
    left = board.seconds_left(now)
    parts = failed if left is None else [*failed, BarPart(f"{clock(left)} left", 0)]
    head = f"runs {board.ended}/{board.legs}"
    return line(f"{head:<{width}}", work / board.legs if board.legs else 1.0, parts, page)


def cost_line(board: Board, now: float, page: Page) -> Text:
    """Return the line of cost blocks done, and of the measurement under way."""
    if board.cost is None:
        return Text()
    left = board.cost_seconds_left(now)
    parts = [BarPart(printable(board.cost.what), 1)]
    parts += [] if left is None else [BarPart(f"{clock(left)} left", 0)]
    share = board.cost.done / board.cost.total if board.cost.total else 1.0
    return line(f"cost {board.cost.done}/{board.cost.total} ", share, parts, page)


def line(head: str, share: float | None, parts: list[BarPart], page: Page) -> Text:
    """A line that fits the page: the parts that matter least go first, the bar last."""
    head = page.fit(head)
    parts = [BarPart(page.fit(part.text), part.rank) for part in parts]
    room = page.width - 1 - cell_len(head)
    shortest = 0 if share is None else SHORTEST_BAR
    while parts and cell_len(_joined(parts)) + shortest > room and len(parts) > 1:
        parts.remove(max(parts, key=lambda part: part.rank))
    tail = _joined(parts)
    length = min(BAR, room - cell_len(tail))
    drawn = (
        Text(head).append_text(bar(share, length, page)) if share is not None and length >= 3 else Text(head)
    )
    drawn.append(tail)
    drawn.truncate(page.width - 1)
    return drawn


def bar(share: float, length: int, page: Page) -> Text:
    """A bar of that length, filled by the share: '━━━━━━╸     '."""
    halves = round(max(0.0, min(1.0, share)) * length * 2)
    filled = page.fit("━") * (halves // 2) + page.fit("╸") * (halves % 2)
    return Text(filled, "green").append(" " * (length - len(filled)))


def _joined(parts: list[BarPart]) -> str:
    """The parts after the bar, two spaces apart; what is in brackets stays with what it explains."""
    return "".join(f" {part.text}" if part.text.startswith("(") else f"  {part.text}" for part in parts)
