"""The course of preparing data, told to whoever watches."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal, Protocol

Step = Literal["checking", "reading", "counting", "encoding", "going through", "writing"]


@dataclass(frozen=True)
class PreparationStep:
    """One piece of the work is done.

    Args:
        step: The work.
        name: The file's name; '' of what lies in several.
        done: Bytes of the file, or texts.
        total: How many there are.
        in_bytes: Whether they are bytes.
    """

    step: Step
    name: str
    done: int
    total: int
    in_bytes: bool


class Watcher(Protocol):
    """Whoever watches."""

    def show(self, event: PreparationStep) -> None:
        """Take note of a piece of work."""

    def close(self) -> None:
        """Take note that all of it is done, or failed."""


_watcher: ContextVar[Watcher | None] = ContextVar("watcher", default=None)
_preparing: ContextVar[bool] = ContextVar("preparing", default=False)


@contextmanager
def watched(by: Watcher | None) -> Iterator[None]:
    """Inside the block a watcher is told of each preparation; None is nobody."""
    before = _watcher.set(by)
    try:
        yield
    finally:
        _watcher.reset(before)


@contextmanager
def preparation() -> Iterator[None]:
    """Inside the block data is prepared: what is read elsewhere is too little to tell of."""
    before = _preparing.set(True)
    try:
        yield
    finally:
        _preparing.reset(before)
        watcher = _watcher.get()
        if watcher is not None:
            watcher.close()


def tell(step: Step, done: int, total: int, *, name: str = "", in_bytes: bool = False) -> None:
    """Tell the watcher, if there is one, how far a step is."""
    watcher = _watcher.get()
    if watcher is not None and _preparing.get():
        watcher.show(PreparationStep(step, name, done, total, in_bytes))
