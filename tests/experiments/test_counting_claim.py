"""The guide's claim that LSTM wins on complex patterns, where a language has to be counted."""

import pytest

from seqcli.experiments.compare.comparison_claims import across_protocols, check_guide
from seqcli.reports.words.claims import evidence
from seqcli.results.compared_pairs import Agreement, SolvedPair

SCORES = [0.5, 0.6]


@pytest.fixture
def counted(planted):
    """The claims of a comparison in which LSTM solves 5 of 6 seeds and GRU 1, in either order."""

    def claims(verdict, *, gru_first=False):
        order = ("gru", "lstm") if gru_first else ("lstm", "gru")
        result = planted(**dict.fromkeys(order, SCORES))
        models = [
            model.model_copy(update={"quality": model.quality.model_copy(update={"metric": "largest_n"})})
            for model in result.models
        ]
        (pair,) = result.pairs
        solves = {"lstm": 5, "gru": 1}
        solved = SolvedPair(a=solves[pair.a], b=solves[pair.b], seeds=6, p_value=0.125)
        quality = pair.quality.model_copy(update={"verdict": verdict, "solved": solved})
        claims.models = models
        outcome = check_guide(models, [pair.model_copy(update={"quality": quality})])
        return pair, {claim.number: claim for claim in outcome}

    return claims


@pytest.mark.parametrize("gru_first", [False, True])
@pytest.mark.parametrize(
    ("of_lstm", "claim"),
    [("better", "supported"), ("worse", "refuted"), ("equivalent", "equivalent"), ("undecided", "undecided")],
)
def test_the_claim_is_about_the_lstm_whichever_model_the_pair_is_about(counted, gru_first, of_lstm, claim):
    mirrored = {"better": "worse", "worse": "better"}
    verdict = of_lstm if gru_first else mirrored.get(of_lstm, of_lstm)
    pair, claims = counted(verdict, gru_first=gru_first)
    assert pair.a == ("lstm" if gru_first else "gru")
    assert claims[8].verdict == claim
    assert "LSTM generalises to longer strings in 5 of 6 seeds, GRU in 1" in evidence(claims[8])
    assert evidence(claims[8]).endswith("p = 0.125")
    assert 5 not in claims


def test_protocols_that_contradict_each_other_leave_this_claim_open_and_those_on_size_as_they_are(counted):
    _, claims = counted("worse")
    models = counted.models
    apart = Agreement(a="gru", b="lstm", verdicts={"hidden": "worse", "params": "better"}, verdict="depends")
    mapping = {claim.number: claim for claim in across_protocols(list(claims.values()), [apart], models)}
    assert (mapping[8].verdict, mapping[2].verdict) == ("depends", claims[2].verdict)
    assert evidence(mapping[8]).endswith("; other protocols differ")
    others = apart.model_copy(update={"b": "rnn"})
    assert across_protocols(list(claims.values()), [others], models) == list(claims.values())
    agreed = apart.model_copy(update={"verdict": "worse"})
    assert across_protocols(list(claims.values()), [agreed], models) == list(claims.values())
