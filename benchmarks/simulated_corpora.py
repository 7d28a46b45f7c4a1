"""BLEU and chrF of simulated translators: how often equal ones are told apart, and better ones.

A word of a translation is right with a chance that depends on the sentence, on how it suits the model, on the
luck of the run and of that run on that sentence. N-grams match where all their words are right, as sacrebleu
counts; verdicts come from the sums by `crossed_corpus`, as in a comparison.
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from seqcli.results.calibration import SimulatedCorpus
from seqcli.statistics.calibration import ALPHA, rate
from seqcli.statistics.crossed import CorpusScores, crossed_corpus
from seqcli.statistics.intervals import paired_difference
from seqcli.statistics.verdicts import Evidence

Counts = NDArray[np.float64]

SENTENCES = 200
LONGEST = 20
LETTERS = 5
"""Of a word."""
TRIALS = 800
REPLICATES = 400
"""A comparison has 1,000; fewer leave the examples' variance known to 7 % instead of 5 %."""
LEAD = 0.05
"""Of the better translator, in the logit of each word's chance: about one point."""
MARGIN = 0.5
"""The default for both scores; it does not change who is told apart."""


def bleu(sums: Counts) -> Counts:
    """BLEU of added-up counts (…, 10), none of which is 0 (Papineni et al., 2002)."""
    precisions = sums[..., 2:6] / sums[..., 6:10]
    brevity = np.exp(np.minimum(0.0, 1.0 - sums[..., 1] / sums[..., 0]))
    found: Counts = 100 * brevity * np.exp(np.log(precisions).mean(axis=-1))
    return found


def chrf(sums: Counts) -> Counts:
    """chrF2 of added-up counts (…, 18), none of which is 0 (Popović, 2015)."""
    of_order = sums.reshape(*sums.shape[:-1], 6, 3)
    precision, recall = ((of_order[..., 2] / of_order[..., place]).mean(axis=-1) for place in (0, 1))
    found: Counts = 100 * 5 * precision * recall / (4 * precision + recall)
    return found


SCORES: dict[str, Callable[[Counts], Counts]] = {"BLEU": bleu, "chrF": chrf}


def counts_of(metric: str, right: NDArray[np.bool_], lengths: NDArray[np.int64]) -> Counts:
    """What each sentence adds to the score's sums, in sacrebleu's order.

    Args:
        metric: BLEU or chrF.
        right: Which words are right, False beyond a sentence's end, (S, N, words).
        lengths: Words of each sentence, (N,).
    """
    orders = 4 if metric == "BLEU" else 6
    units = right if metric == "BLEU" else np.repeat(right, LETTERS, axis=-1)
    size = lengths if metric == "BLEU" else lengths * LETTERS
    matches, whole = [], units
    for order in range(orders):
        whole = units if order == 0 else whole[..., :-1] & units[..., order:]
        matches.append(whole.sum(axis=-1))
    totals = [np.broadcast_to(np.maximum(size - order, 0), matches[0].shape) for order in range(orders)]
    if metric == "BLEU":
        length = np.broadcast_to(size, matches[0].shape)
        return np.stack([length, length, *matches, *totals], axis=-1).astype(np.float64)
    columns = [each for one, all_of in zip(matches, totals, strict=True) for each in (all_of, all_of, one)]
    return np.stack(columns, axis=-1).astype(np.float64)


def simulated_corpora(seed: int) -> Iterator[SimulatedCorpus]:
    """Both scores at 3, 5, 8 and 20 seeds."""
    return (corpus(metric, seeds, seed=seed) for metric in SCORES for seeds in (3, 5, 8, 20))


def corpus(metric: str, seeds: int, *, seed: int, trials: int = TRIALS) -> SimulatedCorpus:
    """The rates of one design."""
    generator = np.random.Generator(np.random.Philox([seed, list(SCORES).index(metric), seeds]))
    apart = missed = told = 0
    leads = []
    for _ in range(trials):
        equal, ahead = _evidence(metric, seeds, generator)
        apart += bool(equal.claims(MARGIN).different <= ALPHA)
        interval = equal.interval(ALPHA)
        missed += interval is not None and interval.excludes(0.0)
        told += bool(ahead.claims(MARGIN).different <= ALPHA)
        leads.append(ahead.mean - equal.mean)
    return SimulatedCorpus(
        metric=metric,
        seeds=seeds,
        sentences=SENTENCES,
        ahead=round(float(np.mean(leads)), 2),
        false_better=rate(apart, trials),
        not_covered=rate(missed, trials),
        found_better=rate(told, trials),
    )


def _evidence(metric: str, seeds: int, generator: np.random.Generator) -> tuple[Evidence, Evidence]:
    """Two equal translators, and the first one ahead of the second, on the same sentences."""
    lengths = generator.integers(4, LONGEST + 1, SENTENCES)
    ease = generator.normal(0.8, 0.8, (1, SENTENCES, 1))
    times = generator.multinomial(SENTENCES, np.full(SENTENCES, 1 / SENTENCES), size=REPLICATES).astype(float)
    inside = np.arange(LONGEST) < lengths[:, None]

    def scores(skill: NDArray[np.float64], draws: NDArray[np.float64]) -> CorpusScores:
        counts = counts_of(metric, (draws < 1 / (1 + np.exp(-skill))) & inside, lengths)
        replicates = np.stack([SCORES[metric](times @ one) for one in counts], axis=1)
        return CorpusScores(SCORES[metric](counts.sum(axis=1)), replicates, SENTENCES)

    skills = [
        ease
        + generator.normal(0, 0.4, (1, SENTENCES, 1))
        + generator.normal(0, 0.03, (seeds, 1, 1))
        + generator.normal(0, 0.4, (seeds, SENTENCES, 1))
        for _ in range(2)
    ]
    draws = [generator.random((seeds, SENTENCES, LONGEST)) for _ in range(2)]
    second = scores(skills[1], draws[1])
    found = []
    for lead in (0.0, LEAD):
        difference = scores(skills[0] + lead, draws[0]).plus(second, weight=-1.0)
        over_seeds = paired_difference(difference.values, np.zeros(seeds))
        found.append(Evidence(over_seeds, crossed_corpus(difference)))
    return found[0], found[1]
