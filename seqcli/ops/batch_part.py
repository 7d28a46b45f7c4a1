"""The part of a batch that one of several processes computes, and random numbers for it.

Numbers are drawn for the whole batch, from one state of torch's generator in every process, and each keeps
its own rows: the same masks fall on the same examples, however many processes share a batch.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class BatchPart:
    """Every N-th row of a batch: rows are sorted by length, so that all parts have about as many steps.

    Args:
        first: The first row, from 0 to N - 1.
        every: N, the number of parts.
        batch: B, the rows of the whole batch.
    """

    first: int
    every: int
    batch: int

    @property
    def rows(self) -> slice:
        """The rows of the whole batch that belong to it."""
        return slice(self.first, None, self.every)


_PART: ContextVar[BatchPart | None] = ContextVar("batch_part", default=None)


def current_part() -> BatchPart | None:
    """The part that is being computed; None where batches are whole."""
    return _PART.get()


@contextmanager
def computing(part: BatchPart) -> Iterator[None]:
    """Draw random numbers as for the whole batch of which this part is computed."""
    token = _PART.set(part)
    try:
        yield
    finally:
        _PART.reset(token)


def drawn_rows(draw: Callable[[int], Tensor], rows: int) -> Tensor:
    """Random numbers for the rows of a batch, or of the part of it that is being computed.

    Args:
        draw: Takes a number of rows B and returns (B, …).
        rows: Of what is being computed.
    """
    part = _PART.get()
    return draw(rows) if part is None else draw(part.batch)[part.rows]
