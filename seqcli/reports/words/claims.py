"""A claim of the guide in words: its sentence, what the literature found of it, and a run's evidence."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from seqcli.data.score_words import PERCENT, difference_words
from seqcli.errors import UsageError
from seqcli.models.spec import called
from seqcli.reports.numbers import level_suffix
from seqcli.results.claims import (
    BottleneckFact,
    Claim,
    ClippedFact,
    ConstantFact,
    CostRatioFact,
    CountedFact,
    CureFact,
    GatesFact,
    GrowthFact,
    LongestFact,
    Pace,
    ParallelFact,
    SharedStart,
    ShownDifference,
    SimilarFact,
    SizeFact,
    SolvedGrowthFact,
    UnmeasuredFact,
)
from seqcli.results.common import Verdict
from seqcli.results.wording import fixed, p_value_words, share_words, shortest

UNMEASURED = {
    "": "not measured",
    "part": "not measured: its part did not finish",
    "longer": "generalisation to longer strings was not scored",
    "one initialisation": "not tested: an RNN and a gated cell under one initialisation are needed",
}
AGAINST_GRU: Mapping[Verdict, str] = {
    "better": "better than GRU",
    "worse": "worse than GRU",
    "equivalent": "equivalent to GRU",
    "undecided": "not distinguished from GRU",
}


GUIDE_WORDS: Mapping[int, tuple[str, str]] = MappingProxyType(
    {
        1: ("the parameter count does not depend on length", "an identity"),
        2: (
            "GRU has fewer gates and is smaller",
            "exact for the layer, −25 %; a whole system shrinks less (−3.8 % in translation: Britz 2017)",
        ),
        3: ("GRU trains faster", "depends on the kernel that runs it"),
        4: ("GRU needs less memory", "follows the state and activation counts"),
        5: (
            "accuracy is similar",
            "task-dependent (Chung 2014, Jozefowicz 2015, Greff 2017)",
        ),
        6: (
            "LSTM holds long dependencies better",
            "contradicted on adding and sequential MNIST (Bai 2018), supported in language modelling",
        ),
        7: (
            "LSTM wins with much data, GRU with little",
            "open; learning curves decide",
        ),
        8: (
            "LSTM wins on complex patterns",
            "LSTM can count (aⁿbⁿ), GRU cannot (Weiss 2018)",
        ),
        9: (
            "gates cure vanishing gradients",
            (
                "only with the right initialisation: at torch's defaults all three vanish (half-life 1.2–1.7"
                " steps); forget bias 1 gives about 5, orthogonal RNN about 25, chrono about 165"
            ),
        ),
        10: (
            "clipping cures exploding gradients, not vanishing ones",
            "clipping cures explosion and cannot cure vanishing: it scales every step's gradient alike",
        ),
        11: (
            "a fixed context vector is a bottleneck that grows with length",
            "true, but a matter of capacity (Sutskever 2014 saw none below 35 words)",
        ),
        12: (
            "attention overcomes it",
            "to about the trained length (Koehn & Knowles 2017: about 60 words)",
        ),
        13: (
            "recurrence cannot be computed in parallel over time",
            "true of these cells run step by step; minGRU and minLSTM scan in parallel (Feng 2024)",
        ),
    }
)
"""Each sentence of the guide by its number, and what is known of it."""

BOTH_SOLVE = "both solve the task in as many seeds"
"""Claim 5 on a task that is solved or not: not how near the scores are, but how often they are reached."""


def evidence(claim: Claim, *, decimals: int | None = None) -> str:
    """Return this run's evidence on the claim; the words that it came with where it has no facts.

    Args:
        claim: With its facts.
        decimals: As many as the table beside it has for differences; None for those of each interval.
    """
    fact = claim.facts
    if fact is None:
        return claim.evidence
    sentence = _similar(fact, decimals) if isinstance(fact, SimilarFact) else _SAID[type(fact)](fact)
    if claim.improving is not None:
        sentence += "; still improving when training ended: {} of {} runs".format(*claim.improving)
    return f"{sentence}; other protocols differ" if claim.protocols_differ else sentence


def with_sentence(claim: Claim) -> Claim:
    """The claim with its sentence and what is known of it; one that has them, or has no number, as it is."""
    if claim.claim or claim.number is None:
        return claim
    sentence, prior = GUIDE_WORDS[claim.number]
    if isinstance(claim.facts, SimilarFact) and claim.facts.solved is not None:
        sentence = BOTH_SOLVE
    about = f" ({claim.of})" if claim.of else ""
    return claim.model_copy(update={"claim": f"{sentence}{about}", "prior": prior, "of": ""})


def refuse_unknown(numbers: Sequence[int]) -> None:
    """Refuse numbers that the guide gives to no claim.

    Raises:
        UsageError: Names its claims.
    """
    unknown = [number for number in numbers if number not in GUIDE_WORDS]
    if unknown:
        listed = "; ".join(f"{number} {sentence}" for number, (sentence, _) in GUIDE_WORDS.items())
        raise UsageError(f"the guide has no claim {unknown[0]}", f"Its claims: {listed}.")


def _difference(difference: ShownDifference, decimals: int | None = None) -> str:
    return difference_words(
        difference.value, difference.interval, difference.metric, decimals=decimals
    ) + level_suffix(difference.level if difference.interval else None)


def _constant(fact: ConstantFact) -> str:
    counts = [f"{name.upper()} {', '.join(f'{n:,}' for n in sizes)}" for name, sizes in fact.counts.items()]
    lengths = ", ".join(f"{length:,}" for length in fact.lengths)
    return f"{'; '.join(counts)} at T = {lengths}, each {fact.hidden} wide"


def _size(fact: SizeFact) -> str:
    recurrent, total = (
        f"{fixed(PERCENT.factor * share, 1, signed=True)}{PERCENT.suffix}"
        for share in (fact.recurrent_change, fact.total_change)
    )
    gates = f"{fact.gru_gates} gates against {fact.lstm_gates}"
    return f"{gates}; {recurrent} recurrent parameters, {total} in all"


def _cost_ratio(fact: CostRatioFact) -> str:
    ratio = f"{fixed(fact.ratio, 2)} × LSTM's"
    if fact.same_path_ratio is None:
        return ratio
    return f"{ratio}; {fixed(fact.same_path_ratio, 2)} × on the same kernel path"


def _similar(fact: SimilarFact, decimals: int | None) -> str:
    clause = "not measured"
    if fact.solved is not None:
        clause = f"{fact.solved[0]} of {fact.seeds} seeds solved against {fact.solved[1]}"
        clause += level_suffix(fact.level)
    elif fact.difference is not None:
        clause = _difference(fact.difference, decimals)
    clause += ", a difference, though maybe too small to matter" if fact.small else ""
    return f"{called(fact.a)} − {called(fact.b)}: {clause}"


def _counted(fact: CountedFact) -> str:
    clause = f"LSTM generalises to longer strings in {fact.lstm} of {fact.seeds} seeds, GRU in {fact.gru}"
    return f"{clause}; exact paired {p_value_words(fact.p_value)}"


def _growth(fact: GrowthFact) -> str:
    least, greatest = AGAINST_GRU[fact.least], AGAINST_GRU[fact.greatest]
    ends = f"LSTM is {least} at the least value and {greatest} at the greatest"
    if fact.change is None:
        return ends
    return f"LSTM − GRU changes by {_difference(fact.change)} per doubling; {ends}"


def _solved_growth(fact: SolvedGrowthFact) -> str:
    clause = f"LSTM solves {fact.lstm} of {fact.runs} runs over all values, GRU {fact.gru}"
    if fact.votes is not None:
        lstm, gru = fact.votes
        clause += f"; LSTM more of them in {lstm} of {fact.seeds} seeds, GRU in {gru}"
        clause += f" ({p_value_words(fact.p_value or 0.0)})"
    if fact.sooner is not None:
        clause += "; in fewer steps LSTM in {} runs, GRU in {}".format(*fact.sooner)
    return clause


def _bottleneck(fact: BottleneckFact) -> str:
    halves = [_half(at, fact.unit) for at in (fact.half, fact.half_with_attention)]
    clause = (
        f"{_difference(fact.change)} per doubling of length against {fact.against or 'the model with it'}"
    )
    clause = clause if fact.against else f"without attention {clause}"
    return f"{clause}; half the short score {halves[0]}, with attention {halves[1]}"


def _half(at: float | None, unit: str) -> str:
    if not at:
        return "not reached"
    return f"at {fixed(at, 1)} tokens" if unit == "tokens" else f"at length {fixed(at, 0)}"


def _longest(fact: LongestFact) -> str:
    place = "at the greatest length" if fact.of == "length" else "on the longest sources"
    return f"{_difference(fact.ahead)} {place}"


def _parallel(fact: ParallelFact) -> str:
    changes = ", ".join(f"{name.upper()} {share_words(change, 0)}" for name, change in fact.changes.items())
    return (
        f"the step's Jacobian changes with the state ({changes}), so steps do not compose;"
        f" a linear RNN's does not: {fact.steps} of its states took {fact.rounds} parallel rounds,"
        f" right to {shortest(fact.error, 1)}"
    )


def _cure(fact: CureFact) -> str:
    clause = f"{fact.broken} of {fact.trainings} trainings by gradient descent broke off without clipping"
    return f"{clause}; clipped at {fact.clip:g}, {fact.cured} of these ran to the end"


def _clipped(fact: ClippedFact) -> str:
    clauses = [
        f"{_pace(model)} with {share_words(share, 0)} of steps clipped, as without"
        for model, share in zip(fact.models, fact.shares, strict=True)
    ]
    reason = "a cure is tested by training a model that explodes without clipping and does not with it"
    return f"not tested: {reason}; {'; '.join(clauses)}"


def _gates(fact: GatesFact) -> str:
    clauses = [f"under {_start(start)}: {', '.join(map(_pace, start.models))}" for start in fact.starts]
    if fact.left:
        clauses.append(
            f"not compared, without a counterpart of the same initialisation: {', '.join(fact.left)}"
        )
    return "; ".join(clauses)


def _start(start: SharedStart) -> str:
    return f"{start.init} initialisation" + (f" of gain {start.gain}" if start.gain != 1.0 else "")


def _pace(model: Pace) -> str:
    if model.half_life is not None:
        return f"{model.label} half-life {steps_words(model.half_life)} ({model.verdict})"
    if model.doubling_time is not None:
        return f"{model.label} doubles every {steps_words(model.doubling_time)} ({model.verdict})"
    return f"{model.label} {model.verdict}"


def steps_words(steps: float) -> str:
    """'1.3 steps', '165 steps'."""
    return f"{fixed(steps, 1 if steps < 10 else 0)} steps"


_SAID: Mapping[type, Callable[[Any], str]] = {
    UnmeasuredFact: lambda fact: UNMEASURED[fact.why],
    ConstantFact: _constant,
    SizeFact: _size,
    CostRatioFact: _cost_ratio,
    CountedFact: _counted,
    GrowthFact: _growth,
    SolvedGrowthFact: _solved_growth,
    BottleneckFact: _bottleneck,
    LongestFact: _longest,
    ParallelFact: _parallel,
    CureFact: _cure,
    ClippedFact: _clipped,
    GatesFact: _gates,
}
