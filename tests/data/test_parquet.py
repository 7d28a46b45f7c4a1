import errno
import io
import os
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from seqcli.data.config import DataConfig
from seqcli.data.series import read_series
from seqcli.data.sources import parquet as source
from seqcli.data.tables import Table, read_table
from seqcli.errors import DataError, StorageError, UsageError


def _written(path: Path, **columns: object) -> Table:
    parquet.write_table(pa.table(columns), path)
    return read_table(str(path), DataConfig())


def test_values_keep_their_types_over_several_batches(tmp_path: Path) -> None:
    texts = [f"text {i}" for i in range(3000)]
    table = _written(tmp_path / "x.parquet", text=texts, label=list(range(3000)))
    read = list(table.read(("label", "text")))
    assert read == [(i + 1, (i, text)) for i, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (pa.large_string(), ["a", None]),
        (pa.dictionary(pa.int32(), pa.string()), ["a", "b"]),
        (pa.float64(), [1.5, None]),
        (pa.bool_(), [True, None]),
    ],
)
def test_single_values_of_any_kind_are_read(tmp_path: Path, kind: pa.DataType, values: list[object]) -> None:
    table = _written(tmp_path / "x.parquet", label=pa.array(values, kind))
    assert [cells[0] for _, cells in table.read(("label",))] == values


@pytest.mark.parametrize("column", [[["a"], ["b"]], [{"a": 1}, {"a": 2}], [b"a", b"b"]])
def test_nested_and_binary_columns_are_refused_only_when_wanted(tmp_path: Path, column: list[object]) -> None:
    table = _written(tmp_path / "x.parquet", text=["a", "b"], other=column)
    assert len(list(table.read(("text",)))) == 2
    with pytest.raises(DataError, match=r"column 'other' holds"):
        list(table.read(("other",)))


@pytest.mark.parametrize("keep", [0, 3, 4, 50, 0.5, 0.9])
def test_a_truncated_file_is_refused(tmp_path: Path, keep: float) -> None:
    path = tmp_path / "x.parquet"
    _written(path, text=["a", "b"] * 100, label=[0, 1] * 100)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(keep * len(whole)) if keep < 1 else int(keep)])
    with pytest.raises(DataError, match="cannot be read as Parquet"):
        read_table(str(path), DataConfig())


def test_text_under_a_parquet_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    path.write_text("text,label\na,1\n" * 10)
    with pytest.raises(DataError, match="cannot be read as Parquet"):
        read_table(str(path), DataConfig())


def test_a_column_named_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    parquet.write_table(
        pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["text", "text"]), path
    )
    with pytest.raises(DataError, match="both called 'text'"):
        read_table(str(path), DataConfig())


def test_rows_too_long_to_be_texts_are_refused_before_they_are_read(tmp_path: Path) -> None:
    table = _written(tmp_path / "x.parquet", text=["a" * (17 * 2**20)])
    with pytest.raises(DataError, match="rows hold more than 16,777,216 bytes"):
        next(table.read(("text",)))


def test_text_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    broken = pa.Array.from_buffers(
        pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\1\0\0\0"), pa.py_buffer(b"\xff")]
    )
    table = _written(tmp_path / "x.parquet", text=broken)
    with pytest.raises(DataError, match="cannot be read as Parquet"):
        list(table.read(("text",)))


def test_sep_does_not_go_with_parquet(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--sep"):
        read_table(str(tmp_path / "x.parquet"), DataConfig(sep=";"))


def _bomb(path: Path, kind: str) -> str:
    """A file of kilobytes that holds a thousand times as much, in one of the ways in which Parquet can."""
    rows = 600
    days, text = pa.array(range(rows)), "a" * 2**14
    if kind == "texts written once":
        indices = pa.array([0] * rows, pa.int32())
        table = pa.table({"day": days, "text": pa.DictionaryArray.from_arrays(indices, pa.array([text]))})
        parquet.write_table(table, path, compression="zstd", write_statistics=False)
    elif kind == "texts written as differences":
        table = pa.table({"day": days, "text": [text] * rows})
        parquet.write_table(
            table, path, compression="zstd", write_statistics=False, use_dictionary=False,
            column_encoding={"text": "DELTA_BYTE_ARRAY", "day": "PLAIN"},
        )  # fmt: skip
    else:
        numbers = pa.array([1] * 1_000_000)
        parquet.write_table(pa.table({"day": numbers, "text": numbers}), path, compression="zstd")
    assert path.stat().st_size < 20_000
    return str(path)


def _rows_of(location: str) -> list[object]:
    return list(read_table(location, DataConfig()).read(("day", "text")))


def _series_of(location: str) -> object:
    return read_series(location, DataConfig(data=location))


@pytest.mark.parametrize("kind", ["texts written once", "texts written as differences", "numbers"])
@pytest.mark.parametrize("read", [_rows_of, _series_of])
def test_a_small_file_that_holds_far_more_than_its_size_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, read: Callable[[str], object]
) -> None:
    monkeypatch.setattr("seqcli.data.sources.parquet.EXPANDED", 2**20)
    location = _bomb(tmp_path / "bomb.parquet", kind)
    with pytest.raises(DataError, match=r"200 times as long"):
        read(location)


def test_texts_written_as_differences_are_read_like_others(tmp_path: Path) -> None:
    texts = [f"text {i}" for i in range(3000)]
    path = tmp_path / "x.parquet"
    parquet.write_table(
        pa.table({"text": texts}), path, use_dictionary=False, column_encoding={"text": "DELTA_BYTE_ARRAY"}
    )
    read = list(read_table(str(path), DataConfig()).read(("text",)))
    assert read == [(i + 1, (text,)) for i, text in enumerate(texts)]


def test_of_a_long_group_no_more_texts_are_kept_than_repeat(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [f"text {n} of one group of rows" for n in range(20_000)]
    table = pa.table({"text": texts, "label": ["a", "b"] * 10_000})
    parquet.write_table(table, tmp_path / "x.parquet", use_dictionary=["label"])
    monkeypatch.setattr(source, "KEPT", 2**15)
    values, measure = [], source.written_once
    monkeypatch.setattr(source, "written_once", lambda batch: values.append(measure(batch)) or values[-1])
    rows = list(read_table(str(tmp_path / "x.parquet"), DataConfig()).read(("text", "label")))

    assert [cells for _, cells in rows] == list(zip(texts, ["a", "b"] * 10_000, strict=True))
    assert [number for number, _ in rows] == list(range(1, 20_001))
    assert [size > 2**15 for size in values] == [False] * (len(values) - 1) + [True]
    assert max(values) < 2**17  # a batch beyond what may be kept, and not the 700 kB of all texts


def test_a_disk_that_fails_is_no_damaged_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.parquet"
    _written(path, text=["a", "b"] * 100)

    class FailingFile(io.FileIO):
        def read(self, *_: object) -> bytes:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fdopen", lambda descriptor, _mode: FailingFile(descriptor))
    with pytest.raises(StorageError, match="Input/output error"):
        read_table(str(path), DataConfig())
