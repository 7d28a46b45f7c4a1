"""Files of text, decoded line by line: what they are, in which encoding, and where they cannot be read.

There is one meaning of 'line', for every reader of text: LF and CR LF end one. A CR alone is a character like
any other; were it a line's end to one reader and not to another, aligned files would shift.
"""

import codecs
import io
from collections.abc import Iterator

from seqcli.data.files import AT_ONCE, Content, opened_unpacked
from seqcli.errors import DataError

AS_CSV = (
    "Save the sheet as 'CSV UTF-8' in your spreadsheet program, or: "
    "libreoffice --headless --convert-to csv FILE."
)

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


def check_text(location: str, encoding: str) -> None:
    """Look at a text file's first bytes for what it cannot be.

    Raises:
        DataError: It is empty, compressed, of another format, or in UTF-16 or UTF-32 unannounced.
    """
    with opened_unpacked(location) as file:
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
    with opened_unpacked(location) as file:
        start: bytes = file.read(AT_ONCE)
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
    with opened_unpacked(location) as file:
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
