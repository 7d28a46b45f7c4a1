from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqcli.errors import UsageError
from seqcli.models.cell import CELLS
from seqcli.models.spec import ModelSpec, folded, labels, parse_spec


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("gru", ModelSpec("gru", {})),
        (" lstm ", ModelSpec("lstm", {})),
        ("gru:hidden=148,layers=2", ModelSpec("gru", {"hidden": 148, "layers": 2})),
        (
            "rnn:activation=relu,gain=1.5,init=gaussian",
            ModelSpec("rnn", {"activation": "relu", "gain": 1.5, "init": "gaussian"}),
        ),
        ("gru: hidden = 3 , bidirectional=true", ModelSpec("gru", {"hidden": 3, "bidirectional": True})),
        ("gru:chrono-length=9", ModelSpec("gru", {"chrono_length": 9})),
        ("GRU", ModelSpec("gru", {})),
        ("Lstm:hidden=9", ModelSpec("lstm", {"hidden": 9})),
        ("BiLSTM", ModelSpec("lstm", {"bidirectional": True})),
        ("bigru:hidden=9", ModelSpec("gru", {"bidirectional": True, "hidden": 9})),
        ("bi-rnn", ModelSpec("rnn", {"bidirectional": True})),
    ],
)
def test_a_model_is_read_as_people_write_it(text: str, spec: ModelSpec) -> None:
    assert parse_spec(text) == spec


@pytest.mark.parametrize(
    ("text", "said", "hint"),
    [
        (
            "gro",
            "unknown model 'gro'",
            "Did you mean gru? Known models: bag, captioner, gru, lstm, mlp, rnn, seq2seq.",
        ),
        ("", "unknown model ''", "Known models: bag, captioner, gru, lstm, mlp, rnn, seq2seq."),
        ("biseq", "unknown model 'biseq'", "Known models: bag, captioner, gru, lstm, mlp, rnn, seq2seq."),
        (
            "../gru",
            "unknown model '../gru'",
            "Did you mean gru? Known models: bag, captioner, gru, lstm, mlp, rnn, seq2seq.",
        ),
        ("gru:", "model gru: '' is not setting=value", "Write gru:hidden=64."),
        ("gru:hidden", "model gru: 'hidden' is not setting=value", "Write gru:hidden=64."),
        ("gru:hidden=", "model gru: 'hidden=' is not setting=value", "Write gru:hidden=64."),
        ("gru:hidden=1,", "model gru: '' is not setting=value", "Write gru:hidden=64."),
        ("gru:hidden=1,hidden=2", "model gru: hidden is given twice", "Drop one."),
    ],
)
def test_a_mistake_is_named_with_its_cure(text: str, said: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_spec(text)
    assert (caught.value.message, caught.value.hint) == (said, hint)


@pytest.mark.parametrize("text", ["gru:hiden_size=3", "gru:hiden=3", "gru:hiddden=3"])
def test_a_misspelt_setting_suggests_the_right_one(text: str) -> None:
    with pytest.raises(UsageError, match="did you mean hidden"):
        parse_spec(text)


def test_the_model_s_name_cannot_be_changed_after_the_colon() -> None:
    with pytest.raises(UsageError, match="unknown setting model"):
        parse_spec("gru:model=lstm")


@given(st.text(max_size=40))
def test_any_text_is_a_model_or_a_usage_error(text: str) -> None:
    for tried in (text, f"gru:{text}"):
        with suppress(UsageError):
            assert parse_spec(tried).name in CELLS


def test_the_layer_outranks_by_naming_the_model() -> None:
    layer = parse_spec("gru:hidden=148").layer()
    assert {key: (setting.value, setting.origin) for key, setting in layer.items()} == {
        "model": ("gru", "model gru:hidden=148"),
        "hidden": (148, "model gru:hidden=148"),
    }


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["lstm", "gru"], ("lstm", "gru")),
        (["gru:hidden=148", "lstm"], ("gru", "lstm")),
        (["gru", "gru:hidden=148"], ("gru", "gru hidden=148")),
        (
            ["gru:hidden=64,layers=2", "gru:hidden=148,layers=2", "rnn:layers=2"],
            ("gru hidden=64", "gru hidden=148", "rnn"),
        ),
        (["gru:layers=2", "gru:hidden=9,layers=2"], ("gru", "gru hidden=9")),
        (["gru:layers=2", "gru:hidden=9"], ("gru layers=2", "gru hidden=9")),
        (["rnn:hidden=1", "rnn:bidirectional=true"], ("rnn hidden=1", "rnn bidirectional=True")),
    ],
)
def test_labels_tell_namesakes_apart_by_what_differs(texts: list[str], expected: tuple[str, ...]) -> None:
    assert labels([parse_spec(text) for text in texts]) == expected


@pytest.mark.parametrize(
    "texts", [["gru", "lstm", "gru"], ["gru:hidden=1,layers=2", "gru:layers=2,hidden=1"]]
)
def test_the_same_model_twice_is_refused(texts: list[str]) -> None:
    with pytest.raises(UsageError, match="is given 2 times"):
        labels([parse_spec(text) for text in texts])


def test_settings_that_no_option_has_are_written_into_the_model() -> None:
    config = {"model": "seq2seq", "attention": "none", "tied": True, "gain": 1e-05, "hidden": 8, "lr": 0.1}
    result = folded(config, known={"model", "hidden", "lr"})
    assert {key: result[key] for key in ("hidden", "lr")} == {"hidden": 8, "lr": 0.1}
    assert set(result) == {"model", "hidden", "lr"}
    assert parse_spec(str(result["model"])).settings == {"attention": "none", "tied": True, "gain": 1e-05}
    assert folded(result, known=set()) == result


@pytest.mark.parametrize("config", [{}, {"model": 3, "hidden": 4}, {"model": "of strangers", "hidden": 4}])
def test_without_a_known_model_nothing_is_written_into_it(config: dict[str, object]) -> None:
    assert folded(config, known=set()) == config
