"""The verdicts of a comparison on the guide's claims about LSTM and GRU.

Only claims that the run can speak to are listed; each stands beside what the literature found.
"""

from collections.abc import Iterator, Sequence

from seqcli.data.kind import metric_named
from seqcli.experiments.catalogue import claim, shown_difference
from seqcli.results.claims import Claim, CostRatioFact, CountedFact, SimilarFact, SizeFact, UnmeasuredFact
from seqcli.results.common import ClaimVerdict
from seqcli.results.compare import ModelResult
from seqcli.results.compared_pairs import Agreement, Pair, RatioPair


def check_guide(models: Sequence[ModelResult], pairs: Sequence[Pair]) -> list[Claim]:
    """The claims that this run can speak to: those about its one LSTM and its one GRU."""
    lstms = [model for model in models if model.name == "lstm" and not model.is_control]
    grus = [model for model in models if model.name == "gru" and not model.is_control]
    if len(lstms) != 1 or len(grus) != 1:
        return []
    lstm, gru = lstms[0], grus[0]
    pair = next((pair for pair in pairs if {pair.a, pair.b} == {lstm.label, gru.label}), None)
    return [*_size(lstm, gru), *(_measured(pair, gru) if pair else ())]


def across_protocols(
    claims: Sequence[Claim], agreements: Sequence[Agreement], models: Sequence[ModelResult]
) -> list[Claim]:
    """The claims of the first protocol; those on quality depend where LSTM against GRU does."""
    both = {model.label for model in models if model.name in ("lstm", "gru") and not model.is_control}
    if not any(
        agreement.verdict == "depends" and {agreement.a, agreement.b} == both for agreement in agreements
    ):
        return list(claims)
    return [
        concluded.model_copy(update={"verdict": "depends", "protocols_differ": True})
        if concluded.number in (5, 8)
        else concluded
        for concluded in claims
    ]


def _size(lstm: ModelResult, gru: ModelResult) -> Iterator[Claim]:
    """Of the layers, where they have the same width: elsewhere the protocol chose their sizes."""
    if not (lstm.parameters.recurrent and gru.parameters.recurrent):
        return
    if lstm.settings.get("hidden") != gru.settings.get("hidden"):
        return
    fact = SizeFact(
        gru_gates=gru.gates,
        lstm_gates=lstm.gates,
        recurrent_change=gru.parameters.recurrent / lstm.parameters.recurrent - 1,
        total_change=gru.parameters.total / lstm.parameters.total - 1,
    )
    smaller = gru.gates < lstm.gates and fact.recurrent_change < 0
    yield claim(2, "supported" if smaller else "refuted", fact)


def _measured(pair: Pair, gru: ModelResult) -> Iterator[Claim]:
    flipped = pair.a != gru.label
    if pair.train_speed is not None:
        yield _cost_claim(3, pair.train_speed, flipped=flipped, more=True)
    if pair.memory is not None:
        yield _cost_claim(4, pair.memory, flipped=flipped, more=False)
    metric = gru.quality.metric
    yield _counts(pair, gru) if metric_named(metric).counting else _similar(pair, metric)


def _cost_claim(number: int, pair: RatioPair, *, flipped: bool, more: bool) -> Claim:
    """A claim that GRU is ahead on a cost; `more` when a greater ratio is ahead."""
    ratio = 1 / pair.ratio if flipped else pair.ratio
    ahead = (ratio > 1) == more
    verdicts: dict[str, ClaimVerdict] = {"equivalent": "equivalent", "undecided": "undecided"}
    verdict = verdicts.get(pair.verdict, "supported" if ahead else "refuted")
    same_path_ratio = pair.same_path_ratio
    if same_path_ratio is not None:
        same_path_ratio = 1 / same_path_ratio if flipped else same_path_ratio
        if verdict in ("supported", "refuted") and _another_on_the_same_path(pair):
            verdict = "depends"
    return claim(number, verdict, CostRatioFact(ratio=ratio, same_path_ratio=same_path_ratio))


def _another_on_the_same_path(pair: RatioPair) -> bool:
    """Return whether the same kernel path shows another ratio.

    The opposite verdict, or an interval that lies apart.

    A ratio that is 'equivalent' or open there contradicts nothing by that alone.
    """
    if {pair.verdict, pair.same_path_verdict} == {"better", "worse"}:
        return True
    if pair.ci95 is None or pair.same_path_ci95 is None:
        return False
    return pair.ci95[1] < pair.same_path_ci95[0] or pair.same_path_ci95[1] < pair.ci95[0]


def _similar(pair: Pair, metric: str) -> Claim:
    """Claim 5: equivalence supports it, and only a difference beyond the margin refutes it."""
    quality, solved = pair.quality, pair.quality.solved
    verdict: ClaimVerdict = "supported" if quality.verdict == "equivalent" else "undecided"
    differs = quality.verdict in ("better", "worse")
    beyond = quality.meaningful or solved is not None  # solve rates have no margin of a score
    if differs and beyond:
        verdict = "refuted"
    fact = SimilarFact(
        a=pair.a,
        b=pair.b,
        difference=shown_difference(metric, quality.difference, quality.shown, quality.level),
        solved=None if solved is None else (solved.a, solved.b),
        seeds=None if solved is None else solved.seeds,
        level=quality.level if quality.shown else None,
        small=differs and not beyond,
    )
    return claim(5, verdict, fact)


def _counts(pair: Pair, gru: ModelResult) -> Claim:
    """Claim 8, on a language that has to be counted."""
    quality, solved = pair.quality, pair.quality.solved
    gru_is_a = pair.a == gru.label
    verdicts: dict[str, ClaimVerdict] = {
        "equivalent": "equivalent",
        "undecided": "undecided",
        "better": "refuted" if gru_is_a else "supported",
        "worse": "supported" if gru_is_a else "refuted",
    }
    if solved is None:
        return claim(8, verdicts[quality.verdict], UnmeasuredFact(why="longer"))
    lstm, other = (solved.b, solved.a) if gru_is_a else (solved.a, solved.b)
    counted = CountedFact(lstm=lstm, gru=other, seeds=solved.seeds, p_value=solved.p_value)
    return claim(8, verdicts[quality.verdict], counted)
