"""The sentences of a recommendation, made of its facts."""

from collections.abc import Callable, Mapping
from typing import Any

from seqcli.data.kind import metric_named
from seqcli.data.score_words import difference_words, score_text
from seqcli.models.spec import called
from seqcli.reports.words.comparison_words import matched
from seqcli.results.common import ClaimVerdict, Verdict
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
    RuleFact,
    TrendFact,
)
from seqcli.results.wording import decimals_to, fixed, plausible_seeds, seed_range

BORNE_OUT: Mapping[Verdict, str] = {
    "better": ", which these measurements support",
    "worse": ", which these measurements refute ({} is worse here)",
    "equivalent": ", which makes no difference in quality here",
    "undecided": ", which these measurements leave open",
}
IN_REAL_TIME: Mapping[ClaimVerdict, str] = {
    "supported": "holds here",
    "refuted": "does not hold here",
    "equivalent": "makes no difference here",
    "undecided": "these measurements leave open",
}


def sentences(recommendation: Recommendation) -> list[str]:
    """Return the reasons in sentences; the stored ones where an earlier version kept no facts."""
    if not recommendation.facts:
        return recommendation.because
    lines: list[str] = []
    before: object = None
    for fact in recommendation.facts:
        if isinstance(before, QualityFact) and isinstance(fact, CostFact):
            lines[-1] = f"{lines[-1].removesuffix('.')}; {_cost(fact)}."  # one sentence on what to take
        else:
            lines += _SAID[type(fact)](fact)
        before = fact
    return lines


def _begun(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _quality(fact: QualityFact) -> list[str]:
    metric = "seeds solved" if fact.solved else fact.metric
    if fact.verdict == "equivalent":
        choice = "the smallest" if fact.model else "any of them"
        return [_begun(f"the models are equivalent in {metric}, so {choice} will do")]
    if fact.model is not None:
        return [_begun(f"{called(fact.model)} is better in {metric} than every other model here")]
    return [
        _begun(
            ": ".join((f"no clear winner in {metric}", *([] if fact.lack is None else [_lack(fact.lack)])))
        )
    ]


def _lack(lack: Lack) -> str:
    """Return the data that would decide it."""
    seeds = f"a fresh --seeds {seed_range(lack.first_seed or 0, lack.count or 0)} would decide it"
    return {
        "seeds": f"{seeds} at the observed spread{plausible_seeds(lack.plausible)}",
        "like these": f"{seeds} if they go on like these",
        "examples": f"test examples are too few to decide it: about {lack.count or 0:,} would do",
        "spread": "one seed shows no spread; run more to decide it",
        "finished": "a model without a finished seed cannot be compared",
        "rows": "the rows are too few to decide it, and more seeds of the same folds would not",
        "budget": "it cannot be decided at this budget, because the seeds differ too much from each other",
    }[lack.what]


def _cost(fact: CostFact) -> str:
    if fact.smallest is not None and fact.smallest == fact.fastest:
        return f"{called(fact.smallest)} is the smallest and trains fastest on this machine"
    clauses = [f"{called(fact.smallest)} is the smallest"] if fact.smallest else []
    clauses += [f"{called(fact.fastest)} trains fastest on this machine"] if fact.fastest else []
    return ", ".join(clauses)


def _rule(fact: RuleFact) -> list[str]:
    """The guide's rule for such data, and whether it holds."""
    long = "short" if fact.length_mean <= fact.length_limit else "long"
    amount = "little" if fact.train <= fact.train_limit else "much"
    steps = f"{long} sequences ({fixed(fact.length_mean, 0)} steps, the limit taken is {fact.length_limit})"
    data = f"{amount} data ({fact.train:,} examples, limit {fact.train_limit:,})"
    by_length, by_size = called(fact.by_length), called(fact.by_size)
    if fact.verdict is None:
        rule = f"The guide's rules differ: {steps} favour {by_length}, {data} for {by_size}"
    else:
        rule = f"For {steps} and {data} the guide's rule is {by_length}"
        rule += BORNE_OUT[fact.verdict].format(by_length)
    return ["; ".join((rule, *([] if fact.real_time is None else [_real_time(fact.real_time)]))) + "."]


def _real_time(real_time: RealTime) -> str:
    gru, lstm = fixed(real_time.gru_ms, 2), fixed(real_time.lstm_ms, 2)
    times = f"GRU answers one sequence in {gru} ms, LSTM in {lstm} ms"
    return f"for real time it is GRU, which {IN_REAL_TIME[real_time.verdict]} ({times})"


def _contradiction(fact: ContradictionFact) -> list[str]:
    """As in 'It depends on the protocol: at equal width GRU is better than LSTM, at equal FLOPs worse'."""
    clauses = [
        f"at {matched(match)} {called(fact.a)} is {_against(verdict, called(fact.b))}"
        for match, verdict in fact.verdicts.items()
    ]
    return [f"It depends on the protocol: {', '.join(clauses)}."]


def _against(verdict: Verdict, other: str) -> str:
    if verdict == "undecided":
        return f"not decided against {other}"
    return f"equivalent to {other}" if verdict == "equivalent" else f"{verdict} than {other}"


def _recurrence(fact: RecurrenceFact) -> list[str]:
    """Return the gain of recurrence over the best method without it, as far as it is decided."""
    level, reached = score_text(fact.level, fact.metric), score_text(fact.reached, fact.metric)
    name = f"{'the' if fact.baseline == MAJORITY else 'a'} {fact.label}"
    shares = f"{level} against {reached}"
    if fact.majority is not None:
        up = metric_named(fact.metric).higher_is_better
        above = fact.reached > fact.majority if up else fact.reached < fact.majority
        learnt = "Nothing is shown to be learnt" if above else "Nothing learnt"
        sentence = (
            f"{learnt}: {reached} against {score_text(fact.majority, fact.metric)} for the majority class."
        )
        return [sentence] if fact.baseline == MAJORITY else [sentence, _without_gain(fact, name, shares)]
    if fact.verdict == "pays":
        gain = difference_words(abs(fact.reached - fact.level), None, fact.metric).lstrip("+")
        return [f"Recurrence gains {gain} over {name} ({level})."]
    return [_without_gain(fact, name, shares)]


def _without_gain(fact: RecurrenceFact, name: str, shares: str) -> str:
    title = name[0].upper() + name[1:]
    if fact.verdict == "equivalent":
        return f"{title} does as well ({shares}): recurrence gains nothing here."
    if fact.verdict == "costs":
        return f"{title} does better ({shares}): recurrence does not pay here."
    return f"No gain from recurrence is shown against {name} ({shares})."


def _everywhere(fact: EverywhereFact) -> list[str]:
    return [f"{called(fact.model)} at every {fact.setting} tried."]


def _trend(fact: TrendFact) -> list[str]:
    """Return the effect of a growing setting on one pair."""
    a, b = called(fact.a), called(fact.b)
    if fact.runs is not None:
        counts = f"{a} solves {fact.solved_a} of {fact.runs} runs over all values, {b} {fact.solved_b}"
        return [counts + ("; that does not decide it." if fact.verdict == "undecided" else ".")]
    if fact.verdict == "undecided":
        return [f"Whether a greater {fact.setting} favours {a} or {b} is not decided by these seeds."]
    if fact.verdict == "equivalent":
        return [f"A greater {fact.setting} favours neither {a} nor {b}."]
    ahead, behind = (a, b) if fact.verdict == "better" else (b, a)
    sentence = f"A greater {fact.setting} favours {ahead} over {behind}"
    if fact.crossing is None:
        return [f"{sentence}."]
    return [f"{sentence}: their lines cross at {fixed(fact.crossing, decimals_to(fact.crossing, 3))}."]


_SAID: Mapping[type, Callable[[Any], list[str]]] = {
    QualityFact: _quality,
    CostFact: lambda fact: [_begun(_cost(fact))],
    RuleFact: _rule,
    ContradictionFact: _contradiction,
    RecurrenceFact: _recurrence,
    EverywhereFact: _everywhere,
    TrendFact: _trend,
}
