"""Cost blocks: the order they are measured in, and what is made of them."""

from statistics import median

import pytest
import torch
from torch import nn

from seqcli.experiments.cost import (
    Block,
    BlockMemory,
    Steps,
    block_latencies,
    latency,
    memory,
    schedule,
    speed,
)
from seqcli.ops.kernels import kernel_name
from seqcli.training.cost import plain_kernels, tensor_bytes


def test_blocks_are_measured_forwards_and_backwards_in_turn():
    assert "".join(schedule(["A", "B"], 5)) == "ABBAABBAAB"
    assert "".join(schedule(["A", "B", "C"], 2)) == "ABCCBA"


def block(rates, predictions=(0.002, 0.001, 0.003), peak=100):
    return Block(
        parameters=10,
        kernel="oneDNN",
        steps=Steps(
            seconds=[60 / rate for rate in rates], sequences=[60] * len(rates), tokens=[600] * len(rates)
        ),
        predictions=list(predictions),
        memory=BlockMemory(parameters=40, optimizer=80, activations=7, peak=peak),
    )


def test_a_block_counts_by_its_median_step_and_a_model_by_its_median_block():
    blocks = [block([100, 200, 900]), block([110, 300, 310]), block([100, 250, 260])]
    told = speed([one.steps for one in blocks])
    assert told.samples == pytest.approx([200, 300, 250])
    assert told.median == pytest.approx(250)
    low, high = told.ci95
    assert low < 250 < high
    rates = [1800 / sum(one.steps.seconds) for one in blocks]
    assert told.tokens_per_second == pytest.approx(median(rates))


def test_latency_is_told_in_milliseconds():
    blocks = [
        block([100], [0.001] * 95 + [0.009] * 5),
        block([100], [0.002] * 100),
        block([100], [0.004] * 100),
    ]
    assert block_latencies([one.predictions for one in blocks]) == pytest.approx([1, 2, 4])
    told = latency([one.predictions for one in blocks])
    assert told.p50 == pytest.approx(2)
    assert told.p95 == pytest.approx(4)
    assert told.samples == pytest.approx([1, 2, 4])


def test_memory_is_exact_by_kind_and_a_range_for_the_process():
    blocks = [block([100], peak=peak) for peak in (110, 100, 130)]
    told = memory([one.memory for one in blocks])
    assert (told.parameters, told.optimizer, told.activations, told.peak) == (40, 80, 7, (100, 130))
    assert told.step == 40 + 40 + 80 + 7


def test_a_storage_that_tensors_share_is_counted_once():
    whole = torch.zeros(10, 4)
    assert tensor_bytes(iter([whole, whole[2:], whole.t()])) == 160
    assert tensor_bytes(iter([whole, torch.zeros(3, dtype=torch.float64)])) == 184


def test_plain_kernels_turn_the_vendor_kernel_off_and_on_again():
    layer, inputs = nn.LSTM(4, 4), torch.zeros(3, 2, 4)

    def kernels():
        with torch.profiler.profile() as profile:
            layer(inputs)
        return {event.key for event in profile.key_averages()}

    assert "aten::mkldnn_rnn_layer" in kernels()
    with plain_kernels():
        assert "aten::mkldnn_rnn_layer" not in kernels()
        assert kernel_name("gru", device="cpu", dtype=torch.float32, path="fused") == "ATen loop"
    assert "aten::mkldnn_rnn_layer" in kernels()
    assert kernel_name("gru", device="cpu", dtype=torch.float32, path="fused") == "seqcli scan"
