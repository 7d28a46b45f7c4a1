import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from seqcli.config.layer_sources import parse_assignments, typed
from seqcli.config.layers import Setting
from seqcli.errors import UsageError


def test_an_assignment_names_its_setting_and_types_its_value():
    assert parse_assignments(["hidden=64", "learning-rate=1e-3", "task.name=adding"]) == {
        "hidden": Setting(64, "--set hidden"),
        "learning_rate": Setting(0.001, "--set learning_rate"),
        "task": Setting("adding", "--set task"),
    }


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("true", True),
        ("", None),
        (" 3 ", 3),
        (",", ","),
        ("|", "|"),
        ("\t", "\t"),
        ("a: b", "a: b"),
        ("a #b", "a #b"),
        ("@x", "@x"),
        ("*.csv", "*.csv"),
        ("!!python/name:os.system", "!!python/name:os.system"),
        ("gru:hidden=148,layers=2", "gru:hidden=148,layers=2"),
        ('"64"', "64"),
        ("'it''s'", "it's"),
        ('"\\t"', "\t"),
        ("[1, 2]", (1, 2)),
        ("[gru, 'a,b']", ("gru", "a,b")),
        ("{a: 1}", "{a: 1}"),
    ],
)
def test_a_value_is_one_word_unless_it_begins_with_a_quote_or_a_bracket(text, value):
    assert typed(text, "--set x") == value


@pytest.mark.parametrize(
    ("assignments", "said"),
    [
        (["hidden"], "--set 'hidden' is not key=value"),
        (["=3"], "--set '=3' is not key=value"),
        ([""], "--set '' is not key=value"),
        (["hidden=1", "hidden=2"], "--set hidden is given twice: 1 and 2"),
        (["task=a", "task.name=b"], "--set task is given twice: 'a' and 'b'"),
        (["x='a"], "--set x: a quote is never closed"),
        (["x=[1, 2"], "--set x: a list or group is not closed"),
        (["x=[a: 1]"], "--set x: the value: a list or group inside a list"),
        (['x="a": 1'], "--set x: the value is a group"),
        (["x=[*a]"], "--set x: the alias *a"),
        (["x=\udc80"], "--set x: '\\udc80' is not valid text"),
    ],
)
def test_a_wrong_assignment_is_named(assignments, said):
    with pytest.raises(UsageError) as caught:
        parse_assignments(assignments)
    assert said in caught.value.message
    assert caught.value.message.isprintable()


@given(st.text(max_size=60))
@example('"\\UFFFFFFFF"')
@example("[" * 60)
@example("'a'\n---\n'b'")
def test_any_text_is_a_layer_or_a_usage_error(text):
    for assignment in (text, f"x={text}", f'x="{text}', f"x=[{text}"):
        assert fault_of(assignment).isprintable()


def fault_of(assignment):
    try:
        assert len(parse_assignments([assignment])) == 1
    except UsageError as refused:
        return refused.message
    return ""
