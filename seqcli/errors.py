"""The mistakes and faults that seqcli names, each with its documented exit code."""

import difflib
from collections.abc import Iterable


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

    def __reduce__(self) -> tuple[type["SeqcliError"], tuple[str, str | None]]:
        return (type(self), (self.message, self.hint))


class UsageError(SeqcliError):
    """A wrong option, setting, name or configuration file."""

    exit_code = 2


class DataError(SeqcliError):
    """Input data that cannot be read as what it was said to be."""

    exit_code = 3


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
    """What to tell of exhausted memory, however a library says it; None for any other error."""
    told = isinstance(error, RuntimeError) and any(phrase in str(error) for phrase in _MEMORY_PHRASES)
    if not isinstance(error, MemoryError) and not told:
        return None
    return OutOfMemoryError(
        "out of memory", "Try a smaller --batch-size, --hidden or --max-len, or fewer --jobs."
    )


def unknown_name(kind: str, name: str, known: Iterable[str]) -> UsageError:
    """The error for a name that is not registered: lists the known ones and suggests the nearest."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    suggestion = f"Did you mean {near[0]}? " if near else ""
    return UsageError(f"unknown {kind} {name!r}", f"{suggestion}Known {kind}s: {', '.join(names)}.")
