"""`--duplicates`: what becomes of rows that say the same, counted by hand; by default nothing changes."""

import numpy as np
import pytest

from seqcli.data.repeats import once, refuse_repeats
from seqcli.errors import DataError

ROWS = [(f"text number {n} is {'good' if n % 2 else 'bad'}", "yes" if n % 2 else "no") for n in range(60)]
AGAIN = [(ROWS[n][0], ROWS[n][1]) for n in range(6)] + [(ROWS[7][0].upper(), "no")]
"""Seven rows that repeat an earlier text, the last in other letters and under another label."""


def csv(rows):
    return "text,label\n" + "".join(f"{text},{label}\n" for text, label in rows)


def texts(prepared):
    return {name: [text.lower() for text in prepared.texts(name)] for name in ("train", "valid", "test")}


def hashes(splits):
    return {name: np.array([ord(text) for text in texts], np.uint64) for name, texts in splits.items()}


def numbers(splits):
    return {name: np.array(answers) for name, answers in splits.items()}


def test_each_text_is_left_once_in_test_before_valid_before_train():
    rows = hashes({"train": "abca", "valid": "bd", "test": "cce"})
    answers = numbers({"train": [1, 2, 3, 9], "valid": [2, 4], "test": [3, 3, 5]})
    left = once(rows, answers)
    assert {name: places.tolist() for name, places in left.rows.items()} == {
        "test": [0, 2],
        "valid": [0, 1],
        "train": [0],
    }
    assert (left.dropped, left.conflicting, left.across) == (4, 1, 2)


def test_the_first_repeat_that_is_refused_is_that_of_the_file_that_is_learnt_from():
    rows, answers = hashes({"train": "abcdb", "valid": "ba"}), numbers({"train": range(5), "valid": [0, 0]})
    with pytest.raises(
        DataError, match=r"^train 4 repeats the text of train 1; 3 rows repeat another"
    ) as caught:
        refuse_repeats(rows, answers, lambda split, place: f"{split} {place}")
    assert "2 of them under another label and 3 in another split" in caught.value.message


def test_where_nothing_is_said_nothing_changes(written, make):
    usual = make(data=written("x.csv", csv(ROWS + AGAIN)))
    assert make(data=written("x.csv", csv(ROWS + AGAIN)), duplicates="drop").sha256 == usual.sha256
    assert (usual.facts.duplicates, usual.facts.conflicting, usual.facts.examples) == (7, 1, 60)


def test_keep_leaves_all_rows_and_those_of_one_text_in_one_split(written, make):
    result = make(data=written("x.csv", csv(ROWS + AGAIN)), duplicates="keep")
    assert result.facts.examples == 67
    assert result.facts.duplicates == 0
    splits = texts(result)
    for first, second in (("train", "valid"), ("train", "test"), ("valid", "test")):
        assert not set(splits[first]) & set(splits[second])
    usual = texts(make(data=written("x.csv", csv(ROWS + AGAIN))))
    assert {name: set(some) for name, some in splits.items()} == {
        name: set(some) for name, some in usual.items()
    }
    values = [warning for warning in result.facts.warnings if "repeat the text of an earlier one" in warning]
    assert sum(int(warning.split()[0]) for warning in values) == 7
    assert any("1 under another label" in warning for warning in values)


def test_keep_does_not_depend_on_the_order_of_the_rows(written, make):
    result = make(data=written("x.csv", csv(ROWS + AGAIN)), duplicates="keep", lowercase=False)
    other = make(data=written("x.csv", csv(list(reversed(ROWS + AGAIN)))), duplicates="keep", lowercase=False)
    assert result.sha256 == other.sha256


def test_error_names_the_first_row_that_repeats_another_and_counts_the_rest(written, make):
    with pytest.raises(DataError, match=r"x\.csv, row 62 repeats the text of .*x\.csv, row 2") as caught:
        make(data=written("x.csv", csv(ROWS + AGAIN)), duplicates="error")
    assert "7 rows repeat another, 1 of them under another label" in caught.value.message
    assert "--duplicates drop" in str(caught.value.hint)
    assert make(data=written("x.csv", csv(ROWS)), duplicates="error").facts.examples == 60


def test_of_ready_made_splits_drop_leaves_the_tested_text_and_tells_how_many_went(written, make):
    files = {
        "train": written("train.csv", csv(ROWS[:40] + ROWS[:3] + ROWS[50:52])),
        "valid": written("valid.csv", csv(ROWS[40:50])),
        "test": written("test.csv", csv(ROWS[50:] + ROWS[50:51])),
    }
    usual = make(**files)
    assert usual.facts.sizes == {"train": 45, "valid": 10, "test": 11}
    assert any("3 of 11 test texts" in warning for warning in usual.facts.warnings)
    assert any("3 of 45 train rows repeat" in warning for warning in usual.facts.warnings)
    cleaned = make(**files, duplicates="drop")
    assert cleaned.facts.sizes == {"train": 40, "valid": 10, "test": 10}
    assert cleaned.facts.duplicates == 6
    assert any("2 of the dropped rows" in w for w in cleaned.facts.warnings)
    assert not set(texts(cleaned)["train"]) & set(texts(cleaned)["test"])
    with pytest.raises(DataError, match="in another split"):
        make(**files, duplicates="error")


def test_pairs_are_dropped_kept_or_refused_too(written, make):
    rows = [f"ein Haus {n}\ta house {n}" for n in range(40)]
    location = written("x.tsv", "source\ttarget\n" + "\n".join([*rows, *rows[:5]]) + "\n")
    usual = make(data=location, kind="translate")
    assert (usual.facts.examples, usual.facts.duplicates) == (40, 5)
    assert make(data=location, kind="translate", duplicates="drop").sha256 == usual.sha256
    result = make(data=location, kind="translate", duplicates="keep")
    assert (result.facts.examples, result.facts.duplicates) == (45, 0)
    assert not set(result.texts("train")) & set(result.texts("test"))
    with pytest.raises(DataError, match="5 of 45 pairs repeat another"):
        make(data=location, kind="translate", duplicates="error")


def test_sentences_are_dropped_kept_or_refused_too(written, make):
    sentences = [f"word{n}\tA\nother\tB\n\n" for n in range(30)]
    location = written("x.conll", "".join([*sentences, *sentences[:3], "word5\tB\nother\tB\n\n"]))
    usual = make(data=location)
    assert (usual.facts.examples, usual.facts.duplicates, usual.facts.conflicting) == (30, 4, 1)
    result = make(data=location, duplicates="keep")
    assert (result.facts.examples, result.facts.duplicates) == (34, 0)
    assert not set(result.texts("train")) & set(result.texts("test"))
    with pytest.raises(DataError, match=r"x\.conll, line 91 repeats the text of .*x\.conll, line 1;"):
        make(data=location, duplicates="error")
