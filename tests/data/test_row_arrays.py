"""Data that does not fit into memory is prepared to the same bytes as data that does."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqcli.data import arrays, encoded, groups, labels, row_arrays, scratch_texts, split
from seqcli.data.cache import Cache
from seqcli.data.config import DataConfig
from seqcli.data.examples import distinct
from seqcli.data.prepared import prepare
from seqcli.data.randomness import Key, permutation
from seqcli.data.repeats import once
from seqcli.data.row_arrays import (
    LengthCounts,
    RowWriter,
    among,
    first_of_each,
    in_order,
    joined,
    places_of,
    places_other_than,
    shared_count,
    shared_places,
    taken,
    without,
)
from seqcli.data.task import choose_task

SEED = np.random.default_rng(0)
VALUES = {
    "spread": SEED.integers(0, 2**64, 5000, dtype=np.uint64),
    "repeated": SEED.integers(0, 40, 5000).astype(np.uint64) << np.uint64(57),
    "few": SEED.integers(0, 9, 5000),
    "one": np.full(5000, 7),
    "wide": SEED.integers(0, 3000, 5000),
}


@pytest.fixture
def little_memory(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Nothing stays in memory, and few rows are worked on at once."""
    for module in (arrays, encoded, groups, labels, row_arrays, split):
        monkeypatch.setattr(module, "ROWS_AT_ONCE", 300)
    monkeypatch.setattr(row_arrays, "LARGEST_IN_MEMORY", 0)
    monkeypatch.setattr(arrays, "IN_MEMORY", 1000)
    for module in (arrays, row_arrays):
        monkeypatch.setattr(module, "RESIDENT", 10_000)
    monkeypatch.setattr(row_arrays, "PLACES_AT_ONCE", 70)
    monkeypatch.setattr(encoded, "IDS_AT_ONCE", 100)
    monkeypatch.setattr(scratch_texts, "BYTES_AT_ONCE", 1000)
    return monkeypatch


@pytest.mark.parametrize("name", VALUES)
def test_on_disk_values_are_ordered_and_told_apart_as_numpy_does_in_memory(
    name: str, little_memory: pytest.MonkeyPatch
):
    values: Any = VALUES[name]
    order, ordered = in_order(values)

    assert order.tolist() == np.argsort(values, kind="stable").tolist()
    assert ordered.tolist() == np.sort(values).tolist()
    assert first_of_each(values).tolist() == np.unique(values, return_index=True)[1].tolist()
    assert taken(values, order[::7]).tolist() == values[order[::7]].tolist()
    assert places_of(values, int(values[3])).tolist() == np.flatnonzero(values == values[3]).tolist()
    others = np.concatenate([values[:9], np.arange(50).astype(values.dtype)])
    assert shared_count(in_order(others)[1], ordered) == np.isin(others, values).sum()


def test_on_disk_values_are_joined_picked_and_left_out_as_numpy_does_in_memory(
    little_memory: pytest.MonkeyPatch,
):
    values, places = VALUES["wide"], VALUES["few"] + np.arange(5000) // 2 * 2

    assert joined((values, places), np.int64).tolist() == np.concatenate([values, places]).tolist()
    assert places_other_than(values, 7).tolist() == np.flatnonzero(values != 7).tolist()
    assert among(values, places[:700], 3000).tolist() == values[np.isin(values, places[:700])].tolist()
    assert without(values, places[:700]).tolist() == np.delete(values, places[:700]).tolist()
    ordered, others = np.sort(values), np.sort(places)
    assert shared_places(ordered, others).tolist() == np.flatnonzero(np.isin(ordered, others)).tolist()


def test_a_random_order_is_the_same_whether_it_fits_into_memory_or_not(little_memory: pytest.MonkeyPatch):
    key = Key.split(3, 5)
    drawn = np.random.Philox(key=np.array([key.seed, key.stream], dtype=np.uint64)).random_raw(5000)

    assert permutation(5000, key).tolist() == np.argsort(drawn, kind="stable").tolist()


@pytest.mark.parametrize("count", [1, 2, 19, 20, 21, 4000])
def test_counted_lengths_have_the_mean_and_the_percentile_of_the_lengths_themselves(count: int):
    lengths = np.random.default_rng(count).integers(1, 60, count)
    counts = LengthCounts(lengths[: count // 2 + 1], lengths[count // 2 + 1 :])

    assert counts.percentile(95) == np.percentile(lengths, 95)
    assert (counts.mean(), counts.max()) == (lengths.mean(), lengths.max())
    assert counts.above(30) == (lengths > 30).sum()


def test_numbers_gathered_one_by_one_come_back_in_order(little_memory: pytest.MonkeyPatch):
    writer = RowWriter("i")
    for number in range(1000):
        writer.append(number)

    assert len(writer) == 1000
    assert writer.done().tolist() == list(range(1000))


class _Hashed:
    """Examples of which only hashes are known."""

    called = name = "rows"
    groups = None

    def __init__(self, digests: Any) -> None:
        self.digests = digests
        self.labels = [""] * len(digests)

    def __len__(self) -> int:
        return len(self.digests)

    def place(self, index: int) -> str:
        return str(index)


def test_a_repeated_row_conflicts_where_its_class_is_not_that_of_the_first(
    little_memory: pytest.MonkeyPatch,
):
    digests, names = VALUES["wide"].astype(np.uint64), [f"c{n % 3}" for n in range(5000)]
    first: dict[int, str] = {}
    expected = sum(
        first.setdefault(int(value), name) != name for value, name in zip(digests, names, strict=True)
    )
    unrepeated = distinct(_Hashed(digests), names)

    assert unrepeated.conflicting == expected
    assert unrepeated.dropped == 5000 - len(first)


def test_repeats_counted_on_disk_are_those_that_a_dictionary_finds(little_memory: pytest.MonkeyPatch):
    draw = np.random.default_rng(1)
    texts = {name: draw.integers(0, 2000, 1300).astype(np.uint64) for name in ("train", "valid", "test")}
    answers = {name: draw.integers(0, 3, 1300) for name in texts}
    first: dict[int, tuple[str, int]] = {}
    expected: dict[str, list[int]] = {name: [] for name in texts}
    conflicting = across = 0
    for name in ("test", "valid", "train"):
        for place, (text, answer) in enumerate(
            zip(texts[name].tolist(), answers[name].tolist(), strict=True)
        ):
            holder = first.setdefault(text, (name, answer))
            across += holder[0] != name
            conflicting += holder[1] != answer
            if len(first) > sum(map(len, expected.values())):
                expected[name].append(place)
    left = once(texts, answers)

    assert {name: places.tolist() for name, places in left.rows.items()} == expected
    assert (left.dropped, left.conflicting, left.across) == (3900 - len(first), conflicting, across)


def _table(path: Path, header: str) -> Path:
    """Rows of which some repeat a text, and some of those under another answer."""
    draw = np.random.default_rng(7)
    words = [f"w{n}" for n in range(300)]
    texts = [" ".join(words[n] for n in draw.zipf(1.5, 6) % 300) for _ in range(900)]
    texts += texts[:200]
    answers = [("pos", "neg", "neg")[n % 3] for n in range(len(texts))]
    rows = [f"{text},{answer}" for text, answer in zip(texts, answers, strict=True)]
    if header.endswith(",user"):
        rows = [f"{row},user {n % 90}" for n, row in enumerate(rows)]
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


@pytest.mark.parametrize(
    ("header", "settings"),
    [
        ("text,label", {}),
        ("text,label", {"duplicates": "keep"}),
        ("text,label", {"duplicates": "drop"}),
        ("text,label", {"duplicates": "drop", "folds": 3, "fold": 1}),
        ("text,label,user", {"group_column": "user"}),
        ("text,label,user", {"group_column": "user", "duplicates": "keep"}),
        ("text,label,user", {"group_column": "user", "folds": 3, "fold": 1}),
        ("source,target", {}),
        ("source,target", {"duplicates": "keep"}),
        ("source,target", {"duplicates": "drop", "folds": 3, "fold": 1}),
    ],
)
def test_data_that_goes_to_disk_is_prepared_to_the_bytes_of_data_that_stays_in_memory(
    header: str, settings: dict[str, Any], tmp_path: Path, little_memory: pytest.MonkeyPatch
):
    config = DataConfig(data=str(_table(tmp_path / "data.csv", header)), **settings)
    task = choose_task(None, config)
    on_disk = prepare(task, config, Cache(tmp_path / "small"))
    little_memory.undo()
    in_memory = prepare(task, config, Cache(tmp_path / "large"))

    assert on_disk.files == in_memory.files
    assert on_disk.sha256 == in_memory.sha256


def test_an_array_needs_no_working_folder(tmp_path, monkeypatch):
    """A folder may be removed under a command that works on files elsewhere."""
    folder = tmp_path / "folder"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    monkeypatch.setattr(row_arrays, "LARGEST_IN_MEMORY", 0)  # so that it lies in a file
    rows = row_arrays.row_array(3, np.int64)
    rows[:] = 7
    assert rows.tolist() == [7, 7, 7]
