import pytest
import torch

from seqcli.models.dropout import LockedDropout


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
