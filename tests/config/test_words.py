"""Settings as words of a command line: read again, they are what they were."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from seqcli.config.layer_sources import parse_assignments, typed
from seqcli.config.words import assignment, option, written

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**18), 10**18),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("lr", 0.01, ["--lr", "0.01"]),
        ("batch_size", 32, ["--batch-size", "32"]),
        ("clip", None, ["--clip", "null"]),
        ("cost", False, ["--no-cost"]),
        ("tune_lr", True, ["--tune-lr"]),
        ("match", ["hidden", "params"], ["--match", "hidden,params"]),
        ("match", ("hidden",), ["--match", "hidden"]),
        ("seeds", [3, 1, 4], ["--seeds", "3,1,4"]),
        ("seeds", [7], ["--seeds", "[7]"]),
    ],
)
def test_a_setting_is_one_option(key, value, words):
    assert option(key, value) == words


def test_only_a_repeated_option_stands_once_for_each_value():
    assert option("expect", ["a > 1", "b > 2"], repeated=True) == ["--expect", "a > 1", "--expect", "b > 2"]


@pytest.mark.parametrize(
    ("value", "word"),
    [("hf:imdb", "hf:imdb"), ("true", '"true"'), ("5", '"5"'), (5, "5"), (True, "true"), (None, "null")],
)
def test_a_value_is_bare_where_that_means_the_same(value, word):
    assert written(value) == word


@given(st.one_of(SCALARS, st.lists(SCALARS, max_size=3).map(tuple)))
@example("")
@example("[")
@example(" x ")
@example("a,b: c #d")
@example("\u2028")
@example(("1", 1))
def test_what_is_written_is_read_as_what_it_was(value):
    again = typed(written(value), "--set x")
    assert json.dumps(again) == json.dumps(value)


def test_an_assignment_is_read_as_what_it_was():
    flag, text = assignment("task.metric", "null")
    assert flag == "--set"
    assert parse_assignments([text])["task.metric"].value == "null"
