"""What the verdict says of hand-made cases, and that it says what the intervals say."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.power import TTestPower

from seqcli.statistics.equivalence import COST_MARGIN
from seqcli.statistics.intervals import Estimate, exact_ratio, paired_difference, paired_ratio
from seqcli.statistics.power import least_decision_power
from seqcli.statistics.resampling import Resampled, resample
from seqcli.statistics.verdicts import Rule, Verdict, judge, judge_family

proof = settings(deadline=None, max_examples=50, derandomize=True)
POINT = Rule(margin=0.01)
COST = Rule(margin=COST_MARGIN, higher_is_better=False)


def around(mean: float, spread: float, n: int = 5) -> Estimate:
    """An estimate from n values that lie evenly about the mean."""
    steps = np.linspace(-1, 1, n)
    return paired_difference(mean + spread * steps / steps.std(ddof=1), np.zeros(n))


@pytest.mark.parametrize(
    ("mean", "spread", "verdict", "meaningful"),
    [
        (0.05, 0.005, "better", True),
        (-0.05, 0.005, "worse", True),
        (0.012, 0.005, "better", False),
        (0.0, 0.005, "equivalent", False),
        (0.003, 0.030, "undecided", False),
    ],
)
def test_the_verdict_is_one_of_four_words(mean: float, spread: float, verdict: str, meaningful: bool) -> None:
    found = judge(around(mean, spread), POINT)
    assert (found.verdict, found.meaningful) == (verdict, meaningful)


def test_a_small_real_difference_within_the_margin_is_equivalent() -> None:
    found = judge(around(0.004, 0.001), POINT)
    assert (found.verdict, found.meaningful) == ("equivalent", False)
    assert found.p_different < 0.05


def test_exact_sizes_need_no_seeds_to_be_judged() -> None:
    assert judge(exact_ratio(0.969, 1.0).log, COST).verdict == "equivalent"
    smaller = judge(exact_ratio(98_688, 131_584).log, COST)
    assert (smaller.verdict, smaller.meaningful) == ("better", True)
    assert (smaller.detectable, smaller.seeds_needed) == (0.0, 0)


def test_where_less_is_better_the_smaller_is_better() -> None:
    times = paired_ratio([1.0, 1.01, 0.99, 1.0, 1.0], [1.2, 1.22, 1.19, 1.2, 1.21]).log
    assert judge(times, COST).verdict == "better"
    assert judge(times, replace(COST, higher_is_better=True)).verdict == "worse"


def test_a_ratio_is_judged_as_wide_downwards_as_upwards() -> None:
    up, down = paired_ratio([1.04, 1.05], [1.0, 1.0]).log, paired_ratio([1.0, 1.0], [1.04, 1.05]).log
    assert judge(up, COST).p_equivalent == pytest.approx(judge(down, COST).p_equivalent, abs=1e-12)


@proof
@given(st.floats(-3, 3), st.floats(0.05, 3), st.integers(2, 25), st.sampled_from([0.05, 0.0197]))
def test_the_words_say_what_the_intervals_say(mean: float, sd: float, n: int, alpha: float) -> None:
    found = judge(Estimate(mean, sd, n), Rule(margin=1.0, alpha=alpha, cap=50))
    assert found.interval is not None
    assert found.inner_interval is not None
    equivalent = found.inner_interval.low >= -1 and found.inner_interval.high <= 1
    assert (found.verdict == "equivalent") == equivalent
    assert (found.p_different <= found.alpha) == found.interval.excludes(0.0)
    assert found.meaningful == (found.interval.low > 1 or found.interval.high < -1)
    assert (found.verdict in {"better", "worse"}) == (found.interval.excludes(0.0) and not equivalent)


@proof
@given(st.floats(-3, 3), st.floats(0.05, 3), st.integers(2, 25))
def test_swapping_the_models_swaps_better_and_worse(mean: float, sd: float, n: int) -> None:
    rule = Rule(margin=1.0, cap=50)
    there, back = judge(Estimate(mean, sd, n), rule), judge(Estimate(-mean, sd, n), rule)
    swapped = {"better": "worse", "worse": "better"}
    assert back.verdict == swapped.get(there.verdict, there.verdict)
    assert (back.meaningful, back.seeds_needed) == (there.meaningful, there.seeds_needed)


def test_one_seed_is_undecided_and_has_no_spread_to_plan_with() -> None:
    found = judge(paired_difference([0.9], [0.1]), POINT)
    assert (found.verdict, found.meaningful) == ("undecided", False)
    assert (found.interval, found.ci95, found.detectable, found.seeds_needed) == (None, None, None, None)


def test_three_noisy_equal_models_are_undecided_with_a_seed_count() -> None:
    found = judge(paired_difference([0.751, 0.742, 0.760], [0.748, 0.753, 0.752]), POINT)
    assert found.verdict == "undecided"
    assert found.seeds_needed is not None
    assert 5 <= found.seeds_needed <= 20
    assert found.detectable is not None
    assert found.detectable > 0.01


def test_the_detectable_difference_is_statsmodels() -> None:
    found = judge(around(0.0, 0.02, n=8), POINT)
    assert found.detectable == pytest.approx(
        0.02 * TTestPower().solve_power(nobs=8, alpha=0.05, power=0.8), abs=1e-7
    )


def test_seeds_needed_are_those_that_promise_a_verdict_whatever_the_truth() -> None:
    found = judge(around(0.003, 0.02, n=4), POINT)
    assert found.seeds_needed is not None
    total = 4 + found.seeds_needed
    assert least_decision_power(total, 0.5) >= 0.8 > least_decision_power(total - 1, 0.5)


def test_a_pair_that_stays_in_the_grey_zone_needs_at_least_one_more_seed() -> None:
    grey = next(
        found
        for mean in np.linspace(0, 0.01, 40)
        if not (found := judge(around(mean, 0.01, n=14), POINT)).decided
    )
    assert grey.seeds_needed == 1


def test_a_spread_that_no_budget_settles_has_no_seed_count() -> None:
    assert judge(around(0.001, 1.0), POINT).seeds_needed is None
    assert judge(around(0.001, 0.05), replace(POINT, cap=20)).seeds_needed is None


def test_a_decided_pair_needs_no_seeds() -> None:
    assert judge(around(0.05, 0.005), POINT).seeds_needed == 0


def test_several_pairs_pay_for_being_several() -> None:
    estimates = [around(0.03, 0.0245), around(0.1, 0.02), around(0.0, 0.03)]
    alone = [judge(estimate, POINT) for estimate in estimates]
    together = judge_family(estimates, POINT)
    for one, among in zip(alone, together, strict=True):
        assert among.p_different >= one.p_different
        assert among.ci95 == one.ci95
    assert together[1].p_different == pytest.approx(3 * alone[1].p_different)


def test_a_difference_that_only_stands_alone_is_undecided_among_three() -> None:
    weak = around(0.02, 0.015)
    assert judge(weak, POINT).verdict == "better"
    assert [found.verdict for found in judge_family([weak, weak, around(0.0, 0.03)], POINT)] == [
        "undecided"
    ] * 3


def test_that_all_are_equivalent_needs_no_correction() -> None:
    near = around(0.0, 0.0095)
    assert 0.05 / 3 < judge(near, POINT).p_equivalent < 0.05
    assert [found.verdict for found in judge_family([near] * 3, POINT)] == ["equivalent"] * 3
    mixed = judge_family([near, near, around(0.002, 0.03)], POINT)
    assert [found.verdict for found in mixed] == ["undecided"] * 3


def test_a_family_of_none_has_no_verdicts() -> None:
    assert judge_family([], POINT) == ()


def scores(rng: np.random.Generator, seeds: int, examples: int) -> tuple[np.ndarray, np.ndarray]:
    """Right and wrong answers of two equal models that find the same examples hard."""
    ease = rng.uniform(0.3, 0.9, examples)
    return rng.uniform(size=(seeds, examples)) < ease, rng.uniform(size=(seeds, examples)) < ease


def test_on_a_shared_test_set_the_interval_is_the_wider_on_each_side() -> None:
    a, b = scores(np.random.default_rng(1), 5, 100)
    estimate, again = paired_difference(a.mean(1), b.mean(1)), resample(a, b)
    found = judge(estimate, POINT, resampled=again)
    assert found.ci95 is not None
    for part in (estimate.ci95, again.interval(0.05)):
        assert part is not None
        assert found.ci95.low <= part.low
        assert found.ci95.high >= part.high
    assert found.ci95.width == pytest.approx(max(estimate.ci95.width, again.interval(0.05).width), rel=0.3)


@pytest.mark.parametrize("lead", [-0.3, -0.1, -0.05, 0.0, 0.02, 0.06, 0.1, 0.15, 0.3])
@pytest.mark.parametrize("examples", [60, 600, 6000])
def test_on_a_shared_test_set_the_words_still_say_what_the_intervals_say(lead: float, examples: int) -> None:
    rng = np.random.default_rng(examples)
    ease = rng.uniform(0.3, 0.7, examples)
    a, b = rng.uniform(size=(4, examples)) < ease + lead, rng.uniform(size=(4, examples)) < ease
    estimate = paired_difference(a.mean(1), b.mean(1))
    found = judge(estimate, Rule(margin=0.06), resampled=resample(a, b))
    assert found.interval is not None
    assert found.inner_interval is not None
    assert (found.p_different <= found.alpha) == found.interval.excludes(0.0)
    assert found.meaningful == (found.interval.low > 0.06 or found.interval.high < -0.06)
    within = found.inner_interval.low >= -0.06 and found.inner_interval.high <= 0.06
    assert (found.verdict == "equivalent") == within


def test_few_test_examples_keep_seeds_that_agree_from_deciding() -> None:
    """Every seed of a gets the same one example of 40 more right: seeds are sure, the examples are not."""
    a, b = np.zeros((6, 40)), np.zeros((6, 40))
    a[:, :20] = b[:, :20] = 1
    a[:, 20] = 1
    estimate = paired_difference(a.mean(1), b.mean(1))
    assert judge(estimate, POINT).verdict == "better"
    found = judge(estimate, POINT, resampled=resample(a, b))
    assert found.verdict == "undecided"
    assert found.seeds_needed is None


def test_few_test_examples_keep_seeds_that_agree_from_showing_equivalence() -> None:
    """Every seed of a gets two examples of 400 more right: half a point; 4 elsewhere would be a whole one."""
    a, b = np.zeros((6, 400)), np.zeros((6, 400))
    a[:, :2] = 1
    estimate = paired_difference(a.mean(1), b.mean(1))
    assert judge(estimate, POINT).verdict == "equivalent"
    assert judge(estimate, POINT, resampled=resample(a, b)).verdict == "undecided"


@pytest.mark.parametrize("over_both", [2e-4, 9e-4])
def test_what_can_be_seen_and_planned_counts_the_examples_noise_and_the_wider_view_of_the_seeds(
    over_both: float,
) -> None:
    """Of the mean's variance 1e-4 is the examples'; over seeds and examples together it is `over_both`."""
    seeds, sd, of_examples = 5, 0.03, 1e-4
    replicates = np.sqrt(over_both) * np.array([-1.0, 1.0])
    again = Resampled(difference=0.0, replicates=replicates, examples_variance=of_examples, examples=4000)
    found = judge(around(0.0, sd, n=seeds), Rule(margin=0.05), resampled=again)
    of_a_seed = max(sd**2, seeds * (over_both - of_examples))  # 9e-4 by the seeds alone, or 40e-4
    spread = math.sqrt(of_a_seed + seeds * of_examples)
    assert found.detectable == pytest.approx(
        spread * TTestPower().solve_power(nobs=seeds, alpha=0.05, power=0.8), abs=1e-7
    )
    assert found.seeds_needed is not None
    promised = [
        least_decision_power(total, 0.05 / math.sqrt(of_a_seed + total * of_examples))
        for total in (seeds + found.seeds_needed - 1, seeds + found.seeds_needed)
    ]
    assert promised[0] < 0.8 <= promised[1]


def test_a_resampling_of_another_difference_is_refused() -> None:
    other = Resampled(difference=0.5, replicates=np.array([0.4, 0.6]), examples_variance=0.0, examples=2)
    with pytest.raises(ValueError, match=r"resampled difference is 0\.5"):
        judge(around(0.0, 0.01), POINT, resampled=other)


@pytest.mark.parametrize(
    "bad", [{"margin": 0.0}, {"margin": math.inf}, {"margin": 1, "alpha": 0.0}, {"margin": 1, "power": 1.0}]
)
def test_a_rule_that_cannot_be_is_refused(bad: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="expected"):
        Rule(**bad)


def test_a_verdict_says_whether_it_is_one() -> None:
    verdicts: list[Verdict] = [judge(around(0.05, 0.005), POINT), judge(around(0.003, 0.03), POINT)]
    assert [found.decided for found in verdicts] == [True, False]


def right_on_others(examples: int) -> tuple[np.ndarray, np.ndarray]:
    """Two models as good as each other, right on other examples; every seed of a model is alike."""
    a, b = np.ones((3, examples)), np.ones((3, examples))
    a[:, ::10], b[:, 1::10] = 0, 0
    return a, b


def test_where_only_the_test_examples_leave_doubt_it_says_how_many_it_takes():
    a, b = right_on_others(400)
    rule = Rule(margin=0.01)
    estimate = paired_difference(a.mean(axis=1), b.mean(axis=1))
    few = judge(estimate, rule, resampled=resample(a, b))
    assert (few.verdict, few.seeds_needed) == ("undecided", None)
    assert few.examples_needed > 400
    a, b = right_on_others(10 * (few.examples_needed // 10 + 1))
    enough = judge(estimate, rule, resampled=resample(a, b))
    assert (enough.verdict, enough.examples_needed) == ("equivalent", None)
