import pytest

from seqcli.config.layer_sources import environment_layer, variable_name
from seqcli.config.layers import Setting
from seqcli.errors import UsageError

KNOWN = {"hidden", "batch_size", "task", "task.length"}


def test_a_variable_names_its_setting_and_types_its_value():
    environ = {"SEQCLI_BATCH_SIZE": "32", "SEQCLI_TASK__LENGTH": "7", "SEQCLI_TASK": "no", "HOME": "/x"}
    assert environment_layer(environ, KNOWN) == {
        "batch_size": Setting(32, "SEQCLI_BATCH_SIZE"),
        "task.length": Setting(7, "SEQCLI_TASK__LENGTH"),
        "task": Setting("no", "SEQCLI_TASK"),
    }


def test_an_empty_variable_is_not_set():
    assert environment_layer({"SEQCLI_HIDDEN": "", "SEQCLI_NONSENSE": ""}, KNOWN) == {}


def test_other_variables_are_not_looked_at():
    assert (
        environment_layer(
            {"OMP_NUM_THREADS": "abc", "seqcli_hidden": "1", "SEQCLIX": "1", "XSEQCLI_HIDDEN": "\udc80"},
            KNOWN,
        )
        == {}
    )


def test_a_variable_that_sets_nothing_is_refused_with_the_nearest_one():
    with pytest.raises(UsageError) as caught:
        environment_layer({"SEQCLI_HIDEN": "3"}, KNOWN)
    assert caught.value.message == (
        "the environment variable SEQCLI_HIDEN sets nothing; did you mean SEQCLI_HIDDEN?"
    )


def test_every_variable_that_sets_nothing_is_named():
    with pytest.raises(UsageError) as caught:
        environment_layer({"SEQCLI_A\x1b": "1", "SEQCLI_B": "1"}, KNOWN)
    assert [line.split()[3] for line in caught.value.message.splitlines()] == ["SEQCLI_A\\x1b", "SEQCLI_B"]


def test_bytes_that_are_no_text_are_refused():
    with pytest.raises(UsageError, match=r"SEQCLI_TASK: .* is not valid text"):
        environment_layer({"SEQCLI_TASK": "\udcff"}, KNOWN)


@pytest.mark.parametrize("key", sorted(KNOWN))
def test_every_setting_has_a_variable_that_sets_it(key):
    assert set(environment_layer({variable_name(key): "1"}, KNOWN)) == {key}
