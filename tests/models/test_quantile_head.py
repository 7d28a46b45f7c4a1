"""The head of forecasts: with quantiles it learns those of the distribution."""

import pytest
import torch
from scipy import stats

from seqcli.models.config import ModelConfig
from seqcli.models.heads.forecast import Forecast

LEVELS = (0.1, 0.5, 0.9)


@pytest.fixture
def head():
    return Forecast(ModelConfig(model="gru", hidden=4), 2 * len(LEVELS), LEVELS)


def test_the_loss_is_the_quantile_loss_by_hand(head):
    """Two values ahead, 1 and 5, and three quantiles of each."""
    answers = torch.tensor([[0.0, 2.0, 3.0, 1.0, 2.0, 4.0]], dtype=torch.float64)
    targets = torch.tensor([[1.0, 5.0]], dtype=torch.float64)
    losses = [0.1 * 1, 0.5 * 1, 0.1 * 2, 0.1 * 4, 0.5 * 3, 0.9 * 1]
    assert head.loss(answers, targets).item() == pytest.approx(sum(losses) / 6)
    assert head.score(answers, targets).tolist() == [pytest.approx(sum(losses) / 6)]


def test_its_least_loss_is_at_the_quantiles_of_the_distribution(head):
    """Of 2,000 evenly spread draws of a normal distribution, against scipy's quantile function."""
    draws = torch.tensor(stats.norm.ppf((torch.arange(2000) + 0.5) / 2000)).unsqueeze(1).repeat(1, 2)
    answers = torch.zeros(1, 6, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.Adam([answers], lr=0.02)
    for _ in range(300):
        optimiser.zero_grad()
        head.loss(answers.expand(2000, -1), draws).backward()
        optimiser.step()
    assert answers.detach().view(2, 3)[1].tolist() == pytest.approx(stats.norm.ppf(LEVELS).tolist(), abs=0.02)


def test_without_quantiles_it_is_the_squared_error():
    head = Forecast(ModelConfig(model="gru", hidden=4), 2)
    answers, targets = torch.tensor([[1.0, 3.0]]), torch.tensor([[0.0, 1.0]])
    assert head.loss(answers, targets).item() == 2.5
    assert head.score(answers, targets).tolist() == [2.5]
