"""The mistakes and faults that seqcli names, each with its documented exit code."""

import difflib
import errno
from collections.abc import Iterable, Mapping, Sequence


class SeqcliError(Exception):
    """A fault with a message for people: what and where, then what is allowed or how to fix it.

    Args:
        message: What was wrong, what was received and where (file, line, column).
        hint: What is allowed or how to fix it; None when the message already says so.
    """

    exit_code: int = 1

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if hint is not None:
            self.add_note(hint)  # a traceback, which is all that Python shows, ends with it

    def __reduce__(self) -> tuple[type["SeqcliError"], tuple[str, str | None]]:
        return (type(self), (self.message, self.hint))


class UsageError(SeqcliError):
    """A wrong option, setting, name or configuration file."""

    exit_code = 2


class DataError(SeqcliError):
    """Input data that cannot be read as what it was said to be."""

    exit_code = 3


class ColumnsError(DataError):
    """A table whose columns are not what a kind of task reads, as far as can be told."""


class RunError(SeqcliError):
    """A run directory or checkpoint that cannot be used."""

    exit_code = 4


class OtherVersionError(RunError):
    """A run directory whose layout is another version's: healthy, as far as anyone can tell."""


class BusyError(SeqcliError):
    """A run directory that another process holds."""

    exit_code = 5


class StorageError(SeqcliError):
    """A disk that is full, over quota, read-only or broken."""

    exit_code = 6


class OutOfMemoryError(SeqcliError):
    """Host or device memory that is exhausted."""

    exit_code = 7


class DivergedError(SeqcliError):
    """A loss, gradient or weight that is not finite."""

    exit_code = 8


class LegsFailedError(SeqcliError):
    """A comparison that finished while at least one of its legs failed."""

    exit_code = 9


class WorkerLostError(SeqcliError):
    """A worker process that died or stopped answering."""

    exit_code = 10


class GateFailedError(SeqcliError):
    """A gate (`--expect`) that does not hold."""

    exit_code = 20


class GateUndecidedError(SeqcliError):
    """A gate (`--expect`) that these seeds cannot decide."""

    exit_code = 21


class StoppedError(SeqcliError):
    """A run stopped on purpose with its state saved; the same command continues it."""

    exit_code = 75


# Torch reports exhausted memory of the host as a plain RuntimeError, and of a device as a class of its own.
_MEMORY_PHRASES = ("can't allocate memory", "not enough memory", "DefaultCPUAllocator", "out of memory")


def out_of_memory(error: BaseException) -> OutOfMemoryError | None:
    """Return the error for exhausted memory, however a library says it; None for any other error."""
    reported = isinstance(error, RuntimeError) and any(phrase in str(error) for phrase in _MEMORY_PHRASES)
    refused = isinstance(error, OSError) and error.errno == errno.ENOMEM
    if not (isinstance(error, MemoryError) or reported or refused):
        return None
    return OutOfMemoryError(
        "out of memory", "Try a smaller --batch-size, --hidden or --max-len, or fewer --jobs."
    )


MAKE_ROOM = "Make room or raise the limit, then give the same command again."
USABLE = "Check that it is there and that you may use it, then give the command again."
FEWER_FILES = "Raise the limit on open files (ulimit -n) or give fewer --jobs, then give the command again."
CHECK_DISK = "Check the disk and how it is mounted, then give the same command again."

STORAGE_ERRNOS: Mapping[int, str] = {
    # Python starts with SIGXFSZ ignored, so a file-size limit arrives as EFBIG like the rest.
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), MAKE_ROOM),
    **dict.fromkeys((errno.EMFILE, errno.ENFILE), FEWER_FILES),
    **dict.fromkeys(
        (errno.EACCES, errno.EPERM, errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EROFS, errno.ELOOP),
        USABLE,
    ),
    **dict.fromkeys((errno.ENAMETOOLONG, errno.EMLINK, errno.ENOTEMPTY, errno.EXDEV, errno.EINVAL), USABLE),
    **dict.fromkeys((errno.EBUSY, errno.EAGAIN, errno.ETXTBSY, errno.EDEADLK, errno.ENOLCK), CHECK_DISK),
    **dict.fromkeys((errno.EIO, errno.EUCLEAN, errno.EREMOTEIO, errno.ESTALE, errno.ENODEV), CHECK_DISK),
    **dict.fromkeys((errno.ENXIO, errno.ETIMEDOUT, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPROTO), CHECK_DISK),
    **dict.fromkeys((errno.EHOSTDOWN, errno.EHOSTUNREACH, errno.ENOTCONN, errno.EOVERFLOW), CHECK_DISK),
}
"""What a disk, or a network or FUSE file system, answers when it fails (exit code 6), and what to do then.

ENOMEM is memory (7). What only a mistake of ours brings is not among them: EBADF, EFAULT, ENOTTY, ESPIPE.
"""


def storage_fault(error: OSError) -> StorageError | None:
    """Return the error for a disk that failed in an unnamed act; None for any other error."""
    hint = STORAGE_ERRNOS.get(error.errno or 0)
    if hint is None:
        return None
    names = [str(name) for name in (error.filename, error.filename2) if name is not None]
    where = " and ".join(names) or "a file"
    return StorageError(f"cannot use {where}: {error.strerror}", hint)


NAME_ERRNOS = frozenset({
    errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.EACCES, errno.EPERM,
    errno.ENXIO,
})  # fmt: skip
"""What the system answers of a file that somebody named and that cannot be used; all else is the disk's."""


def disk_fault(error: BaseException) -> SeqcliError | None:
    """Return the error for a machine that failed while a named file was used; None for a bad name."""
    if isinstance(error, OSError) and error.errno in NAME_ERRNOS:
        return None
    return system_fault(error)


def system_fault(error: BaseException) -> SeqcliError | None:
    """Return the error for a machine that failed, however a library says it; None for any other error."""
    if (memory := out_of_memory(error)) is not None:
        return memory
    if isinstance(error, RuntimeError) and "can't start new thread" in str(error):
        return WorkerLostError(
            "the system does not let another thread start",
            "Give fewer --jobs or --threads, or raise the limit (ulimit -u, or pids.max of the container).",
        )
    return storage_fault(error) if isinstance(error, OSError) else None


def either(names: Iterable[str]) -> str:
    """Return names as the choice that they are: 'word, char or bpe'."""
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last


NAMES_SHOWN = 20
"""The most names that a message lists: a table can have thousands of columns."""


def first_names(names: Sequence[str]) -> str:
    """The first twenty of the names, and how many more there are: 'a, b'; 'a, …, t and 4,980 more'."""
    more = len(names) - NAMES_SHOWN
    return ", ".join(names[:NAMES_SHOWN]) + (f" and {more:,} more" if more > 0 else "")


def unknown_name(kind: str, name: str, known: Iterable[str]) -> UsageError:
    """The error for a name that is not registered: lists the known ones and suggests the nearest."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    suggestion = f"Did you mean {near[0]}? " if near else ""
    return UsageError(f"unknown {kind} {name!r}", f"{suggestion}Known {kind}s: {first_names(names)}.")
