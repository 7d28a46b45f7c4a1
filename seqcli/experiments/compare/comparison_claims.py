"""The verdicts of a comparison on the guide's claims about LSTM and GRU.

Only claims that the run can speak to are listed; each stands beside what the literature found.
"""

from collections.abc import Iterator, Sequence

from seqcli.data.kind import metric_named
from seqcli.data.score_words import PERCENT, difference_words, fixed, mean_decimals, unit_of
from seqcli.experiments.catalogue import claim, level
from seqcli.models.spec import called
from seqcli.results.common import ClaimVerdict
from seqcli.results.compare import Agreement, Claim, ModelResult, Pair, RatioPair


def check_guide(models: Sequence[ModelResult], pairs: Sequence[Pair]) -> list[Claim]:
    """The claims that this run can speak to: those about its one LSTM and its one GRU."""
    lstms = [model for model in models if model.name == "lstm"]
    grus = [model for model in models if model.name == "gru"]
    if len(lstms) != 1 or len(grus) != 1:
        return []
    lstm, gru = lstms[0], grus[0]
    pair = next((pair for pair in pairs if {pair.a, pair.b} == {lstm.label, gru.label}), None)
    return [*_size(lstm, gru), *(_measured(pair, gru, _decimals(models, pairs)) if pair else ())]


def _decimals(models: Sequence[ModelResult], pairs: Sequence[Pair]) -> int:
    """The decimals of scores and differences, the same in a claim as in the table beside it."""
    intervals = [model.quality.ci95 for model in models] + [pair.quality.ci95 for pair in pairs]
    means = [model.quality.mean for model in models]
    return mean_decimals(means, intervals, unit_of(models[0].quality.metric))


def across_protocols(
    claims: Sequence[Claim], agreements: Sequence[Agreement], models: Sequence[ModelResult]
) -> list[Claim]:
    """The claims of the first protocol; those on quality depend where LSTM against GRU does."""
    both = {model.label for model in models if model.name in ("lstm", "gru")}
    if not any(one.verdict == "depends" and {one.a, one.b} == both for one in agreements):
        return list(claims)
    return [
        one.model_copy(update={"verdict": "depends", "evidence": f"{one.evidence}; other protocols differ"})
        if one.number in (5, 8)
        else one
        for one in claims
    ]


def _size(lstm: ModelResult, gru: ModelResult) -> Iterator[Claim]:
    """Of the layers, where they have the same width: elsewhere the protocol chose their sizes."""
    if not (lstm.parameters.recurrent and gru.parameters.recurrent):
        return
    if lstm.settings.get("hidden") != gru.settings.get("hidden"):
        return
    share = gru.parameters.recurrent / lstm.parameters.recurrent - 1
    whole = gru.parameters.total / lstm.parameters.total - 1
    smaller = gru.gates < lstm.gates and share < 0
    yield claim(
        2,
        "supported" if smaller else "refuted",
        f"{gru.gates} gates against {lstm.gates};"
        f" {_change(share)} recurrent parameters, {_change(whole)} in all",
    )


def _change(share: float) -> str:
    """A change of a size: '−25.0 %'."""
    return f"{fixed(PERCENT.factor * share, 1, signed=True)}{PERCENT.suffix}"


def _measured(pair: Pair, gru: ModelResult, decimals: int) -> Iterator[Claim]:
    flipped = pair.a != gru.label
    if pair.train_speed is not None:
        yield _cost_claim(3, pair.train_speed, flipped=flipped, more=True)
    if pair.memory is not None:
        yield _cost_claim(4, pair.memory, flipped=flipped, more=False)
    metric = gru.quality.metric
    yield _counts(pair, gru) if metric_named(metric).counting else _similar(pair, metric, decimals)


def _cost_claim(number: int, pair: RatioPair, *, flipped: bool, more: bool) -> Claim:
    """A claim that GRU is ahead on a cost; `more` when a greater ratio is ahead."""
    ratio = 1 / pair.ratio if flipped else pair.ratio
    ahead = (ratio > 1) == more
    verdicts: dict[str, ClaimVerdict] = {"equivalent": "equivalent", "undecided": "undecided"}
    verdict = verdicts.get(pair.verdict, "supported" if ahead else "refuted")
    evidence = f"{fixed(ratio, 2)} × LSTM's"
    if pair.same_path_ratio is not None:
        same = 1 / pair.same_path_ratio if flipped else pair.same_path_ratio
        evidence += f"; {fixed(same, 2)} × on the same kernel path"
        if verdict in ("supported", "refuted") and _another_on_the_same_path(pair):
            verdict = "depends"
    return claim(number, verdict, evidence)


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


def _similar(pair: Pair, metric: str, decimals: int) -> Claim:
    """Claim 5: equivalence supports it, and only a difference beyond the margin refutes it."""
    quality = pair.quality
    evidence = "not measured"
    if quality.solved is not None:
        evidence = f"{quality.solved.a} of {quality.solved.seeds} seeds solved against {quality.solved.b}"
    elif quality.difference is not None:
        evidence = difference_words(quality.difference, quality.shown, metric, decimals=decimals)
    evidence += level(quality.level) if quality.shown else ""
    verdict: ClaimVerdict = "supported" if quality.verdict == "equivalent" else "undecided"
    if quality.verdict in ("better", "worse"):
        beyond = quality.meaningful or quality.solved is not None  # solve rates have no margin of a score
        verdict = "refuted" if beyond else "undecided"
        evidence += "" if beyond else ", a difference, though maybe too small to matter"
    found = claim(5, verdict, f"{called(pair.a)} − {called(pair.b)}: {evidence}")
    if quality.solved is None:
        return found
    return found.model_copy(update={"claim": "both solve the task in as many seeds"})


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
        return claim(8, verdicts[quality.verdict], "generalisation to longer strings was not scored")
    lstm, other = (solved.b, solved.a) if gru_is_a else (solved.a, solved.b)
    told = f"LSTM generalises to longer strings in {lstm} of {solved.seeds} seeds, GRU in {other}"
    return claim(8, verdicts[quality.verdict], f"{told}; exact paired p = {fixed(solved.p_value, 3)}")
