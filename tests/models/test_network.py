import pytest
import torch
from torch import Tensor

from seqcli.models.cell import CELLS
from seqcli.models.cells.rnn import RNN
from seqcli.models.config import ModelConfig
from seqcli.models.heads.classify import Classify
from seqcli.models.network import Network, build, parameter_counts

V, C = 11, 3
IDS = torch.tensor([[4, 5, 6, 7], [8, 9, 0, 0], [1, 0, 0, 0]])
LENGTHS = torch.tensor([4, 2, 1])


def made(seed: int = 0, **settings: object) -> Network:
    config = ModelConfig(**{"model": "gru", "hidden": 6, "embedding": 5, **settings})
    return build(config, vocab_size=V, output_size=C, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("name", CELLS.names())
@pytest.mark.parametrize("bidirectional", [False, True], ids=["forward", "both"])
@pytest.mark.parametrize("pooling", ["last", "mean", "max"])
def test_what_the_padding_holds_changes_neither_logits_nor_gradients(
    name: str, pooling: str, bidirectional: bool
) -> None:
    network = made(model=name, bidirectional=bidirectional, pooling=pooling, layers=2).double().eval()

    def logits_and_gradients(ids: Tensor) -> list[Tensor]:
        logits = network(ids, LENGTHS)
        loss = network.loss(logits, torch.tensor([0, 1, 2]))
        return [logits, *torch.autograd.grad(loss, list(network.parameters()))]

    noisy = torch.where(IDS == 0, 10, IDS)
    longer = torch.cat([noisy, torch.full((3, 5), 9)], dim=1)
    plain = logits_and_gradients(IDS)
    for padded in (noisy, longer):
        for item, other in zip(plain, logits_and_gradients(padded), strict=True):
            assert (item - other).abs().max() < 1e-10
    alone = torch.cat([network(row[:n].unsqueeze(0)) for row, n in zip(IDS, LENGTHS, strict=True)])
    assert (plain[0] - alone).abs().max() < 1e-10


def test_the_padding_s_vector_is_zero_and_has_no_gradient() -> None:
    network = made(pooling="mean")
    network.loss(network(IDS), torch.tensor([0, 1, 2])).backward()
    gradient = network.embedding.weight.grad
    assert gradient is not None
    assert not network.embedding.weight[0].any()
    assert not gradient[0].any()
    assert gradient[1:].any()


@pytest.mark.parametrize(("name", "chunks"), [("lstm", 4), ("gru", 3), ("rnn", 1)])
@pytest.mark.parametrize("directions", [1, 2])
def test_parameters_are_counted_by_part(name: str, chunks: int, directions: int) -> None:
    counts = parameter_counts(made(model=name, layers=2, bidirectional=directions == 2))
    first = chunks * 6 * (5 + 6 + 2) * directions
    second = chunks * 6 * (6 * directions + 6 + 2) * directions
    head = (6 * directions + 1) * C
    assert counts == {
        "total": V * 5 + first + second + head,
        "embedding": V * 5,
        "recurrent": first + second,
        "head": head,
    }


@pytest.mark.parametrize("init", ["tuned", "torch", "orthogonal", "gaussian", "chrono"])
def test_first_weights_are_a_pure_function_of_the_seed(init: str) -> None:
    before = torch.random.get_rng_state()
    first, again, other = (made(seed, init=init, layers=2).state_dict() for seed in (1, 1, 2))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert all(torch.equal(first[name], again[name]) for name in first)
    drawn = [name for name in first if "bias" not in name]
    assert not any(torch.equal(first[name], other[name]) for name in drawn)


@pytest.mark.parametrize(("init", "spread"), [("tuned", 1 / 8), ("torch", 1.0)])
def test_word_vectors_begin_with_length_1_or_as_torchs(init: str, spread: float) -> None:
    generator = torch.Generator().manual_seed(0)
    config = ModelConfig(model="gru", hidden=6, embedding=64, init=init)
    weight = build(config, vocab_size=500, output_size=C, generator=generator).embedding.weight[1:]
    assert weight.std().item() == pytest.approx(spread, rel=0.02)
    assert weight.mean().item() == pytest.approx(0, abs=0.03 * spread)


def test_a_cell_s_own_settings_reach_it() -> None:
    assert made(model="rnn", activation="relu").recurrent.cell == RNN(activation="relu")
    assert made(model="rnn").recurrent.cell == RNN(activation="tanh")


def test_dropout_acts_in_training_only_and_is_replayed_from_the_seed() -> None:
    network = made(dropout=0.5, layers=2)
    calm = network.eval()(IDS, LENGTHS)
    assert torch.equal(calm, network(IDS, LENGTHS))
    network.train()
    torch.manual_seed(5)
    first = network(IDS, LENGTHS)
    torch.manual_seed(5)
    assert torch.equal(network(IDS, LENGTHS), first)
    assert not torch.equal(first, calm)


def test_the_head_is_the_one_asked_for() -> None:
    assert isinstance(made().head, Classify)


@pytest.mark.parametrize("name", CELLS.names())
def test_every_model_learns_which_word_came_first(name: str) -> None:
    torch.manual_seed(0)
    network = made(model=name, dropout=0.0, hidden=16)
    ids = torch.randint(1, V, (64, 7))
    lengths = torch.randint(1, 8, (64,))
    targets = ids[:, 0] % C
    optimiser = torch.optim.Adam(network.parameters(), lr=0.02)
    for _ in range(80):
        optimiser.zero_grad()
        network.loss(network(ids, lengths), targets).backward()
        optimiser.step()
    assert (network(ids, lengths).argmax(1) == targets).float().mean() > 0.95
