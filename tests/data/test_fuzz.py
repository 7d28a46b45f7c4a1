"""Whatever bytes a file holds: it is read, or refused with exit code 2 or 3, and nothing else happens.

A quick slice runs by default; FUZZ_EXAMPLES=100000 asks for so many inputs of each kind.
"""

import csv
import io
import itertools
import json
import os
import tempfile
import wave
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet
from pydantic import ValidationError

from seqcli.data.cache import Cache
from seqcli.data.config import DataConfig
from seqcli.data.log_mel import read_sound
from seqcli.data.own_data import OwnStream
from seqcli.data.prepared import Prepared, prepare
from seqcli.data.series import read_series
from seqcli.data.strands import reverse_complement
from seqcli.data.stream_preparation import divide_text
from seqcli.data.tables import read_tables
from seqcli.data.task import choose_task
from seqcli.data.word_vectors import WordVectors
from seqcli.errors import DataError, UsageError

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "60"))
fuzz = settings(max_examples=EXAMPLES, deadline=None, derandomize=EXAMPLES <= 60)

_CSV_BYTES = st.lists(
    st.sampled_from(
        [b"text", b"label", b",", b"\n", b"\r", b'"', b"a", b"1", b"0", b";", b"\t", b"\xe9", b" "]
    )
).map(b"".join)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@contextmanager
def _file(name: str, content: bytes) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        yield str(path)


def _read_everything(location: str, **options: object) -> None:
    config = DataConfig.model_validate(options)
    with suppress(DataError, UsageError):
        for table in read_tables(location, config).values():
            for column in table.columns:
                for _ in table.read((column,)):
                    pass


@fuzz
@given(
    content=st.binary() | _CSV_BYTES,
    ending=st.sampled_from(["csv", "tsv", "jsonl", "parquet"]),
    encoding=st.sampled_from(
        ["utf-8", "utf-16", "utf-8-sig", "shift_jis", "gb18030", "utf-7", "ascii", "idna"]
    ),
)
def test_any_bytes_under_any_name(content: bytes, ending: str, encoding: str) -> None:
    with _file(f"x.{ending}", content) as location:
        _read_everything(location, encoding=encoding)


@fuzz
@given(values=st.lists(st.tuples(st.text(max_size=8), _JSON), max_size=4), torn=st.integers(0, 40))
def test_json_lines_of_any_shape(values: list[tuple[str, object]], torn: int) -> None:
    content = "".join(json.dumps({"text": key, key: value, "label": value}) + "\n" for key, value in values)
    with _file("x.jsonl", content.encode()[: len(content.encode()) - torn or None]) as location:
        _read_everything(location)


def _parquet_bytes() -> bytes:
    sink = pa.BufferOutputStream()
    table = pa.table(
        {"text": ["a film", "b", None, "나는"] * 20, "label": [0, 1, 1, 0] * 20, "more": [[1]] * 80}
    )
    parquet.write_table(table, sink, row_group_size=40)
    return sink.getvalue().to_pybytes()


PARQUET = _parquet_bytes()


@fuzz
@given(
    flips=st.lists(st.tuples(st.integers(0, len(PARQUET) - 1), st.integers(0, 255)), min_size=1, max_size=8),
    cut=st.none() | st.integers(0, len(PARQUET)),
)
def test_damaged_parquet(flips: list[tuple[int, int]], cut: int | None) -> None:
    content = bytearray(PARQUET)
    for place, byte in flips:
        content[place] = byte
    with _file("x.parquet", bytes(content[:cut])) as location:
        _read_everything(location)


@fuzz
@given(
    rows=st.lists(
        st.tuples(st.text(), st.sampled_from(["0", "1", "2", "", "1.0", "NaN", "\ud800"])), max_size=30
    ),
    tokenizer=st.sampled_from(["word", "char", "bpe"]),
    name=st.sampled_from(["x.csv", "x.tsv", "x.jsonl"]),
)
def test_any_texts_are_prepared_or_refused(rows: list[tuple[str, str]], tokenizer: str, name: str) -> None:
    if name == "x.jsonl":
        content = "".join(json.dumps({"text": t, "label": c}) + "\n" for t, c in rows)
    else:
        sink = io.StringIO()
        csv.writer(sink, delimiter="\t" if name == "x.tsv" else ",").writerows([("text", "label"), *rows])
        content = sink.getvalue()
    with _file(name, content.encode("utf-8", "replace")) as location, tempfile.TemporaryDirectory() as folder:
        config = DataConfig(data=location, tokenizer=tokenizer, vocab_size=270)
        try:
            prepared = prepare(choose_task(None, config), config, Cache(Path(folder)))
        except (DataError, UsageError):
            return
        _check(prepared)


_WORDS = st.text(alphabet=st.characters(exclude_characters="\n\r"), max_size=5)


@fuzz
@given(
    lines=st.lists(
        st.tuples(
            _WORDS, st.sampled_from(["\t", " ", "  ", ""]), st.sampled_from(["A", "B-x", "", "#", "\ud800"])
        ),
        max_size=40,
    ),
    line_end=st.sampled_from(["\n", "\r\n", "\n\n"]),
    encoding=st.sampled_from(["utf-8", "utf-16", "utf-8-sig", "utf-7", "idna"]),
)
def test_any_labelled_words_are_prepared_or_refused(
    lines: list[tuple[str, str, str]], line_end: str, encoding: str
) -> None:
    content = "".join("".join(line) + line_end for line in lines).encode("utf-8", "replace")
    with _file("x.conll", content) as location, tempfile.TemporaryDirectory() as folder:
        config = DataConfig(data=location, encoding=encoding)
        try:
            prepared = prepare(choose_task(None, config), config, Cache(Path(folder)))
        except (DataError, UsageError):
            return
        for name, split in prepared.splits.items():
            words = [text.split("\n") for text in prepared.texts(name)]
            assert [len(some) for some in words] == split.lengths.tolist()


_CELLS = st.sampled_from(
    [b"id", b"a", b"b", b"t", b"x", b"y", b"label", b",", b",", b"\n", b"\n", b'"', b"1", b"-2.5",
     b"1e999", b"nan", b"?", b"", b":", b";", b"@data", b"@classLabel true\n",
     b"\xe9", b"\0", b" ", b"2024-01-01", b"(", b")"]
)  # fmt: skip


def _wide(rows: list[tuple[list[str], str]]) -> bytes:
    """A table with a row a sequence; some rows have a cell too many."""
    header = ";".join(f"t{step}" for step in range(12)) + ";label\n"
    return (header + "".join(";".join([*cells, label]) + "\n" for cells, label in rows)).encode()


_SIGNALS = st.one_of(
    st.binary(),
    st.lists(_CELLS).map(b"".join),
    st.lists(_CELLS).map(lambda bits: b"id,t,x,label\n" + b"".join(bits)),
    st.lists(_CELLS).map(lambda bits: b"@classLabel true\n@data\n" + b"".join(bits)),
    st.lists(
        st.tuples(
            st.sampled_from("abcd"), st.integers(0, 9), st.floats(), st.sampled_from(["up", "down", ""])
        ),
        max_size=40,
    ).map(lambda rows: ("id,t,x,label\n" + "".join(f"{i},{t},{x!r},{y}\n" for i, t, x, y in rows)).encode()),
    st.lists(
        st.tuples(
            st.lists(
                st.sampled_from(["0", "1", "-2.5", "1,5", "", "?", "nan", "1e999", "x"]),
                min_size=12,
                max_size=13,
            ),
            st.sampled_from(["up", "down", "1", ""]),
        ),
        max_size=40,
    ).map(_wide),
)


@fuzz
@given(
    content=_SIGNALS,
    ending=st.sampled_from(["csv", "tsv", "jsonl", "parquet", "npz", "ts"]),
    dropped=st.booleans(),
    spelling=st.fixed_dictionaries(
        {"kind": st.sampled_from(["signal", "signal-tag", "row"])},
        optional={"sep": st.just(";"), "header": st.just(False)},
    ),
)
def test_any_signals_are_prepared_or_refused(
    content: bytes, ending: str, dropped: bool, spelling: dict[str, object]
) -> None:
    with _file(f"x.{ending}", content) as location, tempfile.TemporaryDirectory() as folder:
        options = {"missing_labels": "drop" if dropped else None, **spelling}
        config = DataConfig.model_validate({"data": location, **options})
        _signals_prepared(config, folder)


def _npz_bytes() -> bytes:
    sink = io.BytesIO()
    np.savez(sink, x=np.arange(60.0).reshape(30, 2), lengths=[3] * 10, y=["up", "down"] * 5)
    return sink.getvalue()


NPZ = _npz_bytes()


@fuzz
@given(
    flips=st.lists(st.tuples(st.integers(0, len(NPZ) - 1), st.integers(0, 255)), min_size=1, max_size=8),
    cut=st.none() | st.integers(0, len(NPZ)),
)
def test_damaged_arrays(flips: list[tuple[int, int]], cut: int | None) -> None:
    content = bytearray(NPZ)
    for place, byte in flips:
        content[place] = byte
    with _file("x.npz", bytes(content[:cut])) as location, tempfile.TemporaryDirectory() as folder:
        _signals_prepared(DataConfig(data=location), folder)


def _list_bytes() -> bytes:
    sink = pa.BufferOutputStream()
    table = pa.table(
        {"x": [[1.0, 2.0, None], [3.5]] * 10, "y": [[0, 1, 2], [7]] * 10, "label": ["up", "down"] * 10}
    )
    parquet.write_table(table, sink)
    return sink.getvalue().to_pybytes()


LISTS = _list_bytes()


@fuzz
@given(
    flips=st.lists(st.tuples(st.integers(0, len(LISTS) - 1), st.integers(0, 255)), min_size=1, max_size=8),
    cut=st.none() | st.integers(0, len(LISTS)),
)
def test_damaged_lists_of_numbers(flips: list[tuple[int, int]], cut: int | None) -> None:
    content = bytearray(LISTS)
    for place, byte in flips:
        content[place] = byte
    with _file("x.parquet", bytes(content[:cut])) as location, tempfile.TemporaryDirectory() as folder:
        _signals_prepared(DataConfig(data=location, kind="signal"), folder)


@fuzz
@given(files=st.lists(st.tuples(st.sampled_from(["up", "down"]), _SIGNALS), max_size=4))
def test_any_folder_of_signals_is_prepared_or_refused(files: list[tuple[str, bytes]]) -> None:
    with tempfile.TemporaryDirectory() as data, tempfile.TemporaryDirectory() as folder:
        for number, (label, content) in enumerate(files):
            (Path(data) / label).mkdir(exist_ok=True)
            (Path(data) / label / f"{number}.csv").write_bytes(content)
        _signals_prepared(DataConfig(data=data, kind="signal"), folder)


def _wav_bytes() -> bytes:
    sink = io.BytesIO()
    with wave.open(sink, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(np.arange(400, dtype="<i2").tobytes())
    return sink.getvalue()


WAV = _wav_bytes()


@fuzz
@given(
    flips=st.lists(st.tuples(st.integers(0, len(WAV) - 1), st.integers(0, 255)), min_size=1, max_size=8),
    cut=st.none() | st.integers(0, len(WAV)),
    anything=st.none() | st.binary(),
)
def test_any_bytes_of_a_recording_are_samples_or_refused(
    flips: list[tuple[int, int]], cut: int | None, anything: bytes | None
) -> None:
    content = bytearray(WAV)
    for place, byte in flips:
        content[place] = byte
    with _file("x.wav", bytes(content[:cut]) if anything is None else anything) as location:
        try:
            sound = read_sound(location)
        except (DataError, UsageError):
            return
        assert np.isfinite(sound.samples).all()
        assert len(sound.samples) >= 1


def _signals_prepared(config: DataConfig, folder: str) -> None:
    """Prepare, and check that what a network would read is finite and answered."""
    try:
        prepared = prepare(choose_task(None, config), config, Cache(Path(folder)))
    except (DataError, UsageError):
        return
    assert sum(len(split) for split in prepared.splits.values()) == prepared.facts.examples
    for split in prepared.splits.values():
        inputs, lengths, targets = split.rows(np.arange(len(split)))
        assert np.isfinite(inputs).all()
        assert inputs.shape[2] == prepared.input_size
        assert lengths.min() >= 1
        assert targets.max() < len(prepared.labels)


def _check(prepared: Prepared) -> None:
    texts = list(itertools.chain.from_iterable(prepared.texts(split) for split in prepared.splits))
    assert len(texts) == prepared.facts.examples == sum(len(split) for split in prepared.splits.values())
    for split in prepared.splits.values():
        inputs, lengths, targets = split.rows(np.arange(len(split)))
        assert inputs.max() < prepared.vocab_size
        assert lengths.min() >= 1
        assert targets.max() < len(prepared.labels)


_MOMENTS = st.sampled_from(
    [
        "2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05 00:00", "2024-01-03T00:00+02:00",
        "2024-01-03 00:00Z", "31/12/2024", "soon", "", "1", "2", "3", "4", "20240101", "99999999999999999999",
        "0001-01-01", "9999-12-31", "-1", "nan", "NaT", "1e9", "12:30", "2024-13-01", "\x00",
    ]
)  # fmt: skip
_NUMBERS = st.sampled_from(
    [
        "1",
        "2.5",
        "-3",
        "",
        "nan",
        "inf",
        "-inf",
        "1e400",
        "1e-400",
        "0x1",
        "1_000",
        "1,5",
        "x",
        " 4 ",
        "\ud800",
    ]
)
_SERIES_OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "time_column": st.sampled_from(["date", "when", "value"]),
        "value_column": st.sampled_from(["value", "value,other", "absent"]),
        "series_column": st.sampled_from(["name", "date"]),
        "past_column": st.just("other"),
        "future_column": st.sampled_from(["other", "value"]),
        "fill": st.sampled_from(["last", "linear", "cut"]),
        "split": st.sampled_from(["60,20,20", "3d,1d,1d"]),
        "scale": st.just("window"),
        "stride": st.just(1),
        "quantiles": st.just("0.1,0.5,0.9"),
    },
)


@fuzz
@given(
    rows=st.lists(st.tuples(_MOMENTS, _NUMBERS, _NUMBERS, st.sampled_from("ab")), max_size=30),
    ordered=st.integers(0, 40),
    chosen=_SERIES_OPTIONS,
    name=st.sampled_from(["x.csv", "x.tsv"]),
)
def test_any_series_are_prepared_or_refused(
    rows: list[tuple[str, str, str, str]], ordered: int, chosen: dict[str, object], name: str
) -> None:
    """Some begin as a series should, so that what is behind its reading is reached too."""
    whole = [
        (f"2024-01-{day + 1:02}", str(day % 7 + day / 10), str(day), "a") for day in range(min(ordered, 31))
    ]
    sink = io.StringIO()
    table = [("date", "value", "other", "name"), *whole, *rows]
    csv.writer(sink, delimiter="\t" if name == "x.tsv" else ",").writerows(table)
    with (
        _file(name, sink.getvalue().encode("utf-8", "replace")) as location,
        tempfile.TemporaryDirectory() as folder,
        suppress(DataError, UsageError, ValidationError),
    ):
        options = {"kind": "forecast", "context": 3, "horizon": 2, **chosen}
        config = DataConfig.model_validate({"data": location, **options})
        prepared = prepare(choose_task(None, config), config, Cache(Path(folder)))
        for split in prepared.splits.values():
            inputs, lengths, targets = split.rows(np.arange(len(split)))
            assert np.isfinite(inputs).all()
            assert np.isfinite(targets).all()
            assert (lengths == inputs.shape[1]).all()


@fuzz
@given(content=st.binary() | _CSV_BYTES, ending=st.sampled_from(["csv", "tsv", "parquet"]))
def test_any_bytes_as_series(content: bytes, ending: str) -> None:
    with _file(f"x.{ending}", content) as location, suppress(DataError, UsageError):
        read_series(location, DataConfig(data=location, kind="forecast"))


@fuzz
@given(
    flips=st.lists(st.tuples(st.integers(0, len(PARQUET) - 1), st.integers(0, 255)), min_size=1, max_size=8),
)
def test_damaged_parquet_as_series(flips: list[tuple[int, int]]) -> None:
    content = bytearray(PARQUET)
    for place, byte in flips:
        content[place] = byte
    with _file("x.parquet", bytes(content)) as location, suppress(DataError, UsageError):
        read_series(location, DataConfig(data=location, time_column="label", value_column=("label",)))


def _npy_bytes() -> bytes:
    sink = io.BytesIO()
    np.save(sink, np.array([[1.5, 2.5], [3.5, -4.5]], np.float32))
    return sink.getvalue()


@st.composite
def _damaged_array(draw: st.DrawFn) -> bytes:
    """An .npy file of two vectors of which bytes were changed, or the end is missing."""
    content = bytearray(_npy_bytes())
    for place, byte in draw(
        st.lists(st.tuples(st.integers(0, len(content) - 1), st.integers(0, 255)), max_size=6)
    ):
        content[place] = byte
    return bytes(content[: draw(st.none() | st.integers(0, len(content)))])


_VECTOR_BYTES = st.lists(
    st.sampled_from(
        [b"cat", b"mat", b" ", b"\t", b"\n", b"\r\n", b"1", b"-2.5", b"1e99", b"nan", b"3 2", b"\xff", b"\0"]
    )
).map(b"".join)
_WORD_IDS = {"[PAD]": 0, "[UNK]": 1, "[BOS]": 2, "[EOS]": 3, "cat": 4, "mat": 5}


@fuzz
@given(
    content=st.binary() | _VECTOR_BYTES,
    ending=st.sampled_from(["txt", "vec", "npy", "safetensors", "txt.gz"]),
)
def test_any_bytes_as_word_vectors(content: bytes, ending: str) -> None:
    with _file(f"v.{ending}", content) as location, suppress(DataError, UsageError):
        Path(location).with_suffix(".vocab").write_bytes(b"cat\nmat\n")
        rows = WordVectors(location).rows(_WORD_IDS, 6)
        assert rows.shape[0] == 6
        assert not np.isinf(rows).any()


@fuzz
@given(content=_damaged_array(), words=st.binary(max_size=20) | st.just(b"cat\nmat\n"))
def test_any_bytes_of_an_array_as_word_vectors(content: bytes, words: bytes) -> None:
    with _file("v.npy", content) as location, suppress(DataError, UsageError):
        Path(location).with_suffix(".vocab").write_bytes(words)
        assert not np.isinf(WordVectors(location).rows(_WORD_IDS, 6)).any()


@fuzz
@given(
    content=st.binary() | st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace")),
    more=st.text(max_size=40),
)
def test_any_texts_of_a_folder_are_read_or_refused(content: bytes, more: str) -> None:
    with _file("a.txt", content) as location, suppress(DataError, UsageError):
        folder = Path(location).parent
        (folder / "b.md").write_bytes((more * 9).encode("utf-8", "replace"))
        config = DataConfig(data=str(folder), kind="generate", tokenizer="char")
        corpus = OwnStream(name="x").corpus(config)
        assert sum(map(len, divide_text(corpus).values())) > 0


@fuzz
@given(sequence=st.text() | st.text("ACGTUNRYacgt-* E"))
def test_any_text_has_another_strand_or_is_refused(sequence: str) -> None:
    with suppress(ValueError):
        assert len(reverse_complement(sequence)) == len(sequence)
