import math

import pytest
import torch

from seqcli.models.config import ModelConfig
from seqcli.models.head import HEADS
from seqcli.models.heads.classify import HEAD

NAN = math.nan
OUTPUTS = torch.tensor(  # two rows of three steps, H = 2; the second row has one real step
    [[[1.0, 6.0], [5.0, 4.0], [3.0, 2.0]], [[7.0, 8.0], [NAN, NAN], [NAN, NAN]]]
)
LENGTHS = torch.tensor([3, 1])


def head(pooling: str, *, bidirectional: bool = False) -> HEAD:
    hidden = 1 if bidirectional else 2
    return HEAD(
        ModelConfig(model="gru", hidden=hidden, pooling=pooling, bidirectional=bidirectional), 3
    ).eval()


def test_classify_is_registered() -> None:
    assert HEADS.get("classify") is HEAD


@pytest.mark.parametrize(
    ("pooling", "expected"),
    [("last", [[3, 2], [7, 8]]), ("mean", [[3, 4], [7, 8]]), ("max", [[5, 6], [7, 8]])],
)
def test_pooling_reads_real_steps_only(pooling: str, expected: list[list[float]]) -> None:
    assert head(pooling).pool(OUTPUTS, LENGTHS).tolist() == expected


def test_with_two_directions_last_is_each_direction_s_own_last() -> None:
    assert head("last", bidirectional=True).pool(OUTPUTS, LENGTHS).tolist() == [[3, 6], [7, 8]]


@pytest.mark.parametrize("pooling", ["last", "mean", "max"])
def test_without_lengths_all_steps_are_real(pooling: str) -> None:
    all_real = head(pooling).pool(OUTPUTS[:1], torch.tensor([3]))
    assert torch.equal(head(pooling).pool(OUTPUTS[:1], None), all_real)


def test_logits_are_a_linear_map_of_the_pooled_vector() -> None:
    classifier = head("last")
    classifier.initialise(generator=torch.Generator().manual_seed(0))
    weight, bias = classifier.linear.weight, classifier.linear.bias
    expected = torch.tensor([[3.0, 2.0], [7.0, 8.0]]) @ weight.T + bias
    assert torch.allclose(classifier(OUTPUTS, LENGTHS), expected)
    assert weight.abs().max() <= 1 / math.sqrt(2)


def test_the_loss_is_the_mean_negative_log_likelihood_in_nats() -> None:
    logits = torch.tensor([[0.0, math.log(3), 0.0], [0.0, 0.0, 0.0]])
    expected = (math.log(5 / 3) + math.log(3)) / 2
    assert head("last").loss(logits, torch.tensor([1, 2])).item() == pytest.approx(expected)


def test_an_example_scores_1_where_its_likeliest_class_is_right() -> None:
    logits = torch.tensor([[0.0, 2.0, 1.0], [3.0, 2.0, 1.0], [0.0, -1.0, 5.0]])
    assert head("last").score(logits, torch.tensor([1, 1, 2])).tolist() == [1, 0, 1]
