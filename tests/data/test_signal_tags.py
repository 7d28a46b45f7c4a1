"""Signals with a label for each step: how formats say so, when it is guessed, how it is scored."""

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet
from sklearn.metrics import accuracy_score, f1_score

from seqcli.data.config import DataConfig
from seqcli.data.data_words import data_notes
from seqcli.data.encoded_steps import NO_ANSWER
from seqcli.data.kind import KINDS, metric_named, own_kind
from seqcli.data.signal_tables import Scope, read_signals
from seqcli.errors import DataError, UsageError
from seqcli.models.baseline import BASELINES

KIND = KINDS.get("signal-tag")
STEPS = Scope(per_step=True)


def walks(count=30, label="activity"):
    """Sequences that rise and then fall, each step labelled by its direction."""
    rows = [f"id,t,x,{label}"]
    for number in range(count):
        turn = 2 + number % 3
        rows += [
            f"s{number},{t},{(t if t < turn else 2 * turn - t) + number / 100},{'up' if t < turn else 'down'}"
            for t in range(6 + number % 2)
        ]
    return "\n".join(rows) + "\n"


@pytest.fixture
def saved(tmp_path):
    def save(**arrays):
        np.savez(tmp_path / "x.npz", **arrays)
        return str(tmp_path / "x.npz")

    return save


def test_each_row_s_label_goes_with_its_step_whatever_the_rows_order(written):
    path = written("x.csv", "id,t,x,label\na,1,5,down\na,0,4,up\nb,0,9,up\nb,1,8,\n")
    table = read_signals(path, DataConfig(data=path), STEPS)
    assert [signal.step_labels for signal in table.signals] == [("up", "down"), ("up", None)]
    assert table.signals[0].values.tolist() == [[4], [5]]


def test_the_kind_is_told_by_labels_that_change_within_sequences_and_by_no_misspelt_one(written):
    def kind(content, **options):
        return own_kind(DataConfig(data=written("x.csv", content), **options))

    assert kind(walks()) == "signal-tag"
    whole = walks().replace("up\n", "rise\n").replace("down\n", "rise\n")
    assert kind(whole) == "signal"
    assert kind(whole.replace("s3,2,2.03,rise", "s3,2,2.03,ris")) == "signal"
    assert kind(walks(label="what"), id_column="id", label_column="what") == "signal-tag"
    measured = "id,t,x,target\n" + "".join(f"s{n},{t},{t},{t / 7 + n}\n" for n in range(9) for t in range(9))
    assert kind(measured) != "signal-tag"
    assert kind(walks(), kind="signal") == "signal"


def test_a_whole_sequence_s_label_that_changes_names_the_other_kind(make, written):
    with pytest.raises(DataError, match="row 4: column 'activity' holds 'down'") as error:
        make(data=written("x.csv", walks()), kind="signal")
    assert "--kind signal-tag" in error.value.hint


@pytest.mark.parametrize(
    "arrays",
    [
        {"x": np.arange(10.0).reshape(5, 2), "lengths": [3, 2], "y": ["a", "b", "a", "b", "b"]},
        {
            "x": np.array([[[0.0, 1], [2, 3], [4, 5]], [[6, 7], [8, 9], [np.nan, np.nan]]]),
            "y": [["a", "b", "a"], ["b", "b", ""]],
        },
    ],
)
def test_arrays_have_a_label_for_each_step_joined_or_padded(saved, arrays):
    path = saved(**arrays)
    assert own_kind(DataConfig(data=path)) == "signal-tag"
    table = read_signals(path, DataConfig(data=path), STEPS)
    assert [signal.step_labels for signal in table.signals] == [("a", "b", "a"), ("b", "b")]
    assert [len(signal.values) for signal in table.signals] == [3, 2]


@pytest.mark.parametrize(
    ("y", "says"),
    [
        ([0, 1], r"y holds int64 of shape \(2,\), and there are 2 sequences of 5 steps"),
        ([0.5] * 4, "there are 2 sequences of 5 steps"),
        (None, "no array y"),
    ],
)
def test_labels_that_are_not_as_many_as_steps_are_refused(saved, y, says):
    arrays = {"x": np.zeros((5, 2)), "lengths": [3, 2], **({} if y is None else {"y": y})}
    with pytest.raises(DataError, match=says):
        read_signals(saved(**arrays), DataConfig(), STEPS)


def test_lists_of_labels_in_parquet_are_those_of_the_steps(tmp_path):
    path = str(tmp_path / "x.parquet")
    columns = {"x": [[1.0, 2, 3], [4.0]], "label": [["up", None, "down"], ["up"]]}
    parquet.write_table(pa.table(columns), path)
    assert own_kind(DataConfig(data=path)) == "signal-tag"
    table = read_signals(path, DataConfig(data=path), STEPS)
    assert [signal.step_labels for signal in table.signals] == [("up", None, "down"), ("up",)]
    parquet.write_table(pa.table({**columns, "label": [[1, 2, 1], [2]]}), path)
    table = read_signals(path, DataConfig(data=path), STEPS)
    assert (table.channels, table.signals[0].step_labels) == (("x",), ("1", "2", "1"))
    parquet.write_table(pa.table({**columns, "label": [["up", "down"], ["up"]]}), path)
    with pytest.raises(DataError, match="row 1: 2 labels for 3 steps"):
        read_signals(path, DataConfig(data=path), STEPS)


def test_a_folder_of_tables_with_a_column_of_labels_is_one_sequence_a_file(tmp_path):
    for number in range(3):
        (tmp_path / f"{number}.csv").write_text(f"t,x,label\n0,{number},up\n1,{number + 1},down\n")
    assert own_kind(DataConfig(data=str(tmp_path))) == "signal-tag"
    table = read_signals(str(tmp_path), DataConfig(data=str(tmp_path)), STEPS)
    assert [(signal.name, signal.step_labels) for signal in table.signals] == [
        (f"{number}.csv", ("up", "down")) for number in range(3)
    ]


def test_a_ts_file_has_no_labels_of_steps(make, written):
    with pytest.raises(UsageError, match=r"one class for each case"):
        make(data=written("x.ts", "@data\n1,2:a\n"), kind="signal-tag")


def test_steps_without_a_label_are_refused_or_neither_learnt_nor_scored(make, written):
    path = written("x.csv", walks().replace("s4,2,2.04,up", "s4,2,2.04,"))
    with pytest.raises(DataError, match="1 of 195 steps"):
        make(data=path)
    prepared = make(data=path, missing_labels="drop")
    answers = np.concatenate([split.answers for split in prepared.splits.values()])
    assert ((answers == NO_ANSWER).sum(), len(answers)) == (1, 195)
    assert "1 steps have no label: read, and neither learnt nor scored" in prepared.facts.warnings


def test_the_kind_that_was_guessed_is_said(make, written):
    notes = data_notes(make(data=written("x.csv", walks())).facts)
    assert "read as --kind signal-tag: sequences of numbers with a label for each step" in notes


def test_ready_made_labels_that_training_lacks_and_one_label_alone_are_refused(make, written):
    train = written("a.csv", walks())
    with pytest.raises(DataError, match="the label 'off'"):
        make(train=train, test=written("b.csv", walks(4).replace("up", "off")), id_column="id")
    with pytest.raises(DataError, match="have the label 'up'"):
        make(data=written("c.csv", walks().replace("down", "up")), kind="signal-tag")


def test_padding_holds_nothing_and_has_no_answer(make, written):
    split = make(data=written("x.csv", walks())).splits["train"]
    inputs, lengths, targets = split.rows(np.arange(len(split)))
    assert set(lengths.tolist()) == {6, 7}
    for row, answers, length in zip(inputs, targets, lengths, strict=True):
        assert not row[length:].any()
        assert (answers[length:] == NO_ANSWER).all()
        assert (answers[:length] != NO_ANSWER).all()


def test_only_training_sequences_are_cut_for_every_step_is_asked_for(make, written):
    splits = make(data=written("x.csv", walks()), max_len=3).splits
    assert splits["train"].lengths.max() == 3
    assert splits["test"].lengths.max() >= 6


def test_scores_are_over_all_steps_as_scikit_learn_has_them():
    """Long sequences weigh more than short ones; a step without a label counts for nothing."""
    rows = [
        {"label": ["a", "b", "c", "a"], "predicted": ["a", "b", "a", "a"]},
        {"label": ["b", ""], "predicted": ["c", "a"]},
    ]
    right, values = ["a", "b", "c", "a", "b"], ["a", "b", "a", "a", "c"]
    assert metric_named("step_accuracy").value(rows) == accuracy_score(right, values)
    assert metric_named("step_macro_F1").value(rows) == pytest.approx(
        f1_score(right, values, average="macro")
    )


def test_baselines_see_one_step_or_those_around_it(make, written):
    """Where it rose or fell, one value does not tell and its neighbours do."""
    prepared = make(data=written("x.csv", walks(60)))
    score = {}
    for name in KIND.baselines:
        method = BASELINES.get(name)().fit(*KIND.examples(prepared, "train"))
        inputs, right = KIND.examples(prepared, "test")
        rows = [{"label": a, "predicted": b} for a, b in zip(right, method.predict(inputs), strict=True)]
        score[name] = metric_named("step_accuracy").value(rows)
    assert score["step-majority"] == pytest.approx(prepared.facts.majority_share)
    assert score["one-step"] < 0.9 < score["step-window"]
