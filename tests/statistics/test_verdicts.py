"""What the verdict says of hand-made cases, and that it says what the intervals say."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.power import TTestPower

from seqcli.statistics.crossed import Crossed, crossed
from seqcli.statistics.intervals import Estimate, exact_ratio, paired_difference, paired_ratio
from seqcli.statistics.student import COST_MARGIN
from seqcli.statistics.verdicts import Evidence, Judgement, Rule, judge, judge_family

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
    result = judge(around(mean, spread), POINT)
    assert (result.verdict, result.meaningful) == (verdict, meaningful)


def test_a_small_real_difference_within_the_margin_is_equivalent() -> None:
    verdict = judge(around(0.004, 0.001), POINT)
    assert (verdict.verdict, verdict.meaningful) == ("equivalent", False)
    assert verdict.p_different < 0.05


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
    verdict = judge(Estimate(mean, sd, n), Rule(margin=1.0, alpha=alpha, cap=50))
    assert verdict.interval is not None
    assert verdict.inner_interval is not None
    equivalent = verdict.inner_interval.low >= -1 and verdict.inner_interval.high <= 1
    assert (verdict.verdict == "equivalent") == equivalent
    assert (verdict.p_different <= verdict.alpha) == verdict.interval.excludes(0.0)
    assert verdict.meaningful == (verdict.interval.low > 1 or verdict.interval.high < -1)
    assert (verdict.verdict in {"better", "worse"}) == (verdict.interval.excludes(0.0) and not equivalent)


@proof
@given(st.floats(-3, 3), st.floats(0.05, 3), st.integers(2, 25))
def test_swapping_the_models_swaps_better_and_worse(mean: float, sd: float, n: int) -> None:
    rule = Rule(margin=1.0, cap=50)
    there, back = judge(Estimate(mean, sd, n), rule), judge(Estimate(-mean, sd, n), rule)
    swapped = {"better": "worse", "worse": "better"}
    assert back.verdict == swapped.get(there.verdict, there.verdict)
    assert (back.meaningful, back.seeds_needed) == (there.meaningful, there.seeds_needed)


def test_one_seed_is_undecided_and_has_no_spread_to_plan_with() -> None:
    verdict = judge(paired_difference([0.9], [0.1]), POINT)
    assert (verdict.verdict, verdict.meaningful) == ("undecided", False)
    assert (verdict.interval, verdict.ci95, verdict.detectable, verdict.seeds_needed) == (
        None,
        None,
        None,
        None,
    )


def test_three_noisy_equal_models_are_undecided_with_a_seed_count() -> None:
    verdict = judge(paired_difference([0.751, 0.742, 0.760], [0.748, 0.753, 0.752]), POINT)
    assert verdict.verdict == "undecided"
    assert verdict.seeds_needed is not None
    assert verdict.seeds_needed > 3
    assert verdict.advice is not None
    assert verdict.advice.limit == "seeds"
    assert verdict.detectable is not None
    assert verdict.detectable > 0.01


def test_the_detectable_difference_is_statsmodels() -> None:
    verdict = judge(around(0.0, 0.02, n=8), POINT)
    assert verdict.detectable == pytest.approx(
        0.02 * TTestPower().solve_power(nobs=8, alpha=0.05, power=0.8), abs=1e-7
    )


def test_the_intervals_at_95_and_at_90_percent_are_scipys() -> None:
    verdict = judge(around(0.03, 0.02, 5), Rule(margin=0.01))
    for level, interval in ((0.95, verdict.ci95), (0.90, verdict.ci90)):
        assert interval == pytest.approx(stats.t.interval(level, 4, loc=0.03, scale=0.02 / math.sqrt(5)))


def test_a_decided_pair_needs_no_seeds() -> None:
    assert judge(around(0.05, 0.005), POINT).seeds_needed == 0


def test_several_pairs_pay_for_being_several() -> None:
    estimates = [around(0.03, 0.0245), around(0.1, 0.02), around(0.0, 0.03)]
    alone = [judge(estimate, POINT) for estimate in estimates]
    together = judge_family(estimates, POINT)
    for item, among in zip(alone, together, strict=True):
        assert among.p_different >= item.p_different
        assert among.ci95 == item.ci95
    assert together[1].p_different == pytest.approx(3 * alone[1].p_different)


def test_a_difference_that_only_stands_alone_is_undecided_among_three() -> None:
    weak = around(0.02, 0.015)
    assert judge(weak, POINT).verdict == "better"
    assert [item.verdict for item in judge_family([weak, weak, around(0.0, 0.03)], POINT)] == [
        "undecided"
    ] * 3


def test_that_all_are_equivalent_needs_no_correction() -> None:
    near = around(0.0, 0.0095)
    assert 0.05 / 3 < judge(near, POINT).p_equivalent < 0.05
    assert [element.verdict for element in judge_family([near] * 3, POINT)] == ["equivalent"] * 3
    mixed = judge_family([near, near, around(0.002, 0.03)], POINT)
    assert [item.verdict for item in mixed] == ["undecided"] * 3


def test_a_family_of_none_has_no_verdicts() -> None:
    assert judge_family([], POINT) == ()


def scores(rng: np.random.Generator, seeds: int, examples: int) -> tuple[np.ndarray, np.ndarray]:
    """Right and wrong answers of two equal models that find the same examples hard."""
    ease = rng.uniform(0.3, 0.9, examples)
    return rng.uniform(size=(seeds, examples)) < ease, rng.uniform(size=(seeds, examples)) < ease


def test_on_a_shared_test_set_the_interval_is_the_wider_on_each_side() -> None:
    a, b = scores(np.random.default_rng(1), 5, 100)
    estimate, again = paired_difference(a.mean(1), b.mean(1)), crossed(a.astype(float) - b)
    verdict = judge(Evidence(estimate, again), POINT)
    assert verdict.ci95 is not None
    for part in (estimate.ci95, again.interval(0.05)):
        assert part is not None
        assert verdict.ci95.low <= part.low
        assert verdict.ci95.high >= part.high
    assert verdict.ci95.width == pytest.approx(max(estimate.ci95.width, again.interval(0.05).width), rel=0.3)


@pytest.mark.parametrize("lead", [-0.3, -0.1, -0.05, 0.0, 0.02, 0.06, 0.1, 0.15, 0.3])
@pytest.mark.parametrize("examples", [60, 600, 6000])
def test_on_a_shared_test_set_the_words_still_say_what_the_intervals_say(lead: float, examples: int) -> None:
    rng = np.random.default_rng(examples)
    ease = rng.uniform(0.3, 0.7, examples)
    a, b = rng.uniform(size=(4, examples)) < ease + lead, rng.uniform(size=(4, examples)) < ease
    estimate = paired_difference(a.mean(1), b.mean(1))
    verdict = judge(Evidence(estimate, crossed(a.astype(float) - b)), Rule(margin=0.06))
    assert verdict.interval is not None
    assert verdict.inner_interval is not None
    assert (verdict.p_different <= verdict.alpha) == verdict.interval.excludes(0.0)
    assert verdict.meaningful == (verdict.interval.low > 0.06 or verdict.interval.high < -0.06)
    within = verdict.inner_interval.low >= -0.06 and verdict.inner_interval.high <= 0.06
    assert (verdict.verdict == "equivalent") == within


def test_few_test_examples_keep_seeds_that_agree_from_deciding() -> None:
    """Every seed of a gets the same one example of 40 more right: seeds are sure, the examples are not."""
    a, b = np.zeros((6, 40)), np.zeros((6, 40))
    a[:, :20] = b[:, :20] = 1
    a[:, 20] = 1
    estimate = paired_difference(a.mean(1), b.mean(1))
    assert judge(estimate, POINT).verdict == "better"
    verdict = judge(Evidence(estimate, crossed(a - b)), POINT)
    assert verdict.verdict == "undecided"
    assert verdict.seeds_needed is None


def test_few_test_examples_keep_seeds_that_agree_from_showing_equivalence() -> None:
    """Every seed of a gets two examples of 400 more right: half a point; 4 elsewhere would be a whole one."""
    a, b = np.zeros((6, 400)), np.zeros((6, 400))
    a[:, :2] = 1
    estimate = paired_difference(a.mean(1), b.mean(1))
    assert judge(estimate, POINT).verdict == "equivalent"
    assert judge(Evidence(estimate, crossed(a - b)), POINT).verdict == "undecided"


def test_what_can_be_seen_counts_the_noise_of_seeds_and_of_examples() -> None:
    seeds, sd, of_examples = 5, 0.03, 1e-4
    again = Crossed(0.0, sd**2 / seeds + of_examples, 10.0, seeds, 4000, of_examples)
    verdict = judge(Evidence(around(0.0, sd, n=seeds), again), Rule(margin=0.05))
    spread = math.sqrt(sd**2 + seeds * of_examples)
    assert verdict.detectable == pytest.approx(
        spread * TTestPower().solve_power(nobs=seeds, alpha=0.05, power=0.8), abs=1e-7
    )


def test_a_table_of_another_difference_is_refused() -> None:
    other = Crossed(0.5, 1e-4, 4.0, 5, 100, 0.0)
    with pytest.raises(ValueError, match=r"seeds × examples is 0\.5"):
        Evidence(around(0.0, 0.01), other)


def test_no_interval_of_a_difference_reaches_beyond_what_the_metric_allows() -> None:
    wild = judge(paired_difference([0.9, 0.2], [0.2, 0.6]), replace(POINT, most=1.0))
    assert wild.interval == wild.ci95 == (-1.0, 1.0)


@proof
@given(st.lists(st.tuples(st.floats(-3, 3), st.floats(0.05, 2)), min_size=1, max_size=6), st.integers(2, 12))
def test_in_a_family_each_printed_interval_says_what_its_verdict_says(
    pairs: list[tuple[float, float]], n: int
) -> None:
    for item in judge_family([Estimate(mean, sd, n) for mean, sd in pairs], Rule(margin=1.0, cap=5)):
        interval, level = item.deciding
        assert interval is not None
        if item.verdict == "equivalent":
            assert -1 <= interval.low <= interval.high <= 1
        else:
            assert interval.excludes(0.0) == (item.verdict != "undecided")
            assert level >= 0.95


def test_the_level_of_the_printed_interval_is_that_of_the_look_and_of_holms_step() -> None:
    result, look = judge(around(0.02, 0.03), POINT), judge(around(0.02, 0.03), replace(POINT, alpha=0.0197))
    assert (result.level, result.inner_level) == pytest.approx((0.95, 0.90))
    assert (look.level, look.inner_level) == pytest.approx((1 - 0.0197, 1 - 0.0394))
    three = judge_family([around(0.1, 0.02), around(0.02, 0.03), around(0.0, 0.03)], POINT)
    assert [item.level for item in three] == pytest.approx([1 - 0.05 / 3, 0.975, 0.975])


def test_ten_bleu_apart_are_told_apart_among_many_models() -> None:
    """Thirty-six pairs: 5 % over 36 is below what any thousand of replicates could show."""
    clear = [Evidence(around(0.10, 0.01), Crossed(0.10, 4e-5, 50.0, 5, 500, 2e-5))] * 36
    assert {item.verdict for item in judge_family(clear, Rule(margin=0.005))} == {"better"}


@pytest.mark.parametrize(
    "bad", [{"margin": 0.0}, {"margin": math.inf}, {"margin": 1, "alpha": 0.0}, {"margin": 1, "power": 1.0}]
)
def test_a_rule_that_cannot_be_is_refused(bad: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="expected"):
        Rule(**bad)


def test_a_verdict_says_whether_it_is_one() -> None:
    verdicts: list[Judgement] = [judge(around(0.05, 0.005), POINT), judge(around(0.003, 0.03), POINT)]
    assert [verdict.decided for verdict in verdicts] == [True, False]


def right_on_others(examples: int) -> tuple[np.ndarray, np.ndarray]:
    """Two models as good as each other, right on other examples; every seed of a model is alike."""
    a, b = np.ones((3, examples)), np.ones((3, examples))
    a[:, ::10], b[:, 1::10] = 0, 0
    return a, b


def test_where_only_the_test_examples_leave_doubt_it_says_how_many_it_takes():
    a, b = right_on_others(400)
    rule = Rule(margin=0.01)
    estimate = paired_difference(a.mean(axis=1), b.mean(axis=1))
    few = judge(Evidence(estimate, crossed(a - b)), rule)
    assert (few.verdict, few.seeds_needed) == ("undecided", None)
    assert few.advice is not None
    assert few.advice.limit == "examples"
    assert few.advice.examples is not None
    assert few.advice.examples > 400
    a, b = right_on_others(10 * (few.advice.examples // 10 + 1))
    enough = judge(Evidence(estimate, crossed(a - b)), rule)
    assert (enough.verdict, enough.advice) == ("equivalent", None)
