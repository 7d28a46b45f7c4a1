"""The chain over labels against all paths written out, and against itself whatever the padding."""

from itertools import pairwise, product

import pytest
import torch

from seqcli.data.encoded_steps import NO_ANSWER
from seqcli.errors import UsageError
from seqcli.models.config import ModelConfig
from seqcli.models.crf import LabelChain
from seqcli.models.network import Network, build
from seqcli.models.spec import parse_spec

C, T = 3, 5
LENGTHS = [5, 3, 1]


@pytest.fixture
def chain():
    made = LabelChain(C).double()
    generator = torch.Generator().manual_seed(7)
    for weight in made.parameters():
        weight.data = torch.randn(weight.shape, generator=generator, dtype=torch.float64)
    return made


def emissions():
    return torch.randn(3, T, C, generator=torch.Generator().manual_seed(8), dtype=torch.float64)


def real():
    return torch.arange(T) < torch.tensor(LENGTHS).unsqueeze(1)


def by_hand(chain, row, path):
    """The score of a path as the sum of its parts."""
    first, last, moves = (weights.tolist() for weights in (chain.first, chain.last, chain.transitions))
    score = first[path[0]] + last[path[-1]]
    score += sum(row[step][label] for step, label in enumerate(path))
    return score + sum(moves[a][b] for a, b in pairwise(path))


def test_the_likelihood_and_the_best_path_are_those_of_all_paths_written_out(chain):
    inputs = emissions()
    best = chain.best_path(inputs, real())
    for number, length in enumerate(LENGTHS):
        row = inputs[number].tolist()
        scores = {path: by_hand(chain, row, path) for path in product(range(C), repeat=length)}
        total = torch.logsumexp(torch.tensor(list(scores.values()), dtype=torch.float64), dim=0).item()
        likeliest = max(scores, key=scores.get)
        assert best[number, :length].tolist() == list(likeliest)
        for path in (likeliest, (0,) * length, (2,) * length):
            labels = torch.full((3, T), NO_ANSWER)
            labels[number, :length] = torch.tensor(path)
            result = chain.log_likelihood(
                inputs[number : number + 1], labels[number : number + 1], real()[number : number + 1]
            )
            assert result.item() == pytest.approx(scores[path] - total, abs=1e-10)


def test_all_paths_together_have_probability_1(chain):
    inputs = emissions()[:1, :4]
    paths = torch.tensor(list(product(range(C), repeat=4)))
    whole = torch.ones(len(paths), 4, dtype=torch.bool)
    logs = chain.log_likelihood(inputs.expand(len(paths), -1, -1), paths, whole)
    assert logs.exp().sum().item() == pytest.approx(1.0, abs=1e-12)


def tagger(**settings):
    config = ModelConfig(model="gru", hidden=4, embedding=4, dropout=0.0, crf=True, **settings)
    return build(
        config, vocab_size=9, output_size=C, head="tag", generator=torch.Generator().manual_seed(1)
    ).double()


@pytest.mark.parametrize("both", [False, True])
def test_what_the_padding_holds_changes_neither_loss_nor_gradient_nor_path(both):
    network = tagger(bidirectional=both)
    ids = torch.tensor([[3, 4, 5, 6, 7], [4, 4, 8, 0, 0], [5, 0, 0, 0, 0]])
    targets = torch.tensor([[0, 1, 2, 2, 1], [2, 0, 1, NO_ANSWER, NO_ANSWER], [1, *[NO_ANSWER] * 4]])
    lengths = torch.tensor(LENGTHS)

    def all_of(inputs, right):
        answers = network(inputs, lengths)
        loss = network.loss(answers, right)
        path = network.head.for_evaluation(answers)[:, :T]
        return [loss, path, *torch.autograd.grad(loss, list(network.parameters()))]

    noisy = torch.cat([torch.where(ids == 0, 8, ids), torch.full((3, 4), 6)], dim=1)
    longer = torch.cat([targets, torch.full((3, 4), NO_ANSWER)], dim=1)
    for item, other in zip(all_of(ids, targets), all_of(noisy, longer), strict=True):
        assert (item - other).abs().max() < 1e-10
    alone = [
        network.head.for_evaluation(network(row[None, :n]))[0] for row, n in zip(ids, LENGTHS, strict=True)
    ]
    whole = network.head.for_evaluation(network(ids, lengths))
    assert all(torch.equal(path, row[: len(path)]) for path, row in zip(alone, whole, strict=True))


def test_a_chain_learns_that_a_label_never_follows_another(chain):
    network = tagger()
    optimiser = torch.optim.Adam(network.parameters(), lr=0.05)
    targets = torch.tensor([[0, 1, 0, 1]] * 4)
    ids = torch.full((4, 4), 3)
    for _ in range(60):
        optimiser.zero_grad()
        network.loss(network(ids), targets).backward()
        optimiser.step()
    assert network.head.for_evaluation(network(ids))[0].tolist() == [0, 1, 0, 1]
    moves = network.head.chain.transitions
    assert moves[0, 1] > moves[0, 0]


def test_the_model_is_spelt_short_and_refused_where_no_words_are_labelled(reviews):
    assert str(parse_spec("gru:crf")) == "gru:crf=true"
    assert str(parse_spec("bilstm:crf,hidden=9")) == "lstm:bidirectional=true,crf=true,hidden=9"
    assert isinstance(tagger(), Network)
    from seqcli.experiments.config import CompareConfig
    from seqcli.experiments.data import prepare_data
    from seqcli.experiments.legs import contender

    config = CompareConfig(models=("gru",), data=str(reviews))
    with pytest.raises(UsageError, match="--crf joins the labels"):
        contender(config, parse_spec("gru:crf"), label="gru", prepared=prepare_data(config))
