"""Ctrl-C while something runs in a notebook or a script: the first asks it to stop and save."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class StopRequest:
    """Asked again and again by what runs; says so once Ctrl-C was pressed or the time is over.

    Args:
        limit: Seconds from now; None for no limit.
    """

    def __init__(self, limit: float | None = None) -> None:
        self.interrupted = False
        self.deadline = None if limit is None else time.monotonic() + limit

    def __call__(self) -> bool:
        """Return whether a stop was asked for."""
        return self.interrupted or self.out_of_time

    @property
    def out_of_time(self) -> bool:
        """Return whether the limit has passed."""
        return self.deadline is not None and time.monotonic() >= self.deadline

    def handle(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - a handler's signature
        """Take a Ctrl-C.

        Raises:
            KeyboardInterrupt: It is the second: what runs ends at once.
        """
        if self.interrupted:
            raise KeyboardInterrupt
        self.interrupted = True


@contextmanager
def interruptible(limit: float | None = None) -> Iterator[StopRequest]:
    """A request to stop that Ctrl-C makes, for as long as the block runs; then all is as it was.

    Only the main thread may take signals: elsewhere Ctrl-C does what it always does.
    """
    request = StopRequest(limit)
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or before is None:
        yield request
        return
    signal.signal(signal.SIGINT, request.handle)
    try:
        yield request
    finally:
        signal.signal(signal.SIGINT, before)
