"""Heads that answer with a number or at every step, against torch and hand arithmetic."""

import math

import pytest
import torch

from seqcli.data.encoded_steps import NO_ANSWER
from seqcli.models.cell import CELLS
from seqcli.models.config import ModelConfig
from seqcli.models.network import Network, build, parameter_counts

LENGTHS = torch.tensor([4, 2, 1])
IDS = torch.tensor([[1, 2, 1, 2], [2, 1, 0, 0], [1, 0, 0, 0]])
VECTORS = torch.rand(3, 4, 2, generator=torch.Generator().manual_seed(0))
CLASSES = torch.tensor([[0, 1, 2, 0], [1, 2, NO_ANSWER, NO_ANSWER], [2, *[NO_ANSWER] * 3]])
SUMS = torch.tensor([0.5, 1.0, 1.5])
CASES = {
    "regress": (VECTORS, SUMS),
    "symbols": (IDS, CLASSES),
    "language": (IDS, CLASSES),
    "tag": (IDS, CLASSES),
}
KIND = pytest.mark.parametrize("kind", CASES)


def made(kind: str, **settings: object) -> Network:
    config = ModelConfig(**{"model": "gru", "hidden": 6, "embedding": 5, "dropout": 0.0, **settings})
    return build(
        config,
        vocab_size=0 if kind == "regress" else 3,
        output_size=1 if kind == "regress" else 3,
        generator=torch.Generator().manual_seed(0),
        head=kind,
        inputs=2 if kind == "regress" else 0,
    )


@pytest.mark.parametrize("cell", CELLS.names())
@KIND
def test_what_the_padding_holds_changes_neither_loss_nor_scores_nor_gradients(kind, cell):
    network = made(kind, model=cell, layers=2, bidirectional=True).double()
    inputs, targets = CASES[kind]

    def found(inputs, targets):
        loss = network.batch_loss(inputs, LENGTHS, targets)
        judged = network.judge(inputs, LENGTHS, targets)
        return [loss, judged.loss, judged.scores, *torch.autograd.grad(loss, list(network.parameters()))]

    beyond = torch.arange(4) >= LENGTHS[:, None]
    mask = beyond[..., None] if inputs.dim() == 3 else beyond
    noisy = torch.where(mask, torch.full_like(inputs, 1), inputs)
    pairs = zip(
        found(inputs, targets.double() if kind == "regress" else targets),
        found(noisy, targets.double() if kind == "regress" else targets),
        strict=True,
    )
    assert all((first - other).abs().max() < 1e-12 for first, other in pairs)


@KIND
def test_the_loss_is_the_mean_of_as_many_terms_as_are_said(kind):
    network = made(kind).eval()
    inputs, targets = CASES[kind]
    judged = network.judge(inputs, LENGTHS, targets)
    assert judged.terms == network.terms(LENGTHS, targets) == (3 if kind == "regress" else 7)
    assert judged.loss.item() == pytest.approx(
        network.batch_loss(inputs, LENGTHS, targets).item() * judged.terms
    )


def test_the_squared_error_is_the_one_by_hand():
    network = made("regress").eval()
    answers = network(VECTORS, LENGTHS).detach()
    assert answers.shape == (3, 1)
    by_hand = [(float(a) - float(t)) ** 2 for a, t in zip(answers, SUMS, strict=True)]
    assert network.head.score(answers, SUMS).tolist() == pytest.approx(by_hand)
    assert network.loss(answers, SUMS).item() == pytest.approx(sum(by_hand) / 3)


def test_the_cross_entropy_is_the_one_by_hand():
    network = made("symbols").eval()
    logits = network(IDS, LENGTHS).detach()
    shares = logits.softmax(dim=-1).tolist()
    rows = [[-math.log(shares[b][t][CLASSES[b, t]]) for t in range(int(LENGTHS[b]))] for b in range(3)]
    assert network.head.score(logits, CLASSES).tolist() == pytest.approx([sum(r) / len(r) for r in rows])
    assert network.loss(logits, CLASSES).item() == pytest.approx(sum(map(sum, rows)) / 7)


def test_a_string_counts_only_if_every_step_is_right():
    head = made("language").head
    right = torch.nn.functional.one_hot(CLASSES.clamp(min=0), 3).float()
    assert head.score(right, CLASSES).tolist() == [1, 1, 1]
    wrong = right.clone()
    wrong[0, 2] = torch.tensor([1.0, 0, 0])
    wrong[1, 3] = torch.tensor([0, 0, 1.0])
    assert head.score(wrong, CLASSES).tolist() == [0, 1, 1]
    assert head.for_evaluation(wrong).tolist()[0] == [0, 1, 0, 0]


def test_real_vectors_need_no_embedding_and_no_weights_for_one():
    counts = parameter_counts(made("regress"))
    assert counts["embedding"] == 0
    assert counts["recurrent"] == 3 * 6 * (2 + 6 + 2)
    assert counts["head"] == 7
    config = ModelConfig(model="gru", hidden=6, embedding=5)
    assert config.flops_per_step(2) == CELLS.get("gru")().flops_per_step(2, 6)
    assert config.flops_per_step() == CELLS.get("gru")().flops_per_step(5, 6)


def test_real_vectors_are_read_as_they_are():
    network = made("regress", model="lstm").eval()
    reference = torch.nn.LSTM(2, 6, batch_first=True)
    reference.load_state_dict(network.recurrent.state_dict())
    outputs, _ = reference(VECTORS)
    last = outputs[torch.arange(3), LENGTHS - 1]
    expected = last @ network.head.linear.weight.T + network.head.linear.bias
    assert (network(VECTORS, LENGTHS) - expected).abs().max() < 1e-6


def test_a_tagged_sentence_scores_the_share_of_its_words_that_are_right():
    result = torch.tensor([[0, 1, 2, 1], [1, 0, 2, 2], [2, 0, 0, 0]])
    answers = torch.nn.functional.one_hot(result, 3).float()
    assert made("tag").head.score(answers, CLASSES).tolist() == [0.75, 0.5, 1.0]
