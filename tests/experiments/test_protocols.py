"""What is held equal is equal, by counts of our own; and what protocols say together."""

import numpy as np
import pytest
import torch

from seqcli.errors import UsageError
from seqcli.experiments.compare.plan import plan
from seqcli.experiments.compare.protocols_study import agree, joint, together
from seqcli.experiments.compare.tuning import choose, edge_note, tuning_seeds
from seqcli.experiments.config import CompareConfig
from seqcli.experiments.protocol import PROTOCOLS
from seqcli.experiments.studies import study_of
from seqcli.reports.words.comparison_words import matched
from seqcli.reports.words.notes import note_text
from seqcli.reports.words.recommendation import sentences
from seqcli.statistics.intervals import paired_difference
from seqcli.statistics.verdicts import Rule, judge

HIGH, LOW = [0.80, 0.81, 0.79, 0.80, 0.81], [0.70, 0.71, 0.70, 0.69, 0.71]


@pytest.fixture
def planned(reviews):
    def at(*models, **settings):
        defaults = {"hidden": 64, "embedding": 16, "seeds": 2}
        return plan(CompareConfig(models=models, data=str(reviews), **{**defaults, **settings}))

    return at


def width(planned, label):
    return next(contender.model.hidden for contender in planned.contenders if contender.label == label)


def numbers(layer: str, embedding: int, hidden: int, *, vocabulary: int) -> int:
    """Trained numbers counted on torch's own modules: embedding, one layer, a head of two classes."""
    made = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "rnn": torch.nn.RNN}[layer](embedding, hidden)
    head = torch.nn.Linear(hidden, 2)
    counted = sum(p.numel() for module in (made, head) for p in module.parameters())
    return counted + vocabulary * embedding


@pytest.mark.parametrize("model", ["gru", "rnn"])
def test_no_other_width_has_parameters_nearer_to_the_references(planned, model):
    result = planned("lstm", model, match="params")
    vocabulary = result.prepared.vocab_size
    target = numbers("lstm", 16, 64, vocabulary=vocabulary)
    chosen = width(result, model)
    away = {w: abs(numbers(model, 16, w, vocabulary=vocabulary) - target) for w in range(1, 300)}
    assert away[chosen] == min(away.values())
    assert width(result, "lstm") == 64


def test_equal_flops_are_equal_by_the_products_of_matrices(planned):
    result = planned("lstm", "gru", match="flops")
    wide = width(result, "gru")
    lstm, gru = (2 * gates * h * (16 + h) for gates, h in ((4, 64), (3, wide)))
    assert abs(gru - lstm) / lstm < 0.03
    assert wide > 64


def test_the_reference_stays_as_it_is_wherever_it_stands(planned):
    result = planned("lstm", "gru", match="params", reference="gru")
    assert width(result, "gru") == 64
    assert width(result, "lstm") < 64


def test_equal_time_gives_the_faster_model_more_steps_and_nobody_stops_early(planned):
    result = planned("lstm", "gru", match="time", epochs=4, batch_size=32)
    an_epoch = -(-len(result.prepared.splits["train"]) // 32)
    lstm, gru = result.equalised({"lstm": 0.010, "gru": 0.004}).contenders
    assert lstm.training.max_steps == 4 * an_epoch
    assert gru.training.max_steps == 10 * an_epoch
    assert (lstm.training.epochs, gru.training.epochs) == (4, 10)
    assert all(item.training.patience == item.training.epochs for item in (lstm, gru))


def test_every_protocol_says_what_is_equal():
    assert {name: PROTOCOLS.get(name).words for name in PROTOCOLS.names()} == {
        "hidden": "equal width",
        "params": "equal parameters",
        "flops": "equal FLOPs",
        "time": "equal training time",
    }


@pytest.mark.parametrize("name", PROTOCOLS.names())
def test_the_table_calls_a_protocol_as_its_own_file_does(name):
    assert matched(name) == PROTOCOLS.get(name).words


def test_a_model_that_cannot_be_made_equal_is_refused(planned):
    with pytest.raises(UsageError, match="no width gives"):
        planned("rnn:hidden=1", "lstm", match="flops")


def test_one_model_under_two_names_is_refused(planned):
    with pytest.raises(UsageError, match="same model"):
        planned("lstm", "lstm:gain=1.0")


def test_an_unknown_protocol_is_refused_with_the_known_ones(reviews, seqcli):
    ran = seqcli("compare", "lstm", "gru", "--data", reviews, "--match", "hidden,parms")
    assert ran.code == 2
    assert "params" in ran.err
    assert ran.out == ""


def test_protocols_that_contradict_each_other_print_depends_on_the_protocol(planted):
    wide = planted("hidden", lstm=HIGH, gru=LOW)
    small = planted("params", lstm=LOW, gru=HIGH)
    assert [wide.pairs[0].quality.verdict, small.pairs[0].quality.verdict] == ["worse", "better"]
    result = together([wide, small])
    (agreement,) = result.agreement
    assert (agreement.verdict, agreement.verdicts) == ("depends", {"hidden": "worse", "params": "better"})
    assert result.recommendation.model is None
    assert sentences(result.recommendation)[0] == (
        "It depends on the protocol: at equal width GRU is worse than LSTM, "
        "at equal parameters GRU is better than LSTM."
    )
    assert next(claim for claim in result.guide if claim.number == 5).verdict == "depends"


@pytest.mark.parametrize(
    ("other", "verdict", "recommended"),
    [((HIGH, LOW), "worse", "lstm"), ((HIGH, [0.9, 0.7, 0.8, 0.85, 0.76]), "undecided", None)],
)
def test_a_model_is_recommended_only_if_no_protocol_leaves_it_open(planted, other, verdict, recommended):
    result = together([planted("hidden", lstm=HIGH, gru=LOW), planted("params", lstm=other[0], gru=other[1])])
    assert result.agreement[0].verdict == verdict
    assert result.recommendation.model == recommended
    assert [other.match for other in result.alternatives] == ["params"]


def test_better_and_equivalent_do_not_contradict_each_other():
    assert joint(["better", "equivalent"], contradicted=False) == "better"
    assert joint(["equivalent", "better"], contradicted=False) == "equivalent"
    assert joint(["better", "equivalent"], contradicted=True) == "depends"
    assert joint(["better", "worse"], contradicted=False) == "depends"
    assert joint(["better", "undecided"], contradicted=False) == "undecided"
    assert joint(["better", "better"], contradicted=True) == "better"


def test_one_true_difference_is_falsely_said_to_depend_on_the_protocol_in_one_case_of_twenty_at_most(planted):
    """GRU is 1.5 points better under both protocols: which of them shows it is chance."""
    generator = np.random.default_rng(0)
    empty = planted(lstm=HIGH, gru=LOW)

    def point(match):
        a, b = generator.normal((0.815, 0.80), 0.01, (5, 2)).T
        verdict = judge(paired_difference(a, b), Rule(margin=0.01))
        quality = empty.pairs[0].quality.model_copy(update={"verdict": verdict.verdict})
        scores = {"gru": a.tolist(), "lstm": b.tolist()}
        models = [
            model.model_copy(
                update={"quality": model.quality.model_copy(update={"per_seed": scores[model.label]})}
            )
            for model in empty.models
        ]
        return empty.model_copy(
            update={
                "protocol": empty.protocol.model_copy(update={"match": match}),
                "models": models,
                "pairs": [empty.pairs[0].model_copy(update={"quality": quality})],
            }
        )

    values = [agree([point("hidden"), point("params")])[0].verdict for _ in range(300)]
    assert values.count("depends") / 300 <= 0.05 + 2 * (0.05 * 0.95 / 300) ** 0.5


def test_several_protocols_run_and_end_in_one_result(reviews, seqcli):
    tiny = ("--hidden", 4, "--embedding", 4, "--epochs", 1, "--seeds", 2, "--no-cost", "--format", "json")
    ran = seqcli("compare", "lstm", "gru", "--data", reviews, "--match", "hidden,params", *tiny)
    assert ran.code == 0, ran.err
    result = ran.json
    assert result["protocol"]["match"] == "hidden"
    (other,) = result["alternatives"]
    assert other["match"] == "params"
    assert " · match hidden,params · " in result["signature"]
    widths = [model["settings"]["hidden"] for model in other["models"]]
    assert widths[0] == 4
    assert widths[1] > 4


class TestTuning:
    def test_seeds_for_tuning_are_none_of_the_evaluations(self):
        assert not set(tuning_seeds((0, 1, 1_000_000, 1_000_001))) & {0, 1, 1_000_000, 1_000_001}

    @pytest.mark.parametrize(
        ("scores", "higher", "rate", "edge"),
        [
            ((0.5, 0.7, 0.6), True, 0.2, False),
            ((0.5, 0.7, 0.6), False, 0.1, True),
            ((0.7, 0.7, 0.6), True, 0.1, True),
            ((None, 0.5, 0.6), True, 0.4, True),
            ((None, None, None), True, 0.2, False),
        ],
    )
    def test_the_best_mean_validation_score_chooses_the_rate(self, scores, higher, rate, edge):
        result = choose("gru", (0.1, 0.2, 0.4), scores, higher_is_better=higher)
        assert (result.lr, result.at_edge) == (rate, edge)

    def test_a_best_rate_at_the_edge_is_told_with_what_to_try(self):
        result = choose("gru", (0.1, 0.2, 0.4), (0.5, 0.6, 0.7), higher_is_better=True)
        assert "--lr 1.6" in note_text(edge_note(result, (0.1, 0.2, 0.4)))

    def test_every_model_gets_the_same_grid_and_is_evaluated_at_its_best(self, reviews, seqcli):
        tiny = ("--hidden", 4, "--embedding", 4, "--epochs", 1, "--seeds", 1, "--no-cost")
        ran = seqcli(
            "compare", "rnn", "gru", "--data", reviews, "--tune-lr", *tiny, "--lr", 0.01, "--format", "json"
        )
        assert ran.code == 0, ran.err
        tuning = ran.json["protocol"]["tuning"]
        assert tuning["rates"] == [0.0025, 0.005, 0.01, 0.02, 0.04]
        assert [len(model["scores"]) for model in tuning["models"]] == [5, 5]
        shown = seqcli("compare", "rnn", "gru", "--data", reviews, "--tune-lr", *tiny, "--lr", 0.01, "-v")
        assert "tuned lr  RNN" in shown.out
        assert "of 5 rates from 0.0025 to 0.04" in " ".join(shown.out.split())
        used = {model["label"]: model["training"]["lr"] for model in ran.json["models"]}
        assert used == {model["label"]: model["lr"] for model in tuning["models"]}


def test_a_study_of_one_protocol_is_the_comparison_itself(reviews):
    config = CompareConfig(models=("rnn", "gru"), data=str(reviews), seeds=2)
    assert study_of(config).legs == 4
