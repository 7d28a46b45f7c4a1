"""Signals and time limits that end a command: the first asks it to stop and save, the second ends it at once.

Imports nothing heavy: the handlers are there before anything else of seqcli is.
"""

import os
import signal
import sys
import time
from types import FrameType
from typing import ClassVar

ENDING = ("SIGINT", "SIGTERM", "SIGHUP")
TIME_IS_OVER = "SIGUSR2"
"""The word of a batch system some seconds before a job's time limit: as the end of `--max-time`, exit 75."""


class SignalReceived(BaseException):
    """A signal came while nothing had to be saved; what is open is closed on the way out."""

    def __init__(self, number: int) -> None:
        super().__init__(f"ended by {signal.Signals(number).name}")
        self.exit_code = 128 + number


def end_at_signals() -> None:
    """From now on a signal ends the command with its exit code, a second one at once."""
    # Installed explicitly: a shell starts `command &` with SIGINT ignored.
    _install(_Ending().handle)


def lost_signal() -> SignalReceived | None:
    """The signal whose exception a library turned into one of its own, or swallowed; None if none came."""
    # An import that is interrupted in C says 'initialization failed', a half-read file is of the wrong type.
    return None if _Ending.last is None else SignalReceived(_Ending.last)


class StopSignals:
    """Installed handlers that only set a flag; call it to ask whether a stop was asked for.

    Args:
        limit: Seconds after which it says so by itself; None for no limit.
        since: When the limit began, as `time.monotonic` tells it; None for now.

    Attributes:
        received: The first signal's number; None before it. One that was swallowed before counts.
    """

    def __init__(self, limit: float | None = None, *, since: float | None = None) -> None:
        self.received: int | None = _Ending.last
        began = time.monotonic() if since is None else since
        self.deadline = None if limit is None else began + limit
        _install(self._handle)
        if hasattr(signal, TIME_IS_OVER):
            signal.signal(getattr(signal, TIME_IS_OVER), self._end_of_time)

    def _end_of_time(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - as above
        self.deadline = time.monotonic()

    def _handle(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - a handler's signature
        # The second one: whoever asks twice does not wait for a save that may hang on a disk.
        if self.received is not None:
            os._exit(128 + number)
        self.received = number

    def __call__(self) -> bool:
        """Return whether a stop was asked for."""
        return self.received is not None or self.out_of_time

    @property
    def out_of_time(self) -> bool:
        """Return whether the limit has passed."""
        return self.deadline is not None and time.monotonic() >= self.deadline

    def exit_code(self, otherwise: int) -> int:
        """128 + the signal's number, as shells count; `otherwise` when no signal came."""
        return otherwise if self.received is None else 128 + self.received

    def release(self) -> None:
        """There is nothing to save any more: a signal that came ends the command, as do those to come.

        Raises:
            SignalReceived: A signal came since the handlers were installed.
        """
        end_at_signals()
        if self.received is not None:
            raise SignalReceived(self.received)


class _Ending:
    last: ClassVar[int | None] = None
    """The number of the last signal that was raised as an exception in this process."""

    def __init__(self) -> None:
        self.received = False

    def handle(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - a handler's signature
        # While Python ends, an exception would be printed and passed over.
        if self.received or sys.is_finalizing():
            os._exit(128 + number)
        self.received = True
        _Ending.last = number
        raise SignalReceived(number)


def _install(handler: object) -> None:
    for name in ENDING:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), handler)  # type: ignore[arg-type]
