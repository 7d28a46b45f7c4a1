"""Parquet files, read batch by batch through pyarrow."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from seqcli.data.config import DataConfig
from seqcli.data.files import Content, check_readable, opened
from seqcli.data.lines import MAX_LINE
from seqcli.data.tables import NumberedRow, Table, check_header, quoted
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
        content = Content(location)
        with _parquet(location) as file:
            columns = check_header(location, _columns(file))

        def read(wanted: tuple[str, ...]) -> Iterator[NumberedRow]:
            yield from _rows(location, wanted)
            content.check_again()

        return {"data": Table(location, columns, read, content.sha256)}


def _columns(file: "ParquetFile") -> tuple[str, ...]:
    """The names of the columns; of one that holds several values side by side, those: 'translation.en'."""
    from pyarrow import types

    named: list[str] = []
    for field in file.schema_arrow:
        inner = [f"{field.name}.{each.name}" for each in field.type] if types.is_struct(field.type) else []
        named += inner or [field.name]
    return tuple(named)


@contextmanager
def _parquet(location: str, dictionaries: tuple[str, ...] = ()) -> Iterator["ParquetFile"]:
    """The file behind pyarrow's reader; whatever pyarrow finds wrong in it becomes one message.

    Args:
        location: The file.
        dictionaries: Columns whose repeated values stay written once.

    Raises:
        DataError: The file is truncated, damaged or not Parquet.
    """
    from pyarrow.parquet import ParquetFile

    with opened(location) as stream, parquet_faults(location):
        yield ParquetFile(
            stream,
            read_dictionary=list(dictionaries),
            thrift_string_size_limit=_METADATA_LIMIT,
            thrift_container_size_limit=_METADATA_LIMIT,
        )


@contextmanager
def parquet_faults(location: str) -> Iterator[None]:
    """One message for whatever pyarrow, alone or under pandas, finds wrong in a file.

    Raises:
        DataError: The file is truncated, damaged or not Parquet.
    """
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
        raise DataError(
            f"{location} cannot be read as Parquet: {reason}",
            "It is truncated, damaged or another format: write it again.",
        ) from error


def _rows(location: str, wanted: tuple[str, ...]) -> Iterator[NumberedRow]:
    """The rows of the columns wanted, a few in memory at a time and each value once.

    A file of a kilobyte can say one long text a million times: repeated values stay written once until each
    is asked for, and all of them together are bounded by the size of the file.

    Raises:
        DataError: A column is nested or of another type than text, whole number, number or truth value, or
            the file is damaged or holds far more than its size.
    """
    number = 0
    with _parquet(location) as file:
        texts = tuple(column for column in wanted if _check_type(file, column, location))
    with _parquet(location, texts) as file:
        rows = _batch_rows(file, location)
        left = max(_EXPANDED, _EXPANSION * check_readable(location).stat().st_size)
        for batch in file.iter_batches(batch_size=rows, columns=list(wanted), use_threads=False):
            columns = [_array(batch, column) for column in wanted]
            for index in range(batch.num_rows):
                number += 1
                values = tuple(column[index].as_py() for column in columns)
                left -= _CELL + sum(len(value) for value in values if isinstance(value, str))
                if left < 0:
                    raise DataError(
                        f"{location}, row {number:,}: its texts are more than {_EXPANSION} times as long as "
                        "the file, and do not fit",
                        "Is one text repeated throughout? Drop repeated rows before you write the file.",
                    )
                yield number, values


_EXPANDED = 256 * 2**20
_EXPANSION = 200
"""Characters that a file may hold: so many times its bytes, or `_EXPANDED`. Texts compress to a tenth at
best, and a column of a few classes to a hundredth."""
_CELL = 16
"""What a row without any text counts: its places in the arrays that training makes of it, in bytes."""


def _array(batch: Any, column: str) -> Any:
    """A batch's values of a column, or of one of the fields side by side in it."""
    place = batch.schema.get_field_index(column)
    if place >= 0:
        return batch.column(place)
    outer, _, inner = column.partition(".")
    whole = batch.column(batch.schema.get_field_index(outer))
    return whole.flatten()[whole.type.get_field_index(inner)]


def _check_type(file: "ParquetFile", column: str, location: str) -> bool:
    """Whether a column holds text, of which repeated values can stay written once.

    Raises:
        DataError: It holds neither text nor numbers.
    """
    from pyarrow import types

    schema = file.schema_arrow
    outer, _, inner = column.partition(".")
    alone = column in schema.names
    kind: Any = schema.field(column).type if alone else schema.field(outer).type.field(inner).type
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
    return alone and (types.is_string(plain) or types.is_large_string(plain))


def _batch_rows(file: "ParquetFile", location: str) -> int:
    """How many rows may be in memory at once, from the sizes that the file declares.

    Only sizes of whole row groups are asked for: pyarrow's view of a single column ends the process when a
    damaged file lies about it.

    Raises:
        DataError: The rows of one group are longer than `MAX_LINE` bytes on average.
    """
    largest = 1
    size = check_readable(location).stat().st_size
    for index in range(file.metadata.num_row_groups):
        group = file.metadata.row_group(index)
        if group.total_byte_size > max(_EXPANDED, _EXPANSION * size):
            raise DataError(
                f"{location}: its {size:,} bytes unpack to {group.total_byte_size:,} or more",
                "No data to learn from compresses so well: write the file again.",
            )
        largest = max(largest, group.total_byte_size // max(group.num_rows, 1))
    if largest > MAX_LINE:
        raise DataError(
            f"{location}: its rows hold more than {MAX_LINE:,} bytes on average",
            "Keep only the columns of texts and labels; a longer text is not one to learn from.",
        )
    return max(1, min(1024, 2 * MAX_LINE // largest))


SOURCE = Parquet()
