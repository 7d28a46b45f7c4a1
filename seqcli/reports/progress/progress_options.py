"""The options of progress, on a terminal and off it."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class ProgressOptions:
    """The options of progress.

    Args:
        metric: The name of the task's metric, for its unit.
        many: Whether many legs run, rather than one.
        verbose: Whether every epoch and every leg leaves a line, with more figures.
        now: The clock, in seconds.
    """

    metric: str
    many: bool
    verbose: bool
    now: Callable[[], float]
