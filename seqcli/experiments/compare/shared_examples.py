"""The answers of two models to the same test examples, beside a comparison over seeds."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from statistics import fmean
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from seqcli.data.answer_rows import LineAnswers, rows
from seqcli.data.kind import KINDS, metric_named
from seqcli.data.metric import AnswerRow, known_fields
from seqcli.data.pair_scores import BleuTokenizer
from seqcli.data.prepared import Prepared
from seqcli.data.sequences import SignedScore
from seqcli.errors import RunError
from seqcli.experiments.compare.store import LegOutcome
from seqcli.results.compare import AnswerSpread
from seqcli.results.compared_pairs import ExamplePair, QualityPair
from seqcli.statistics.combinations import AnswerProducts, answer_products, corpus_products
from seqcli.statistics.crossed import (
    CorpusScores,
    Crossed,
    corpus_scores,
    crossed,
    crossed_corpus,
    ranked_scores,
)
from seqcli.statistics.exact_tests import McNemar, mcnemar, unseen_rate
from seqcli.statistics.verdict_claims import holm
from seqcli.statistics.verdicts import Judgement

Legs = tuple[LineAnswers, ...]
"""The predictions of one model's legs, `predictions.jsonl` of each."""


@dataclass(frozen=True)
class SharedExamples:
    """Two models on the same test examples, at the seeds at which both finished.

    Attributes:
        crossed: The difference over seeds × examples; None with fewer than two of either.
        by_seed: McNemar's test of each seed's two networks; empty for scores of a whole corpus.
    """

    crossed: Crossed | None
    by_seed: tuple[McNemar, ...]

    def record(self, alpha: float) -> ExamplePair | None:
        """The counts to tell; None where an example is not simply right or wrong."""
        if not self.by_seed:
            return None
        p_values = [seed_test.p_value for seed_test in self.by_seed]
        return ExamplePair(
            examples=self.by_seed[0].pairs,
            only_a=fmean(seed_test.only_a for seed_test in self.by_seed),
            only_b=fmean(seed_test.only_b for seed_test in self.by_seed),
            only_a_per_seed=[seed_test.only_a for seed_test in self.by_seed],
            only_b_per_seed=[seed_test.only_b for seed_test in self.by_seed],
            p_values=p_values,
            seeds_apart=int(np.sum(holm(p_values) <= alpha)),
        )


NOTHING = SharedExamples(None, ())


class Answered(Protocol):
    """A source of answers to test examples: a leg, or a baseline, which answers alike beside every seed."""

    @property
    def predictions(self) -> LineAnswers:
        """A line of JSON a test example, as in `predictions.jsonl`."""


def shared_examples(
    a: Sequence[Answered | None],
    b: Sequence[Answered | None],
    metric: str,
    words: BleuTokenizer | None = None,
) -> SharedExamples:
    """Return the contrast of two models' answers, same seeds in the same order; None is a failed leg.

    `words` is how BLEU finds them, here and below; None goes by the references' script. Nothing where a leg
    kept no predictions, or the metric is one of single numbers and not of examples.
    """
    both = [(x.predictions, y.predictions) for x, y in zip(a, b, strict=True) if x and y]
    if not both or not all(x and y for x, y in both):
        return NOTHING
    first, second = tuple(x for x, _ in both), tuple(y for _, y in both)
    if metric_named(metric).right is not None:
        return _right_or_wrong(first, second, metric)
    crossed = crossed_mean([(1.0, first), (-1.0, second)], metric, words)
    return NOTHING if crossed is None else SharedExamples(crossed, ())


def answer_spread(
    legs: Mapping[str, Sequence[LegOutcome | None]], metric: str, words: BleuTokenizer | None = None
) -> AnswerSpread | None:
    """Return the spread of all models' scores over seeds and examples, at seeds that all models finished.

    None for scores that are not of examples, or where there are fewer than two seeds or examples.
    """
    complete = [[leg.predictions for leg in seed if leg] for seed in zip(*legs.values(), strict=True)]
    seeds = [seed for seed in complete if len(seed) == len(legs)]
    if not legs or len(seeds) < 2 or not all(all(seed) for seed in seeds):
        return None
    models = [tuple(seed[place] for seed in seeds) for place in range(len(legs))]
    products, examples = _products(models, metric, words)
    if products is None:
        return None
    return AnswerSpread(
        labels=list(legs),
        seeds=products.seeds,
        examples=examples,
        examples_degrees=products.examples_degrees,
        by_seeds=products.by_seeds.tolist(),
        by_examples=products.by_examples.tolist(),
        rest=products.rest.tolist(),
    )


def _products(
    models: Sequence[Legs], metric: str, words: BleuTokenizer | None
) -> tuple[AnswerProducts | None, int]:
    """The products of the models' scores, and the number of examples that all legs answered."""
    if metric_named(metric).right is not None:
        answers = [[_right(leg, metric) for leg in legs] for legs in models]
        sizes = {len(answers_of_leg) for legs in answers for answers_of_leg in legs}
        if len(sizes) != 1 or min(sizes) < 2:
            return None, 0
        return answer_products(np.array(answers, dtype=np.float64)), sizes.pop()
    if not metric_named(metric).of_corpus:
        return None, 0
    known = [scores for legs in models if (scores := _corpora(legs, metric, words)) is not None]
    if len(known) < len(models) or len({scores.examples for scores in known}) > 1:
        return None, 0
    return corpus_products(known), known[0].examples


def crossed_mean(
    parts: Sequence[tuple[float, Legs]], metric: str, words: BleuTokenizer | None = None
) -> Crossed | None:
    """A linear combination of models' scores over seeds × examples: a pair, a gate, a model less a baseline.

    Args:
        parts: A factor and the predictions of its legs, the same seeds in the same order; a method without
            seeds has one, which counts for every seed.
        metric: What the predictions are scored by.
        words: How BLEU finds words; None goes by the references' script.

    Returns:
        None where the metric is none of examples, a leg kept no predictions, the legs did not answer the
        same examples, or one seed of several legs says nothing about seeds. One part of one seed is that
        run's own score, over its examples.
    """
    legs = [part for _, part in parts]
    seeds = max((len(part) for part in legs), default=0)
    if not all(part and all(part) and len(part) in (1, seeds) for part in legs):
        return None
    if len(parts) > 1 and seeds < 2:
        return None
    if metric_named(metric).right is not None:
        return _of_answers(parts, metric)
    return _of_corpora(parts, metric, words) if metric_named(metric).of_corpus else None


def _of_answers(parts: Sequence[tuple[float, Legs]], metric: str) -> Crossed | None:
    tables = [np.stack([_right(leg, metric) for leg in legs]) for _, legs in parts if _alike(legs, metric)]
    if len(tables) < len(parts) or len({table.shape[1] for table in tables}) > 1 or tables[0].shape[1] < 2:
        return None
    total = sum(factor * table.astype(np.float64) for (factor, _), table in zip(parts, tables, strict=True))
    return crossed(total)


def _of_corpora(
    parts: Sequence[tuple[float, Legs]], metric: str, words: BleuTokenizer | None
) -> Crossed | None:
    corpora = [_corpora(legs, metric, words) for _, legs in parts]
    known = [scores for scores in corpora if scores is not None]
    if len(known) < len(parts) or len({scores.examples for scores in known}) > 1:
        return None
    total = known[0].times(parts[0][0])
    for (factor, _), scores in zip(parts[1:], known[1:], strict=True):
        total = total.plus(scores, weight=factor)
    return crossed_corpus(total)


def _alike(legs: Legs, metric: str) -> bool:
    """Every leg answered equally many examples."""
    return len({len(_right(leg, metric)) for leg in legs}) == 1


# A comparison concludes once a look and once at the end, mostly from the same legs.
@lru_cache(maxsize=16)
def _right_or_wrong(a: Legs, b: Legs, metric: str) -> SharedExamples:
    return SharedExamples(
        crossed_mean([(1.0, a), (-1.0, b)], metric),
        tuple(mcnemar(_right(x, metric), _right(y, metric)) for x, y in zip(a, b, strict=True)),
    )


@lru_cache(maxsize=32)
def _corpora(legs: Legs, metric: str, words: BleuTokenizer | None) -> CorpusScores | None:
    """The corpus scores of each seed and of its resampled corpora; None with fewer than two sentences."""
    each = [_corpus(leg, metric, words) for leg in legs]
    known = [scores for scores in each if scores is not None]
    if len(known) < len(each) or len({scores.examples for scores in known}) > 1:
        return None
    return CorpusScores(
        np.concatenate([scores.values for scores in known]),
        np.concatenate([scores.replicates for scores in known], axis=1),
        known[0].examples,
    )


@lru_cache(maxsize=128)
def _corpus(leg: LineAnswers, metric: str, words: BleuTokenizer | None) -> CorpusScores | None:
    scored_by = metric_named(metric)
    sums = scored_by.sums
    with _foreign_answers():
        answer_rows = rows(leg)
        if len(answer_rows) < 2 or not scored_by.needs <= known_fields(answer_rows[0]).keys():
            return None
        if scored_by.ranked is not None:
            return ranked_scores(scored_by.ranked(answer_rows), len(answer_rows))
        if sums is None:
            return None
        counts = _blocks(sums.table(answer_rows, words), answer_rows)
    return None if len(counts) < 2 else corpus_scores(counts[None], sums.score)


def _blocks(counts: NDArray[np.float64], answer_rows: Sequence[AnswerRow]) -> NDArray[np.float64]:
    """Add up the counts of examples that depend on each other, a row a block (B, K); as they are without."""
    if "block" not in known_fields(answer_rows[0]):
        return counts
    named = np.fromiter((int(known_fields(row)["block"][0]) for row in answer_rows), np.int64)
    blocks, places = np.unique(named, return_inverse=True)
    together = np.zeros((len(blocks), counts.shape[1]))
    np.add.at(together, places, counts)
    return together


@lru_cache(maxsize=64)
def _right(predictions: LineAnswers, metric: str) -> NDArray[np.bool_]:
    """Return whether each test example is right, (N,)."""
    right = metric_named(metric).right
    if right is None:
        raise TypeError(f"{metric} does not call an example right or wrong")
    with _foreign_answers():
        return np.fromiter(map(right, rows(predictions)), dtype=np.bool_)


def scores_beside(
    kind: str, labels: Sequence[str], metric: str, predictions: LineAnswers
) -> dict[str, float]:
    """The scores that a kind of task tells beside the one asked for, of one leg's answers.

    Args:
        kind: The kind of task.
        labels: The classes; which scores make sense may go by them.
        metric: What is told anyway.
        predictions: The leg's `predictions.jsonl`; none where none were kept.
    """
    other = [extra for extra in KINDS.get(kind).further_metrics(labels) if extra.name != metric]
    if not other or not predictions:
        return {}
    with _foreign_answers():
        answer_rows = rows(predictions)
        scores = {extra.name: (extra.value(answer_rows), extra.told_up_to) for extra in other}
    return {
        name: value for name, (value, most) in sorted(scores.items()) if value is not None and value < most
    }


@contextmanager
def _foreign_answers() -> Iterator[None]:
    """An error of the run for answers that only a stranger can have put there: their hash was right.

    Raises:
        RunError: They are not JSON lines, or lack what the kind of task writes.
    """
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise RunError(
            f"the answers that the run keeps are not as seqcli writes them: {type(error).__name__}",
            "Make the run again, or fetch an undamaged copy.",
        ) from error


def score_notes(prepared: Prepared) -> list[str]:
    """The signature by which others compute the same corpus score; nothing for other metrics."""
    split = prepared.splits["test"]
    signature = split.signature if isinstance(split, SignedScore) else ""
    return [f"sacrebleu {signature}"] if signature else []


def quality_pair(judgement: Judgement, shared: SharedExamples) -> QualityPair:
    """A judgement as the record that tells it, with what the answers add."""
    interval, level = judgement.deciding
    advice = judgement.advice
    return QualityPair(
        difference=judgement.mean,
        interval=interval,
        level=level,
        ci95=judgement.ci95,
        ci90=judgement.ci90,
        verdict=judgement.verdict,
        seeds_needed=judgement.seeds_needed,
        detectable=judgement.detectable,
        meaningful=judgement.meaningful,
        seeds_ci95=judgement.evidence.estimate.interval(0.05),
        unseen_rate=unseen_rate(judgement.seeds) if judgement.seeds else None,
        examples_ci95=shared.crossed and shared.crossed.interval(),
        seeds_needed_range=advice and advice.seeds_range,
        examples_needed=advice and advice.examples,
        limit=advice and advice.limit,
        examples=shared.record(judgement.alpha),
    )
