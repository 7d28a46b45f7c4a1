"""The guide's choice rules, applied to data of a length and size, against what was measured."""

import pytest

from seqcli.experiments.compare.recommend import recommend, rule_fact
from seqcli.reports.words.recommendation import sentences
from seqcli.results.recommendation import Recommendation

HIGH, LOW = [0.80, 0.81, 0.79, 0.80, 0.81], [0.70, 0.71, 0.70, 0.69, 0.71]
ROUGH = [0.5, 0.9, 0.4, 0.8, 0.6]


def told(result, *, length, train):
    task = result.task.model_copy(update={"length_mean": length, "train": train})
    facts = rule_fact(task, result.models, result.pairs)
    return " ".join(sentences(Recommendation(model=None, facts=facts)))


@pytest.mark.parametrize("gru", [HIGH, LOW, ROUGH])
def test_a_recommendation_is_two_or_three_sentences(planted, gru):
    result = planted(lstm=HIGH, gru=gru)
    task = result.task.model_copy(update={"length_mean": 21.0, "train": 6824})
    advice = recommend(result.models, result.pairs, result.recurrence, task=task, fresh_seed=5)
    because = sentences(advice)
    assert 2 <= len(because) <= 3
    assert all(item[0].isupper() and item.endswith(".") and ". " not in item for item in because)


@pytest.mark.parametrize(
    ("lstm", "gru", "borne_out"),
    [
        (LOW, HIGH, "support"),
        (HIGH, LOW, "refute (GRU is worse here)"),
        (HIGH, ROUGH, "leave open"),
    ],
)
def test_short_texts_and_little_data_are_grus_by_the_guide_and_the_measurement_answers(
    planted, lstm, gru, borne_out
):
    sentence = told(planted(lstm=lstm, gru=gru), length=21.0, train=6824)
    assert "the guide's rule is GRU" in sentence
    assert "21 steps" in sentence
    assert "6,824 examples" in sentence
    assert borne_out in sentence


def test_a_rule_between_equivalent_models_makes_no_difference(planted):
    result = planted(lstm=HIGH, gru=HIGH)
    quality = result.pairs[0].quality.model_copy(update={"verdict": "equivalent"})
    pair = result.pairs[0].model_copy(update={"quality": quality})
    sentence = told(result.model_copy(update={"pairs": [pair]}), length=21.0, train=6824)
    assert "no difference in quality" in sentence


def test_long_texts_and_much_data_are_lstms_by_the_guide(planted):
    sentence = told(planted(lstm=HIGH, gru=LOW), length=900.0, train=100_000)
    assert "the guide's rule is LSTM" in sentence
    assert "support" in sentence


@pytest.mark.parametrize(
    ("length", "train", "said"),
    [
        (20.0, 90_000, "short sequences (20 steps, the limit taken is 100) favour GRU"),
        (400.0, 9000, "long sequences (400 steps, the limit taken is 100) favour LSTM"),
    ],
)
def test_where_length_and_size_speak_for_two_models_both_are_told(planted, length, train, said):
    sentence = told(planted(lstm=HIGH, gru=LOW), length=length, train=train)
    assert sentence.startswith("The guide's rules differ")
    assert said in sentence


def test_other_models_have_no_rule(planted):
    assert told(planted(rnn=LOW, gru=HIGH), length=10.0, train=10) == ""


def test_two_lstms_have_no_rule(planted):
    models = planted(lstm=HIGH, gru=LOW).models
    twice = [models[0], models[0].model_copy(update={"label": "lstm hidden=4"})]
    result = planted(rnn=LOW, gru=HIGH).model_copy(update={"models": twice})
    assert told(result, length=10.0, train=10) == ""


@pytest.mark.parametrize(
    ("length", "train", "says"),
    [
        (100.0, 25_000, "the guide's rule is GRU"),
        (100.1, 25_001, "the guide's rule is LSTM"),
        (100.1, 25_000, "The guide's rules differ"),
        (100.0, 25_001, "The guide's rules differ"),
    ],
)
def test_both_limits_belong_to_what_they_end(planted, length, train, says):
    assert says in told(planted(lstm=HIGH, gru=LOW), length=length, train=train)


def test_sequences_of_one_step_have_no_rule(planted):
    assert told(planted(lstm=HIGH, gru=LOW), length=1.0, train=6824) == ""


@pytest.mark.parametrize(("size", "named"), [(100_300, False), (120_000, True)])
def test_a_model_is_called_the_smallest_only_beyond_the_margin(planted, size, named):
    """Of all parameters: a layer a quarter smaller makes no smaller model beside a large embedding."""
    result = planted(lstm=HIGH, gru=LOW)
    models = [
        model.model_copy(
            update={"parameters": model.parameters.model_copy(update={"recurrent": layer, "total": total})}
        )
        for model, layer, total in zip(result.models, (3_000, 4_000), (100_000, size), strict=True)
    ]
    advice = recommend(models, result.pairs, result.recurrence, task=result.task, fresh_seed=5)
    assert ("LSTM is the smallest" in " ".join(sentences(advice))) == named
