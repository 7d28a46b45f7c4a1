"""Which model to use, said only as far as the evidence goes."""

from collections.abc import Callable, Sequence
from math import exp
from typing import Literal

from seqcli.data.score_words import decimals_to, difference_words, fixed, score_text
from seqcli.experiments.protocol import PROTOCOLS
from seqcli.models.spec import called
from seqcli.results.common import MIRRORED, JointVerdict, Verdict
from seqcli.results.compare import (
    Agreement,
    Baseline,
    Comparison,
    ModelResult,
    Pair,
    Recommendation,
    Recurrence,
    TaskFacts,
)
from seqcli.results.sweep import SweepPair
from seqcli.results.wording import seed_range
from seqcli.statistics.student import COST_MARGIN

LEAST = 2.0
"""Below so many steps on average a sequence has no order to go by: mostly a file that was read wrongly."""

SHORT = 100
"""Up to so many steps on average a sequence counts as short."""

LITTLE = 25_000
"""Up to so many training examples count as little data."""


def rule_sentence(task: TaskFacts, models: Sequence[ModelResult], pairs: Sequence[Pair]) -> list[str]:
    """The guide's rule for data of this length and size, and whether it holds; [] without LSTM and GRU."""
    both = [model for model in models if model.name in ("lstm", "gru")]
    if sorted(model.name for model in both) != ["gru", "lstm"] or task.length_mean is None:
        return []
    if task.length_mean < LEAST:
        return []
    pair = next((pair for pair in pairs if {pair.a, pair.b} == {model.label for model in both}), None)
    if pair is None:
        return []
    told, rule = _rule(task, task.length_mean)
    by_name = {model.name: model for model in both}
    told += _borne_out(rule, by_name[rule].label, pair) if rule else ""
    return ["; ".join((told, *_real_time(by_name["gru"], by_name["lstm"], pair))) + "."]


def _rule(task: TaskFacts, length: float) -> tuple[str, str | None]:
    """The rule in words, and the model it names: None where length and size of the data speak for two."""
    short, little = length <= SHORT, task.train <= LITTLE
    steps = f"{'short' if short else 'long'} sequences ({length:,.0f} steps, the limit taken is {SHORT})"
    data = f"{'little' if little else 'much'} data ({task.train:,} examples, limit {LITTLE:,})"
    if short == little:
        rule = "gru" if short else "lstm"
        return f"For {steps} and {data} the guide's rule is {rule.upper()}", rule
    by_length, by_size = ("GRU", "LSTM") if short else ("LSTM", "GRU")
    return f"The guide's rules differ: {steps} speak for {by_length}, {data} for {by_size}", None


def _borne_out(rule: str, label: str, pair: Pair) -> str:
    """Whether the quality measured supports the rule."""
    verdict = pair.quality.verdict
    verdict = verdict if pair.a == label else MIRRORED[verdict]
    return {
        "better": ", which these measurements support",
        "worse": f", which these measurements refute ({rule.upper()} is worse here)",
        "equivalent": ", which makes no difference in quality here",
        "undecided": ", which these measurements leave open",
    }[verdict]


def _real_time(gru: ModelResult, lstm: ModelResult, pair: Pair) -> list[str]:
    """The rule for real time, where one prediction was timed."""
    if gru.latency is None or lstm.latency is None or pair.latency is None:
        return []
    holds = {
        "equivalent": "makes no difference here",
        "undecided": "these measurements leave open",
    }.get(pair.latency.verdict, "holds here" if gru.latency.p50 < lstm.latency.p50 else "does not hold here")
    times = f"GRU answers one sequence in {gru.latency.p50:.2f} ms, LSTM in {lstm.latency.p50:.2f} ms"
    return [f"for real time it is GRU, which {holds} ({times})"]


MAJORITY = "majority"
"""The baseline that has learnt nothing but which class is frequent."""


def what_recurrence_buys(baselines: Sequence[Baseline], *, higher_is_better: bool) -> Recurrence | None:
    """What the verdicts against the baselines say together; None where no model was held against one."""
    sign = 1 if higher_is_better else -1
    judged = [base for base in baselines if base.against and base.quality.mean is not None]
    if not judged:
        return None
    best = max(judged, key=lambda base: sign * (base.quality.mean or 0.0))
    verdicts = [_verdicts(base) for base in judged]
    better = [label for label in verdicts[0] if all(found.get(label) == "better" for found in verdicts)]
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


def _without_gain(against_best: Sequence[Verdict]) -> Literal["equivalent", "costs", "undecided"]:
    if all(verdict == "worse" for verdict in against_best):
        return "costs"
    return "equivalent" if set(against_best) <= {"equivalent", "worse"} else "undecided"


def _unbeaten(majority: Baseline) -> float | None:
    """What the majority class reaches, where no model is shown to be better than it, else None.

    A single run has no interval over seeds, so that it is no evidence that nothing was learnt either.
    """
    known = [pair.quality for pair in majority.against if pair.quality.interval is not None]
    shown = any(quality.verdict == "better" for quality in known)
    return majority.quality.mean if len(known) == len(majority.against) and not shown else None


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
    joint = {(one.a, one.b): one.verdict for one in agreements}
    contradicted = [one for one in agreements if one.verdict == "depends"]
    if contradicted:
        return Recommendation(
            model=None,
            because=[
                *map(_contradiction, contradicted),
                *(_sentence([told]) for told in _cheaper(models, pairs)),
            ],
        )
    pairs = [_with_verdict(pair, joint.get((pair.a, pair.b))) for pair in pairs]
    if len(models) < 2:
        return Recommendation(model=None, because=_recurrence(models, recurrence))
    quality = models[0].quality
    metric = quality.metric.replace("_", " ") if quality.solved is None else "seeds solved"
    winner = _ahead_of_all(models, pairs, lambda pair: pair.quality.verdict)
    if winner is not None:
        told = [f"{spoken(winner)} is better in {metric} than every other model here"]
    elif all(pair.quality.verdict == "equivalent" for pair in pairs):
        winner = _smallest(models)
        which = "the smallest" if winner else "any of them"
        told = [f"the models are equivalent in {metric}, so {which} will do"]
    else:
        told = [": ".join((f"no clear winner in {metric}", *_what_would_decide(pairs, fresh_seed)))]
    gains = recurrence is None or (
        recurrence.verdict not in ("equivalent", "costs") and recurrence.majority is None
    )
    return Recommendation(
        model=winner.label if winner and gains else None,  # none where a simpler method does as well
        because=[
            _sentence([*told, *_cheaper(models, pairs)]),
            *rule_sentence(task, models, pairs),
            *_recurrence(models, recurrence),
        ],
    )


def _sentence(told: Sequence[str]) -> str:
    text = "; ".join(told)
    return f"{text[0].upper()}{text[1:]}."


def _with_verdict(pair: Pair, verdict: JointVerdict | None) -> Pair:
    """The pair with what all protocols say of it, where there were several."""
    if verdict is None:
        return pair
    return pair.model_copy(update={"quality": pair.quality.model_copy(update={"verdict": verdict})})


def _contradiction(agreement: Agreement) -> str:
    """As in 'It depends on the protocol: at equal width GRU is better than LSTM, at equal FLOPs worse'."""
    told = [
        f"at {PROTOCOLS.get(match).words} {called(agreement.a)} is {_against(verdict, agreement.b)}"
        for match, verdict in agreement.verdicts.items()
    ]
    return f"It depends on the protocol: {', '.join(told)}."


def _against(verdict: Verdict, other: str) -> str:
    if verdict == "undecided":
        return f"not decided against {called(other)}"
    return f"equivalent to {called(other)}" if verdict == "equivalent" else f"{verdict} than {called(other)}"


def recommend_sweep(setting: str, pairs: Sequence[SweepPair], points: Sequence[Comparison]) -> Recommendation:
    """The model that is recommended at every value, if there is one, and what the setting changes."""
    chosen = {point.recommendation.model for point in points}
    model = chosen.pop() if len(chosen) == 1 else None
    told = [] if model is None else [f"{called(model)} at every {setting} tried."]
    return Recommendation(
        model=model, because=[*told, *(sentence for pair in pairs for sentence in _trend(setting, pair))]
    )


def _trend(setting: str, pair: SweepPair) -> list[str]:
    """What a growing setting does to one pair, in a sentence or two."""
    a, b = called(pair.a), called(pair.b)
    if pair.solved is not None:
        counts = (
            f"{a} solves {pair.solved.a} of {pair.solved.seeds} runs over all values, {b} {pair.solved.b}"
        )
        undecided = "; that does not decide it." if pair.verdict == "undecided" else "."
        return [counts + undecided]
    if pair.verdict == "undecided":
        return [f"Whether a greater {setting} favours {a} or {b} is not decided by these seeds."]
    if pair.verdict == "equivalent":
        return [f"A greater {setting} favours neither {a} nor {b}."]
    ahead, behind = (a, b) if pair.verdict == "better" else (b, a)
    sentence = f"A greater {setting} favours {ahead} over {behind}"
    if pair.crossing is None:
        return [sentence + "."]
    return [f"{sentence}: their lines cross at {fixed(pair.crossing, decimals_to(pair.crossing, 3))}."]


def spoken(model: ModelResult) -> str:
    """A model's label as people say it: 'GRU', 'GRU hidden=148'."""
    return called(model.label)


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
        if len(wins) == len(models) - 1 and all(wins):
            return model
    return None


def _what_would_decide(pairs: Sequence[Pair], first: int) -> list[str]:
    undecided = [pair.quality for pair in pairs if pair.quality.verdict == "undecided"]
    if not undecided:
        return []
    solved = any(quality.solved is not None for quality in undecided)
    known = [quality.seeds_needed for quality in undecided if quality.seeds_needed is not None]
    if solved:
        like = "would decide it if they go on like these"
        return [f"a fresh --seeds {seed_range(first, max(known))} {like}"] if known else []
    if any(quality.ci95 is None for quality in undecided):
        unmeasured = any(quality.difference is None for quality in undecided)
        failed = "a model without a finished seed cannot be compared"
        return [failed if unmeasured else "one seed tells nothing of the spread, run more to decide it"]
    examples = max(quality.examples_needed or 0 for quality in undecided)
    if examples > 0:
        return [f"test examples are too few to decide it: about {examples:,} would do"]
    if len(known) < len(undecided):
        return ["it is not decidable at this budget, the seeds differ too much among themselves"]
    return [f"a fresh --seeds {seed_range(first, max(known))} would decide it at the observed spread"]


def _cheaper(models: Sequence[ModelResult], pairs: Sequence[Pair]) -> list[str]:
    """What is shown to be cheaper: exact for sizes, measured for speed."""
    smallest = _smallest(models)
    fastest = _ahead_of_all(
        models, pairs, lambda pair: pair.train_speed.verdict if pair.train_speed else "undecided"
    )
    if smallest is not None and smallest is fastest:
        return [f"{spoken(smallest)} is the smallest and trains fastest on this machine"]
    told = [f"{spoken(smallest)} is the smallest"] if smallest else []
    told += [f"{spoken(fastest)} trains fastest on this machine"] if fastest else []
    return [", ".join(told)] if told else []


def _smallest(models: Sequence[ModelResult]) -> ModelResult | None:
    """The model with fewer parameters in all than every other by more than the margin, if one is."""
    ranked = sorted(models, key=lambda model: model.parameters.total)
    sizes = [model.parameters.total for model in ranked[:2]]
    return ranked[0] if len(sizes) == 2 and sizes[1] > sizes[0] * exp(COST_MARGIN) else None


def _recurrence(models: Sequence[ModelResult], found: Recurrence | None) -> list[str]:
    """What recurrence buys over the best method without it, in a sentence, as far as it is decided."""
    if found is None:
        return []
    name = "the majority class" if found.baseline == "majority" else f"a {found.label}"
    title = name[0].upper() + name[1:]
    ahead = [model for model in models if model.label in found.better] or models
    scores = [model.quality.mean for model in ahead if model.quality.mean is not None]
    if not scores:
        return []
    best = max(scores)
    metric = ahead[0].quality.metric
    level, reached = score_text(found.level, metric), score_text(best, metric)
    shares = f"{level} against {reached}"
    if found.majority is not None:
        learnt = "Nothing learnt" if best <= found.majority else "Nothing is shown to be learnt"
        told = [f"{learnt}: {reached} against {score_text(found.majority, metric)} for the majority class."]
        return told if found.baseline == "majority" else [*told, *_verdict_sentence(found, title, shares)]
    if found.verdict == "pays":
        gain = difference_words(abs(best - found.level), None, metric).lstrip("+")
        return [f"Recurrence buys {gain} over {name} ({level})."]
    return _verdict_sentence(found, title, shares)


def _verdict_sentence(found: Recurrence, title: str, shares: str) -> list[str]:
    if found.verdict == "equivalent":
        return [f"{title} does as well ({shares}): recurrence buys nothing here."]
    if found.verdict == "costs":
        return [f"{title} does better ({shares}): recurrence does not pay here."]
    return [f"Nothing is shown of recurrence against {title[0].lower()}{title[1:]} ({shares})."]
