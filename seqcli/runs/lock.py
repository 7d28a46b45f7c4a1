"""One process at a time in a run directory; the second learns who the first is.

The lock is the kernel's (flock), so it goes with its process however that ends, and a stopped process
still holds it. The lock file only names the holder; whoever ends in its own way removes it, so that one
that nobody holds tells of a holder that was killed.
"""

import errno
import fcntl
import os
import shlex
import socket
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from seqcli.errors import BusyError, RunError, StorageError, storage_fault
from seqcli.runs import strict_json
from seqcli.runs.run_layout import LOCK_FILE
from seqcli.runs.storage import close_quietly, storage_faults, write_all

# Short against what a person notices, long against a rename; a lock has no event to wait for.
POLL_SECONDS = 0.02
# It tells a person which process holds the lock; the record stays one small write.
_LONGEST_COMMAND = 200
# A holder's record has some hundred bytes; one that another program wrote is not read to its end.
_LONGEST_RECORD = 1 << 16

_held_descriptors: set[int] = set()  # descriptors; a forked child must not keep its parent's locks alive


@dataclass(frozen=True)
class Holder:
    """The process that works in a run directory.

    Attributes:
        pid: Its number, on its own machine.
        host: Its machine.
        started: When it started, in UTC, as ISO 8601.
        command: Its command line, shortened.
        memory: The most bytes of memory it had used when it last told; None where it never did.
        memory_limit: The bytes that it could have had.
    """

    pid: int
    host: str
    started: str
    command: str
    memory: int | None = None
    memory_limit: int | None = None

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}, started {self.started}: {self.command}"


class Released(ABC):
    """Something that is given back at the end of a `with` block."""

    @abstractmethod
    def release(self) -> None:
        """Give it back."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


class RunLock(Released):
    """The lock over one run directory; made by `RunLock.acquire`, given back by `release` or by dying.

    Attributes:
        killed: The holder before, where it died without giving the lock back; None where it did.
    """

    def __init__(self, path: Path, descriptor: int, holder: Holder, *, killed: Holder | None = None) -> None:
        self.killed = killed
        self._holder = holder
        self._path = path
        self._descriptor: int | None = descriptor
        self._owner = os.getpid()
        _held_descriptors.add(descriptor)

    @classmethod
    def acquire(cls, folder: Path, *, patience: float = 1.0) -> Self:
        """Takes the lock, waiting a little for a holder that is about to end.

        Args:
            folder: The run directory; it must exist.
            patience: Seconds to wait for another holder.

        Raises:
            BusyError: Another process holds it; the message names it.
            RunError: Something that is not a lock file has its name.
            StorageError: The disk is read-only, full or has no locks.
        """
        path = folder / LOCK_FILE
        deadline = time.monotonic() + patience
        while (descriptor := try_lock(path)) is None:
            if time.monotonic() >= deadline:
                raise _busy(folder)
            time.sleep(POLL_SECONDS)
        try:
            before, now = _read_holder(descriptor), _myself()
            with storage_faults(path, needed=_LONGEST_RECORD):
                os.ftruncate(descriptor, 0)
                write_all(descriptor, strict_json.line(asdict(now)))
        except BaseException:
            close_quietly(descriptor)
            raise
        return cls(path, descriptor, now, killed=before if before.pid else None)

    def tell_memory(self, used: int, limit: int) -> None:
        """Notes how much memory this process has used, for whoever finds it killed.

        A disk that does not take the note is no fault of the run's: what is lost is a figure in a sentence.

        Args:
            used: The most bytes so far.
            limit: The most that it could have.
        """
        if self._descriptor is None or not self.held:
            return
        self._holder = replace(self._holder, memory=used, memory_limit=limit)
        record = strict_json.line(asdict(self._holder))
        with suppress(OSError):
            # One write over the old record, blanks over its end: at no instant is there none.
            os.pwrite(self._descriptor, record.ljust(os.fstat(self._descriptor).st_size), 0)

    def release(self) -> None:
        """Gives the lock back; does nothing the second time or in a forked child."""
        if self._descriptor is None or self._owner != os.getpid():
            return
        with suppress(OSError):
            # Still locked: whoever waits on this file will see that it is gone. Never the lock of another's
            # folder that took this one's place.
            if os.path.samestat(os.fstat(self._descriptor), self._path.lstat()):
                self._path.unlink()
        _held_descriptors.discard(self._descriptor)
        close_quietly(self._descriptor)
        self._descriptor = None

    @property
    def held(self) -> bool:
        """Return whether this process still has it."""
        return self._descriptor is not None and self._owner == os.getpid()


def find_holder(folder: Path) -> Holder | None:
    """Return the process that works in the run directory now; None when none does. Changes nothing.

    Raises:
        RunError: Something that is not a lock file has its name.
    """
    try:
        descriptor = os.open(folder / LOCK_FILE, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        fault = storage_fault(error)
        if fault is not None and error.errno not in {errno.ELOOP, errno.ENXIO}:
            raise fault from error
        raise RunError(f"{folder / LOCK_FILE} cannot be read: {error.strerror}") from error
    try:
        # Shared: two that look at once do not take each other for a holder.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read_holder(descriptor)
    except OSError:
        return None  # a disk without locks: nobody can hold one
    else:
        return None
    finally:
        close_quietly(descriptor)


def is_left_behind(path: Path) -> bool:
    """Return whether a lock file is one of ours that its process left and nobody holds. Changes nothing.

    Raises:
        RunError: Something that is not a lock file has its name.
    """
    if find_holder(path.parent) is not None:
        return False
    with storage_faults(path):
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        return _read_holder(descriptor).pid > 0
    finally:
        close_quietly(descriptor)


def try_lock(path: Path) -> int | None:
    """Return the descriptor of the locked file; None where another process holds it."""
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # The holder before may have removed the file between our opening and locking it: then the lock is of
        # a file that nobody else will open.
        if os.path.samestat(os.fstat(descriptor), path.lstat()):
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        pass
    except OSError as error:
        close_quietly(descriptor)
        raise StorageError(
            f"the disk of {path} has no locks: {error.strerror}", "Choose --out on a local disk."
        ) from error
    close_quietly(descriptor)
    return None


def _open(path: Path) -> int:
    # Nobody's link is followed to another file, and a pipe of this name does not make us wait.
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with storage_faults(path, needed=_LONGEST_RECORD):
        try:
            return os.open(path, flags, 0o666)
        except OSError as error:
            if error.errno == errno.EISDIR or (error.errno == errno.ELOOP and path.is_symlink()):
                hint = "Remove it and give the command again."
                raise RunError(f"{path} is not a lock file", hint) from error
            raise


def _myself() -> Holder:
    process = psutil.Process()
    return Holder(
        pid=process.pid,
        host=socket.gethostname(),
        started=datetime.fromtimestamp(process.create_time(), UTC).isoformat(timespec="seconds"),
        command=shlex.join(sys.argv)[:_LONGEST_COMMAND],
    )


def _busy(folder: Path) -> BusyError:
    holder = find_holder(folder)
    holder_text = str(holder) if holder and holder.pid else "another process"
    return BusyError(f"{folder} is in use by {holder_text}", "Wait for it, end it, or choose another --out.")


def _read_holder(descriptor: int) -> Holder:
    """The holder's own words, which another program may have garbled: then it has no name."""
    try:
        record = strict_json.parse_object(os.pread(descriptor, _LONGEST_RECORD, 0))
        return Holder(
            pid=int(str(record["pid"])),
            host=str(record["host"]),
            started=str(record["started"]),
            command=str(record["command"]),
            memory=_bytes(record, "memory"),
            memory_limit=_bytes(record, "memory_limit"),
        )
    except (OSError, ValueError, KeyError):
        return Holder(pid=0, host="", started="", command="")


def _bytes(record: Mapping[str, object], name: str) -> int | None:
    count = record.get(name)
    return count if isinstance(count, int) else None


def _forget_parents_locks() -> None:
    for descriptor in _held_descriptors:
        with suppress(OSError):
            close_quietly(descriptor)
    _held_descriptors.clear()


# flock belongs to the open file, which a forked child shares: the lock would outlive the parent in it.
os.register_at_fork(after_in_child=_forget_parents_locks)
