"""The sentences of a recommendation: each from its facts alone, and kept beside them in every JSON form."""

import pytest
from reports.records import comparison

from seqcli.reports.words.recommendation import sentences
from seqcli.reports.words.worded import worded
from seqcli.results.compare import Comparison
from seqcli.results.recommendation import (
    ContradictionFact,
    CostFact,
    EverywhereFact,
    Lack,
    QualityFact,
    RealTime,
    Recommendation,
    RecurrenceFact,
    RuleFact,
    TrendFact,
)

BETTER = QualityFact(metric="accuracy", solved=False, verdict="better", model="gru")
OPEN = QualityFact(metric="accuracy", solved=False, verdict="undecided", model=None)
SMALL = CostFact(smallest="gru", fastest=None)
RULE = RuleFact(
    length_mean=21.4, length_limit=100, train=6824, train_limit=25_000, by_length="gru", by_size="gru",
    verdict="worse",
)  # fmt: skip
BAG = RecurrenceFact(
    baseline="bow", label="bag of words", level=0.75, reached=0.85, metric="accuracy", verdict="pays"
)
GROWING = TrendFact(setting="length", a="lstm", b="gru", verdict="better")


DECIDED_BY_SEEDS = "No clear winner in accuracy: a fresh --seeds 5:15 would decide it at the observed spread"


def said(*facts):
    return sentences(Recommendation(model=None, facts=list(facts)))


@pytest.mark.parametrize(
    ("fact", "sentence"),
    [
        (BETTER, "GRU is better in accuracy than every other model here."),
        (
            QualityFact(metric="accuracy", solved=True, verdict="equivalent", model=None),
            "The models are equivalent in seeds solved, so any of them will do.",
        ),
        (OPEN, "No clear winner in accuracy."),
        (
            OPEN.model_copy(update={"lack": Lack(what="seeds", count=10, first_seed=5)}),
            f"{DECIDED_BY_SEEDS}.",
        ),
        (
            OPEN.model_copy(update={"lack": Lack(what="seeds", count=10, first_seed=5, plausible=(4, None))}),
            f"{DECIDED_BY_SEEDS} (4 or more seeds).",
        ),
        (
            OPEN.model_copy(update={"lack": Lack(what="examples", count=12_000)}),
            "No clear winner in accuracy: test examples are too few to decide it: about 12,000 would do.",
        ),
        (CostFact(smallest="gru", fastest="gru"), "GRU is the smallest and trains fastest on this machine."),
        (
            CostFact(smallest="gru", fastest="lstm"),
            "GRU is the smallest, LSTM trains fastest on this machine.",
        ),
        (
            RULE,
            (
                "For short sequences (21 steps, the limit taken is 100) and little data (6,824 examples, "
                "limit 25,000) the guide's rule is GRU, which these measurements refute (GRU is worse here)."
            ),
        ),
        (
            RULE.model_copy(update={"by_size": "lstm", "train": 90_000, "verdict": None}),
            (
                "The guide's rules differ: short sequences (21 steps, the limit taken is 100) favour GRU,"
                " much data (90,000 examples, limit 25,000) for LSTM."
            ),
        ),
        (
            ContradictionFact(a="gru", b="lstm", verdicts={"hidden": "better", "flops": "undecided"}),
            (
                "It depends on the protocol: at equal width GRU is better than LSTM,"
                " at equal FLOPs GRU is not decided against LSTM."
            ),
        ),
        (BAG, "Recurrence gains 10.0 points over a bag of words (75.0 %)."),
        (
            BAG.model_copy(update={"verdict": "costs"}),
            "A bag of words does better (75.0 % against 85.0 %): recurrence does not pay here.",
        ),
        (EverywhereFact(setting="length", model="lstm"), "LSTM at every length tried."),
        (GROWING, "A greater length favours LSTM over GRU."),
        (
            GROWING.model_copy(update={"crossing": 28.312}),
            "A greater length favours LSTM over GRU: their lines cross at 28.3.",
        ),
        (
            GROWING.model_copy(update={"solved_a": 9, "solved_b": 4, "runs": 10, "verdict": "undecided"}),
            "LSTM solves 9 of 10 runs over all values, GRU 4; that does not decide it.",
        ),
    ],
)
def test_a_fact_is_told_in_one_sentence(fact, sentence):
    assert said(fact) == [sentence]


def test_what_is_cheaper_ends_the_sentence_on_quality():
    assert said(BETTER, SMALL) == [
        "GRU is better in accuracy than every other model here; GRU is the smallest."
    ]


def test_the_rule_for_real_time_is_told_with_both_times():
    timed = RULE.model_copy(update={"real_time": RealTime(gru_ms=1.2, lstm_ms=1.5, verdict="supported")})
    end = (
        "; for real time it is GRU, which holds here (GRU answers one sequence in 1.20 ms, LSTM in 1.50 ms)."
    )
    assert said(timed)[0].endswith(end)


def test_nothing_learnt_comes_before_what_recurrence_buys():
    learnt, bag = said(BAG.model_copy(update={"reached": 0.5, "majority": 0.517, "verdict": "undecided"}))
    assert learnt.startswith("Nothing learnt")
    assert bag == "No gain from recurrence is shown against a bag of words (75.0 % against 50.0 %)."


@pytest.mark.parametrize(("reached", "says"), [(0.9, "Nothing is shown to be"), (1.1, "Nothing")])
def test_where_less_is_better_more_than_the_majority_class_has_learnt_nothing(reached, says):
    fact = BAG.model_copy(update={"metric": "MAE", "reached": reached, "majority": 1.0})
    assert said(fact)[0].startswith(f"{says} learnt: ")


def test_a_kept_result_has_its_facts_and_their_sentences_and_is_read_back_with_both():
    recommendation = Recommendation(model="gru", facts=[BETTER, SMALL, RULE, BAG])
    value = worded(comparison(recommendation=recommendation)).to_json()["recommendation"]
    assert value["because"] == sentences(recommendation)
    assert [fact["fact"] for fact in value["facts"]] == ["quality", "cost", "rule", "recurrence"]
    assert Recommendation.from_json(value).facts == recommendation.facts


def test_the_sentences_of_a_result_without_facts_stay_as_they_were_written():
    recommendation = Recommendation(model=None, because=["Below 154 steps LSTM, above it GRU."])
    result: Comparison = worded(comparison(recommendation=recommendation))
    assert result.recommendation == recommendation
