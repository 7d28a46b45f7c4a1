"""The verdicts of a sweep on the guide's claims about length and the amount of data."""

from collections.abc import Iterator, Sequence

from seqcli.experiments.catalogue import claim, settled, shown_difference, towards
from seqcli.results.claims import (
    BottleneckFact,
    Claim,
    GrowthFact,
    LongestFact,
    SolvedGrowthFact,
    UnmeasuredFact,
)
from seqcli.results.common import MIRRORED, Verdict
from seqcli.results.compare import Comparison
from seqcli.results.compared_pairs import Pair, SolvedPair
from seqcli.results.sweep import SweepCurve, SweepPair

GROWING: dict[str, int] = {"length": 6, "task.length": 6, "train_size": 7}
"""Claims that LSTM gains on GRU as a setting grows."""


def check_sweep(
    setting: str, curves: Sequence[SweepCurve], pairs: Sequence[SweepPair], points: Sequence[Comparison]
) -> list[Claim]:
    """The claims that a sweep along this setting can speak to."""
    models = {model.label: model for model in points[-1].models}
    claims = []
    for pair in pairs:
        names = {models[label].name: label for label in (pair.a, pair.b)}
        if set(names) == {"lstm", "gru"} and setting in GROWING:
            ends = (_at(points[0], pair), _at(points[-1], pair))
            metric = points[-1].task.metric
            claims.append(_gains(GROWING[setting], pair, names["lstm"], ends, metric=metric))
        attention = {label: models[label].settings.get("attention") for label in (pair.a, pair.b)}
        if setting in ("length", "task.length") and set(names) == {"seq2seq"}:
            claims.extend(_bottleneck(pair, attention, curves, points[-1]))
    return claims


def _at(point: Comparison, pair: SweepPair) -> Pair:
    """The same two models at one value."""
    return next(other for other in point.pairs if {other.a, other.b} == {pair.a, pair.b})


def _gains(number: int, pair: SweepPair, lstm: str, ends: tuple[Pair, Pair], *, metric: str) -> Claim:
    """An interaction: it needs its ends and the trend, each decided (so that none is corrected).

    6: LSTM is ahead at the greatest length, and gains on the way. 7: besides, GRU is ahead at the least
    amount of data. All of it the other way round refutes; anything else leaves the claim open.
    """
    sign = 1 if pair.a == lstm else -1
    if pair.solved is not None and number == 6:
        return _solves(number, pair, pair.solved, lstm_is_a=sign > 0)
    least, greatest = (_seen_from(end, lstm) for end in ends)
    needed = [greatest] if number == 6 else [greatest, MIRRORED[least]]
    if pair.solved is None:
        needed.append(pair.verdict if sign > 0 else MIRRORED[pair.verdict])
    verdict = towards(needed[0] if len(set(needed)) == 1 else "undecided", positive_supports=True)
    if pair.difference is None and not pair.solved:
        return claim(number, "undecided", UnmeasuredFact())
    change = shown_difference(metric, pair.difference, pair.shown, pair.level, sign=sign)
    return claim(number, verdict, GrowthFact(change=change, least=least, greatest=greatest))


def _seen_from(pair: Pair, label: str) -> Verdict:
    verdict = pair.quality.verdict
    return verdict if pair.a == label else MIRRORED[verdict]


def _solves(number: int, pair: SweepPair, solved: SolvedPair, *, lstm_is_a: bool) -> Claim:
    """Return the verdict on lengths solved, one vote a seed; steps needed are told and decide nothing.

    Speed of learning is another matter than how far back a model can reach.
    """

    def lstm_first(a: int, b: int) -> tuple[int, int]:
        return (a, b) if lstm_is_a else (b, a)

    lstm, gru = lstm_first(solved.a, solved.b)
    votes, sooner = pair.votes, pair.sooner
    fact = SolvedGrowthFact(
        lstm=lstm,
        gru=gru,
        runs=solved.seeds,
        votes=lstm_first(votes.a, votes.b) if votes else None,
        seeds=pair.seeds,
        p_value=votes.p_value if votes else None,
        sooner=lstm_first(sooner.a, sooner.b) if sooner else None,
    )
    return claim(number, towards(pair.verdict, positive_supports=lstm_is_a), fact)


def _bottleneck(
    pair: SweepPair, attention: dict[str, object], curves: Sequence[SweepCurve], longest: Comparison
) -> Iterator[Claim]:
    """Claims 11 and 12, of a model without attention beside one with it."""
    blind = [label for label, kind in attention.items() if kind == "none"]
    if len(blind) != 1 or pair.difference is None:
        return
    a_is_blind = pair.a == blind[0]
    sign = 1 if a_is_blind else -1
    halves = {curve.label: curve.l50 for curve in curves}
    sighted = pair.b if a_is_blind else pair.a
    improving = _improving(curves, (pair.a, pair.b))
    last = next((p for p in longest.pairs if {p.a, p.b} == {pair.a, pair.b}), None)
    metric = longest.task.metric
    at_end = "undecided" if last is None else _seen_from(last, pair.a)
    change = shown_difference(metric, pair.difference, pair.shown, pair.level, sign=sign)
    if change is None:
        return
    fact = BottleneckFact(
        change=change,
        half=halves[blind[0]],
        half_with_attention=halves[sighted],
        unit="length",
    )
    whole_way = pair.verdict if at_end == pair.verdict else "undecided"
    eleven = claim(11, towards(whole_way, positive_supports=not a_is_blind), fact, of=blind[0])
    yield settled(eleven, sum(improving), len(improving))
    twelve = None if last is None else _overcomes(last, sighted, metric)
    if twelve is not None:
        at_longest = _improving(curves, (pair.a, pair.b), value=-1)
        yield settled(twelve, sum(at_longest), len(at_longest))


def _improving(
    curves: Sequence[SweepCurve], labels: tuple[str, str], *, value: int | None = None
) -> list[bool]:
    """Return whether each run of two models was still improving, at one value or at all."""
    chosen = slice(None) if value is None else slice(value, None)
    return [
        seed
        for curve in curves
        if curve.label in labels
        for seeds in curve.still_improving[chosen]
        for seed in seeds
        if seed is not None
    ]


def _overcomes(pair: Pair, sighted: str, metric: str) -> Claim | None:
    """Claim 12: at the greatest length the model with attention is ahead; None where nothing was scored."""
    sign = 1 if pair.a == sighted else -1
    quality = pair.quality
    ahead = shown_difference(metric, quality.difference, quality.shown, quality.level, sign=sign)
    if ahead is None:
        return None
    verdict = towards(quality.verdict, positive_supports=sign > 0)
    return claim(12, verdict, LongestFact(ahead=ahead, of="length"), of=sighted)
