"""Tables of any format behind one view: column names first, then rows one by one."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from seqcli.config.names import holds_letters
from seqcli.data.config import DataConfig
from seqcli.data.files import PACKED, WORKBOOKS, check_readable, ending
from seqcli.data.lines import AS_CSV
from seqcli.errors import ColumnsError, DataError
from seqcli.registry import Registry


class Absent(Enum):
    """The mark of a record that does not have the column at all."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT

CellValue = str | int | float | bool | Absent | None
"""What one place of a table may hold; delimited text holds only str."""

MAX_COLUMNS = 10_000
"""The most columns of a table."""

NumberedRow = tuple[int, tuple[CellValue, ...]]
"""A row's number as its source counts, and its cells in the order asked for."""


@dataclass(frozen=True)
class Table:
    """One table, read lazily: nothing but its column names is in memory.

    Args:
        name: What messages call it: the location as it was given.
        columns: The names of its columns, in its order.
        read: Yields the rows of the columns named; each call starts again at the first row.
        sha256: Computes the SHA-256 of its content.
        unit: What its row numbers count: 'row' (a header is row 1) or 'line'.
        location: Where the data lies, where the name tells more than that.
        way_out: What a person can do where all its labels are hidden, if more than naming another column.
        doubt: Why its column names look like data, as a sentence, where they do.
        headed: Whether its names are its first row, which could as well be data.
        caution: What else a person should know of it, as a sentence.
    """

    name: str
    columns: tuple[str, ...]
    read: Callable[[tuple[str, ...]], Iterator[NumberedRow]]
    sha256: Callable[[], str]
    unit: str = "row"
    location: str | None = None
    way_out: str | None = None
    doubt: str | None = None
    headed: bool = False
    caution: str | None = None

    def where(self, number: int) -> str:
        """The place of a row for messages: 'reviews.csv, row 7'."""
        return f"{self.name}, {self.unit} {number}"


class TableSource(Protocol):
    """One format of tables; each file of `seqcli.data.sources` keeps one under `SOURCE`."""

    @property
    def ending(self) -> str:
        """The ending or beginning of its locations, for messages: '.csv', 'hf:NAME'."""

    def reads(self, location: str) -> bool:
        """Return whether a location is of this format, judged by its name alone."""

    def tables(self, location: str, config: DataConfig) -> dict[str, Table]:
        """The location's tables: one under 'data', or ready-made splits under 'train', 'valid', 'test'.

        Raises:
            DataError: The location does not hold what this format reads.
            UsageError: It is a folder, pipe or device, or needs an extra that is not installed.
        """


SOURCES: Registry[TableSource] = Registry("source", "seqcli.data.sources", "SOURCE")


def read_tables(location: str, config: DataConfig) -> dict[str, Table]:
    """The tables at a location, by the format that its name tells.

    Args:
        location: A file's path or `hf:NAME`.
        config: How text files are spelt and separated.

    Returns:
        One table under 'data', or ready-made splits under 'train', 'valid' and 'test'.

    Raises:
        DataError: Nothing readable is there.
        UsageError: It is a folder, pipe or device, or needs an extra that is not installed.
    """
    return _source(location, config).tables(location, config)


def read_table(location: str, config: DataConfig, part: str = "train") -> Table:
    """The one table at a location; of ready-made splits the one asked for.

    Raises:
        DataError: Nothing readable is there, or its ready-made splits lack the one asked for.
        UsageError: It is a folder, pipe or device, or needs an extra that is not installed.
    """
    tables = read_tables(location, config)
    if "data" in tables:
        return tables["data"]
    if part not in tables:
        raise DataError(f"{location} has no {part} split", f"It has: {', '.join(tables)}.")
    return tables[part]


def _source(location: str, config: DataConfig) -> TableSource:
    every = SOURCES.names()
    for name in every:  # imported one by one, as far as the one that reads it
        if (source := SOURCES.get(name)).reads(location):
            return source
    if config.sep is not None:
        return SOURCES.get("csv")
    check_readable(location)
    if ending(location) in WORKBOOKS:
        raise DataError(f"{location} is a spreadsheet, which seqcli does not read", AS_CSV)
    if ending(location) in (".parquet", ".pq"):
        raise DataError(
            f"{location} is compressed twice: Parquet compresses its own values", "Unpack it: gunzip."
        )
    endings = ", ".join(source.ending for source in map(SOURCES.get, every))
    raise ColumnsError(
        f"{location}: cannot tell its format from its name",
        f"Known: {endings}; texts also as {PACKED}. Delimited text under another name is read with --sep, "
        "such as --sep ','.",
    )


def usual_reading(location: str | None) -> dict[str, object]:
    """The options that a file's name makes usual: letter by letter where its texts hold no words."""
    return {"tokenizer": "char"} if location and holds_letters(location) else {}


def check_header(name: str, columns: tuple[str, ...]) -> tuple[str, ...]:
    """The column names themselves.

    Raises:
        DataError: Two columns have the same name, or a name is not valid Unicode.
    """
    numbers: dict[str, int] = {}
    for number, column in enumerate(columns, start=1):
        if any("\ud800" <= character <= "\udfff" for character in column):
            raise DataError(f"{name}: the name of column {number} is not valid Unicode")
        if column in numbers:
            data = column.lstrip("+-").replace(".", "", 1).isdecimal()
            raise DataError(
                f"{name}: columns {numbers[column]} and {number} are both called {quoted(column)}",
                "Give each column a name of its own."
                + (" If the first row is data: --no-header." if data else ""),
            )
        numbers[column] = number
    return columns


def quoted(text: str, limit: int = 60) -> str:
    """Outside text as it may stand in a message: escaped, in quotes, and short."""
    return repr(text if len(text) <= limit else text[: limit - 1] + "…")


def doubts(tables: Mapping[str, Table]) -> list[str]:
    """Return the doubts about the names of the tables' columns, and what else they caution of."""
    sentences = [
        sentence for table in tables.values() for sentence in (table.doubt, table.caution) if sentence
    ]
    return [sentence.removesuffix(".") for sentence in sentences]
