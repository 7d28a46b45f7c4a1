"""Texts for a command: its arguments, a file's lines, or those of standard input."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from seqcli.cli.flags import Given
from seqcli.errors import DataError, UsageError

LINES_AT_ONCE = 1024
"""Read together from a file or a pipe; a person at a terminal gets an answer to each line."""


def lines_of(stream: BinaryIO, name: str) -> Iterator[str]:
    """The stream's lines without their ends.

    Raises:
        DataError: A line is not UTF-8.
    """
    for number, line in enumerate(stream, start=1):
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise DataError(
                f"{name}, line {number} is not UTF-8: {error.reason} at byte {error.start + 1}",
                "Convert it: iconv -f LATIN1 -t UTF-8.",
            ) from error


def blocks(lines: Iterator[str], *, at_once: bool) -> Iterator[list[str]]:
    """Lines in lists, each alone if it is to be answered at once; those before an error come before it.

    Raises:
        DataError: A line is not UTF-8.
    """
    size = 1 if at_once else LINES_AT_ONCE
    block: list[str] = []
    try:
        for line in lines:
            block.append(line)
            if len(block) == size:
                yield block
                block = []
    except DataError:
        if block:
            yield block
        raise
    if block:
        yield block


def file_lines(file: BinaryIO, name: str) -> Iterator[str]:
    """A file's lines without their ends; it is closed after the last.

    Raises:
        DataError: A line is not UTF-8.
    """
    with file:
        yield from lines_of(file, name)


def sources(given: Given) -> tuple[Iterator[str], bool]:
    """The texts given, and whether each should be answered at once.

    Raises:
        UsageError: Texts and a file were both given, a text is a file's name, or there is no input at all.
        DataError: The file cannot be read.
    """
    texts, path = given["texts"], given["input"]
    if texts and path:
        raise UsageError("texts and --input exclude each other", "Drop one of the two.")
    if texts:
        for text in filter(os.path.isfile, texts):
            raise UsageError(f"{text} is a file", f"Give --input {text} for its lines.")
        return iter(texts), False
    if path:
        try:
            return file_lines(Path(path).open("rb"), path), False
        except OSError as error:
            raise DataError(f"{path} cannot be read: {error.strerror}") from error
    if sys.stdin is None or sys.stdin.closed:
        raise UsageError("there is nothing to read", "Give a text, --input FILE, or lines on standard input.")
    return lines_of(sys.stdin.buffer, "standard input"), sys.stdin.isatty()
