"""Signals: how formats are read, what is refused and where, what scaling may see, what padding holds."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from seqcli.data.column_roles import look_at
from seqcli.data.config import DataConfig
from seqcli.data.data_words import cut_sentence, signal_sentences
from seqcli.data.encoded_signals import FARTHEST, EncodedSignals
from seqcli.data.kind import KINDS, fitting_kinds, own_kind
from seqcli.data.signal_tables import Scope, location_sha256, read_signals
from seqcli.data.tables import read_table
from seqcli.data.task import choose_task
from seqcli.errors import DataError, SeqcliError, UsageError

KIND = KINDS.get("signal")
HEADER = "id,t,x,y,label\n"


def long_table(count=20, classes=("up", "down"), steps=6):
    """A table of sequences of which each of the two channels rises or falls, none like another."""
    rows = []
    for number in range(count):
        label = classes[number % len(classes)]
        sign = 1 if label == classes[0] else -1
        rows += [
            f"s{number},{step},{sign * step + number / 100},{sign * step / 2},{label}"
            for step in range(steps + number % 3)
        ]
    return HEADER + "\n".join(rows) + "\n"


@pytest.fixture
def read(written):
    def parsed(content, name="x.csv", scope=None, **options):
        path = written(name, content)
        return read_signals(path, DataConfig(data=path, **options), scope or Scope())

    return parsed


@pytest.fixture
def saved(tmp_path):
    def save(name="x.npz", **arrays):
        np.savez(tmp_path / name, **arrays)
        return str(tmp_path / name)

    return save


# Long tables


def test_rows_of_one_id_are_a_sequence_whether_together_or_not(read):
    table = read(HEADER + "a,0,1,2,up\nb,0,9,8,down\na,1,3,4,up\n")
    assert [(signal.name, signal.label) for signal in table.signals] == [("a", "up"), ("b", "down")]
    assert [signal.values.tolist() for signal in table.signals] == [[[1, 2], [3, 4]], [[9, 8]]]
    assert table.channels == ("x", "y")


def test_rows_are_sorted_by_number_or_by_time_where_there_is_a_step_column(read):
    numbers = read(HEADER + "a,10,3,3,up\na,9,2,2,up\na,-1,1,1,up\nb,1,0,0,down\n")
    assert numbers.signals[0].values[:, 0].tolist() == [1, 2, 3]
    times = read(
        "id,when,x,label\na,2024-01-01 10:00,2,up\na,2024-01-01 09:00,1,up\nb,2024-01-01,0,down\n",
        step_column="when",
    )
    assert times.signals[0].values.tolist() == [[1], [2]]


def test_rows_stay_in_the_file_s_order_without_a_step_column(read):
    table = read("id,x,label\na,3,up\na,1,up\nb,2,down\n")
    assert table.signals[0].values.tolist() == [[3], [1]]


@pytest.mark.parametrize("word", ["", "NaN", "NA", "null", "?", " "])
def test_a_value_that_was_not_measured_is_missing(read, word):
    table = read(HEADER + f"a,0,{word},2,up\na,1,3,4,up\nb,0,1,1,down\n")
    assert np.isnan(table.signals[0].values[0, 0])


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("a,0,1,2,up\na,1,high,2,up\na,2,3,4,up\n", "row 3: column 'x' holds 'high', not a number"),
        ("a,0,1,2,up\na,1,inf,2,up\n", "row 3: column 'x' holds 'inf', which is no finite number"),
        ("a,0,1,2,up\na,1,1,1e400,up\n", "row 3: column 'y' holds '1e400'"),
        ("a,0,1,2,up\na,1,1,2,down\n", "row 3: column 'label' holds 'down', but the sequence 'a'"),
        ("a,0,1,2,up\n,1,1,2,up\n", "row 3: column 'id' names no sequence"),
        ("a,0,1,2,up\na,0,1,2,up\n", "row 3: the step '0' of the sequence 'a' is that of row 2 too"),
        ("a,0,1,2,up\na,soon,1,2,up\n", "row 3: column 't' holds 'soon', which is no step"),
        ("a,0,1,2,up\na,,1,2,up\n", "row 3: column 't' holds nothing, which is no step"),
        ("a,0,1,2,up\na,1,1,up\n", "row 3 has 4 fields"),
        ("a,0,1,2,up\nb,1,1,2,up\n", "each of its 2 rows has an id of its own"),
        ("", "no rows"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_row_and_column(read, rows, says):
    with pytest.raises(DataError, match=says):
        read(HEADER + rows)


def test_a_decimal_comma_is_told_as_one(read):
    with pytest.raises(DataError, match="row 3") as error:
        read("id;x;label\na;1.5;up\na;1,5;up\na;2.0;up\nb;0;down\n", sep=";")
    assert "with a point" in error.value.hint


def test_a_channel_that_never_changes_within_a_sequence_is_left_out_unless_it_is_named(read):
    content = "id,person,x,label\na,1,1,up\na,1,2,up\nb,2,3,down\nb,2,1,down\n"
    table = read(content)
    assert (table.channels, table.columns.left_out) == (("x",), ("person",))
    assert read(content, value_column="person,x").channels == ("person", "x")


def test_columns_that_names_leave_open_are_proposed_by_what_rows_hold_as_options_to_type(read):
    content = "wearer,n,a,move\n" + "".join(
        f"w{person},{n},{n * person},{'run' if person % 2 else 'sit'}\n"
        for person in range(4)
        for n in range(5)
    )
    with pytest.raises(
        DataError, match="cannot tell which column names the sequences and holds their"
    ) as error:
        read(content)
    assert "--id-column wearer --step-column n --label-column move" in error.value.hint
    assert len(read(content, id_column="wearer", step_column="n", label_column="move").signals) == 4


def test_a_label_that_changes_in_every_column_s_sequences_needs_a_column_that_numbers_them(read):
    rows = [
        f"p{person},{n},{n * person},{'run' if (n + person) % 3 else 'sit'}"
        for person in range(4)
        for n in range(5)
    ]
    with pytest.raises(DataError, match="within which 'activity' stays") as error:
        read("person,n,a,activity\n" + "\n".join(rows))
    assert "numbers the recordings" in error.value.hint


def test_a_column_that_is_not_there_is_named_with_those_that_are(read):
    with pytest.raises(DataError, match="no column 'idd'") as error:
        read(long_table(), id_column="idd")
    assert "--id-column id" in error.value.hint


@pytest.mark.parametrize(
    "options",
    [{"id_column": "label"}, {"value_column": "x,x"}, {"value_column": "x,t", "step_column": "t"}],
)
def test_one_column_is_not_named_for_two_things(read, options):
    with pytest.raises(UsageError):
        read(long_table(), label_column="label", **options)


def test_the_kind_is_guessed_only_where_columns_are_unmistakable(written):
    def kind(content, name="x.csv", **options):
        return own_kind(DataConfig(data=written(name, content), **options))

    assert kind(long_table()) == "signal"
    assert kind(long_table().replace("label", "thing")) == "classify"  # no column bears a label's name
    assert kind("id,text,label\n1,good,a\n1,bad,a\n2,x,b\n2,y,b\n") == "classify"  # words
    assert kind("id,x,label\n1,2,a\n2,3,b\n3,4,a\n4,5,b\n") == "classify"  # ids of rows
    assert kind("x,label\n1,a\n2,b\n") == "classify"
    assert kind("a,b\n", id_column="a") == "signal"
    assert kind("@data\n", "x.ts") == kind("PK", "x.npz") == "signal"
    assert kind(long_table(), kind="classify") == "classify"


# The other formats


def test_a_file_for_each_sequence_lies_in_a_folder_named_by_its_class(tmp_path):
    for place, values in {"up/2.csv": "1,5\n2,6\n", "up/10.csv": "0,1\n", "down/1.csv": "9,8\n"}.items():
        (tmp_path / place).parent.mkdir(exist_ok=True)
        (tmp_path / place).write_text(f"x,y\n{values}")
    (tmp_path / ".DS_Store").write_text("hidden")
    table = read_signals(str(tmp_path), DataConfig(data=str(tmp_path)))
    assert [(signal.name, signal.label, len(signal.values)) for signal in table.signals] == [
        ("down/1.csv", "down", 1),
        ("up/10.csv", "up", 1),
        ("up/2.csv", "up", 2),
    ]
    before = location_sha256(str(tmp_path))
    (tmp_path / "up/2.csv").rename(tmp_path / "down/2.csv")
    assert location_sha256(str(tmp_path)) != before


@pytest.mark.parametrize(
    ("place", "content", "says"),
    [
        ("up/2.csv", "x,y,z\n1,2,3\n", r"2\.csv has 3 channels, where 2 are expected: it also has 'z'"),
        ("up/2.csv", "x\n1\n", r"2\.csv has 1 channels, where 2 are expected: it lacks 'y'"),
        ("up/2.csv", "x,y\n1,much\n", r"2\.csv, row 2: column 'y' holds 'much'"),
        ("up/2.txt", "x,y\n1,2\n", r"2\.txt is not a file of a sequence"),
        ("2.csv", "x,y\n1,2\n", r"2\.csv is in no class's folder"),
        ("up/2.csv", "x,y\n", r"2\.csv has a header but no rows"),
    ],
)
def test_a_file_of_another_kind_in_a_folder_is_named(tmp_path, place, content, says):
    for name, text in {"down/1.csv": "x,y\n1,2\n", place: content}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    with pytest.raises(DataError, match=says):
        read_signals(str(tmp_path), DataConfig(data=str(tmp_path)))


def test_an_empty_folder_says_how_files_lie(tmp_path):
    with pytest.raises(UsageError, match="is a folder, and no folder of sequences") as error:
        read_signals(str(tmp_path), DataConfig(data=str(tmp_path)))
    assert "--train" in error.value.hint
    (tmp_path / "README.md").write_text("of something else")
    with pytest.raises(UsageError, match="is a folder, and no folder of sequences"):
        read_signals(str(tmp_path), DataConfig(data=str(tmp_path)))


SEQUENCES = [np.array([[1.0, 2], [3, 4], [5, 6]]), np.array([[7.0, 8]])]


@pytest.mark.parametrize(
    "arrays",
    [
        {"x": np.concatenate(SEQUENCES), "lengths": [3, 1]},
        {"X": np.stack([SEQUENCES[0], np.pad(SEQUENCES[1], ((0, 2), (0, 0)))]), "lengths": [3, 1]},
        {"x": np.stack([SEQUENCES[0], np.pad(SEQUENCES[1], ((0, 2), (0, 0)), constant_values=np.nan)])},
        {"x": np.asfortranarray(np.concatenate(SEQUENCES)), "lengths": np.array([3, 1], np.uint8)},
    ],
)
def test_arrays_are_read_joined_or_padded_with_lengths_or_with_nan(saved, arrays):
    table = read_signals(saved(y=["up", "down"], **arrays), DataConfig())
    assert [signal.label for signal in table.signals] == ["up", "down"]
    assert [signal.values.tolist() for signal in table.signals] == [
        sequence.tolist() for sequence in SEQUENCES
    ]


def test_rows_of_numbers_are_sequences_of_one_channel(saved):
    table = read_signals(saved(x=np.arange(6).reshape(2, 3), y=[0, 1]), DataConfig())
    assert [signal.values.tolist() for signal in table.signals] == [[[0], [1], [2]], [[3], [4], [5]]]


@pytest.mark.parametrize(
    ("arrays", "says"),
    [
        ({"x": np.array([[[1], [2]], [[3]]], dtype=object), "y": [0, 1]}, "Python objects"),
        ({"x": np.zeros((2, 3, 1))}, "no array y of labels"),
        ({"y": [0, 1], "z": [1]}, "no array x of sequences; it has: 'y', 'z'"),
        ({"x": np.zeros((2, 3, 1)), "y": [0, 1, 2]}, "and there are 2 sequences"),
        ({"x": np.zeros((2, 3, 1)), "y": [0, 1], "lengths": [3, 4]}, "does not fit 2 lengths up to 4"),
        ({"x": np.zeros((2, 3, 9)), "y": [0, 1], "lengths": [9, 8]}, "seem exchanged|does not fit 2 lengths"),
        ({"x": np.zeros((2, 3, 1)), "y": [0, 1], "lengths": [0, 1]}, "not whole numbers from 1"),
        ({"x": np.array([["a"], ["b"]]), "y": [0, 1]}, "not numbers"),
        ({"x": np.full((2, 3, 1), np.inf), "y": [0, 1]}, "sequence 1: step 1 of channel '1' is inf"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(saved, arrays, says):
    with pytest.raises(DataError, match=says):
        read_signals(saved(**arrays), DataConfig())


def test_an_array_that_claims_more_than_the_file_holds_takes_no_memory(tmp_path):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"shape": (10**12, 2), "fortran_order": False, "descr": "<f8"}
    )
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("x.npy", header.getvalue() + b"12345678")
    with pytest.raises(DataError, match="header says"):
        read_signals(str(tmp_path / "x.npz"), DataConfig())


def test_an_array_whose_header_ends_in_a_bracket_is_damaged_data(tmp_path):
    """numpy reads headers of old writers by Python's tokens, which end without a word."""
    header = b"{'descr': '<f8', 'shape': ((((".ljust(118) + b"\n"
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("x.npy", b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header)
    with pytest.raises(DataError, match="the header of x"):
        read_signals(str(tmp_path / "x.npz"), DataConfig())


TS = "@problemName z\n@timeStamps false\n@univariate false\n@classLabel true up down\n@data\n"


def test_cases_of_the_archives_are_read_dimension_by_dimension(read):
    table = read(f"# a comment\n{TS}1,2,?:4,5,6:up\n7:8:down\n", "x.ts")
    assert [signal.label for signal in table.signals] == ["up", "down"]
    first = table.signals[0].values
    assert first[:2].tolist() == [[1, 4], [2, 5]]
    assert np.isnan(first[2, 0])


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (f"{TS}1,2:3:up\n", "line 6: dimension 2 has 1 values, the first 2"),
        (f"{TS}1:2:up\n1:down\n", "line 7 has 1 dimensions, and the first case has 2"),
        (f"{TS}1:x:up\n", "line 6: column 'dimension 2' holds 'x', not a number"),
        (f"{TS}(0,1),(1,2):up\n", "line 6: cases with time stamps are not read"),
        (TS.replace("false\n@univ", "true\n@univ"), "line 2: cases with time stamps are not read"),
        ("1,2:up\n", "line 1 stands before a line @data"),
        ("@problemName z\n", "has no line @data"),
        (TS, "holds no sequence of numbers"),
    ],
)
def test_a_case_that_is_none_is_told_with_its_line(read, content, says):
    with pytest.raises(DataError, match=says):
        read(content, "x.ts")


def test_lists_in_parquet_are_channels_of_a_sequence_a_row(tmp_path):
    path = str(tmp_path / "x.parquet")
    columns = {"x": [[1, 2, None], [4]], "y": [[0.5, 1.5, 2.5], [3.0]], "what": ["up", "down"]}
    parquet.write_table(pa.table(columns), path)
    assert own_kind(DataConfig(data=path)) == "signal"
    table = read_signals(path, DataConfig(data=path))
    assert [signal.label for signal in table.signals] == ["up", "down"]
    assert table.signals[1].values.tolist() == [[4, 3]]
    assert np.isnan(table.signals[0].values[2, 0])
    parquet.write_table(pa.table({**columns, "y": [[0.5], [3.0]]}), path)
    with pytest.raises(DataError, match="column 'y' has 1 values, and 'x' has 3"):
        read_signals(path, DataConfig(data=path))


@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl", "parquet"])
def test_a_long_table_says_the_same_in_every_format(tmp_path, written, ending):
    rows = [line.split(",") for line in long_table().splitlines()]
    frame = pa.table({name: [row[n] for row in rows[1:]] for n, name in enumerate(rows[0])})
    path = tmp_path / f"x.{ending}"
    if ending == "parquet":
        parquet.write_table(frame, path)
    elif ending == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in frame.to_pylist()))
    else:
        path.write_text("\n".join(("\t" if ending == "tsv" else ",").join(row) for row in rows))
    expected = read_signals(written("y.csv", long_table()), DataConfig())
    table = read_signals(str(path), DataConfig(data=str(path)))
    assert [signal.digest for signal in table.signals] == [signal.digest for signal in expected.signals]


# Splits, scaling, missing values


def test_the_order_of_rows_and_sequences_changes_no_byte(make, written):
    lines = long_table().splitlines()
    mixed = "\n".join([lines[0], *sorted(lines[1:], key=lambda line: line[::-1])])
    ordered, shuffled = (make(data=written("x.csv", text)).splits for text in (long_table(), mixed))
    for item, other in zip(ordered.values(), shuffled.values(), strict=True):
        assert item.values.tobytes() == other.values.tobytes()
        assert item.targets.tolist() == other.targets.tolist()


def test_values_are_less_their_mean_by_their_deviation_in_training_by_hand(make, written):
    train = "id,x,label\na,1,up\na,2,up\nb,5,down\nc,8,up\nd,4,down\n"
    prepared = make(train=written("t.csv", train), test=written("s.csv", "id,x,label\nz,10,up\nz,1,up\n"),
                    valid=written("v.csv", "id,x,label\nz,10,up\n"), id_column="id")  # fmt: skip
    mean, deviation = 4.0, (sum((x - 4) ** 2 for x in (1, 2, 5, 8, 4)) / 5) ** 0.5
    assert prepared.splits["test"].values.ravel() == pytest.approx(
        [(10 - mean) / deviation, (1 - mean) / deviation]
    )


def test_nothing_of_validation_or_test_is_in_the_scaling(make, written):
    """A value a million times as large in a held-out sequence changes no byte that training sees."""
    plain = make(data=written("x.csv", long_table(60)))
    held_out = set(plain.texts("valid")) | set(plain.texts("test"))
    rows = long_table(60).splitlines()
    parts = {"train": [rows[0]], "valid": [rows[0]], "test": [rows[0]]}
    spiked = {"train": [rows[0]], "valid": [rows[0]], "test": [rows[0]]}
    for row in rows[1:]:
        name, step, x, y, label = row.split(",")
        part = "train" if name not in held_out else "valid" if name in set(plain.texts("valid")) else "test"
        parts[part].append(row)
        far = part != "train"
        spiked[part].append(
            ",".join([name, step, str(float(x) * (1e6 if far else 1)), "" if far else y, label])
        )
    made = [
        make(
            **{part: written(f"{part}.csv", "\n".join(lines)) for part, lines in rows_of.items()},
            id_column="id",
        )
        for rows_of in (parts, spiked)
    ]
    assert made[0].reading == made[1].reading
    assert made[0].splits["train"].values.tobytes() == made[1].splits["train"].values.tobytes()
    assert made[0].splits["test"].values.tobytes() != made[1].splits["test"].values.tobytes()


def test_a_missing_value_is_zero_after_scaling_with_a_mark_beside_it_and_is_counted(make, written):
    rows = long_table(40).replace("s1,1,-0.99", "s1,1,").replace("s3,0,0.03", "s3,0,")
    prepared = make(data=written("x.csv", rows))
    signals = prepared.facts.signals
    assert (signals.missing, signals.marked) == (2, ("x",))
    assert prepared.input_size == 3
    marks = sum(float(split.values[:, 2].sum()) for split in prepared.splits.values())
    assert marks == 2
    for split in prepared.splits.values():
        assert (split.values[split.values[:, 2] == 1, 0] == 0).all()
    assert any("2 of 558 values" in sentence for sentence in signal_sentences(signals))


def test_padding_holds_nothing_that_was_measured(make, written):
    split = make(data=written("x.csv", long_table(40))).splits["train"]
    inputs, lengths, _ = split.rows(np.arange(len(split)))
    assert len(set(lengths.tolist())) == 3
    for row, length in zip(inputs, lengths, strict=True):
        assert not row[length:].any()


def test_repeated_sequences_are_in_one_split_alone(make, written):
    twice = long_table(40) + long_table(40).removeprefix(HEADER).replace("s", "again")
    prepared = make(data=written("x.csv", twice))
    assert (prepared.facts.read, prepared.facts.duplicates, prepared.facts.examples) == (80, 40, 40)


def test_ready_made_splits_that_share_sequences_are_told(make, written):
    place = written("x.csv", long_table())
    prepared = make(train=place, valid=place, test=place, id_column="id")
    assert "20 of 20 test sequences also occur in train: the score may flatter" in prepared.facts.warnings


def test_longer_sequences_are_cut_where_that_is_asked_for_and_counted(make, written):
    prepared = make(data=written("x.csv", long_table(30)), max_len=6)
    assert prepared.facts.cut == 20
    assert max(split.lengths.max() for split in prepared.splits.values()) == 6
    assert "cut at 6 steps" in cut_sentence(prepared.facts)


@pytest.mark.parametrize(
    ("content", "options", "says"),
    [
        (HEADER + "a,0,1,2,up\na,1,2,2,up\nb,0,1,5,up\nb,1,4,5,up\n", {}, "all 2 different sequences have"),
        (HEADER + "a,0,1,2,up\na,1,2,2,up\nb,0,1,5,down\n", {}, "each of its 2 classes has one sequence"),
        (HEADER + "a,0,1,2,up\na,1,2,3,up\n", {}, "holds one sequence"),
        (long_table().replace(",down", ","), {}, "the sequence 's1' has no label; 10 of 20 have none"),
        (long_table(), {"value_column": "z"}, "no column 'z'"),
    ],
)  # fmt: skip
def test_data_that_teaches_nothing_is_refused(make, written, content, options, says):
    with pytest.raises(DataError, match=says):
        make(data=written("x.csv", content), id_column="id", **options)


def test_a_broken_sensor_s_number_is_cut_and_does_not_end_float32(make, written):
    test = "id,t,x,y,label\nz,0,1e30,0,up\nz,1,-1e30,0,up\n"
    prepared = make(train=written("t.csv", long_table()), test=written("s.csv", test), id_column="id")
    assert prepared.splits["test"].values[:, 0].tolist() == [FARTHEST, -FARTHEST]


def test_texts_options_are_refused_and_signals_options_on_texts(written):
    path = written("x.csv", long_table())
    with pytest.raises(UsageError, match="--text-column does not apply"):
        choose_task(None, DataConfig(data=path, id_column="id", text_column="x"))
    with pytest.raises(UsageError, match="--step-column does not apply"):
        choose_task("sentiment", DataConfig(step_column="t"))


# Baselines


def test_baselines_read_what_the_networks_read(make, written):
    prepared = make(data=written("x.csv", long_table(40)))
    inputs, labels = KIND.examples(prepared, "test")
    split = prepared.splits["test"]
    assert isinstance(split, EncodedSignals)
    assert np.concatenate(list(inputs)).tobytes() == split.values.tobytes()
    assert labels == [prepared.labels[target] for target in split.targets]
    assert KIND.baselines_for(prepared) == ("majority", "moments", "dtw")


def test_nearest_neighbours_are_looked_for_in_small_sets_alone(make, written, monkeypatch):
    prepared = make(data=written("x.csv", long_table(40)))
    monkeypatch.setitem(KIND.fitting.__globals__, "DTW_CELLS", 10)
    assert KIND.baselines_for(prepared) == ("majority", "moments")


def test_what_no_format_reads_is_refused_with_those_that_are(tmp_path):
    (tmp_path / "x.dat").write_text("1")
    with pytest.raises(DataError, match="cannot tell its format") as error:
        read_signals(str(tmp_path / "x.dat"), DataConfig())
    assert ".npz" in error.value.hint
    with pytest.raises(SeqcliError, match="no such file"):
        read_signals(str(Path(tmp_path) / "none.csv"), DataConfig())


def test_recordings_with_times_look_like_signals_before_they_look_like_a_forecast(written):
    """Even where some ids are missing, so that nothing is unmistakable."""
    rows = [
        f"p{n % 5},{'' if (n, s) == (3, 5) else n},{s * 0.02:.2f},{s * n % 7}.5,{('still', 'wave')[n % 2]}"
        for n in range(12)
        for s in range(8)
    ]
    table = written("gestures.csv", "subject,trial,time,x,gesture\n" + "\n".join(rows) + "\n")
    fits = fitting_kinds(list(look_at(read_table(table, DataConfig()))))
    assert next(iter(fits)) == "signal"
    assert fits["signal"].columns == {"id_column": "trial", "label_column": "gesture"}


# Tables with a row a sequence


def wide_rows(count=20, steps=14):
    """Rows of a sequence each, of which half rise and half fall, none like another."""
    for number in range(count):
        sign = 1 if number % 2 else -1
        yield [str(sign * step / 2 + number / 100) for step in range(steps)], "up" if number % 2 else "down"


def lines(*rows):
    return "".join(",".join(row) + "\n" for row in rows)


STEPS = [f"t{step}" for step in range(14)]


def test_each_row_is_a_sequence_where_columns_are_numbered_as_steps_are(read, written):
    content = lines([*STEPS, "label"], *([*values, label] for values, label in wide_rows()))
    assert own_kind(DataConfig(data=written("x.csv", content))) == "signal"
    table = read(content)
    assert [(signal.name, signal.label) for signal in table.signals[:2]] == [
        ("row 2", "down"),
        ("row 3", "up"),
    ]
    assert table.signals[1].values.ravel().tolist() == [step / 2 + 0.01 for step in range(14)]
    assert table.columns.steps == ("t0", "t13")


def test_columns_of_several_channels_stand_one_after_the_other(read):
    header = ["activity", *(f"{axis}_{step}" for axis in "xy" for step in range(1, 15))]
    rows = [[label, *values, *(f"{values[0]}1" for _ in STEPS)] for values, label in wide_rows()]
    table = read(lines(header, *rows), kind="signal")
    assert table.channels == ("x", "y")
    assert table.signals[0].values.shape == (14, 2)
    assert table.signals[0].values[:, 1].tolist() == [float(rows[0][-1])] * 14


def test_cells_missing_at_a_row_s_end_are_steps_that_it_does_not_have(read):
    rows = [[*values[:9], "", *values[10:12], "", "", label] for values, label in wide_rows()]
    table = read(lines([*STEPS, "label"], *rows))
    assert {len(signal.values) for signal in table.signals} == {12}
    assert np.isnan(table.signals[0].values[9, 0])


def test_without_a_header_the_classes_are_the_column_of_few_values_that_repeat(read):
    content = "".join(f"{1 + (label == 'up')}\t" + "\t".join(values) + "\n" for values, label in wide_rows())
    table = read(content, "x.tsv", header=False, kind="signal")
    assert (table.columns.label, table.columns.guessed) == ("1", ("--label-column",))
    assert [signal.label for signal in table.signals[:2]] == ["1", "2"]
    assert {len(signal.values) for signal in table.signals} == {14}


def test_numbered_channels_of_rows_of_one_id_are_channels(read):
    header = ["id", *(f"emg{number}" for number in range(16)), "label"]
    rows = [[str(row // 4), *(str(row * 16 + n) for n in range(16)), "ab"[row // 4 % 2]] for row in range(16)]
    table = read(lines(header, *rows))
    assert len(table.signals) == 4
    assert len(table.channels) == 16


@pytest.mark.parametrize("kind", ["signal", "row"])
def test_a_first_row_of_numbers_in_no_order_is_not_lost_as_names(read, kind):
    content = lines(*([*values, label] for values, label in wide_rows()))
    with pytest.raises(DataError, match="by numbers too") as error:
        read(content, kind=kind, scope=Scope(rows=kind == "row"))
    assert "--no-header" in error.value.hint


def test_decimal_commas_are_numbers_where_something_else_parts_the_columns(read):
    content = long_table().replace(",", ";").replace(".", ",")
    assert labelled_values(read(content, sep=";")) == labelled_values(read(long_table()))


def labelled_values(table):
    return [(signal.label, signal.values.tolist()) for signal in table.signals]


def test_a_run_labels_rows_as_it_learnt_them_with_or_without_their_classes(tmp_path, capsys):
    from seqcli.cli.main import execute

    rows = [f"{1 + (label == 'up')}\t" + "\t".join(values) for values, label in wide_rows(40)]
    (tmp_path / "ucr.tsv").write_text("\n".join(rows) + "\n")
    run = str(tmp_path / "run")
    tiny = ("--hidden", "4", "--epochs", "1", "--max-steps", "1", "-q", "--out", run)
    data = ("--data", str(tmp_path / "ucr.tsv"))
    assert execute(["train", "gru", *data, "--no-header", "--kind", "signal", *tiny]) == 0
    capsys.readouterr()
    assert execute(["predict", run, *data]) == 0
    assert len(capsys.readouterr().out.splitlines()) >= 40
    assert execute(["evaluate", run, *data, "--no-header"]) == 0
