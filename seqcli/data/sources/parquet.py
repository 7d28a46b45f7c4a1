"""Parquet files, read batch by batch through pyarrow."""

import errno
import re
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
    import pandas as pd
    from pyarrow import RecordBatch
    from pyarrow.parquet import ParquetFile

# A file's metadata says how long its own strings are: one that lies must not fill the memory.
_METADATA_LIMIT = 64 * 2**20
_BUFFER = 2**20
"""Bytes of a column that are read at once."""


class Parquet:
    """Files named .parquet or .pq."""

    ending = ".parquet"

    def reads(self, location: str) -> bool:
        """Return whether the name ends in .parquet or .pq, in any case."""
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

        def read(columns: tuple[str, ...]) -> Iterator[NumberedRow]:
            yield from _rows(location, columns)
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

    with opened(location) as stream, _faults(location):
        yield ParquetFile(
            stream,
            read_dictionary=list(dictionaries),
            thrift_string_size_limit=_METADATA_LIMIT,
            thrift_container_size_limit=_METADATA_LIMIT,
            # Page by page: a row group may be as long as the file.
            buffer_size=_BUFFER,
            pre_buffer=False,
        )


@contextmanager
def _faults(location: str) -> Iterator[None]:
    """One message for whatever pyarrow finds wrong in a file.

    Raises:
        DataError: The file is truncated, damaged or not Parquet.
        OSError: The disk failed.
    """
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError) as error:
        if getattr(error, "errno", None) not in (None, errno.EINVAL):
            raise  # from the disk; a damaged file names places before its start, which is EINVAL
        reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
        raise DataError(
            f"{location} cannot be read as Parquet: {reason}",
            "It is truncated, damaged or another format: write it again.",
        ) from error


def _rows(location: str, names: tuple[str, ...]) -> Iterator[NumberedRow]:
    """The rows of the columns wanted, a few in memory at a time and each value once.

    Raises:
        DataError: A column is nested or of another type than text, whole number, number or truth value, or
            the file is damaged or holds far more than its size.
    """
    with _parquet(location) as file:
        for column in names:
            _check_type(location, column, _type_of(file, column))
    number = 0
    for batch in _batches(location, names):
        columns = [_array(batch, column) for column in names]
        for index in range(batch.num_rows):
            number += 1
            yield number, tuple(column[index].as_py() for column in columns)


def read_frame(content: Content) -> "pd.DataFrame":
    """A file's columns of single values, moments among them, from first to last row; others are left out.

    What pandas kept as an index is a column like any other, or none where it has no name.

    Raises:
        DataError: It is damaged, holds far more than its size, or was changed while it was read.
        UsageError: It is a folder, pipe or device.
    """
    import pyarrow as pa

    location = content.location
    with _parquet(location) as file:
        columns = tuple(
            column
            for column in check_header(location, tuple(file.schema_arrow.names))
            if not _UNNAMED.fullmatch(column) and _single(_plain(_type_of(file, column)))
        )
        empty = file.schema_arrow.empty_table().select(columns)
    batches = [_written_out(batch) for batch in _batches(location, columns)]
    content.check_again()
    with _faults(location):
        whole = pa.Table.from_batches(batches) if batches else empty
        # What pandas wrote beside the columns may be damaged like anything else, and says nothing of use.
        frame: pd.DataFrame = whole.to_pandas(ignore_metadata=True)
    return frame


def list_columns(location: str, *, of_numbers: bool = True) -> tuple[str, ...]:
    """The columns of lists, a sequence a row; of numbers alone, or of anything.

    Raises:
        DataError: The file is truncated, damaged or not Parquet.
        UsageError: It is a folder, pipe or device.
    """
    with _parquet(location) as file:
        listed = _numbers_listed if of_numbers else _listed
        return tuple(field.name for field in file.schema_arrow if listed(field.type))


def read_cells(content: Content, names: tuple[str, ...]) -> Iterator[NumberedRow]:
    """Rows of single values and of lists of numbers, the latter as arrays of float64, NaN where null.

    Raises:
        DataError: It is damaged, holds far more than its size, or was changed while it was read.
        UsageError: It is a folder, pipe or device.
    """
    import pyarrow as pa

    number = 0
    for batch in _batches(content.location, names):
        with _faults(content.location):
            arrays = [_array(batch, column) for column in names]
            for index in range(batch.num_rows):
                number += 1
                cells = [column[index] for column in arrays]
                yield (
                    number,
                    tuple(
                        cell.values.cast(pa.float64()).to_numpy(zero_copy_only=False)
                        if _numbers_listed(cell.type) and cell.is_valid
                        else cell.as_py()
                        for cell in cells
                    ),
                )
    content.check_again()


def _listed(kind: Any) -> bool:
    """Say whether values are lists."""
    from pyarrow import types

    return bool(types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind))


def _numbers_listed(kind: Any) -> bool:
    """Say whether values are lists of numbers."""
    from pyarrow import types

    return bool(_listed(kind) and (types.is_integer(kind.value_type) or types.is_floating(kind.value_type)))


_UNNAMED = re.compile(r"__index_level_\d+__")
"""What pandas calls the columns of an index that has no name."""


def _written_out(batch: "RecordBatch") -> "RecordBatch":
    """A batch whose repeated texts stand wherever they are said; `_batches` has counted them so."""
    import pyarrow as pa

    columns = [
        column.cast(pa.large_string()) if _text(_plain(column.type)) else column for column in batch.columns
    ]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _batches(location: str, columns: tuple[str, ...]) -> "Iterator[RecordBatch]":
    """The columns wanted, some rows at a time: the one way in which values of a file are read.

    A file of a kilobyte can say one long text, or one number, a million times: what is said in all is
    bounded by the size of the file.

    Raises:
        DataError: The file is damaged or holds far more than its size.
    """
    left = max(EXPANDED, _EXPANSION * check_readable(location).stat().st_size)
    number = 0
    for batch in _unbounded(location, columns):
        number += batch.num_rows
        left -= sum(_size(_array(batch, column)) for column in columns)
        if left < 0:
            raise DataError(
                f"{location}, row {number:,}: its values so far are more than {_EXPANSION} times as long as "
                "the file, and do not fit",
                "Is one value repeated throughout? Drop repeated rows before you write the file.",
            )
        yield batch


def _unbounded(location: str, columns: tuple[str, ...]) -> "Iterator[RecordBatch]":
    """The columns wanted, one group of rows after the other."""
    with _parquet(location) as file:
        rows = _batch_rows(file, location)
        texts = tuple(column for column in columns if _whole_text(file, column))
        groups = file.metadata.num_row_groups
    for group in range(groups):
        yield from _of_group(location, columns, texts, rows=rows, group=group)


def _of_group(
    location: str, columns: tuple[str, ...], texts: tuple[str, ...], *, rows: int, group: int
) -> "Iterator[RecordBatch]":
    """The columns wanted of a group of rows, repeated texts written once where pyarrow can leave them so.

    It cannot where each text is written as what differs from the one before: these are read few at a time,
    since each may be as long as all that the file unpacks to. So are the rest
    of a group whose texts do not repeat: pyarrow would keep each of them until the group ends.
    """
    done = 0
    try:
        for batch in _read(location, columns, texts, rows=rows, group=group):
            yield batch
            done += batch.num_rows
            if written_once(batch) > KEPT:
                break
        else:
            return
    except DataError:
        if not texts:
            raise  # otherwise what is wrong is found again, or is only how its texts are written
    for batch in _read(location, columns, (), rows=min(rows, _FEW), group=group):
        repeated = min(done, batch.num_rows)
        done -= repeated
        yield batch.slice(repeated)


def written_once(batch: "RecordBatch") -> int:
    """The bytes of the values that are written once, which pyarrow keeps until their group ends."""
    from pyarrow import types

    repeated = (column for column in batch.columns if types.is_dictionary(column.type))
    return sum(int(column.dictionary.nbytes) for column in repeated)


def _read(
    location: str, columns: tuple[str, ...], dictionaries: tuple[str, ...], *, rows: int, group: int
) -> "Iterator[RecordBatch]":
    """So many rows of a group at a time, values that repeat written once in some columns."""
    with _parquet(location, dictionaries) as file:
        read = file.iter_batches(
            batch_size=rows, row_groups=[group], columns=list(columns), use_threads=False
        )
        for batch in read:
            batch.validate(full=True)  # texts that are no UTF-8, values that point nowhere
            yield batch


EXPANDED = 256 * 2**20
"""Bytes, 256 MiB, that a file may hold in any case, however small it is."""
KEPT = 8 * 2**20
"""Bytes, 8 MiB, of values written once that are kept while a group of rows is read."""
_EXPANSION = 200
"""Bytes that a file may hold: so many times its own, or `EXPANDED`. Texts compress to a tenth at best, and a
column of a few classes to a hundredth."""
_CELL = 8
"""What a number counts, and a text besides its own length: its place in an array, in bytes."""
_FEW = 4
"""Rows read at once where each may be `EXPANDED` bytes long; one by one would be five times as slow."""


def _size(column: Any) -> int:
    """Return the bytes of a batch's column, each repeated text as often as it is said."""
    from pyarrow import compute, large_string, types

    repeated = types.is_dictionary(column.type)
    values = column.dictionary if repeated else column
    if not _text(values.type):
        return max(_CELL * len(column), int(column.nbytes))
    if types.is_string_view(values.type):
        values = values.cast(large_string())
    lengths = compute.binary_length(values)
    sizes = lengths.take(column.indices) if repeated else lengths
    return _CELL * len(column) + int(compute.sum(sizes).as_py() or 0)


def _array(batch: Any, column: str) -> Any:
    """A batch's values of a column, or of one of the fields side by side in it."""
    place = batch.schema.get_field_index(column)
    if place >= 0:
        return batch.column(place)
    outer, _, inner = column.partition(".")
    whole = batch.column(batch.schema.get_field_index(outer))
    return whole.flatten()[whole.type.get_field_index(inner)]


def _type_of(file: "ParquetFile", column: str) -> Any:
    """The type of a column, or of one of the fields side by side in it."""
    schema = file.schema_arrow
    outer, _, inner = column.partition(".")
    return schema.field(column).type if column in schema.names else schema.field(outer).type.field(inner).type


def _plain(kind: Any) -> Any:
    """The type of the values, also where those that repeat are written once."""
    from pyarrow import types

    return kind.value_type if types.is_dictionary(kind) else kind


def _text(kind: Any) -> bool:
    """Say whether values are texts, of which repeated ones can stay written once."""
    from pyarrow import types

    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def _whole_text(file: "ParquetFile", column: str) -> bool:
    """Say whether a column, and not one of several fields side by side, holds texts."""
    return column in file.schema_arrow.names and _text(_plain(_type_of(file, column)))


def _text_or_number(kind: Any) -> bool:
    """Say whether values are those of a table: texts, numbers, truth values or nothing."""
    from pyarrow import types

    tests = (types.is_integer, types.is_floating, types.is_boolean, types.is_null)
    return _text(kind) or any(test(kind) for test in tests)


def _single(kind: Any) -> bool:
    """Say whether values are those of a series: as in a table, or moments, or decimal numbers."""
    from pyarrow import types

    return _text_or_number(kind) or bool(types.is_temporal(kind) or types.is_decimal(kind))


def _check_type(location: str, column: str, kind: Any) -> None:
    """Refuse a column of another type than text or numbers.

    Raises:
        DataError: It holds neither.
    """
    if not _text_or_number(_plain(kind)):
        raise DataError(
            f"{location}: column {quoted(column)} holds {kind}, not text or numbers",
            "Write texts as strings and labels as strings or numbers.",
        )


def _batch_rows(file: "ParquetFile", location: str) -> int:
    """Return how many rows may be in memory at once, from the sizes that the file declares.

    Only sizes of whole row groups are asked for: pyarrow's view of a single column ends the process when a
    damaged file lies about it.

    Raises:
        DataError: The rows of one group are longer than `MAX_LINE` bytes on average.
    """
    largest = 1
    size = check_readable(location).stat().st_size
    for index in range(file.metadata.num_row_groups):
        group = file.metadata.row_group(index)
        if group.total_byte_size > max(EXPANDED, _EXPANSION * size):
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
    # Rows at once: of long ones no more than two of the longest that are allowed.
    return max(1, min(1024, 2 * MAX_LINE // largest))


SOURCE = Parquet()
