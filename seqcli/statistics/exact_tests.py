"""Exact tests of what is so or not: an example that is right, a run that solves its task (adding, copy).

The loss of tasks that a run solves or does not is bimodal, so no t-test speaks of it. Solving is compared by
the exact test on the seeds that only one model solves, steps to solve by the sign test, which needs no
distribution and takes an unsolved run for what it is: slower than any that solved within the budget.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special  # not scipy.stats, whose import takes longer than all that is computed here

from seqcli.results.common import Verdict
from seqcli.statistics.student import Floats, check_margin
from seqcli.statistics.verdict_claims import Claims, adjust, conclude

Correct = NDArray[np.bool_]


@dataclass(frozen=True)
class McNemar:
    """Counts of the examples on which one model alone is right, and the exact test of their balance.

    It speaks of the two trained networks at hand and of other examples like these; other seeds of the same
    models are another matter, on which `paired_difference` speaks.

    Args:
        only_a: Examples that only a gets right.
        only_b: Examples that only b gets right.
        pairs: All examples.
        p_value: Exact two-sided p-value of equal accuracy; 1 where no example tells the models apart.
    """

    only_a: int
    only_b: int
    pairs: int
    p_value: float

    @property
    def difference(self) -> float:
        """Accuracy of a minus accuracy of b on these examples."""
        return (self.only_a - self.only_b) / self.pairs


def mcnemar(correct_a: Sequence[bool] | Correct, correct_b: Sequence[bool] | Correct) -> McNemar:
    """McNemar's test (1947), exact: examples on which the two disagree fall to either side like a fair coin.

    Args:
        correct_a: Whether a is right on each example, (N,).
        correct_b: Whether b is right on the same examples in the same order, (N,).

    Raises:
        ValueError: The shapes differ, are not one row, or there is no example.
    """
    a, b = np.asarray(correct_a, dtype=np.bool_), np.asarray(correct_b, dtype=np.bool_)
    if a.shape != b.shape or a.ndim != 1 or a.size == 0:
        raise ValueError(f"expected two rows of equal length, got shapes {a.shape} and {b.shape}")
    only_a, only_b = int(np.sum(a & ~b)), int(np.sum(b & ~a))
    return McNemar(only_a, only_b, pairs=a.size, p_value=sign_test(only_a, only_b))


def sign_test(for_a: int, for_b: int) -> float:
    """The exact two-sided p-value of a fair coin that fell `for_a` times one way and `for_b` the other."""
    tail = float(special.bdtr(min(for_a, for_b), for_a + for_b, 0.5))
    return min(1.0, 2 * tail)  # a fair coin's tails are alike, and overlap where it fell evenly


MOST_SEEDS = 200
"""The most seeds of a fresh run worth naming for a task that costs one training a seed."""

SOLVED_MARGIN = 0.2
"""The least difference in the share of seeds solved that matters: one run in five. Fourteen seeds without a
discordant pair are the fewest that show less."""


def unseen_rate(seeds: int, *, alpha: float = 0.05) -> float:
    """The greatest chance a run of something that none of so many seeds showed (exact, one-sided 1 − alpha).

    With a chance p none of n seeds shows it with probability (1 − p)^n: five seeds leave up to 45 %.

    Raises:
        ValueError: There is no seed.
    """
    if seeds < 1:
        raise ValueError(f"expected at least one seed, got {seeds}")
    return 1.0 - float(alpha ** (1 / seeds))


@dataclass(frozen=True)
class Solved:
    """The seeds that each model solves, and what follows.

    Args:
        verdict: 'better' says that a solves more seeds.
        solved_a: Seeds that a solves.
        solved_b: Seeds that b solves.
        counts: How many seeds there are, and how many only one of the two solves.
        p_different: Exact p-value of equal solve rates; in a family of comparisons, adjusted for all of them.
        p_equivalent: Exact p-value of rates a margin apart, adjusted likewise; 1 without a margin.
        seeds_needed: How many seeds of a fresh run give a verdict with 80 % chance at the rates seen; 0 when
            decided, None when they would not.
    """

    verdict: Verdict
    solved_a: int
    solved_b: int
    counts: McNemar
    p_different: float
    p_equivalent: float
    seeds_needed: int | None


@dataclass(frozen=True)
class StepsToSolve:
    """The steps to solve of each model, unsolved runs censored at the budget.

    Args:
        verdict: 'better' says that a solves sooner, seed by seed.
        sooner_a: Seeds on which a solves before b does, if b does at all.
        sooner_b: Seeds on which b solves before a.
        ties: Seeds that both solve at the same step or neither solves: they tell nothing.
        median_a: Median steps of a; None if fewer than half of its seeds solve.
        median_b: Median steps of b, likewise.
        restricted_mean_a: Mean of min(steps, budget) of a (Royston & Parmar, 2013): the mean steps spent.
        restricted_mean_b: That of b.
        p_value: Exact p-value of the paired sign test on censored times (Armitage, 1959).
    """

    verdict: Verdict
    sooner_a: int
    sooner_b: int
    ties: int
    median_a: float | None
    median_b: float | None
    restricted_mean_a: float
    restricted_mean_b: float
    p_value: float


def judge_solved_family(
    pairs: Sequence[tuple[Sequence[bool], Sequence[bool]]],
    *,
    alpha: float = 0.05,
    margin: float | None = None,
) -> tuple[Solved, ...]:
    """The verdicts on several pairs by the exact paired test (McNemar, 1947), Holm-corrected (1979).

    Five seeds cannot decide: even 5 against 0 has p = .0625, and 6 against 0 has .031.

    Args:
        pairs: Whether a solves it at each seed, (S,), and whether b does at the same seeds, (S,).
        alpha: Error rate of each claim.
        margin: The least difference in solve rates that matters; without one nothing is 'equivalent'.

    Raises:
        ValueError: The rows of a pair do not pair, or the margin is not finite and above 0.
    """
    if margin is not None:
        check_margin(margin)
    if not pairs:
        return ()
    counts = [mcnemar(a, b) for a, b in pairs]
    claims = adjust(Claims(*np.transpose([_claims(count, margin) for count in counts])))
    words = conclude(claims, np.array([count.difference for count in counts]), alpha).tolist()
    return tuple(
        Solved(
            verdict=word,
            solved_a=int(np.sum(a)),
            solved_b=int(np.sum(b)),
            counts=count,
            p_different=float(different),
            p_equivalent=float(equivalent),
            seeds_needed=0 if word != "undecided" else _seeds_needed(count, alpha / len(pairs), margin),
        )
        for (a, b), count, word, different, equivalent, _ in zip(pairs, counts, words, *claims, strict=True)
    )


def compare_steps(
    steps_a: Sequence[float | None],
    steps_b: Sequence[float | None],
    *,
    budget: float,
    alpha: float = 0.05,
) -> StepsToSolve:
    """Return the verdict on which model solves sooner, seed by seed.

    Args:
        steps_a: Steps that a needs at each seed, None where it does not solve within the budget, (S,).
        steps_b: The same of b, same seeds, (S,).
        budget: The steps that every run was given.
        alpha: Error rate of 'better' or 'worse'.

    Raises:
        ValueError: The rows do not pair, there is no seed, or a step count is not above 0 and within budget.
    """
    a, b = _times(steps_a, budget), _times(steps_b, budget)
    if a.size != b.size:
        raise ValueError(f"pairs need equal lengths, got {a.size} and {b.size}")
    sooner_a, sooner_b = int(np.sum(a < b)), int(np.sum(b < a))
    p_value = sign_test(sooner_a, sooner_b)
    ahead: Verdict = "better" if sooner_a > sooner_b else "worse"
    return StepsToSolve(
        verdict=ahead if p_value <= alpha else "undecided",
        sooner_a=sooner_a,
        sooner_b=sooner_b,
        ties=a.size - sooner_a - sooner_b,
        median_a=_median(a),
        median_b=_median(b),
        restricted_mean_a=float(np.minimum(a, budget).mean()),
        restricted_mean_b=float(np.minimum(b, budget).mean()),
        p_value=p_value,
    )


def sign_test_power(only_a: float, only_b: float, *, most: int, alpha: float = 0.05) -> Floats:
    """The chance that the exact test decides with 0, 1, …, `most` seeds, (most + 1,).

    Of n seeds m fall to one model alone, m binomial with chance only_a + only_b, and of these X to a with
    chance only_a / (only_a + only_b); the test rejects where twice the smaller tail of X is at most alpha.

    Args:
        only_a: Share of seeds that a alone solves.
        only_b: Share of seeds that b alone solves; the two together above 0.
        most: The most seeds asked about.
        alpha: Level of the test.
    """
    m = np.arange(most + 1)
    tail = special.bdtrc(m[None, :] - 1, m[:, None], 0.5)  # of a fair coin, (m, at least k); nan where k > m
    enough = np.sum(~(2 * tail <= alpha) & (m[None, :] <= m[:, None]), axis=1)  # the least k that rejects
    share, discordant = only_a / (only_a + only_b), only_a + only_b
    rejects = special.bdtrc(enough - 1, m, share) + special.bdtr(m - enough, m, share)
    chance = special.binom(m[:, None], m) * discordant**m * (1 - discordant) ** np.maximum(m[:, None] - m, 0)
    power: Floats = np.tril(chance) @ np.where(enough > m, 0.0, rejects)
    return power


def _claims(count: McNemar, margin: float | None) -> Claims:
    """Rates are within a margin if neither model alone solves that share of seeds: exact, cautious."""
    most = max(count.only_a, count.only_b)
    equivalent = 1.0 if margin is None else special.bdtr(most, count.pairs, margin)
    return Claims(np.asarray(count.p_value), np.asarray(equivalent), np.asarray(1.0))


def _seeds_needed(count: McNemar, alpha: float, margin: float | None) -> int | None:
    """The fewest seeds of a fresh run that decide with 80 % chance at the rates seen so far.

    Where no seed was solved by one model alone, that is taken to go on, and they show equivalence.
    """
    n = count.pairs
    if count.only_a + count.only_b > 0:
        power = sign_test_power(count.only_a / n, count.only_b / n, most=MOST_SEEDS, alpha=alpha)
        enough = np.flatnonzero(power >= 0.8)
        return int(enough[0]) if enough.size else None
    if margin is None:
        return None
    return math.ceil(math.log(alpha) / math.log1p(-margin)) if margin < 1 else 1


def _times(steps: Sequence[float | None], budget: float) -> Floats:
    times = np.array([np.inf if step is None else step for step in steps], dtype=np.float64)
    known = times[np.isfinite(times)]
    if times.size == 0 or np.isnan(times).any() or (known <= 0).any() or (known > budget).any():
        raise ValueError(
            f"expected steps above 0 and at most {budget}, None where unsolved, got {list(steps)}"
        )
    return times


def _median(times: Floats) -> float | None:
    """The median of times of which the unsolved ones are beyond every other."""
    low, high = np.sort(times)[[(times.size - 1) // 2, times.size // 2]]
    return float((low + high) / 2) if np.isfinite(high) else None
