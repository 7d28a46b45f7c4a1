"""The lines of a committed file that is too large to be held: read anew each time, a piece in memory."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from seqcli.runs.manifest import FileRecord, read_pieces

HELD = 1 << 20
"""Bytes of the largest file of lines that is held whole, 1 MiB: a comparison has one for each of its legs."""


@dataclass(frozen=True)
class KeptLines(Iterable[bytes]):
    """The lines of a committed file, each with its end; those of equal content are equal.

    Every reading to the end is checked by SHA-256, so that none ends in values that were not committed.

    Attributes:
        path: The file.
        record: Its size and SHA-256.
    """

    path: Path = field(compare=False)
    record: FileRecord

    def __iter__(self) -> Iterator[bytes]:
        """The lines, one by one.

        Raises:
            RunError: The file is missing, a link, or not what was committed; the last at its end.
            StorageError: The disk does not give it.
        """
        begun: list[bytes] = []
        for piece in read_pieces(self.path, self.record):
            *whole, rest = piece.split(b"\n")
            for line in whole:
                yield b"".join((*begun, line, b"\n"))
                begun = []
            begun.append(rest)
        if last := b"".join(begun):
            yield last

    def check(self) -> None:
        """Read it once; raises as `__iter__`."""
        for _ in read_pieces(self.path, self.record):
            pass
