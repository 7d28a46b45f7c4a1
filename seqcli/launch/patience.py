"""Patience with a disk that several machines share: what fails for a moment costs that moment alone.

A network's disk answers a call with EIO, ESTALE or ETIMEDOUT where its server restarts, or where another
machine replaced a file while it was read, and the next call as ever.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from seqcli.errors import StorageError, system_fault
from seqcli.runs.storage import storage_faults

T = TypeVar("T")

TRIES = 3
"""Of an act without which nothing goes on."""
PAUSE_SECONDS = 1.0
"""Between two of them."""


def patiently(act: Callable[[], T]) -> T:
    """Act on the shared disk, and again after a while where it fails now and then.

    Raises:
        StorageError: It fails again and again.
    """
    for _ in range(TRIES - 1):
        try:
            return act()
        except (StorageError, OSError) as error:
            if isinstance(error, OSError) and not isinstance(system_fault(error), StorageError):
                raise
        time.sleep(PAUSE_SECONDS)
    return act()


class Patience:
    """The time for which an act that comes again and again may fail.

    Args:
        folder: Of the store.
        seconds: By then other workers have taken over.
        clock: Seconds of this process's own life.
    """

    def __init__(self, folder: Path, seconds: float, clock: Callable[[], float]) -> None:
        self.folder = folder
        self.seconds = seconds
        self.clock = clock
        self._worked_at: float | None = None

    @contextmanager
    def passing_over(self) -> Iterator[None]:
        """Pass over a fault of the disk inside the block.

        Raises:
            StorageError: It has failed each time for so long.
        """
        now = self.clock()
        if self._worked_at is None:
            self._worked_at = now
        try:
            with storage_faults(self.folder):
                yield
        except StorageError:
            if now - self._worked_at >= self.seconds:
                raise
        else:
            self._worked_at = now
