"""Answers are gone over some rows at a time: no more live at once, and every value is as of the whole."""

import gc
import hashlib
import itertools
import json
import weakref

import numpy as np
import pytest

from seqcli.data import answer_rows, metric
from seqcli.data.answer_rows import RowsAnew, rows
from seqcli.data.class_scores import answer_rows as class_rows
from seqcli.data.kinds.classify import METRICS
from seqcli.data.metric import together
from seqcli.data.output_rows import OutputRows
from seqcli.errors import RunError
from seqcli.runs import atomic, kept_lines
from seqcli.runs.directory import RunDirectory
from seqcli.runs.finished_run import FinishedRun

TOGETHER = 5
ROWS = 23
CLASSES = ("down", "up")


class Row(dict):
    """A row that can be counted while it lives."""


class Living:
    """Counts the rows that live, and the most that ever lived at once."""

    def __init__(self) -> None:
        self.rows: weakref.WeakSet[Row] = weakref.WeakSet()
        self.most = 0

    def made(self, pairs: list) -> Row:
        row = Row(pairs)
        row.__class__.__hash__ = object.__hash__
        self.rows.add(row)
        self.most = max(self.most, len(self.rows))
        return row


@pytest.fixture
def living(monkeypatch):
    counted = Living()
    monkeypatch.setattr(answer_rows, "ROWS_TOGETHER", TOGETHER)
    monkeypatch.setattr(metric, "ROWS_TOGETHER", TOGETHER)
    parse = json.loads
    monkeypatch.setattr(answer_rows.json, "loads", lambda text: parse(text, object_pairs_hook=counted.made))
    gc.collect()
    return counted


def answer(number):
    share = (number * 7 % 19 + 1) / 21
    predicted = CLASSES[share > 0.5]
    return {
        "example": number,
        "label": CLASSES[number % 3 == 0],
        "predicted": predicted,
        "probability": round(max(share, 1 - share), 6),
        "probabilities": {"down": round(1 - share, 9), "up": round(share, 9)},
    }


def line(number):
    return json.dumps(answer(number), sort_keys=True).encode() + b"\n"


class Lines:
    """Lines that are made anew each time."""

    def __iter__(self):
        return map(line, range(ROWS))


WHOLE = b"".join(Lines())


def test_no_more_rows_than_are_read_together_live_at_once(living):
    for content in (WHOLE, Lines()):
        examples = [row["example"] for row in rows(content)]
        assert examples == list(range(ROWS))
    # A nested object is one more of each row, and the row in hand outlives its own neighbours by one.
    assert 2 * TOGETHER <= living.most <= 2 * (TOGETHER + 1)


@pytest.mark.parametrize("score", METRICS, ids=lambda score: score.name)
def test_every_score_of_many_rows_is_that_of_all_at_once_and_holds_few(living, score):
    in_memory = [answer(number) for number in range(ROWS)]
    many = score.value(rows(Lines()))
    assert living.most <= 2 * (2 * TOGETHER + 1)
    assert many == pytest.approx(by_hand(score.name, in_memory), rel=1e-12)


def by_hand(name, answers):
    """The scores by their definitions, of rows in a list."""
    right = [row["label"] == row["predicted"] for row in answers]
    recalls, f1s = [], []
    for label in CLASSES:
        there = [row["label"] == label for row in answers]
        answered = [row["predicted"] == label for row in answers]
        hits = sum(a and b for a, b in zip(there, answered, strict=True))
        recalls.append(hits / sum(there))
        f1s.append(2 * hits / (sum(there) + sum(answered)))
    ups = [row["probabilities"]["up"] for row in answers if row["label"] == "up"]
    downs = [row["probabilities"]["up"] for row in answers if row["label"] == "down"]
    won = [(up > down) + (up == down) / 2 for up, down in itertools.product(ups, downs)]
    return {
        "accuracy": sum(right) / len(right),
        "macro_F1": sum(f1s) / 2,
        "balanced_accuracy": sum(recalls) / 2,
        "log_loss": -np.mean([np.log(row["probabilities"][row["label"]]) for row in answers]),
        "auroc": sum(won) / len(won),
    }[name]


def test_rows_that_are_made_anew_are_a_sequence_like_any_other():
    anew = RowsAnew(lambda: map(answer, range(ROWS)))
    assert (len(anew), anew[0], anew[-1]) == (ROWS, answer(0), answer(ROWS - 1))
    assert list(anew[3:6]) == [answer(3), answer(4), answer(5)]
    with pytest.raises(IndexError):
        anew[ROWS]


def test_neighbours_are_taken_together_and_fewer_only_at_the_end(monkeypatch):
    monkeypatch.setattr(metric, "ROWS_TOGETHER", 3)
    assert list(together(range(7))) == [[0, 1, 2], [3, 4, 5], [6]]


def test_the_lines_of_classes_are_the_same_whatever_is_worked_on_together(monkeypatch):
    draw = np.random.default_rng(0)
    shares = draw.random((ROWS, 2)).astype(np.float32)
    targets, best = draw.integers(0, 2, ROWS), shares.argmax(axis=1)
    outputs = np.column_stack([best, shares[np.arange(ROWS), best], shares])
    whole = list(class_rows(CLASSES, targets, outputs))
    assert [row["label"] for row in whole] == [CLASSES[target] for target in targets]
    assert [row["example"] for row in whole] == list(range(ROWS))
    assert [row["probabilities"]["up"] for row in whole] == [
        pytest.approx(float(share), rel=1e-8) for share in shares[:, 1]
    ]
    monkeypatch.setattr("seqcli.data.class_scores.ROWS_TOGETHER", TOGETHER)
    assert list(class_rows(CLASSES, targets, outputs)) == whole
    with pytest.raises(ValueError, match="zip"):
        list(class_rows(CLASSES, targets, outputs[:-1]))


def test_outputs_of_any_width_come_back_at_their_places_filled_up_with_zeros():
    gathered = OutputRows()
    gathered.append(np.array([2, 0]), np.array([[5, 6], [1, 2]]))
    gathered.append(np.array([3, 1]), np.array([[7, 8, 9], [3, 4, 5]]))
    assert gathered.done().tolist() == [[1, 2, 0], [3, 4, 5], [5, 6, 0], [7, 8, 9]]


class Lagging:
    """Lines of which it is counted how many were made when each file write came."""

    def __init__(self):
        self.made = 0
        self.at_writes = [0]

    def __iter__(self):
        for number in range(ROWS):
            self.made += 1
            yield line(number)


@pytest.fixture
def lagging(monkeypatch):
    """Lines, of which at most as many are made between two writes as are written together."""
    lines = Lagging()
    monkeypatch.setattr(atomic, "WRITTEN_AT_ONCE", 3 * len(line(0)))
    write = atomic.write_all

    def noted(descriptor, content):
        lines.at_writes.append(lines.made)
        write(descriptor, content)

    monkeypatch.setattr(atomic, "write_all", noted)
    return lines


def test_a_run_s_answers_are_written_as_they_are_made_and_their_file_is_as_of_the_whole(tmp_path, lagging):
    with RunDirectory.create(tmp_path / "run", {}) as run:
        run.commit_result({"predictions.jsonl": lagging}, {"score": 1})
    assert (tmp_path / "run" / "predictions.jsonl").read_bytes() == WHOLE
    assert np.diff(lagging.at_writes).max() <= 4, "no more lines wait than are written together"
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())["files"]["predictions.jsonl"]
    assert manifest == {"bytes": len(WHOLE), "sha256": hashlib.sha256(WHOLE).hexdigest()}
    with RunDirectory.create(tmp_path / "whole", {}) as run:
        run.commit_result({"predictions.jsonl": WHOLE}, {"score": 1})
    for name in ("manifest.json", "DONE", "summary.json"):
        assert (tmp_path / "run" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


@pytest.fixture
def large(tmp_path, monkeypatch):
    """A finished run whose answers are too large to be held."""
    monkeypatch.setattr(kept_lines, "HELD", 100)
    monkeypatch.setattr("seqcli.runs.directory.HELD", 100)
    monkeypatch.setattr("seqcli.runs.storage.READ_AT_ONCE", 64)  # less than a line
    with RunDirectory.create(tmp_path / "run", {}) as run:
        run.commit_result({"predictions.jsonl": WHOLE}, {"score": 1})
    return tmp_path / "run"


def test_large_answers_are_read_line_by_line_each_time_they_are_asked_for(large):
    lines = FinishedRun.open(large).predictions
    assert not isinstance(lines, bytes)
    assert [list(lines), list(lines)] == [list(Lines()), list(Lines())]
    assert lines == FinishedRun.open(large).predictions, "so that what was computed of them is found again"


def test_large_answers_that_were_changed_are_refused_when_they_are_opened_and_when_they_are_read(large):
    lines = FinishedRun.open(large).predictions
    (large / "predictions.jsonl").write_bytes(WHOLE.replace(b"down", b"DOWN", 1))
    with pytest.raises(RunError, match=r"predictions\.jsonl was changed"):
        list(lines)
    with pytest.raises(RunError, match=r"predictions\.jsonl was changed"):
        assert FinishedRun.open(large).predictions
