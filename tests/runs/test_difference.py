from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from seqcli.errors import RunError
from seqcli.runs.configuration import differences, parse, refuse_differences, spell

NOT_UTF_8 = {"data": "caf\udce9.csv"}

texts = st.text()
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
configs = st.dictionaries(texts, values, max_size=5)


def test_differences_are_readable():
    before = {"hidden": 128, "task": {"name": "sentiment", "length": 10}, "seeds": [1, 2]}
    now = {"hidden": 64, "task": {"name": "spam", "length": 10}, "seeds": [1, 3], "init": None}
    assert [str(difference) for difference in differences(before, now)] == [
        "hidden: 128 in the run, 64 now",
        "init: not set in the run, null now",
        "seeds: [1, 2] in the run, [1, 3] now",
        'task.name: "sentiment" in the run, "spam" now',
    ]


def test_values_of_different_types_differ():
    alike = [1, 1.0, True, "1"]
    assert all(
        bool(differences({"x": a}, {"x": b})) == (i != j)
        for i, a in enumerate(alike)
        for j, b in enumerate(alike)
    )


def test_a_terminal_is_not_upset_by_a_value():
    (first,) = differences({"x": "\x1b[2J"}, {"x": "\x9b\u202e"})
    assert str(first).isprintable()


@given(configs)
@example(NOT_UTF_8)
def test_a_configuration_comes_back_from_its_file_with_every_value_and_type(config):
    assert differences(parse(spell(config), Path("config.yaml")), config) == []


@given(configs)
@example(NOT_UTF_8)
def test_a_configuration_keeps_its_order(config):
    assert list(parse(spell(config), Path("config.yaml"))) == list(config)


def test_a_configuration_file_is_plain_yaml():
    text = spell({"model": "gru", "learning_rate": 1e-05, "name": "no", "labels": ["긍정"]}).decode()
    assert text.splitlines()[1:] == [
        "model: gru",
        "learning_rate: 1.0e-05",
        "name: 'no'",
        "labels:",
        "- 긍정",
    ]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), {1, 2}])
def test_a_configuration_holds_json_values_only(value):
    with pytest.raises((ValueError, TypeError)):
        spell({"x": value})


@pytest.mark.parametrize(
    "content", [b"- 1", b"a: [", b"\xff", b"", b"!!python/object/apply:os.system [exit 1]"]
)
def test_a_configuration_that_is_no_mapping_is_damaged(tmp_path, content):
    with pytest.raises(RunError, match="is damaged"):
        parse(content, tmp_path)


def test_many_differences_are_counted_and_not_all_told(tmp_path):
    result = differences({f"k{i:02}": 0 for i in range(14)}, {})
    with pytest.raises(RunError, match=r"k09: 0 in the run, not set now; and 4 more"):
        refuse_differences(tmp_path, result)
