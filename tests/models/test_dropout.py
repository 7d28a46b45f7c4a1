"""Dropout: whole features of a sequence at a time, in training only, and in the places where it belongs."""

import pytest
import torch
from torch import nn

from seqcli.models.architecture import DataShape, architecture
from seqcli.models.cell import CELLS
from seqcli.models.config import ModelConfig
from seqcli.models.dropout import LockedDropout
from seqcli.models.initialisation import Initialisation, initialise
from seqcli.models.network import build
from seqcli.models.recurrent import Recurrent
from seqcli.models.seq2seq.config import Seq2SeqConfig


def test_a_feature_is_dropped_at_every_step_of_a_sequence_or_at_none() -> None:
    torch.manual_seed(0)
    dropped = LockedDropout(0.5)(torch.ones(6, 4, 10))
    assert torch.equal(dropped, dropped[:, :1].expand_as(dropped))
    assert sorted(dropped.unique().tolist()) == [0.0, 2.0]
    assert not torch.equal(dropped[0], dropped[1])


def test_the_mean_is_kept() -> None:
    torch.manual_seed(0)
    assert LockedDropout(0.3)(torch.ones(200, 1, 500)).mean().item() == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize(("probability", "training"), [(0.5, False), (0.0, True)])
def test_nothing_is_dropped_outside_training_or_at_zero(probability: float, *, training: bool) -> None:
    values = torch.randn(2, 3, 4)
    assert torch.equal(LockedDropout(probability).train(training)(values), values)


@pytest.mark.parametrize("probability", [1.0, -0.1, float("nan")])
def test_a_probability_outside_its_range_is_refused(probability: float) -> None:
    with pytest.raises(ValueError, match="at least 0 and below 1"):
        LockedDropout(probability)


def columns(rows: int, features: int, kept: float) -> torch.Tensor:
    """What is next drawn for each row's features, scaled to keep the mean, (B, 1, F)."""
    return (torch.rand(rows, 1, features) < kept).float() / kept


def gru(weights: dict[str, torch.Tensor], layer: int, inputs: int) -> nn.GRU:
    """torch's own layer with one layer's weights."""
    made = nn.GRU(inputs, 5, batch_first=True)
    made.load_state_dict(
        {name.replace(f"_l{layer}", "_l0"): w for name, w in weights.items() if name.endswith(f"_l{layer}")}
    )
    return made


def test_in_a_stack_what_one_layer_passes_to_the_next_is_dropped_and_nothing_else() -> None:
    recurrent = Recurrent(CELLS.get("gru")(), 3, 5, num_layers=2, dropout=0.4)
    initialise(recurrent, Initialisation("torch"), generator=torch.Generator().manual_seed(1))
    inputs, weights = torch.randn(4, 6, 3), recurrent.state_dict()
    first, second = gru(weights, 0, 3), gru(weights, 1, 5)
    torch.manual_seed(3)
    actual = recurrent.train().outputs(inputs)
    torch.manual_seed(3)
    expected, _ = second(first(inputs)[0] * columns(4, 5, 0.6))
    assert torch.allclose(actual, expected, atol=1e-6)


def test_a_classifier_drops_features_of_its_tokens_and_of_what_its_head_reads() -> None:
    config = ModelConfig(model="gru", hidden=5, embedding=3, dropout=0.4)
    network = build(config, vocab_size=9, output_size=2, generator=torch.Generator().manual_seed(1))
    ids, lengths = torch.randint(1, 9, (4, 6)), torch.full((4,), 6)
    layer = gru(network.recurrent.state_dict(), 0, 3)
    torch.manual_seed(3)
    actual = network.train()(ids, lengths)
    torch.manual_seed(3)
    embedded = network.embedding(ids) * columns(4, 3, 0.6)
    expected = network.head.linear(nn.functional.dropout(layer(embedded)[1][0], 0.4))
    assert torch.allclose(actual, expected, atol=1e-6)


@pytest.mark.parametrize("part", ["encoder", "decoder"])
@pytest.mark.parametrize("input_feeding", [False, True])
def test_a_translator_drops_features_of_its_words_and_of_what_its_output_layer_reads(
    part: str, *, input_feeding: bool
) -> None:
    """No feature behind a tanh is ever exactly 0 by itself."""
    config = Seq2SeqConfig(hidden=8, embedding=64, dropout=0.4, input_feeding=input_feeding)
    shape = DataShape("translate", 9, 0, 9, shared_vocabulary=True)
    network = architecture("seq2seq").build(config, shape, torch.Generator().manual_seed(1)).train()
    results: list[torch.Tensor] = []
    side = getattr(network, part)
    side.recurrent.register_forward_pre_hook(lambda _, arguments: results.append(arguments[0][..., :64]))
    ids = torch.randint(4, 9, (12, 5))
    features = network(ids, torch.full((12,), 5), ids).features
    for values in (torch.cat(results, dim=1), features):
        dropped = values == 0
        assert dropped.float().mean() == pytest.approx(0.4, abs=0.06)
    if not input_feeding:
        assert torch.equal(features == 0, (features == 0)[:, :1].expand_as(features))
    assert not (network.eval()(ids, torch.full((12,), 5), ids).features == 0).any()
