import subprocess
import sys
from typing import get_args

import pytest

from seqcli.config.layers import from_values, validate
from seqcli.errors import UsageError
from seqcli.models.cell import CELLS
from seqcli.models.config import ModelConfig
from seqcli.models.initialisation import POLICIES
from seqcli.models.seq2seq.config import Seq2SeqConfig


def checked(**values: object) -> ModelConfig:
    return validate(ModelConfig, from_values(values, "exp.yaml:1"))


def test_a_name_is_enough() -> None:
    config = checked(model="gru")
    assert (config.hidden, config.layers, config.bidirectional, config.init) == (128, 1, False, "tuned")


@pytest.mark.parametrize(
    "values",
    [
        {"hidden": 0},
        {"hidden": -1},
        {"hidden": 1.5},
        {"hidden": True},
        {"hidden": "64"},
        {"hidden": 10**9},
        {"layers": 0},
        {"embedding": 0},
        {"dropout": 1.0},
        {"dropout": -0.1},
        {"dropout": float("nan")},
        {"pooling": "sum"},
        {"bidirectional": 1},
        {"init": "xavier"},
        {"gain": 0},
        {"forget_bias": float("inf")},
        {"chrono_length": 2},
        {"hiden": 3},
        {"model": "lsmt"},
        {"model": None},
    ],
    ids=repr,
)
def test_what_is_not_allowed_is_refused_with_its_origin(values: dict[str, object]) -> None:
    with pytest.raises(UsageError, match=r"exp\.yaml:1"):
        checked(**{"model": "lstm", **values})


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"model": "gru", "activation": "relu"}, "gru has no choice of activation"),
        ({"model": "gru", "init": "torch", "gain": 2.0}, "torch has no gain"),
        ({"model": "gru", "init": "chrono", "gain": 2.0}, "chrono has no gain"),
        ({"model": "rnn", "init": "chrono"}, "rnn has no gate that keeps its state"),
        ({"model": "rnn", "forget_bias": 1.0}, "rnn has no gate that keeps its state"),
        ({"model": "lstm", "init": "chrono", "forget_bias": 1.0}, "chrono sets the forget bias itself"),
    ],
)
def test_settings_that_do_not_fit_the_cell_are_refused(values: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        checked(**values)


def test_an_rnn_takes_an_activation() -> None:
    assert checked(model="rnn", activation="relu").activation == "relu"


def test_the_initialisations_allowed_are_those_that_exist() -> None:
    assert set(get_args(ModelConfig.model_fields["init"].annotation)) == set(POLICIES)


def test_every_setting_of_a_registered_cell_is_a_setting_of_the_model() -> None:
    own = {setting for name in CELLS.names() for setting in CELLS.get(name).settings()}
    assert own <= set(ModelConfig.model_fields)


def test_operations_of_a_stack_are_those_of_each_layer_and_direction_by_hand() -> None:
    """A GRU's step: 2 · 3 H (I + H) for the products, 17 H for all else (9 sums, 3 σ and tanh, 5 for h')."""

    def step(inputs: int) -> int:
        return 6 * 4 * (inputs + 4) + 17 * 4

    shape = {"hidden": 4, "embedding": 3}
    assert checked(model="gru", **shape).flops_per_step() == step(3)
    assert checked(model="gru", layers=3, **shape).flops_per_step() == step(3) + 2 * step(4)
    both = checked(model="gru", layers=2, bidirectional=True, **shape)
    assert both.flops_per_step() == 2 * step(3) + 2 * step(8)
    assert both.flops_per_step(input_size=2) == 2 * step(2) + 2 * step(8)
    assert both.flops(inputs=7, tokens=9) == 7 * both.flops_per_step()


def test_a_translator_s_operations_are_the_encoder_s_by_source_and_the_decoder_s_by_target() -> None:
    def step(inputs: int) -> int:
        return 6 * 4 * (inputs + 4) + 17 * 4

    settings = {"hidden": 4, "embedding": 3, "layers": 2}
    plain = Seq2SeqConfig(bidirectional=True, **settings)
    assert plain.flops(inputs=7, tokens=0) == 7 * (2 * step(3) + 2 * step(8))
    assert plain.flops(inputs=0, tokens=11) == 11 * (step(3) + step(4))
    fed = Seq2SeqConfig(bidirectional=True, input_feeding=True, feed_context=True, **settings)
    assert fed.flops(inputs=0, tokens=11) == 11 * (step(3 + 3 + 4) + step(4))


def test_checking_a_model_does_not_load_torch() -> None:
    program = (
        "import sys\n"
        "from seqcli.models.config import ModelConfig\n"
        "from seqcli.models.spec import parse_spec\n"
        "import seqcli.models.baseline\n"
        "ModelConfig(model='gru'); parse_spec('lstm:hidden=3')\n"
        "heavy = {'torch', 'sklearn', 'pandas', 'scipy'} & set(sys.modules)\n"
        "sys.exit(f'loaded: {heavy}' if heavy else 0)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
