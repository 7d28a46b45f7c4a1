"""Tab-separated values: a header, then one record a line; quotes are ordinary characters.

The tab-separated files of research (Multi30k, GLUE, the SMS spam collection) hold stray quotes and no
quoting. A file that does quote its fields is read with `--sep tab`, as CSV is.
"""

from seqcli.data.config import DataConfig
from seqcli.data.files import ending
from seqcli.data.sources._delimited import Dialect, delimited_table
from seqcli.data.tables import Table


class Tsv:
    """Files named .tsv or .tab."""

    ending = ".tsv"

    def reads(self, location: str) -> bool:
        """Return whether the name ends in .tsv or .tab, in any case."""
        return ending(location) in {".tsv", ".tab"}

    def tables(self, location: str, config: DataConfig) -> dict[str, Table]:
        """The file's one table.

        Raises:
            DataError: The file cannot be read as tab-separated text with a header.
            UsageError: The location is a folder, pipe or device.
        """
        dialect = Dialect(separator=config.sep or "\t", quoting=config.sep is not None)
        return {"data": delimited_table(location, config, dialect)}


SOURCE = Tsv()
