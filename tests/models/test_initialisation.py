import math

import pytest
import torch
from torch import Tensor

from seqcli.errors import UsageError
from seqcli.models.cell import CELLS
from seqcli.models.initialisation import POLICIES, Initialisation, initialise
from seqcli.models.recurrent import Recurrent

IN, H = 32, 64
GATED = [name for name in CELLS.names() if CELLS.get(name).keeps is not None]


def filled(name: str, how: Initialisation, *, seed: int = 0, **shape: int) -> Recurrent:
    recurrent = Recurrent(CELLS.get(name)(), IN, H, **shape)
    initialise(recurrent, how, generator=torch.Generator().manual_seed(seed))
    return recurrent


def blocks(recurrent: Recurrent, kind: str) -> dict[str, Tensor]:
    """The rows of each chunk of one weight of the first layer, by name."""
    rows = recurrent.get_parameter(f"{kind}_l0").detach()
    return dict(zip(recurrent.cell.chunk_names, rows.chunk(recurrent.cell.chunks), strict=True))


def is_orthogonal(block: Tensor, gain: float) -> bool:
    return torch.allclose(block @ block.T, gain**2 * torch.eye(H), atol=1e-5 * gain**2)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("name", GATED)
def test_every_policy_is_a_pure_function_of_the_seed(name: str, policy: str) -> None:
    before = torch.random.get_rng_state()
    how = Initialisation(policy)
    first, again, other = (
        filled(name, how, seed=seed, num_layers=2, bidirectional=True).state_dict() for seed in (3, 3, 4)
    )
    assert all(torch.equal(first[key], again[key]) for key in first)
    assert not torch.equal(first["weight_hh_l1_reverse"], other["weight_hh_l1_reverse"])
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize("name", CELLS.names())
def test_torch_s_fills_plus_minus_one_over_root_h_evenly(name: str) -> None:
    for weight in filled(name, Initialisation("torch")).parameters():
        bound = 1 / math.sqrt(H)
        assert weight.abs().max() <= bound
        assert weight.std().item() == pytest.approx(bound / math.sqrt(3), rel=0.15)


@pytest.mark.parametrize("name", CELLS.names())
@pytest.mark.parametrize("gain", [1.0, 0.5])
def test_tuned_is_orthogonal_in_every_gate_and_its_biases_are_0_but_1_where_state_is_kept(
    name: str, gain: float
) -> None:
    recurrent = filled(name, Initialisation("tuned", gain=gain))
    assert all(is_orthogonal(block, gain) for block in blocks(recurrent, "weight_hh").values())
    assert not recurrent.get_parameter("bias_hh_l0").any()
    for chunk, bias in blocks(recurrent, "bias_ih").items():
        assert bias.unique().tolist() == [1.0 if chunk == recurrent.cell.keeps else 0.0]
    glorot = math.sqrt(2 / (IN + H))
    for block in blocks(recurrent, "weight_ih").values():
        assert block.std().item() == pytest.approx(glorot, rel=0.1)


def test_the_gates_that_keep_are_f_and_z() -> None:
    assert {name: CELLS.get(name).keeps for name in GATED} == {"lstm": "f", "gru": "z"}


@pytest.mark.parametrize("name", CELLS.names())
def test_orthogonal_scales_by_the_gain_and_has_no_bias(name: str) -> None:
    recurrent = filled(name, Initialisation("orthogonal", gain=1.5))
    assert all(is_orthogonal(block, 1.5) for block in blocks(recurrent, "weight_hh").values())
    assert not recurrent.get_parameter("bias_ih_l0").any()
    assert not recurrent.get_parameter("bias_hh_l0").any()


@pytest.mark.parametrize("name", CELLS.names())
def test_gaussian_has_variance_gain_squared_over_h(name: str) -> None:
    weight = filled(name, Initialisation("gaussian", gain=3)).get_parameter("weight_hh_l0")
    assert weight.std().item() == pytest.approx(3 / math.sqrt(H), rel=0.05)
    assert weight.abs().max() > 3 * 3 / math.sqrt(H)


@pytest.mark.parametrize("name", GATED)
def test_chrono_biases_spread_memories_from_1_to_t_steps(name: str) -> None:
    recurrent = filled(name, Initialisation("chrono", chrono_length=100))
    bias = blocks(recurrent, "bias_ih")
    memories = bias[recurrent.cell.keeps].exp()
    assert 1 <= memories.min() <= 15
    assert 85 <= memories.max() <= 99
    if recurrent.cell.writes is not None:
        assert torch.equal(bias[recurrent.cell.writes], -bias[recurrent.cell.keeps])
    assert not recurrent.get_parameter("bias_hh_l0").any()


@pytest.mark.parametrize("name", GATED)
def test_a_forget_bias_given_replaces_the_policy_s_and_nothing_else(name: str) -> None:
    plain, biased = (filled(name, Initialisation("torch", forget_bias=bias)) for bias in (None, 3.0))
    keeps = plain.cell.keeps
    assert blocks(biased, "bias_ih")[keeps].unique().tolist() == [3.0]
    assert blocks(biased, "bias_hh")[keeps].unique().tolist() == [0.0]
    for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        for chunk, block in blocks(plain, kind).items():
            if not (kind.startswith("bias") and chunk == keeps):
                assert torch.equal(block, blocks(biased, kind)[chunk])


@pytest.mark.parametrize("how", [Initialisation("chrono"), Initialisation("torch", forget_bias=1.0)])
def test_a_cell_without_a_keeping_gate_refuses_what_needs_one(how: Initialisation) -> None:
    with pytest.raises(UsageError, match="rnn"):
        filled("rnn", how)


def test_an_unknown_policy_lists_the_known_ones() -> None:
    with pytest.raises(UsageError, match="unknown initialisation 'crono'") as caught:
        filled("lstm", Initialisation("crono"))
    assert caught.value.hint == (
        "Did you mean chrono? Known initialisations: chrono, gaussian, orthogonal, torch, tuned."
    )
