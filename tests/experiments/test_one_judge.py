"""Trends, protocols and earlier results are judged over seeds and test examples, as every pair is."""

import numpy as np
import pytest
from making.outcomes import answering_leg, evidence_from, finished_leg
from scipy import stats

from seqcli.experiments.compare.conclude import conclude
from seqcli.experiments.compare.gate_figures import judge_gates
from seqcli.experiments.compare.protocols_study import together
from seqcli.experiments.compare.reference import compare_with
from seqcli.experiments.config import CompareConfig
from seqcli.experiments.data import prepare_data
from seqcli.experiments.gates.judging import parse_gate
from seqcli.experiments.sweep.sweep_study import Varied, conclude_sweep
from seqcli.statistics.combinations import answer_products, crossed_apart
from seqcli.statistics.crossed import crossed
from seqcli.statistics.intervals import estimate

SEEDS, EXAMPLES = 3, 24


def tables(shift, *, rng):
    """Right answers of three seeds that hardly differ, on examples that do: {model: (S, N)}."""
    hard = rng.permutation((np.arange(EXAMPLES) + 0.5) / EXAMPLES)
    mapping = {}
    for name, level in (("lstm", 0.5), ("gru", 0.5 + shift)):
        rows = np.repeat((hard < level)[None], SEEDS, axis=0)
        rows[1, rng.integers(EXAMPLES)] ^= True
        mapping[name] = rows
    return mapping


@pytest.fixture
def evidence(reviews):
    def made(answers, match="hidden"):
        config = CompareConfig(models=("lstm", "gru"), data=str(reviews), seeds=SEEDS)
        legs = {name: [answering_leg(row.tolist()) for row in rows] for name, rows in answers.items()}
        return evidence_from(config, prepare_data(config), legs, match=match)

    return made


def width(interval):
    return interval[1] - interval[0]


def half(found, alpha=0.05):
    return stats.t.ppf(1 - alpha / 2, found.degrees) * found.variance**0.5


def test_a_trend_counts_the_test_examples_of_every_value(evidence):
    rng = np.random.default_rng(2)
    answers = [tables(shift, rng=rng) for shift in (0.0, 0.06, 0.12)]
    values = [evidence(answer) for answer in answers]
    varied, points = Varied("hidden", (1, 2, 4)), [conclude(element) for element in values]
    (alone,), (pair,) = (conclude_sweep(varied, points, *given).pairs for given in ((), (values,)))
    weights = (-0.5, 0.0, 0.5)  # of the least-squares line through -1, 0, 1 doublings
    a, b = pair.a, pair.b
    by_answer = sum(w * (item[a].astype(float) - item[b]) for w, item in zip(weights, answers, strict=True))
    view = crossed(by_answer)
    assert pair.difference == pytest.approx(view.mean)
    assert width(pair.ci95) > 2 * width(alone.ci95)
    assert pair.ci95 == pytest.approx((view.mean - half(view), view.mean + half(view)), rel=1e-6)
    assert pair.interval == pair.ci95


def test_lines_cross_only_where_seeds_and_test_examples_show_the_slopes_to_differ(evidence):
    rng = np.random.default_rng(2)
    values = [evidence(tables(shift, rng=rng)) for shift in (-0.06, 0.0, 0.06)]
    varied, points = Varied("hidden", (1, 2, 4)), [conclude(item) for item in values]
    (alone,), (pair,) = (conclude_sweep(varied, points, *given).pairs for given in ((), (values,)))
    assert (alone.verdict, pair.verdict) == ("better", "undecided")
    assert alone.crossing is not None, "the seeds alone would say where"
    assert (pair.crossing, pair.crossing_ci95) == (None, None)


def test_protocols_are_told_apart_over_seeds_and_test_examples(evidence):
    rng = np.random.default_rng(3)
    answers = {match: tables(shift, rng=rng) for match, shift in (("hidden", 0.0), ("params", 0.12))}
    values = [evidence(answer, match) for match, answer in answers.items()]
    points = [conclude(element) for element in values]
    contrasts = [together(points, *given).agreement[0].contrasts[0] for given in ((), (values,))]
    first, second = answers.values()
    (pair,) = points[0].pairs
    differences = [item[pair.a].astype(float) - item[pair.b] for item in (first, second)]
    view = crossed(differences[0] - differences[1])
    assert contrasts[1].interval == pytest.approx((view.mean - half(view), view.mean + half(view)), rel=1e-6)
    assert width(contrasts[1].ci95) > 2 * width(contrasts[0].ci95)


def test_an_earlier_result_is_held_against_over_both_results_test_examples(evidence):
    rng = np.random.default_rng(4)
    then, now = (conclude(evidence(tables(shift, rng=rng))) for shift in (0.0, 0.12))
    gate = parse_gate("gru.accuracy > baseline.gru.accuracy")
    (judged,) = judge_gates([gate], now, then)
    blind = [item.model_copy(update={"answers": None}) for item in (now, then)]
    (over_seeds,) = judge_gates([gate], *blind)
    (half_blind,) = judge_gates([gate], now, blind[1])
    for wider in (over_seeds, half_blind):
        assert width(wider.ci95) > 0.95 * width(judged.ci95), "answers that are not kept make nothing surer"
        assert wider.verdict == "undecided"
    (beside,) = [model for model in compare_with(now, then, file="x").models if model.label == "gru"]
    assert beside.quality.examples
    assert beside.quality.ci95 == pytest.approx(judged.ci95)


def test_answers_of_two_results_add_both_spreads_to_that_of_the_seeds():
    rng = np.random.default_rng(5)
    first, other = (rng.random((1, SEEDS, EXAMPLES)) < level for level in (0.8, 0.6))
    over_seeds = estimate((first.mean(-1) - other.mean(-1))[0])
    results = [
        (answer_products(table.astype(float)), [factor]) for table, factor in ((first, 1.0), (other, -1.0))
    ]
    result = crossed_apart(over_seeds, results)
    shared = [crossed(table[0].astype(float)).examples_variance for table in (first, other)]
    assert result.variance == pytest.approx(over_seeds.sd**2 / SEEDS + sum(shared))
    assert result.degrees >= SEEDS - 1


@pytest.fixture
def forecasts(tmp_path):
    """A result of two models with these errors (MAE), seed by seed, on a series of no importance."""
    path = tmp_path / "load.csv"
    path.write_text("date,load\n" + "".join(f"2024-01-{day:02d},{day % 7 + 1}\n" for day in range(1, 29)))
    given = {"data": str(path), "time_column": "date", "kind": "forecast", "context": 3, "horizon": 1}

    def made(lstm, gru, **settings):
        config = CompareConfig(models=("lstm", "gru"), seeds=len(lstm), metric="MAE", **given, **settings)
        scores = {"lstm": lstm, "gru": gru}
        legs = {name: [finished_leg(value, metric="MAE") for value in each] for name, each in scores.items()}
        return conclude(evidence_from(config, prepare_data(config), legs))

    return made


LOAD = [1500.0, 1510.0, 1490.0, 1505.0, 1495.0]
"""Errors in megawatt."""


@pytest.mark.parametrize(
    ("more", "given", "margin", "verdict"),
    [(8.0, {}, 30.0, "equivalent"), (8.0, {"margin": 0.1}, 1.5, "worse"), (45.0, {}, 30.0, "worse")],
)
def test_the_margin_of_a_loss_is_2_percent_of_it_in_whatever_unit_it_is(
    forecasts, more, given, margin, verdict
):
    """8 or 45 MW more than the 1,500 MW that the better model is wrong by, each within 2 % or not."""
    result = forecasts(LOAD, [each + more + place - 2 for place, each in enumerate(LOAD)], **given)
    assert result.protocol.margin == pytest.approx(margin)
    (pair,) = result.pairs
    assert (pair.a, pair.quality.verdict) == ("gru", verdict)
    beside = compare_with(result, forecasts(LOAD, LOAD), file="x").models[1]
    assert beside.quality.verdict == "undecided", "an error of examples, of which nothing is kept here"
