"""The recommended model, only as far as the evidence goes."""

from collections.abc import Callable, Sequence
from math import exp

from seqcli.data.kind import metric_named
from seqcli.results.common import MIRRORED, ClaimVerdict, JointVerdict, Verdict
from seqcli.results.compare import Baseline, Comparison, ModelResult, Recurrence, TaskFacts
from seqcli.results.compared_pairs import Agreement, Pair
from seqcli.results.recommendation import (
    MAJORITY,
    ContradictionFact,
    CostFact,
    EverywhereFact,
    Lack,
    QualityFact,
    RealTime,
    Recommendation,
    RecurrenceFact,
    RecurrenceVerdict,
    RuleFact,
    TrendFact,
)
from seqcli.results.sweep import SweepPair
from seqcli.statistics.student import COST_MARGIN

LEAST = 2.0
"""Below so many steps on average a sequence has no order to go by: mostly a file that was read wrongly."""

SHORT = 100
"""Up to so many steps on average a sequence counts as short."""

LITTLE = 25_000
"""Up to so many training examples count as little data."""


def rule_fact(task: TaskFacts, models: Sequence[ModelResult], pairs: Sequence[Pair]) -> list[RuleFact]:
    """The guide's rule for data of this length and size, and whether it holds; [] without LSTM and GRU."""
    both = [model for model in models if model.name in ("lstm", "gru")]
    if sorted(model.name for model in both) != ["gru", "lstm"] or task.length_mean is None:
        return []
    if task.length_mean < LEAST:
        return []
    pair = next((pair for pair in pairs if {pair.a, pair.b} == {model.label for model in both}), None)
    if pair is None:
        return []
    by_name = {model.name: model for model in both}
    by_length = "gru" if task.length_mean <= SHORT else "lstm"
    by_size = "gru" if task.train <= LITTLE else "lstm"
    # Where the two rules name different models, the guide itself says nothing that could be tested.
    verdict = _verdict_for(by_name[by_length], pair, pair.quality.verdict) if by_length == by_size else None
    return [
        RuleFact(
            length_mean=task.length_mean,
            length_limit=SHORT,
            train=task.train,
            train_limit=LITTLE,
            by_length=by_length,
            by_size=by_size,
            verdict=verdict,
            real_time=_real_time(by_name["gru"], by_name["lstm"], pair),
        )
    ]


def _real_time(gru: ModelResult, lstm: ModelResult, pair: Pair) -> RealTime | None:
    """The rule for real time, where one prediction was timed."""
    if gru.latency is None or lstm.latency is None or pair.latency is None:
        return None
    open_or_equal: dict[Verdict, ClaimVerdict] = {"equivalent": "equivalent", "undecided": "undecided"}
    measured: ClaimVerdict = "supported" if gru.latency.p50 < lstm.latency.p50 else "refuted"
    return RealTime(
        gru_ms=gru.latency.p50,
        lstm_ms=lstm.latency.p50,
        verdict=open_or_equal.get(pair.latency.verdict, measured),
    )


def what_recurrence_buys(baselines: Sequence[Baseline], *, higher_is_better: bool) -> Recurrence | None:
    """Return the joint verdict against the baselines; None where no model was compared with one."""
    sign = 1 if higher_is_better else -1
    judged = [base for base in baselines if base.against and base.quality.mean is not None]
    if not judged:
        return None
    best = max(judged, key=lambda base: sign * (base.quality.mean or 0.0))
    verdicts = [_verdicts(base) for base in judged]
    better = [label for label in verdicts[0] if all(against.get(label) == "better" for against in verdicts)]
    return Recurrence(
        baseline=best.name,
        label=best.label,
        level=best.quality.mean or 0.0,
        better=better,
        verdict="pays" if better else _without_gain(list(_verdicts(best).values())),
        majority=next((_unbeaten(base) for base in judged if base.name == MAJORITY), None),
    )


def _verdicts(baseline: Baseline) -> dict[str, Verdict]:
    return {pair.a: pair.quality.verdict for pair in baseline.against}


def _without_gain(against_best: Sequence[Verdict]) -> RecurrenceVerdict:
    # Of no verdicts `all` is true: `against_best` is never empty, for a baseline without any is left out.
    if all(verdict == "worse" for verdict in against_best):
        return "costs"
    return "equivalent" if set(against_best) <= {"equivalent", "worse"} else "undecided"


def _unbeaten(majority: Baseline) -> float | None:
    """Return the score of the majority class, where no model is shown to be better than it, else None.

    A single run has no interval over seeds, so that it is no evidence that nothing was learnt either.
    """
    known = [pair.quality for pair in majority.against if pair.quality.interval is not None]
    beaten = any(quality.verdict == "better" for quality in known)
    return majority.quality.mean if len(known) == len(majority.against) and not beaten else None


def recommend(
    models: Sequence[ModelResult],
    pairs: Sequence[Pair],
    recurrence: Recurrence | None,
    agreements: Sequence[Agreement] = (),
    *,
    task: TaskFacts,
    fresh_seed: int,
) -> Recommendation:
    """A model that is shown to be better than all others, or the smallest of equivalent ones; else none.

    Args:
        models: What was compared, under the first protocol.
        pairs: Its verdicts.
        recurrence: What it buys over methods without it.
        agreements: What all protocols say of each pair, where there were several; they outrank the first.
        task: What the data is like, for the guide's rules.
        fresh_seed: The first of the seeds that a fresh run would take.
    """
    models, controls = [model for model in models if not model.is_control], _controls(models)
    pairs = [pair for pair in pairs if not controls & {pair.a, pair.b}]
    agreements = [agreement for agreement in agreements if not controls & {agreement.a, agreement.b}]
    joint = {(agreement.a, agreement.b): agreement.verdict for agreement in agreements}
    contradicted = [agreement for agreement in agreements if agreement.verdict == "depends"]
    # One contradicted pair is enough: a model named all the same would be the first protocol's alone.
    if contradicted:
        contradictions = [
            ContradictionFact(a=agreement.a, b=agreement.b, verdicts=dict(agreement.verdicts))
            for agreement in contradicted
        ]
        return Recommendation(model=None, facts=[*contradictions, *_cheaper(models, pairs)])
    pairs = [_with_verdict(pair, joint.get((pair.a, pair.b))) for pair in pairs]
    if len(models) < 2:
        return Recommendation(model=None, facts=_recurrence(models, recurrence))
    winner, quality = _standing(models, pairs, fresh_seed)
    gains = recurrence is None or (
        recurrence.verdict not in ("equivalent", "costs") and recurrence.majority is None
    )
    return Recommendation(
        model=winner.label if winner and gains else None,  # none where a simpler method does as well
        facts=[
            quality,
            *_cheaper(models, pairs),
            *rule_fact(task, models, pairs),
            *_recurrence(models, recurrence),
        ],
    )


def _controls(models: Sequence[ModelResult]) -> set[str]:
    """The labels of controls, which nobody is to take."""
    return {model.label for model in models if model.is_control}


def _standing(
    models: Sequence[ModelResult], pairs: Sequence[Pair], fresh_seed: int
) -> tuple[ModelResult | None, QualityFact]:
    """The model to take by quality, if one is, and how all of them stand in it."""
    verdict: Verdict = "better"
    winner, lack = _ahead_of_all(models, pairs, lambda pair: pair.quality.verdict), None
    if winner is None and all(pair.quality.verdict == "equivalent" for pair in pairs):
        winner, verdict = _smallest(models), "equivalent"
    elif winner is None:
        verdict, lack = "undecided", _what_would_decide(pairs, fresh_seed)
    quality = models[0].quality
    return winner, QualityFact(
        metric=quality.metric,
        solved=quality.solved is not None,
        verdict=verdict,
        model=winner.label if winner else None,
        lack=lack,
    )


def _with_verdict(pair: Pair, verdict: JointVerdict | None) -> Pair:
    """The pair with what all protocols say of it, where there were several."""
    if verdict is None:
        return pair
    return pair.model_copy(update={"quality": pair.quality.model_copy(update={"verdict": verdict})})


def recommend_sweep(setting: str, pairs: Sequence[SweepPair], points: Sequence[Comparison]) -> Recommendation:
    """The model that is recommended at every value, if there is one, and what the setting changes."""
    chosen = {point.recommendation.model for point in points}
    model = chosen.pop() if len(chosen) == 1 else None
    everywhere = [] if model is None else [EverywhereFact(setting=setting, model=model)]
    return Recommendation(model=model, facts=[*everywhere, *(_trend(setting, pair) for pair in pairs)])


def _trend(setting: str, pair: SweepPair) -> TrendFact:
    """Return the effect of a growing setting on one pair."""
    return TrendFact(
        setting=setting,
        a=pair.a,
        b=pair.b,
        verdict=pair.verdict,
        crossing=pair.crossing,
        solved_a=pair.solved.a if pair.solved else None,
        solved_b=pair.solved.b if pair.solved else None,
        runs=pair.solved.seeds if pair.solved else None,
    )


def _verdict_for(model: ModelResult, pair: Pair, verdict: Verdict) -> Verdict:
    """A pair's verdict seen from one of its models."""
    return verdict if pair.a == model.label else MIRRORED[verdict]


def _ahead_of_all(
    models: Sequence[ModelResult], pairs: Sequence[Pair], verdict: Callable[[Pair], Verdict]
) -> ModelResult | None:
    """The model that is shown to be better than every other one, if there is one."""
    for model in models:
        its_own = [pair for pair in pairs if model.label in (pair.a, pair.b)]
        wins = [_verdict_for(model, pair, verdict(pair)) == "better" for pair in its_own]
        # With --reference not all pairs are judged: who was not held against all others is not ahead of all.
        if len(wins) == len(models) - 1 and all(wins):
            return model
    return None


def _what_would_decide(pairs: Sequence[Pair], first: int) -> Lack | None:
    """Return the data that undecided pairs lack; None where none is, or nobody can say."""
    undecided = [pair.quality for pair in pairs if pair.quality.verdict == "undecided"]
    if not undecided:
        return None
    solved = any(quality.solved is not None for quality in undecided)
    known = [quality.seeds_needed for quality in undecided if quality.seeds_needed is not None]
    if solved:
        return Lack(what="like these", count=max(known), first_seed=first) if known else None
    # Before seeds are counted: no number of them follows from a spread that is not known.
    if any(quality.ci95 is None for quality in undecided):
        unmeasured = any(quality.difference is None for quality in undecided)
        return Lack(what="finished" if unmeasured else "spread")
    # Before seeds too: where the test set is too small, more seeds decide nothing.
    examples = max(quality.examples_needed or 0 for quality in undecided)
    if examples > 0:
        return Lack(what="examples", count=examples)
    if len(known) < len(undecided):
        return Lack(what="rows" if any(quality.limit == "rows" for quality in undecided) else "budget")
    most = max(undecided, key=lambda quality: quality.seeds_needed or 0)
    return Lack(what="seeds", count=max(known), first_seed=first, plausible=most.seeds_needed_range)


def _cheaper(models: Sequence[ModelResult], pairs: Sequence[Pair]) -> list[CostFact]:
    """Return the savings that are shown: exact for sizes, measured for speed; [] where nothing is."""
    smallest = _smallest(models)
    fastest = _ahead_of_all(
        models, pairs, lambda pair: pair.train_speed.verdict if pair.train_speed else "undecided"
    )
    if smallest is None and fastest is None:
        return []
    return [
        CostFact(
            smallest=smallest.label if smallest else None,
            fastest=fastest.label if fastest else None,
        )
    ]


def _smallest(models: Sequence[ModelResult]) -> ModelResult | None:
    """The model with fewer parameters in all than every other by more than the margin, if one is."""
    # The two smallest are enough: what is beyond the margin of the next is so of all others.
    ranked = sorted(models, key=lambda model: model.parameters.total)
    sizes = [model.parameters.total for model in ranked[:2]]
    return ranked[0] if len(sizes) == 2 and sizes[1] > sizes[0] * exp(COST_MARGIN) else None


def _recurrence(models: Sequence[ModelResult], recurrence: Recurrence | None) -> list[RecurrenceFact]:
    """Return the gain of recurrence over the best method without it; [] where nothing was scored."""
    if recurrence is None:
        return []
    ahead = [model for model in models if model.label in recurrence.better] or models
    scores = [model.quality.mean for model in ahead if model.quality.mean is not None]
    if not scores:
        return []
    metric = ahead[0].quality.metric
    return [
        RecurrenceFact(
            baseline=recurrence.baseline,
            label=recurrence.label,
            level=recurrence.level,
            reached=max(scores) if metric_named(metric).higher_is_better else min(scores),
            metric=metric,
            verdict=recurrence.verdict,
            majority=recurrence.majority,
        )
    ]
