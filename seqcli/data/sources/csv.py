"""Comma-separated values: a header, then one record a row, quotes around fields where needed (RFC 4180)."""

from seqcli.data.config import DataConfig
from seqcli.data.files import ending
from seqcli.data.sources._delimited import Dialect, delimited_table
from seqcli.data.tables import Table


class CsvSource:
    """Files named .csv, and any delimited text when `--sep` says what separates it."""

    ending = ".csv"

    def reads(self, location: str) -> bool:
        """Return whether the name ends in .csv, in any case, or in .csv.gz."""
        return ending(location) == ".csv"

    def tables(self, location: str, config: DataConfig) -> dict[str, Table]:
        """The file's one table.

        Raises:
            DataError: The file cannot be read as delimited text with a header.
            UsageError: The location is a folder, pipe or device.
        """
        dialect = Dialect(separator=config.sep or ",", quoting=True)
        return {"data": delimited_table(location, config, dialect)}


SOURCE = CsvSource()
