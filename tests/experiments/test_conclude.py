"""What a comparison concludes from given evidence: against scipy, and in words."""

import pytest
from making.outcomes import finished_leg
from scipy import stats

from seqcli.experiments.compare.comparison_inputs import ComparisonInputs, ModelEvidence, margin_of
from seqcli.experiments.compare.conclude import conclude
from seqcli.experiments.compare.cost_records import Block, BlockMemory, TimedSteps
from seqcli.experiments.compare.signature import seed_text
from seqcli.experiments.config import CompareConfig
from seqcli.experiments.data import prepare_data
from seqcli.experiments.legs import model_config
from seqcli.models.spec import parse_spec
from seqcli.reports.words.claims import evidence, with_sentence
from seqcli.reports.words.recommendation import sentences
from seqcli.results.compare import BaselineAnswers
from seqcli.results.measurements import Parameters

LSTM = [0.76, 0.74, 0.77, 0.75, 0.76]
GRU = [0.70, 0.78, 0.66, 0.74, 0.60]


def leg(value, recurrent):
    parameters = Parameters(total=recurrent + 100, embedding=90, recurrent=recurrent, head=10)
    return finished_leg(value, parameters=parameters)


def block(rate, plain, *, kernel, milliseconds=1.0, activations=100):
    def steps(each):
        return TimedSteps(seconds=[64 / each] * 3, sequences=[64] * 3, tokens=[640] * 3)

    return Block(
        parameters=10,
        kernel=kernel,
        steps=steps(rate),
        predictions=[milliseconds / 1000] * 20,
        memory=BlockMemory(parameters=100, optimizer=200, activations=activations, peak=999),
        plain_steps=steps(plain),
    )


@pytest.fixture
def concluded(reviews):
    """What is concluded of an LSTM and a GRU with these accuracies; None is a failed leg."""

    def conclude_on(
        lstm=LSTM,
        gru=GRU,
        *,
        bow=0.6,
        lstm_blocks=(),
        gru_blocks=(),
        models=("lstm", "gru"),
        sizes=(400, 300),
        **settings,
    ):
        config = CompareConfig(models=models, data=str(reviews), seeds=tuple(range(len(lstm))), **settings)
        values = {"lstm": (lstm, sizes[0], lstm_blocks), "gru": (gru, sizes[1], gru_blocks)}
        result = tuple(
            ModelEvidence(
                label=name,
                model=model_config(config, parse_spec(name)),
                outcomes=tuple(
                    None if value is None else leg(value, values[name][1]) for value in values[name][0]
                ),
                blocks=tuple(values[name][2]),
            )
            for name in models
        )
        evidence = ComparisonInputs(
            config=config,
            prepared=prepare_data(config),
            device="cpu",
            seeds=config.seeds,
            alpha=0.05,
            models=result,
            baselines={
                name: (BaselineAnswers(valid=score, test=score, answers=[]),)
                for name, score in (("majority", 0.5), ("bow", bow))
            },
            failures=(),
        )
        return conclude(evidence)

    return conclude_on


def test_the_difference_is_the_later_model_less_the_earlier_with_scipys_interval(concluded):
    (pair,) = concluded().pairs
    result = stats.ttest_rel(GRU, LSTM)
    interval = result.confidence_interval(0.95)
    assert (pair.a, pair.b) == ("gru", "lstm")
    assert pair.quality.difference == pytest.approx(-0.06)
    assert pair.quality.ci95 == pytest.approx((interval.low, interval.high), abs=1e-9)


def test_a_reference_is_what_the_others_are_compared_with(concluded):
    (pair,) = concluded(reference="gru").pairs
    assert (pair.a, pair.b) == ("lstm", "gru")
    assert pair.quality.difference == pytest.approx(0.06)


def test_a_failed_leg_takes_its_partner_out_of_the_difference_and_nothing_else(concluded):
    result = concluded([None, *LSTM[1:]])
    outcome = stats.ttest_rel(GRU[1:], LSTM[1:])
    assert result.pairs[0].quality.difference == pytest.approx((sum(GRU[1:]) - sum(LSTM[1:])) / 4)
    assert result.pairs[0].quality.ci95 == pytest.approx(tuple(outcome.confidence_interval(0.95)), abs=1e-9)
    assert result.models[0].quality.failed == 1
    assert result.models[0].quality.mean == pytest.approx(sum(LSTM[1:]) / 4)
    assert result.status == "partial"


def test_noise_is_undecided_and_says_how_many_seeds_would_decide(concluded):
    result = concluded([0.751, 0.742, 0.760], [0.748, 0.753, 0.752])
    (pair,) = result.pairs
    assert pair.quality.verdict == "undecided"
    assert pair.quality.seeds_needed > 0
    assert pair.quality.examples_needed is None
    assert result.recommendation.model is None
    assert f"a fresh --seeds 3:{3 + pair.quality.seeds_needed} would" in " ".join(
        sentences(result.recommendation)
    )


def test_a_clear_winner_is_recommended(concluded):
    result = concluded([0.9, 0.91, 0.92, 0.9, 0.91], [0.5, 0.52, 0.51, 0.5, 0.49])
    assert result.pairs[0].quality.verdict == "worse"
    assert result.recommendation.model == "lstm"
    assert "LSTM is better" in sentences(result.recommendation)[0]


@pytest.mark.parametrize(
    ("kind", "metric", "margin", "expected"),
    [
        ("classify", "accuracy", None, 0.01),
        ("translate", "BLEU", None, 0.5),
        ("translate", "chrF", None, 0.5),
        ("translate", "exact_match", None, 0.005),
        ("regress", "MSE", None, 0.02),
        ("classify", "accuracy", 2.5, 0.025),
        ("translate", "BLEU", 2.5, 2.5),
        ("translate", "exact_match", 2.5, 0.025),
        ("regress", "MSE", 5.0, 0.05),
        ("language", "largest_n", 3.0, 3.0),
    ],
)
def test_what_does_not_matter_is_a_point_of_accuracy_half_a_bleu_or_2_percent_of_a_loss(
    kind, metric, margin, expected
):
    config = CompareConfig(models=("gru",), task="sentiment", margin=margin)
    assert margin_of(config, kind, metric) == pytest.approx(expected)


def test_of_equivalent_models_the_smallest_is_recommended(concluded):
    lstm = [0.80 + 0.01 * k for k in range(20)]
    result = concluded(lstm, [v + (0.001 if k % 2 else -0.001) for k, v in enumerate(lstm)], margin=5.0)
    assert result.pairs[0].quality.verdict == "equivalent"
    assert result.recommendation.model == "gru"
    assert "so the smallest will do" in sentences(result.recommendation)[0]


def test_of_equivalent_models_of_about_one_size_none_is_the_smallest(concluded):
    """4 % less is within the margin of 5 % for a cost."""
    lstm = [0.80 + 0.01 * k for k in range(20)]
    result = concluded(lstm, lstm, margin=5.0, sizes=(400, 384))
    assert result.pairs[0].quality.verdict == "equivalent"
    assert result.recommendation.model is None
    assert "so any of them will do" in sentences(result.recommendation)[0]


def test_a_model_of_which_every_seed_failed_is_not_said_to_need_more_seeds(concluded):
    value = sentences(concluded([None, None], [None, None]).recommendation)[0]
    assert value.startswith("No clear winner in accuracy: a model without a finished seed cannot be compared")


def test_a_model_without_a_finished_leg_has_its_size_all_the_same(concluded):
    """An LSTM of width 128 on vectors of 128: four gates, two products and two biases each."""
    lstm, _ = concluded(lstm=[None] * len(LSTM)).models
    assert lstm.parameters.recurrent == 4 * 128 * (128 + 128 + 2)


def test_a_faster_model_on_another_kernel_is_told_beside_the_same_path(concluded):
    blocks = [
        [block(rate, plain, kernel=kernel, activations=size) for rate in rates]
        for rates, plain, kernel, size in (
            ([1000, 1010, 990, 1005, 995], 800, "oneDNN", 300),
            ([890, 900, 880, 895, 885], 1000, "ATen loop", 100),
        )
    ]
    result = concluded(lstm_blocks=blocks[0], gru_blocks=blocks[1])
    speed = result.pairs[0].train_speed
    assert speed.ratio == pytest.approx(0.89, abs=0.001)
    assert speed.verdict == "worse"
    assert speed.same_path_ratio == pytest.approx(1.25)
    assert result.pairs[0].memory.ratio == pytest.approx((100 + 100 + 200 + 100) / (100 + 100 + 200 + 300))
    claims = {claim.claim: claim for claim in map(with_sentence, result.guide)}
    assert claims["GRU trains faster"].verdict == "depends"
    assert claims["GRU needs less memory"].verdict == "supported"
    assert evidence(claims["GRU has fewer gates and is smaller"]).startswith("2 gates against 3; −25.0 %")


def test_what_was_not_measured_is_not_concluded_from(concluded):
    result = concluded()
    assert result.pairs[0].train_speed is None
    assert {claim.claim for claim in map(with_sentence, result.guide)} == {
        "GRU has fewer gates and is smaller",
        "accuracy is similar",
    }
    assert "fastest" not in " ".join(sentences(result.recommendation))


def test_seeds_are_named_as_people_do():
    assert seed_text([3]) == "seed 3"
    assert seed_text([0, 1, 2]) == "seeds 0–2"
    assert seed_text([1, 5, 9]) == "seeds 1,5,9"


def test_a_single_seed_is_undecided_because_it_tells_nothing_of_the_spread(concluded):
    result = concluded([0.8], [0.7])
    assert result.pairs[0].quality.verdict == "undecided"
    assert "one seed shows no spread" in " ".join(sentences(result.recommendation))
