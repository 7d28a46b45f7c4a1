"""What clipping would meet: the norms of several batches' gradients, as torch's own clipping counts them."""

import pytest
import torch

from seqcli.data.config import DataConfig
from seqcli.data.prepared import prepare
from seqcli.data.task import choose_task
from seqcli.experiments.gradprobe.probed_inputs import NoiseSource, TaskSource
from seqcli.models.config import ModelConfig

MODEL = ModelConfig(model="gru", hidden=5, embedding=4, dropout=0.5)


@pytest.fixture
def task(reviews):
    config = DataConfig(data=str(reviews))
    return TaskSource(prepare(choose_task(None, config), config), steps=4, batch_size=8)


def test_on_a_task_each_norm_is_that_of_the_whole_gradient_of_another_batch(task):
    actual = task.gradient_norms(MODEL, seed=3)
    expected = []
    for step in range(8):
        network = task.network(MODEL, 3).double().eval()
        inputs, lengths, targets = task.batch(3, step)
        torch.nn.functional.cross_entropy(network(inputs, lengths), targets).backward()
        norm = torch.nn.utils.clip_grad_norm_(network.parameters(), 1e9)
        expected.append(norm.item())
    assert actual == pytest.approx(expected, rel=1e-9)
    assert len({round(norm, 9) for norm in actual}) == 8


def test_batches_follow_the_seed_and_are_of_sequences_that_are_long_enough(task):
    first, other, again = (task.batch(seed, 0) for seed in (0, 1, 0))
    assert torch.equal(first.inputs, again.inputs)
    assert first.inputs.tolist() != other.inputs.tolist()
    assert int(first.lengths.min()) >= 4


def test_on_noise_every_batch_is_another_too():
    norms = NoiseSource(6, 4).gradient_norms(MODEL, seed=0)
    assert len({round(norm, 9) for norm in norms}) == 8
