"""The status of a run."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from seqcli.errors import RunError
from seqcli.runs import strict_json
from seqcli.runs.atomic import write_json
from seqcli.runs.lock import Holder
from seqcli.runs.reading import read_file

RunState = Literal["new", "running", "partial", "done", "failed"]

# A reason and an exit code; 16 MiB leave room for any traceback.
_LARGEST_NOTE = 1 << 24


@dataclass(frozen=True)
class Status:
    """The status of a run.

    Attributes:
        state: new (nothing to continue from), running (another process works in it), partial (a checkpoint
            to continue from), done, or failed.
        reason: Why it failed; None otherwise.
        exit_code: The exit code it failed with; None otherwise.
        holder: The process that works in it; None when none does.
    """

    state: RunState
    reason: str | None = None
    exit_code: int | None = None
    holder: Holder | None = None


def write_failure(path: Path, reason: str, exit_code: int) -> None:
    """Notes a failure.

    Raises:
        StorageError: The disk is full or fails.
    """
    write_json(path, {"exit_code": exit_code, "reason": reason})


def read_failure(path: Path) -> Status:
    """The failure that was noted.

    Raises:
        RunError: The note is damaged.
    """
    try:
        value = strict_json.parse_object(read_file(path, at_most=_LARGEST_NOTE))
        return Status("failed", reason=str(value["reason"]), exit_code=int(str(value["exit_code"])))
    except (ValueError, KeyError) as error:
        raise RunError(f"{path} is damaged: {error}") from error
