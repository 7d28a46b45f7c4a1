import math
from typing import Annotated, Literal

import pytest
from pydantic import Field, ValidationError, field_validator, model_validator

from seqcli.config.layers import (
    Setting,
    check_known,
    command_line,
    explain,
    flat_name,
    from_values,
    keys,
    merge,
    select,
    validate,
)
from seqcli.config.names import Known, Name
from seqcli.config.settings import PositiveFloat, PositiveInt, Settings, Share, clash
from seqcli.errors import UsageError


class Adding(Settings):
    name: Literal["adding"] = "adding"
    length: PositiveInt = 50


class LayeredSettings(Settings):
    hidden: PositiveInt = 128
    learning_rate: PositiveFloat = 1e-3
    dropout: Share = 0.0
    bidirectional: bool = False
    pooling: Literal["last", "mean", "max"] = "last"
    clip: PositiveFloat | None = 1.0
    seeds: tuple[PositiveInt, ...] | Literal["auto"] = (1, 2)
    margin: PositiveFloat | Literal["auto"] = "auto"
    label: Name = "x"
    note: str = ""
    cell: Annotated[str, Known("cell", lambda: ["gru", "lstm"])] = "gru"
    task: Adding = Adding()
    resume: bool = False
    overwrite: bool = False

    @field_validator("note")
    @classmethod
    def _no_stars(cls, note: str) -> str:
        if "*" in note:
            raise ValueError("a note has no stars, right")
        return note

    @model_validator(mode="after")
    def _one_way(self) -> "LayeredSettings":
        if self.resume and self.overwrite:
            raise clash("resume and overwrite exclude each other: drop one", "resume", "overwrite")
        return self


def fault(key, value, origin="exp.yaml:3"):
    with pytest.raises(UsageError) as caught:
        validate(LayeredSettings, {key: Setting(value, origin)})
    assert caught.value.exit_code == 2
    return caught.value.message


def test_the_highest_layer_that_has_a_setting_gives_it():
    names = ["--hidden", "SEQCLI_HIDDEN", "exp.yaml:1", "user.yaml:1", "task spam"]
    layers = [{"hidden": Setting(rank, name)} for rank, name in enumerate(names, 1)]
    for rank, name in enumerate(names):
        assert merge(*layers[rank:])["hidden"] == Setting(rank + 1, name)


def test_layers_add_up_where_they_do_not_overlap():
    merged = merge({"a": Setting(1, "--a")}, {"b": Setting(2, "f:1"), "a": Setting(9, "f:2")})
    assert merged == {"a": Setting(1, "--a"), "b": Setting(2, "f:1")}


def test_null_in_a_higher_layer_is_a_value():
    assert merge({"clip": Setting(None, "--clip")}, {"clip": Setting(1, "f:1")})["clip"].value is None


def test_merging_nothing_is_nothing():
    assert merge() == {}


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("learning-rate", "learning_rate"),
        ("task.name", "task"),
        ("task.length", "task.length"),
        ("name", "name"),
    ],
)
def test_a_setting_has_one_flat_name(written, name):
    assert flat_name(written) == name


def test_a_record_is_made_of_what_is_set_and_its_defaults():
    settings = {
        "hidden": Setting(64, "--hidden"),
        "task.length": Setting(7, "f:1"),
        "seeds": Setting((3,), "f:2"),
    }
    config = validate(LayeredSettings, settings)
    assert (config.hidden, config.task.length, config.seeds, config.pooling) == (64, 7, (3,), "last")


def test_every_setting_is_explained_with_its_origin_in_the_records_order():
    settings = {"task.length": Setting(7, "f:1"), "learning_rate": Setting("1e-4", "SEQCLI_LEARNING_RATE")}
    rows = explain(validate(LayeredSettings, settings), settings)
    assert [row[0] for row in rows] == list(keys_in_order())
    assert ("learning_rate", 1e-4, "SEQCLI_LEARNING_RATE") in rows
    assert ("task.length", 7, "f:1") in rows
    assert ("task", "adding", "default") in rows
    assert ("hidden", 128, "default") in rows


def keys_in_order():
    for name in LayeredSettings.model_fields:
        yield from ("task", "task.length") if name == "task" else (name,)


def test_a_records_names_are_known_and_select_takes_only_those():
    assert keys(Adding) == {"name", "length"}
    assert {"hidden", "task", "task.length"} <= keys(LayeredSettings)
    settings = {"hidden": Setting(1, "a"), "other": Setting(2, "b")}
    assert select(settings, keys(LayeredSettings)) == {"hidden": Setting(1, "a")}


def test_a_name_that_no_record_knows_is_refused_with_its_place_and_the_nearest_name():
    with pytest.raises(UsageError) as caught:
        check_known(
            {"hiden": Setting(1, "exp.yaml:2"), "hidden": Setting(1, "x")}, keys(LayeredSettings, Adding)
        )
    assert caught.value.message == "exp.yaml:2: unknown setting hiden; did you mean hidden?"
    assert "bidirectional, cell, clip" in caught.value.hint
    assert "`" not in caught.value.hint
    with pytest.raises(UsageError) as paged:
        check_known({"hiden": Setting(1, "f:2")}, {"hidden"}, page="seqcli models gru")
    assert "`seqcli models gru`" in paged.value.hint


WHOLE = "a whole number of at least 1"
POSITIVE = "a finite number greater than 0"
POOLING = "'last', 'mean' or 'max'"
NAME = "a name of 1 to 100 characters without '/', '\\' or control characters"


@pytest.mark.parametrize(
    ("key", "value", "allowed", "received"),
    [
        ("hidden", 0, WHOLE, "0"),
        ("hidden", True, WHOLE, "true"),
        ("hidden", 1.5, WHOLE, "1.5"),
        ("hidden", None, WHOLE, "nothing"),
        ("hidden", 10**50, WHOLE, "a number of more than 40 digits"),
        ("hidden", "many", WHOLE, "'many'"),
        ("hidden", "012", WHOLE, "'012' (a number does not begin with 0: write 12)"),
        ("hidden", "12:30", WHOLE, "'12:30' (a number has no colon; older YAML reads this one as base 60)"),
        ("hidden", "0x10", WHOLE, "'0x10' (write it in decimal)"),
        ("hidden", "1_000", WHOLE, "'1_000' (write it without quotes or underscores: 1000)"),
        ("hidden", "64", WHOLE, "'64' (write it without quotes or underscores: 64)"),
        ("dropout", 1.0, "a number of at least 0 and below 1", "1.0"),
        ("learning_rate", ".nan", POSITIVE, "'.nan'"),
        ("learning_rate", math.inf, POSITIVE, "inf"),
        ("bidirectional", "yes", "true or false", "'yes' (write true or false, without quotes)"),
        ("bidirectional", 1, "true or false", "1"),
        ("pooling", "meen", POOLING, "'meen' (did you mean mean?)"),
        ("pooling", 3, POOLING, "3"),
        ("clip", -1, POSITIVE, "-1"),
        ("margin", 0, f"{POSITIVE} or 'auto'", "0"),
        ("label", 7, NAME, '7 (for text put it in quotes: "7")'),
        ("note", False, "text", 'false (for text put it in quotes: "false")'),
        ("cell", "grv", "a known cell (gru, lstm)", "'grv' (did you mean gru?)"),
        ("task.length", 0, WHOLE, "0"),
        ("task", "copy", "'adding'", "'copy'"),
    ],
)
def test_a_fault_says_where_what_is_allowed_what_was_received_and_what_to_write(
    key, value, allowed, received
):
    assert fault(key, value) == f"exp.yaml:3: {key} must be {allowed}, got {received}"


def test_a_list_names_the_items_that_are_wrong():
    assert fault("seeds", (1, 0)) == f"exp.yaml:3: seeds, item 2 must be {WHOLE}, got 0"
    assert (
        fault("seeds", (0, 1, True)).splitlines()[1] == f"exp.yaml:3: seeds, item 3 must be {WHOLE}, got true"
    )
    assert fault("seeds", 5) == "exp.yaml:3: seeds must be a list or 'auto', got 5"


def test_a_records_own_check_speaks_in_its_own_words():
    assert fault("note", "a*") == "exp.yaml:3: note: a note has no stars, right"


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("hiden", "unknown setting hiden; did you mean hidden?"),
        ("task.lenght", "unknown setting task.lenght; did you mean task.length?"),
        ("a\x1b[31m", "unknown setting 'a\\x1b[31m'"),
        ("qqq", "unknown setting qqq"),
    ],
)
def test_an_unknown_setting_is_named_with_the_nearest_one(key, message):
    assert fault(key, 3) == f"exp.yaml:3: {message}"


@pytest.mark.parametrize("origin", ["--hidden", "--set hidden", "SEQCLI_HIDDEN"])
def test_an_origin_that_names_the_setting_is_the_subject(origin):
    assert fault("hidden", 0, origin) == f"{origin} must be a whole number of at least 1, got 0"


def test_all_faults_are_listed_up_to_a_few_and_then_counted():
    values = {"hidden": 0, "dropout": 1, "clip": 0, "margin": 0, "cell": "x", "pooling": "y", "hiden": 1}
    with pytest.raises(UsageError) as caught:
        validate(LayeredSettings, from_values(values, "f.yaml:1"))
    lines = caught.value.message.splitlines()
    assert len(lines) == 6
    assert lines[0].startswith("f.yaml:1: unknown setting hiden")
    assert lines[-1] == "and 2 more"


def test_a_long_or_unprintable_value_is_shown_short_and_escaped():
    message = fault("hidden", "\x1b]52;c;" + "é\u202e" * 5000)
    assert len(message) < 200
    assert message.isprintable()
    assert "\\x1b" in message


def test_settings_that_exclude_each_other_are_named_with_their_places():
    settings = {
        "resume": Setting(value=True, origin="--resume"),
        "overwrite": Setting(value=True, origin="f:2"),
    }
    with pytest.raises(UsageError) as caught:
        validate(LayeredSettings, settings)
    assert caught.value.message == (
        "resume and overwrite exclude each other: drop one (resume: --resume; overwrite: f:2)"
    )


class Counting(Adding):
    @model_validator(mode="after")
    def _not_fifty(self) -> "Counting":
        if self.length == 50:
            raise clash("nobody counts to 50", "length")
        return self


def test_settings_of_a_task_that_do_not_go_together_are_told_with_their_origins():
    class Counts(Settings):
        task: Counting = Counting(length=1)

    with pytest.raises(UsageError) as caught:
        validate(Counts, {"task.length": Setting(50, "--set task.length")})
    assert caught.value.message == ("nobody counts to 50 (task.length: --set task.length)")


def test_a_required_setting_that_is_nowhere_is_named():
    class Needs(Settings):
        data: Name

    with pytest.raises(UsageError, match="data is not set"):
        validate(Needs, {})


def test_a_command_line_sets_what_was_given_null_included_and_no_empty_lists():
    layer = command_line({"clip": None, "seeds": [], "models": ["gru"]})
    assert layer == {"clip": Setting(None, "--clip"), "models": Setting(("gru",), "--models")}


def test_an_option_is_named_by_its_flag():
    layer = command_line({"batch_size": 2, "learning_rate": 3}, flags={"learning_rate": "--lr"})
    assert [setting.origin for setting in layer.values()] == ["--batch-size", "--lr"]


def test_an_option_and_an_assignment_that_differ_are_refused():
    with pytest.raises(UsageError, match=r"^--hidden and --set hidden set the same thing\n"):
        command_line({"hidden": 64}, {"hidden": Setting(65, "--set hidden")})
    assert (
        command_line({"hidden": 64}, {"hidden": Setting(64, "--set hidden")})["hidden"].origin == "--hidden"
    )


def test_a_record_is_frozen_strict_and_closed():
    config = LayeredSettings()
    with pytest.raises(ValidationError, match="frozen"):
        config.hidden = 3
    with pytest.raises(ValidationError):
        LayeredSettings(bidirectional="true")
    with pytest.raises(ValidationError):
        LayeredSettings(hiden=3)
    with pytest.raises(ValidationError, match="pooling") as caught:
        LayeredSettings(pooling="secret-value")
    assert "secret-value" not in str(caught.value)


def test_a_default_outside_its_own_type_is_found():
    class Wrong(Settings):
        hidden: PositiveInt = Field(default=0)

    with pytest.raises(ValidationError):
        Wrong()
