"""A table of pandas as data: kept in the cache as a file, so that workers and `rerun` can read it."""

import hashlib
import io
from typing import TYPE_CHECKING, Any, TypeGuard

from seqcli.errors import DataError

if TYPE_CHECKING:
    from pandas import DataFrame

FRAMES = "frames"
"""The part of the cache that holds them."""


def is_frame(value: object) -> TypeGuard["DataFrame"]:
    """Return whether it is a table of pandas, without importing pandas."""
    return type(value).__name__ == "DataFrame" and callable(getattr(value, "to_parquet", None))


def kept_frame(frame: "DataFrame") -> str:
    """The path of a Parquet file with the table's rows, in their order and without its index.

    It is named by its content: the same table is the same file, and a changed one is another.

    Raises:
        DataError: The table has no rows, or a column that no file can hold.
        StorageError: The disk is full or fails.
    """
    from seqcli.data.cache import cache_folder
    from seqcli.runs.atomic import write_bytes
    from seqcli.runs.storage import storage_faults

    content = _parquet(frame)
    path = cache_folder() / FRAMES / f"frame-{hashlib.sha256(content).hexdigest()[:16]}.parquet"
    if not path.is_file():
        with storage_faults(path, needed=len(content)):
            path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, content)
    return str(path)


def _parquet(frame: "DataFrame") -> bytes:
    if frame.empty:
        raise DataError("the DataFrame has no rows", "Give one row for each example.")
    stream = io.BytesIO()
    named: Any = frame.rename(columns=str)
    try:
        named.to_parquet(stream, index=False)
    except Exception as error:  # pyarrow has many, of which none is common to all
        raise DataError(
            f"the DataFrame cannot be kept: {error}", "Write each column as texts or as numbers."
        ) from error
    return stream.getvalue()
