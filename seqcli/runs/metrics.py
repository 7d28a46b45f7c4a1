"""The metrics of a run as it goes: strict JSON lines, each step once and in order."""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from seqcli.errors import RunError
from seqcli.runs import strict_json
from seqcli.runs.storage import close_quietly, open_file, read_file, read_first, storage_faults, write_all

# 16 GiB: some hundred bytes an epoch never get there, a file that is no log may.
_LARGEST_LOG = 1 << 34


class MetricsLog:
    """Appends to `metrics.jsonl`; its mark goes into a checkpoint's state and brings the file back to it.

    Made by `MetricsLog.open`; a context manager that closes the file.
    """

    def __init__(self, path: Path, descriptor: int, content: bytes, step: int) -> None:
        self._path = path
        self._descriptor = descriptor
        self._digest = hashlib.sha256(content)
        self._size = len(content)
        self._step = step

    @classmethod
    def open(cls, path: Path, mark: Mapping[str, object] | None) -> Self:
        """Opens the file as it was at the mark: later lines and a torn tail are cut off.

        Args:
            path: The file; it is made when it is missing and there is no mark.
            mark: What `mark` returned when the checkpoint was made that is now resumed; None starts anew.

        Raises:
            RunError: What the mark stands for was changed, cut or removed.
        """
        flags = os.O_RDWR | os.O_APPEND
        descriptor = open_file(path, flags if mark else flags | os.O_CREAT)
        try:
            return cls(path, descriptor, *_cut_back(path, descriptor, mark))
        except BaseException:
            close_quietly(descriptor)
            raise

    def append(self, record: Mapping[str, object]) -> None:
        """Adds one line.

        Args:
            record: JSON values; `step` is a whole number greater than the last line's.

        Raises:
            ValueError: The step is missing or not greater, or a number is not finite; nothing is written.
            StorageError: The disk is full or fails; the file ends with the line before.
        """
        step = _number(record, "step")
        if step <= self._step:
            raise ValueError(f"step {step} comes after step {self._step}: each step is told once, in order")
        line = strict_json.line(record)
        with storage_faults(self._path, needed=len(line)):
            try:
                write_all(self._descriptor, line)
            except OSError:
                # Half a line would make the next one unreadable.
                os.ftruncate(self._descriptor, self._size)
                raise
        self._digest.update(line)
        self._size += len(line)
        self._step = step

    def mark(self) -> dict[str, object]:
        """Makes all lines durable and says what they are: {'step', 'bytes', 'sha256'}."""
        with storage_faults(self._path, needed=0):
            os.fsync(self._descriptor)
        return {"step": self._step, "bytes": self._size, "sha256": self._digest.hexdigest()}

    def close(self) -> None:
        """Closes the file; what was appended stays."""
        close_quietly(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read_log(path: Path) -> bytes:
    """A log's bytes, a last line that was cut included.

    Raises:
        RunError: It is no regular file.
    """
    return read_file(path, at_most=_LARGEST_LOG)


def read_metrics(path: Path) -> list[dict[str, object]]:
    """The lines of a metrics file that may still be growing: a torn last line is left out.

    Raises:
        RunError: A whole line is not a strict JSON object, or a step comes twice or too late; names the line.
    """
    records: list[dict[str, object]] = []
    last = -1
    whole_lines = read_log(path).split(b"\n")[:-1]
    for number, line in enumerate(whole_lines, start=1):
        try:
            record = strict_json.parse_object(line)
            step = _number(record, "step")
        except ValueError as error:
            raise RunError(f"{path}:{number} is damaged: {error}") from error
        if step <= last:
            raise RunError(f"{path}:{number} is damaged: step {step} comes after step {last}")
        records.append(record)
        last = step
    return records


def _cut_back(path: Path, descriptor: int, mark: Mapping[str, object] | None) -> tuple[bytes, int]:
    """The lines up to the mark and the step of the last one, after all else has been cut off."""
    size, step = (_number(mark, "bytes"), _number(mark, "step")) if mark else (0, -1)
    with storage_faults(path):
        content = read_first(descriptor, size)
        if mark and hashlib.sha256(content).hexdigest() != mark.get("sha256"):
            raise RunError(
                f"{path} was changed or cut before its line of step {step}",
                "Give --overwrite to start anew.",
            )
        os.ftruncate(descriptor, size)
    return content, step


def _number(values: Mapping[str, object], key: str) -> int:
    number = values.get(key)
    if not isinstance(number, int) or isinstance(number, bool) or number < -1:
        raise ValueError(f"{key} must be a whole number, got {number!r}")
    return number
