"""Two aligned text files, line n of one beside line n of the other: `train.de::train.en`; FASTA::LABELS."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from seqcli.config.names import ALIGNED, files_of, holds_letters
from seqcli.data.config import DataConfig
from seqcli.data.files import Content, check_readable
from seqcli.data.lines import read_lines, without_end
from seqcli.data.sources.fasta import labelled_sequences
from seqcli.data.tables import NumberedRow, Table
from seqcli.errors import DataError

COLUMNS = ("source", "target")


class Aligned:
    """Locations of the form SOURCE::TARGET."""

    ending = "SOURCE::TARGET (two text files)"

    def reads(self, location: str) -> bool:
        """Return whether the location names two files."""
        return ALIGNED in location

    def tables(self, location: str, config: DataConfig) -> dict[str, Table]:
        """One table with the columns source and target; of FASTA::LABELS, that of the sequences.

        Raises:
            DataError: A file cannot be read, or they have different numbers of lines.
            UsageError: A file is a folder, pipe or device.
        """
        if holds_letters(location):
            return {"data": labelled_sequences(location, config)}
        files = [Content(name) for name in file_names(location)]
        for file in files:
            check_readable(file.location)

        def read(columns: tuple[str, ...]) -> Iterator[NumberedRow]:
            for number, cells in _lines(files, config.encoding):
                values = dict(zip(COLUMNS, cells, strict=True))
                yield number, tuple(values[column] for column in columns)

        def digest() -> str:
            import hashlib

            return hashlib.sha256("\n".join(file.sha256() for file in files).encode()).hexdigest()

        return {"data": Table(name=location, columns=COLUMNS, read=read, sha256=digest, unit="line")}


def file_names(location: str) -> tuple[str, str]:
    """The two files of a location.

    Raises:
        DataError: It does not name exactly two.
    """
    names = files_of(location)
    if len(names) != 2 or not all(names):
        raise DataError(
            f"{location} does not name two files", f"Write SOURCE{ALIGNED}TARGET: train.de{ALIGNED}train.en."
        )
    source, target = names
    return source, target


def _lines(files: Sequence[Content], encoding: str) -> Iterator[tuple[int, tuple[str, str]]]:
    """Each line's number and both texts, their line ends dropped.

    Raises:
        DataError: One file has more lines; both counts are named.
    """
    source, target = files
    both = zip_longest(read_lines(source, encoding), read_lines(target, encoding))
    for number, pair in enumerate(both, start=1):
        if None in pair:
            longer = 1 if pair[0] is None else 0
            counts = [number - 1, number - 1]
            counts[longer] = number + sum(1 for _ in both)
            raise DataError(
                f"{source.location} has {counts[0]:,} lines and {target.location} has {counts[1]:,}: "
                "they are not aligned",
                "Line n of one file must translate line n of the other.",
            )
        yield number, (without_end(pair[0][1]), without_end(pair[1][1]))


SOURCE = Aligned()
