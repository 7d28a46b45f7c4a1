"""What is timed and counted of a model: how many steps and predictions, which tokens, in which units."""

import time

import numpy as np
import psutil
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from seqcli.training import cost
from seqcli.training.construction import make_training
from seqcli.training.cost import cost_batches, peak_bytes, time_predictions, time_steps

CPU = torch.device("cpu")


@pytest.fixture
def training(planned):
    plan = planned(batch_size=20)
    return make_training(plan.leg.leg, plan.prepared)


def test_twenty_steps_are_timed_after_three_that_are_not_and_only_real_tokens_count(training):
    batches = cost_batches(training.train, training.config, CPU)
    assert len(batches) == 23
    began = time.perf_counter()
    result = time_steps(training.network, batches, training.config, CPU)
    assert 0 < sum(result.seconds) < time.perf_counter() - began
    assert len(result.seconds) == 20
    assert result.sequences == [len(batch.inputs) for batch in batches[3:]]
    real = [int((batch.inputs != 0).sum()) for batch in batches[3:]]
    assert result.tokens == result.inputs == real
    assert real != [batch.inputs.numel() for batch in batches[3:]]


def test_every_model_is_timed_on_the_same_batches_and_each_example_comes_before_any_comes_again(training):
    first, again = (cost_batches(training.train, training.config, CPU) for _ in range(2))
    assert all(torch.equal(a.inputs, b.inputs) for a, b in zip(first, again, strict=True))
    epoch = training.steps_per_epoch
    assert epoch < 23
    assert sum(batch.sequences for batch in first[:epoch]) == len(training.train)
    assert torch.equal(first[0].inputs, first[epoch].inputs)


def test_a_hundred_single_predictions_are_timed_over_the_whole_split(training):
    values = []
    predict = training.network.predict

    def noted(inputs, lengths):
        values.append((tuple(inputs.shape), training.network.training))
        return predict(inputs, lengths)

    training.network.predict = noted
    times = time_predictions(training.network, training.valid, CPU)
    assert len(times.seconds) == len(times.cpu_seconds) == 100
    assert sum(times.cpu_seconds) > 0
    assert len(values) == 110
    assert all(shape[0] == 1 and not in_training for shape, in_training in values)
    assert {shape[1] for shape, _ in values} == set(training.valid.lengths)


def test_the_peak_of_a_process_is_in_bytes():
    resident = psutil.Process().memory_info().rss
    assert resident * 0.9 <= peak_bytes(CPU) <= psutil.virtual_memory().total


def test_a_matrix_product_counts_as_many_operations_as_torch_counts():
    result = cost.matrix_flops(CPU, lambda *_: 0.05)
    with FlopCounterMode(display=False) as counter:
        torch.mm(*(torch.zeros(result.size, result.size) for _ in range(2)))
    assert result.flops_per_second * 0.05 == pytest.approx(counter.get_total_flops())
    assert np.log2(result.size) == 8
