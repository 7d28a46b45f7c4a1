"""A text file's lines, decoded and bounded: no line can fill the memory.

There is one meaning of 'line', for every reader of text: LF and CR LF end one. A CR alone is a character like
any other; were it a line's end to one reader and not to another, aligned files would shift.
"""

import codecs
import io
from collections.abc import Iterator

from seqcli.data.files import Content, check_text, opened
from seqcli.errors import DataError

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


def _undecodable(location: str, encoding: str) -> DataError:
    """The error for bytes outside the encoding, with the line and byte where that can be told."""
    hint = "Say how it is encoded: --encoding latin-1 (Western European), cp1252 (Windows), utf-16, euc-kr, …"
    if codecs.lookup(encoding).name.startswith(("utf-16", "utf-32")):
        return DataError(f"{location} is not {encoding}", hint)
    with opened(location) as file:
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
