"""Parquet files, read batch by batch through pyarrow."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from seqcli.data.config import DataConfig
from seqcli.data.files import check_readable, opened, sha256
from seqcli.data.lines import MAX_LINE
from seqcli.data.tables import Row, Table, check_header, quoted
from seqcli.errors import DataError, UsageError

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

_METADATA_LIMIT = 64 * 2**20


class Parquet:
    """Files named .parquet or .pq."""

    ending = ".parquet"

    def reads(self, location: str) -> bool:
        """Whether the name ends in .parquet or .pq, in any case."""
        return PurePath(location).suffix.lower() in {".parquet", ".pq"}

    def tables(self, location: str, config: DataConfig) -> dict[str, Table]:
        """The file's one table, its rows numbered from 1.

        Raises:
            DataError: The file is truncated, damaged or not Parquet.
            UsageError: The location is a folder, pipe or device, or `--sep` was given.
        """
        if config.sep is not None:
            raise UsageError(f"--sep is for delimited text, but {location} is a Parquet file", "Drop --sep.")
        check_readable(location)
        with _parquet(location) as file:
            columns = check_header(location, tuple(file.schema_arrow.names))
        return {
            "data": Table(location, columns, lambda wanted: _rows(location, wanted), lambda: sha256(location))
        }


@contextmanager
def _parquet(location: str) -> Iterator["ParquetFile"]:
    """The file behind pyarrow's reader; whatever pyarrow finds wrong in it becomes one message.

    Raises:
        DataError: The file is truncated, damaged or not Parquet.
    """
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

    with opened(location) as stream:
        try:
            yield ParquetFile(
                stream,
                thrift_string_size_limit=_METADATA_LIMIT,
                thrift_container_size_limit=_METADATA_LIMIT,
            )
        except (pa.ArrowException, OSError, ValueError, TypeError, KeyError) as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
            raise DataError(
                f"{location} cannot be read as Parquet: {reason}",
                "It is truncated, damaged or another format: write it again.",
            ) from error


def _rows(location: str, wanted: tuple[str, ...]) -> Iterator[Row]:
    """The rows of the columns wanted, one batch in memory at a time.

    Raises:
        DataError: A column is nested or of another type than text, whole number, number or truth value, or
            the file is damaged.
    """
    number = 0
    with _parquet(location) as file:
        for column in wanted:
            _check_type(file, column, location)
        rows = _batch_rows(file, location)
        for batch in file.iter_batches(batch_size=rows, columns=list(wanted), use_threads=False):
            cells = [batch.column(batch.schema.get_field_index(column)).to_pylist() for column in wanted]
            for values in zip(*cells, strict=True):
                number += 1
                yield number, values


def _check_type(file: "ParquetFile", column: str, location: str) -> None:
    from pyarrow import types

    kind: Any = file.schema_arrow.field(column).type
    plain = kind.value_type if types.is_dictionary(kind) else kind
    tests = (
        types.is_string, types.is_large_string, types.is_string_view, types.is_integer, types.is_floating,
        types.is_boolean, types.is_null,
    )  # fmt: skip
    if not any(test(plain) for test in tests):
        raise DataError(
            f"{location}: column {quoted(column)} holds {kind}, not text or numbers",
            "Write texts as strings and labels as strings or numbers.",
        )


def _batch_rows(file: "ParquetFile", location: str) -> int:
    """How many rows may be in memory at once, from the sizes that the file declares.

    Only sizes of whole row groups are asked for: pyarrow's view of a single column ends the process when a
    damaged file lies about it.

    Raises:
        DataError: The rows of one group are longer than `MAX_LINE` bytes on average.
    """
    largest = 1
    for index in range(file.metadata.num_row_groups):
        group = file.metadata.row_group(index)
        largest = max(largest, group.total_byte_size // max(group.num_rows, 1))
    if largest > MAX_LINE:
        raise DataError(
            f"{location}: its rows hold more than {MAX_LINE:,} bytes on average",
            "Keep only the columns of texts and labels; a longer text is not one to learn from.",
        )
    return max(1, min(1024, 2 * MAX_LINE // largest))


SOURCE = Parquet()
