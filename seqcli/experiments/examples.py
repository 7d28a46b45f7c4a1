"""What two models' answers to the same test examples add to a comparison over seeds."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from seqcli.data.pair_scores import corpus_score, from_statistics, statistics
from seqcli.experiments.store import LegOutcome
from seqcli.results.compare import ExamplePair
from seqcli.statistics.mcnemar import McNemar, mcnemar
from seqcli.statistics.multiplicity import holm
from seqcli.statistics.resampling import Resampled, resample, resample_corpus

Row = Mapping[str, object]
Legs = tuple[bytes, ...]
"""The predictions of one model's legs, `predictions.jsonl` of each."""

RIGHT: Mapping[str, Callable[[Row], bool]] = {
    "accuracy": lambda row: row["label"] == row["predicted"],
    "exact_match": lambda row: row["reference"] == row["predicted"],
}
"""Metrics that are the share of test examples that are right, and when one is."""

CORPUS = ("BLEU", "chrF")
"""Metrics of the whole test split, which no mean over examples gives."""


@dataclass(frozen=True)
class SharedExamples:
    """Two models on the same test examples, at the seeds at which both finished.

    Attributes:
        resampled: The difference resampled over seeds and examples; None with fewer than two of either.
        by_seed: McNemar's test of each seed's two networks; empty for scores of a whole corpus.
    """

    resampled: Resampled | None
    by_seed: tuple[McNemar, ...]

    def record(self, alpha: float) -> ExamplePair | None:
        """The counts to tell; None where an example is not simply right or wrong."""
        if not self.by_seed:
            return None
        p_values = [one.p_value for one in self.by_seed]
        return ExamplePair(
            examples=self.by_seed[0].pairs,
            only_a=fmean(one.only_a for one in self.by_seed),
            only_b=fmean(one.only_b for one in self.by_seed),
            only_a_per_seed=[one.only_a for one in self.by_seed],
            only_b_per_seed=[one.only_b for one in self.by_seed],
            p_values=p_values,
            seeds_apart=int(np.sum(holm(p_values) <= alpha)),
        )


NOTHING = SharedExamples(None, ())


def shared_examples(
    a: Sequence[LegOutcome | None], b: Sequence[LegOutcome | None], metric: str
) -> SharedExamples:
    """What the answers of two models' legs show, same seeds in the same order; None is a failed leg.

    Nothing where a leg kept no predictions, or the metric is one of single numbers and not of examples.
    """
    both = [(x.predictions, y.predictions) for x, y in zip(a, b, strict=True) if x and y]
    if not both or not all(x and y for x, y in both):
        return NOTHING
    first, second = tuple(x for x, _ in both), tuple(y for _, y in both)
    if metric in RIGHT:
        return _right_or_wrong(first, second, metric)
    return SharedExamples(_whole_corpus(first, second, metric), ()) if metric in CORPUS else NOTHING


def metric_notes(metric: str) -> list[str]:
    """The signature by which others compute the same corpus score; nothing for other metrics."""
    return [f"sacrebleu {corpus_score(metric, ['a'], ['a']).signature}"] if metric in CORPUS else []


# A comparison concludes once a look and once at the end, mostly from the same legs.
@lru_cache(maxsize=16)
def _right_or_wrong(a: Legs, b: Legs, metric: str) -> SharedExamples:
    right_a, right_b = (np.stack([_right(leg, metric) for leg in legs]) for legs in (a, b))
    return SharedExamples(
        resample(right_a, right_b) if min(right_a.shape) > 1 else None,
        tuple(mcnemar(x, y) for x, y in zip(right_a, right_b, strict=True)),
    )


@lru_cache(maxsize=16)
def _whole_corpus(a: Legs, b: Legs, metric: str) -> Resampled | None:
    counts_a, counts_b = (np.stack([_counts(leg, metric) for leg in legs]) for legs in (a, b))
    if min(counts_a.shape[:2]) < 2:
        return None
    return resample_corpus(counts_a, counts_b, from_statistics(metric))


@lru_cache(maxsize=64)
def _right(predictions: bytes, metric: str) -> NDArray[np.bool_]:
    """Whether each test example is right, (N,)."""
    return np.array([RIGHT[metric](row) for row in rows(predictions)], dtype=np.bool_)


@lru_cache(maxsize=64)
def _counts(predictions: bytes, metric: str) -> NDArray[np.float64]:
    """What each sentence adds to the metric's sums, (N, K)."""
    told = rows(predictions)
    written, right = ([str(row[name]) for row in told] for name in ("predicted", "reference"))
    return np.array(statistics(metric, written, right), dtype=np.float64)


def rows(predictions: bytes) -> list[Row]:
    """The lines of `predictions.jsonl`, read as one document, which is faster than one by one."""
    found: list[Row] = json.loads(b"[" + b",".join(predictions.splitlines()) + b"]")
    return found
