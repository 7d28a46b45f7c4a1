"""Signals that end a command: the first asks it to stop and save, the second ends it at once."""

import os
import signal
from types import FrameType

ENDING = ("SIGINT", "SIGTERM", "SIGHUP")


class StopSignals:
    """Installed handlers that only set a flag; call it to ask whether a stop was asked for.

    Handlers are installed explicitly, also where a shell started the command with SIGINT ignored.

    Attributes:
        received: The first signal's number; None before it.
    """

    def __init__(self) -> None:
        self.received: int | None = None
        for name in ENDING:
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), self._handle)

    def _handle(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - a handler's signature
        if self.received is not None:
            os._exit(128 + number)
        self.received = number

    def __call__(self) -> bool:
        """Whether a stop was asked for."""
        return self.received is not None

    def exit_code(self, otherwise: int) -> int:
        """128 + the signal's number, as shells count; `otherwise` when no signal came."""
        return otherwise if self.received is None else 128 + self.received
