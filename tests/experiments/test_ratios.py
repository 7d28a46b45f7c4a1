"""Ratios of cost: the same path beside the real one, and operations a second."""

import numpy as np
import pytest
import torch
from scipy import stats

from seqcli.experiments.compare.cost_records import Block, BlockMemory, TimedSteps
from seqcli.experiments.compare.costs import (
    achieved,
    latency_pair,
    memory_pair,
    speed,
    speed_pair,
    speed_pairs,
)
from seqcli.experiments.compare.sitting import schedule
from seqcli.models.config import ModelConfig
from seqcli.models.seq2seq.config import Seq2SeqConfig
from seqcli.reports.parts.cost_table import ratio_cells
from seqcli.reports.words.comparison_words import FLOPS_COUNTED
from seqcli.training.cost import matrix_flops


def steps(rate):
    return TimedSteps(seconds=[60 / rate] * 3, sequences=[60] * 3, tokens=[600] * 3, inputs=[500] * 3)


def block(rate, *, kernel="oneDNN", plain=None, milliseconds=1.0, activations=100, matrix=None):
    return Block(
        parameters=10,
        kernel=kernel,
        steps=steps(rate),
        predictions=[milliseconds / 1000] * 5,
        memory=BlockMemory(parameters=100, optimizer=200, activations=activations, peak=999),
        plain_steps=None if plain is None else steps(plain),
        plain_predictions=None if plain is None else [2 * milliseconds / 1000] * 5,
        plain_memory=None
        if plain is None
        else BlockMemory(parameters=100, optimizer=200, activations=150, peak=999),
        matrix_flops=matrix,
    )


RATES = [1000, 1010, 990, 1005, 995]


def test_where_kernels_differ_every_cost_stands_beside_the_same_on_the_common_path():
    lstm = [block(rate, plain=800, activations=400) for rate in RATES]
    gru = [block(rate * 0.9, plain=1000, kernel="ATen loop", milliseconds=3.0) for rate in RATES]
    speeds = speed_pair(gru, lstm)
    assert (speeds.verdict, speeds.same_path_verdict) == ("worse", "better")
    assert speeds.same_path_ratio == pytest.approx(1.25)
    latencies = latency_pair(gru, lstm)
    assert latencies.ratio == pytest.approx(3)
    assert (latencies.verdict, latencies.same_path_ratio) == ("worse", pytest.approx(3))
    memories = memory_pair(gru, lstm)
    assert memories.ratio == pytest.approx((100 + 100 + 200 + 100) / (100 + 100 + 200 + 400))
    assert (memories.verdict, memories.same_path_verdict) == ("better", "equivalent")
    assert (memories.ci95, memories.same_path_ci95) == (None, None)


def test_on_one_kernel_there_is_no_other_path_to_tell():
    pair = [[block(rate, plain=800) for rate in RATES] for _ in range(2)]
    for ratio in (speed_pair(*pair), latency_pair(*pair), memory_pair(*pair)):
        assert (ratio.same_path_ratio, ratio.same_path_verdict) == (None, None)


def test_a_ratio_s_interval_is_the_paired_t_interval_of_the_logarithms():
    a, b = [block(rate) for rate in (900, 1000, 1100)], [block(rate) for rate in (880, 900, 1210)]
    expected_interval = stats.ttest_rel(
        np.log([900, 1000, 1100]), np.log([880, 900, 1210])
    ).confidence_interval(0.95)
    assert speed_pair(a, b).ci95 == pytest.approx(
        (np.exp(expected_interval.low), np.exp(expected_interval.high)), rel=1e-9
    )


def test_operations_a_second_are_the_formula_s_over_real_steps_times_three():
    config = ModelConfig(model="lstm", hidden=4, embedding=3)
    per_step = 4 * (8 * (3 + 4) + 12 + 5 + 4)
    actual = achieved([block(1000, matrix=1e6)] * 3, config, 0)
    expected = 3 * per_step * 1500 / (3 * 60 / 1000)
    assert actual.achieved == pytest.approx(expected)
    assert actual.share == pytest.approx(expected / 1e6)
    assert "× 3" in FLOPS_COUNTED
    assert achieved([block(1000)], config, 0).share is None


def test_a_translator_counts_its_decoder_by_the_targets_it_writes():
    config = Seq2SeqConfig(hidden=4, embedding=3)
    both = config.flops(7, 11)
    assert both == config.flops(7, 0) + config.flops(0, 11)
    assert config.flops(1, 1) == config.flops_per_step()


def test_blocks_of_an_earlier_version_tell_no_operations():
    old = block(1000).model_copy(update={"steps": TimedSteps(seconds=[1.0], sequences=[1], tokens=[1])})
    assert achieved([old], ModelConfig(model="gru"), 0) is None


def test_the_ratio_of_the_cells_is_the_ratio_that_stands_beside_them():
    a, b = [block(rate) for rate in (900, 1000, 1900)], [block(rate) for rate in (880, 400, 1210)]
    assert speed_pair(a, b).ratio == pytest.approx(speed(a).mean / speed(b).mean, rel=1e-12)


def test_from_three_sittings_on_a_ratio_rests_on_them():
    """One value a sitting: the geometric mean of its processes."""
    rates = ([[900, 1000], [700, 720], [1500, 1300]], [[880, 900], [690, 700], [1210, 1220]])
    sides = [
        [
            block(rate).model_copy(update={"sitting": number})
            for number, group in enumerate(side)
            for rate in group
        ]
        for side in rates
    ]
    logs = [np.log([stats.gmean(group) for group in side]) for side in rates]
    expected_interval = stats.ttest_rel(*logs).confidence_interval(0.95)
    assert speed_pair(*sides).ci95 == pytest.approx(
        (np.exp(expected_interval.low), np.exp(expected_interval.high)), rel=1e-9
    )


def test_matrix_products_reach_some_peak_here():
    result = matrix_flops(torch.device("cpu"))
    assert result.flops_per_second > 1e6
    assert result.size >= 256


def test_a_model_against_itself_is_better_no_more_often_than_the_error_rate():
    """A/A: processes in balanced random order on a machine that drifts and stutters."""
    generator = np.random.default_rng(7)
    wrong = 0
    for seed in range(80):
        order = schedule(["a", "b"], seed=seed)
        drift = np.exp(np.linspace(0, generator.normal(0, 0.1), len(order)))
        rates = 1000 * drift * np.exp(generator.normal(0, 0.05, len(order)))
        sides = {
            name: [block(rate) for rate, who in zip(rates, order, strict=True) if who == name]
            for name in "ab"
        }
        wrong += speed_pair(sides["a"], sides["b"]).verdict in ("better", "worse")
    assert wrong <= 80 * 0.05 + 2 * (80 * 0.05 * 0.95) ** 0.5


def test_the_ratios_of_several_pairs_are_one_family():
    """Holm (1979): what one pair alone decides at 5 % is one of six among four models."""
    logs = np.array([[0.018, 0.047, 0.075, 0.103, 0.132], [0.0] * 5])
    a, b = ([block(1000 * np.exp(item)) for item in side] for side in logs)
    p_value = stats.ttest_rel(*logs).pvalue
    assert 0.05 / 6 < p_value < 0.05
    assert speed_pair(a, b).verdict == "better"
    family = speed_pairs([(a, b), *[(a, a)] * 5])
    assert family[0].verdict == "undecided"
    assert family[0].level == pytest.approx(1 - 0.05 / 6)
    low, high = stats.ttest_rel(*logs).confidence_interval(1 - 0.05 / 6)
    assert family[0].interval == pytest.approx((np.exp(low), np.exp(high)), rel=1e-9)


def test_the_interval_of_equivalent_speeds_is_told_with_its_level():
    a, b = [block(rate) for rate in RATES], [block(rate) for rate in RATES[::-1]]
    pair = speed_pair(a, b)
    assert (pair.verdict, pair.level) == ("equivalent", pytest.approx(0.90))
    (cell,) = ratio_cells([pair])
    assert cell.text.endswith("] (90 %)")
