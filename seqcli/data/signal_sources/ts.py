"""Files of the UEA and UCR archives, `.ts`: a case a line, dimensions parted by ':', the class at the end.

Bagnall et al. (2018), 'The UEA multivariate time series classification archive'. Read strictly: no time
stamps, which hardly any set has.
"""

from collections.abc import Iterator
from pathlib import PurePath

import numpy as np

from seqcli.data.columns import refuse_columns
from seqcli.data.config import DataConfig
from seqcli.data.files import Content
from seqcli.data.labels import as_label
from seqcli.data.lines import check_text, read_lines, without_end
from seqcli.data.signal_tables import (
    Scope,
    Signal,
    SignalTable,
    as_number,
    check_size,
    numbered,
    same_channels,
)
from seqcli.data.tables import quoted
from seqcli.errors import DataError, UsageError


class TsFile:
    """Files named .ts."""

    ending = ".ts"
    of_signals = True
    of_sound = False

    def reads(self, location: str) -> bool:
        """Return whether the name ends in .ts, in any case."""
        return PurePath(location).suffix.lower() == ".ts"

    def per_step(self, location: str, config: DataConfig) -> bool:  # noqa: ARG002 the format knows none
        """Return False: a case has one class."""
        return False

    def read(self, location: str, config: DataConfig, scope: Scope) -> SignalTable:
        """The cases of the file, in order.

        Raises:
            DataError: It cannot be read, has no data, or a line has other dimensions than the first.
            UsageError: It is a pipe or device, or a column is named.
        """
        if scope.per_step:
            raise UsageError(
                f"{location}: a .ts file has one class for each case, none for its steps",
                "Leave --kind signal-tag out, or write a table with a row a step.",
            )
        if scope.guess:
            refuse_columns(config, " is for tables, and a .ts file has no columns")
        check_text(location, config.encoding)
        lines = read_lines(Content(location), config.encoding)
        labelled = _header(location, lines)
        signals: list[Signal] = []
        numbers = 0
        for number, line in lines:
            text = without_end(line).strip()
            if not text or text.startswith(("#", "%")):
                continue
            signal = _case(f"{location}, line {number}", text, labelled=labelled, name=str(len(signals) + 1))
            signals.append(signal)
            numbers += signal.values.size
            check_size(location, numbers)
            if signal.values.shape[1] != signals[0].values.shape[1]:
                raise DataError(
                    f"{signal.where} has {signal.values.shape[1]} dimensions, and the first case has "
                    f"{signals[0].values.shape[1]}",
                    "Colons part dimensions, and the class comes last.",
                )
        channels = numbered(signals[0].values.shape[1] if signals else 0)
        if scope.channels:
            same_channels(channels, numbered(len(scope.channels)), location)
        return SignalTable(location, channels, signals, named=False)


def _header(location: str, lines: Iterator[tuple[int, str]]) -> bool:
    """Read up to `@data`, and return whether cases end with a class.

    Raises:
        DataError: There is no such line, or one that says what is not read.
    """
    labelled = True
    for number, line in lines:
        words = line.split()
        if not words or words[0].startswith(("#", "%")):
            continue
        name = words[0].lower()
        if name == "@data":
            return labelled
        if not name.startswith("@"):
            raise DataError(
                f"{location}, line {number} stands before a line @data: {quoted(line.strip(), 40)}",
                "A .ts file begins with lines such as @problemName and @classLabel, then @data, then a case"
                " a line.",
            )
        value = words[1].lower() if len(words) > 1 else ""
        if name == "@timestamps" and value == "true":
            raise _times_error(f"{location}, line {number}")
        if name == "@targetlabel" and value == "true":
            raise DataError(
                f"{location}, line {number}: its cases have a number each, not a class",
                "Only classification is learnt from .ts files: @classLabel true.",
            )
        if name == "@classlabel":
            labelled = value == "true"
    raise DataError(f"{location} has no line @data", "What follows it are the cases, one a line.")


def _times_error(where: str) -> DataError:
    return DataError(
        f"{where}: cases with time stamps are not read",
        "Write the values alone, a dimension's parted by commas: @timestamps false.",
    )


def _case(where: str, text: str, *, labelled: bool, name: str) -> Signal:
    """One line.

    Raises:
        DataError: Its dimensions have unequal lengths, a value is no number, or there is no class.
    """
    parts = text.split(":")
    label = as_label(parts.pop()) if labelled else None
    if not parts:
        raise DataError(f"{where} has no dimension beside its class", "Colons part them: 1,2,3:4,5,6:walk.")
    if any("(" in part for part in parts):
        raise _times_error(where)
    columns = []
    for number, part in enumerate(parts, start=1):
        cells = part.split(",")
        columns.append([as_number(cell, where, f"dimension {number}") for cell in cells])
        if len(cells) != len(columns[0]):
            raise DataError(
                f"{where}: dimension {number} has {len(cells):,} values, the first {len(columns[0]):,}",
                "Write ? for a value that was not measured.",
            )
    return Signal(name, np.array(columns, np.float64).T, label, where)


SOURCE = TsFile()
