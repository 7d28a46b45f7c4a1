"""What a sweep says about the guide's claims on length and on the amount of data."""

from collections.abc import Iterator, Sequence

from seqcli.experiments.claims.catalogue import bracketed, claim, mirrored, signed, towards
from seqcli.results.compare import Claim, Comparison, Pair, SolvedPair
from seqcli.results.measurements import Interval
from seqcli.results.sweep import SweepCurve, SweepPair

GROWING: dict[str, int] = {"length": 6, "task.length": 6, "train_size": 7}
"""Claims that LSTM gains on GRU as a setting grows."""


def check_sweep(
    setting: str, curves: Sequence[SweepCurve], pairs: Sequence[SweepPair], points: Sequence[Comparison]
) -> list[Claim]:
    """The claims that a sweep along this setting can speak to."""
    models = {model.label: model for model in points[-1].models}
    found = []
    for pair in pairs:
        names = {models[label].name: label for label in (pair.a, pair.b)}
        if set(names) == {"lstm", "gru"} and setting in GROWING:
            found.append(_gains(GROWING[setting], pair, names["lstm"]))
        attention = {label: models[label].settings.get("attention") for label in (pair.a, pair.b)}
        if setting in ("length", "task.length") and set(names) == {"seq2seq"}:
            found.extend(_bottleneck(pair, attention, curves, points[-1]))
    return found


def _gains(number: int, pair: SweepPair, lstm: str) -> Claim:
    """LSTM's slope less GRU's is above 0; on tasks that are solved or not, it solves more runs."""
    sign = 1 if pair.a == lstm else -1
    if pair.solved is not None:
        return _solves(number, pair, pair.solved, lstm_is_a=sign > 0)
    verdict = towards(pair.verdict, positive_supports=sign > 0)
    if pair.difference is None:
        return claim(number, "undecided", "not measured")
    told = f"LSTM − GRU changes by {signed(100 * sign * pair.difference)} points per doubling"
    return claim(number, verdict, told + bracketed(_seen(pair.ci95, sign)))


def _solves(number: int, pair: SweepPair, solved: SolvedPair, *, lstm_is_a: bool) -> Claim:
    """Who solves more runs; where that is not decided, who solves them in fewer steps."""
    lstm, gru = (solved.a, solved.b) if lstm_is_a else (solved.b, solved.a)
    told = f"LSTM solves {lstm} of {solved.seeds} runs over all values, GRU {gru} (p = {solved.p_value:.2g})"
    verdict = towards(pair.verdict, positive_supports=lstm_is_a)
    sooner = pair.sooner
    if sooner is None:
        return claim(number, verdict, told)
    lstm, gru = (sooner.a, sooner.b) if lstm_is_a else (sooner.b, sooner.a)
    told += f"; LSTM in fewer steps in {lstm}, GRU in {gru} (p = {sooner.p_value:.2g})"
    if verdict == "undecided":
        verdict = towards(sooner.verdict, positive_supports=lstm_is_a)
    return claim(number, verdict, told)


def _seen(interval: Interval | None, sign: int) -> Interval | None:
    """The interval of a difference as the model sees it that is a (sign 1) or b (−1)."""
    return mirrored(interval) if sign < 0 else interval


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
    shown = [
        f"at length {halves[label]:.0f}" if halves[label] else "not reached" for label in (blind[0], sighted)
    ]
    yield claim(
        11,
        towards(pair.verdict, positive_supports=not a_is_blind),
        f"without attention {signed(100 * sign * pair.difference)} points per doubling of length"
        f"{bracketed(_seen(pair.ci95, sign))} against the model with it;"
        f" half the short score {shown[0]}, with attention {shown[1]}",
        of=blind[0],
    )
    last = next((p for p in longest.pairs if {p.a, p.b} == {pair.a, pair.b}), None)
    if last is not None and last.quality.difference is not None:
        yield _overcomes(last, sighted)


def _overcomes(pair: Pair, sighted: str) -> Claim:
    """Claim 12: at the greatest length the model with attention is ahead."""
    sign = 1 if pair.a == sighted else -1
    quality = pair.quality
    told = f"{signed(100 * sign * (quality.difference or 0))} points at the greatest length"
    return claim(
        12,
        towards(quality.verdict, positive_supports=sign > 0),
        told + bracketed(_seen(quality.ci95, sign)),
        of=sighted,
    )
