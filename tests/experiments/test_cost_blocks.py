"""Cost blocks: the order they are measured in, and what is made of them."""

import numpy as np
import pytest
import torch
from scipy import stats
from torch import nn

from seqcli.errors import StorageError
from seqcli.experiments.compare import sitting
from seqcli.experiments.compare.cost_records import Block, BlockMemory, Costs, MeasuredSitting, TimedSteps
from seqcli.experiments.compare.costs import latencies, latency, memory, speed, speed_pair
from seqcli.experiments.compare.plan import plan
from seqcli.experiments.config import CompareConfig
from seqcli.launch.job import Finished
from seqcli.ops.kernels import kernel_name
from seqcli.results.events import drive
from seqcli.results.measurements import Machine, Speed
from seqcli.training.cost import Times, plain_kernels, tensor_bytes, undisturbed


def test_every_model_is_measured_once_a_round_in_a_random_order_and_then_in_its_reverse():
    orders = set()
    for seed in range(50):
        order = sitting.schedule(["A", "B", "C"], 4, seed=seed)
        rounds = [order[start : start + 3] for start in range(0, 12, 3)]
        assert all(sorted(turn) == ["A", "B", "C"] for turn in rounds)
        assert rounds[1] == rounds[0][::-1]
        assert rounds[3] == rounds[2][::-1]
        assert order == sitting.schedule(["A", "B", "C"], 4, seed=seed)
        orders.add(tuple(rounds[0]))
    assert len(orders) == 6


def block(rates, predictions=(0.002, 0.001, 0.003), peak=100):
    return Block(
        parameters=10,
        kernel="oneDNN",
        steps=TimedSteps(
            seconds=[60 / rate for rate in rates], sequences=[60] * len(rates), tokens=[600] * len(rates)
        ),
        predictions=list(predictions),
        memory=BlockMemory(parameters=40, optimizer=80, activations=7, peak=peak),
    )


def test_a_process_counts_by_its_median_step_and_a_model_by_its_processes_geometric_mean():
    blocks = [block([100, 200, 900]), block([110, 300, 310]), block([100, 250, 260])]
    result = speed(blocks)
    assert result.samples == pytest.approx([200, 300, 250])
    assert result.mean == pytest.approx(stats.gmean([200, 300, 250]))
    assert result.per_sitting == pytest.approx([result.mean])
    assert result.median == pytest.approx(250)
    rates = [1800 / sum(item.steps.seconds) for item in blocks]
    assert result.tokens_per_second == pytest.approx(stats.gmean(rates))


def in_sittings(*groups):
    return [
        block([rate]).model_copy(update={"sitting": number})
        for number, group in enumerate(groups)
        for rate in group
    ]


def test_absolute_speed_has_an_interval_over_sittings_from_three_on_and_none_below():
    """The highest level that varies: processes of one sitting share the machine's state of the moment."""
    groups = ([100, 110], [200, 190], [150, 160])
    assert speed(in_sittings(groups[0])).ci95 is None
    assert speed(in_sittings(*groups[:2])).ci95 is None
    logs = np.log([stats.gmean(group) for group in groups])
    low, high = stats.t.interval(0.95, 2, logs.mean(), stats.sem(logs))
    result = speed(in_sittings(*groups))
    assert result.ci95 == pytest.approx((np.exp(low), np.exp(high)), rel=1e-9)
    assert result.mean == pytest.approx(np.exp(logs.mean()))


def test_a_result_of_a_version_that_flagged_blocks_apart_is_read_without_the_flags():
    old = {"unit": "sequences/s", "median": 5.0, "ci95": [4, 6], "samples": [5.0, 9.0],
           "tokens_per_second": 1.0, "outliers": [1]}  # fmt: skip
    assert Speed.from_json(old).typical == 5.0
    assert "outliers" not in Speed.from_json(old).to_json()


def tries_of(*excesses, device="cpu"):
    """What counts of tries whose wall times exceed their CPU times so."""
    left = [Times([wall], [1.0]) for wall in excesses]
    return undisturbed(lambda: left.pop(0), torch.device(device))


def test_a_disturbed_block_is_timed_again_until_it_is_not_three_times_at_most():
    assert tries_of(1.01)[1] == 1
    assert tries_of(1.2, 1.04) == (Times([1.04], [1.0]), 2)
    assert tries_of(1.2, 1.06, 1.3) == (Times([1.06], [1.0]), 3)
    assert tries_of(9.0, device="meta")[1] == 1


def test_how_many_processes_were_disturbed_is_told():
    def timed(wall, tries):
        steps = TimedSteps(seconds=[wall], sequences=[1], tokens=[1], cpu_seconds=[1.0])
        return block([100]).model_copy(update={"steps": steps, "tries": tries})

    result = measured([timed(1.01, 1), timed(1.02, 2), timed(1.2, 3)]).summary()
    assert (result.processes, result.repeated, result.disturbed) == (3, 2, 1)


def test_predictions_are_disturbed_by_the_same_rule_as_steps():
    quiet, busy = ({"predictions_cpu_seconds": [cpu] * 3} for cpu in (0.00195, 0.0019))
    blocks = [
        block([100]).model_copy(update=each) for each in (quiet, busy)
    ]  # the clock says .002 on average
    assert [item.disturbed("cpu") for item in blocks] == [False, True]
    assert not blocks[1].disturbed("cuda")
    plain = {"plain_predictions": [0.0022], "plain_predictions_cpu_seconds": [0.002]}
    assert block([100]).model_copy(update=plain).disturbed("cpu")


def test_cpu_time_stands_beside_the_clock():
    steps = TimedSteps(seconds=[2.0, 2.0], sequences=[10, 10], tokens=[1, 1], cpu_seconds=[1.0, 1.0])
    result = speed([block([1]).model_copy(update={"steps": steps})])
    assert (result.mean, result.per_cpu_second) == pytest.approx((5.0, 10.0))
    assert speed([block([100])]).per_cpu_second is None


MACHINE = Machine(host="h", cpu="c", instruction_set="AVX2", torch="2", device="cpu", threads=1)


def measured(blocks, date="2026-01-01 10:00 UTC"):
    return MeasuredSitting(date=date, machine=MACHINE, blocks={"gru": blocks})


@pytest.fixture
def sat(monkeypatch, tmp_path):
    """Costs as a command gets them, each sitting faked at another speed, and counted."""
    seeds = []

    def measure(legs, should_stop, *, seed, allowance):
        yield from ()
        seeds.append(seed)
        return measured([block([100 + seed])] * (5 if allowance.whole else 1), f"day {seed}")

    def costs(**options):
        result = sitting.measure_costs([], keep=tmp_path / "cost" / "x.json", should_stop=bool, **options)
        return drive(result)

    monkeypatch.setattr(sitting, "measure_sitting", measure)
    costs.seeds = seeds
    return costs


def test_a_sitting_is_added_only_when_it_is_asked_for_and_those_before_are_kept(sat):
    first, result, more, both = sat(), sat(), sat(anew=True), sat()
    assert sat.seeds == [0, 1]
    assert [item.kept for item in (first, result, more, both)] == [False, True, False, True]
    assert [summary.date for summary in both.summaries] == ["day 0", "day 1"]
    assert speed(both.blocks["gru"]).per_sitting == pytest.approx([100, 101])


QUICK = sitting.Allowance(training=8.0, whole=False)


def test_a_whole_sitting_is_added_where_only_shorter_ones_are_kept(sat):
    short, actual, whole, quick, again = (
        sat(allowance=element) for element in (QUICK, QUICK, sitting.WHOLE, QUICK, sitting.WHOLE)
    )
    assert sat.seeds == [0, 1]
    assert [item.kept for item in (short, actual, whole, quick, again)] == [False, True, False, True, True]
    assert [summary.processes for summary in again.summaries] == [1, 5]


def test_by_default_cost_takes_about_as_long_as_training_took_and_one_round_at_least():
    def rounds(training, done, seconds):
        return sitting.Allowance(training, whole=False).rounds(done, seconds)

    assert rounds(training=60.0, done=0, seconds=0.0) == 1
    assert rounds(training=60.0, done=1, seconds=20.0) == 3
    assert rounds(training=60.0, done=1, seconds=31.0) == 1
    assert rounds(training=60.0, done=2, seconds=70.0) == 2  # what is measured is not thrown away
    assert rounds(training=0.1, done=1, seconds=20.0) == 1
    assert rounds(training=9000.0, done=1, seconds=20.0) == sitting.ALL_PROCESSES == 5
    assert sitting.Allowance(training=0.1).rounds(1, 20.0) == 5


class FakeWorkers:
    """Workers whose every process takes ten seconds of a clock that only they move."""

    now = 0.0

    def __init__(self, *_, **__):
        pass

    @classmethod
    def run(cls, jobs, _):
        for job in jobs:
            cls.now += 10.0
            value = {"flops_per_second": 1e9} if job.kind == "peak" else block([100.0]).to_json()
            yield Finished(job, value)


@pytest.fixture
def planted_legs(reviews):
    """A leg of each of two models."""
    planned = plan(CompareConfig(models=("rnn", "gru"), data=str(reviews), hidden=4, seeds=1))
    return planned.legs


@pytest.fixture
def sitting_of(monkeypatch, planted_legs):
    """A sitting of two models by the fake clock, with the progress that it told."""
    monkeypatch.setattr(FakeWorkers, "now", 0.0)
    monkeypatch.setattr(sitting, "LocalWorkers", FakeWorkers)
    monkeypatch.setattr(sitting.time, "monotonic", lambda: FakeWorkers.now)

    def sit(**allowance):
        events = []
        result = sitting.measure_sitting(planted_legs, bool, allowance=sitting.Allowance(**allowance))
        return drive(result, events.append), [(event.done, event.total) for event in events]

    return sit


def test_a_sitting_stops_after_the_rounds_for_which_there_is_time_and_counts_what_it_runs(sitting_of):
    short, result = sitting_of(training=50.0, whole=False)
    assert {label: len(blocks) for label, blocks in short.blocks.items()} == {"rnn": 2, "gru": 2}
    assert result == [(0, 2), (1, 2), (2, 4), (3, 4), (4, 4)]
    assert (short.seconds, short.training_seconds) == (40.0, 50.0)
    assert short.summary().share == pytest.approx(40 / 90)


def test_a_sitting_for_which_there_is_time_and_a_full_one_run_five_rounds_and_the_peak(sitting_of):
    for allowance in ({"training": 500.0, "whole": False}, {"training": 1.0, "whole": True}):
        FakeWorkers.now = 0.0
        whole, result = sitting_of(**allowance)
        assert {label: len(blocks) for label, blocks in whole.blocks.items()} == {"rnn": 5, "gru": 5}
        assert result[-1] == (11, 11)
        assert whole.blocks["gru"][0].matrix_flops == 1e9


def test_one_process_each_gives_a_ratio_without_interval_or_verdict():
    fast, slow = [block([1000.0])], [block([100.0])]
    pair = speed_pair(fast, slow)
    assert (pair.ratio, pair.shown, pair.verdict) == (pytest.approx(10.0), None, "undecided")
    assert speed_pair(fast * 2, [block([100.0]), block([99.0])]).verdict == "better"


def test_what_cannot_be_kept_counts_all_the_same(sat, monkeypatch):
    def full(*_):
        raise StorageError("the disk is full")

    monkeypatch.setattr(sitting, "write_record", full)
    assert isinstance(sat(), Costs)


def test_latency_is_told_in_milliseconds():
    blocks = [
        block([100], [0.001] * 95 + [0.009] * 5),
        block([100], [0.002] * 100),
        block([100], [0.004] * 100),
    ]
    assert latencies(blocks) == pytest.approx([1, 2, 4])
    result = latency(blocks)
    assert result.p50 == pytest.approx(2)
    assert result.p95 == pytest.approx(stats.gmean([9, 2, 4]))
    assert result.samples == pytest.approx([1, 2, 4])


def test_memory_is_exact_by_kind_and_a_range_for_the_process():
    blocks = [block([100], peak=peak) for peak in (110, 100, 130)]
    result = memory([item.memory for item in blocks])
    assert (result.parameters, result.optimizer, result.activations, result.peak) == (40, 80, 7, (100, 130))
    assert result.step == 40 + 40 + 80 + 7


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
