"""How good translations are: sacrebleu's corpus scores from 0 to 100, and the share that is exactly right."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class CorpusScore:
    """A score of a whole corpus, and the signature that lets others compute the same."""

    value: float
    signature: str


def corpus_score(metric: str, hypotheses: Sequence[str], references: Sequence[str]) -> CorpusScore:
    """The score of translations against one reference each.

    Args:
        metric: 'BLEU', 'chrF' or 'exact_match'.
        hypotheses: The translations (N).
        references: What they should be (N).
    """
    if metric == "exact_match":
        right = sum(one == other for one, other in zip(hypotheses, references, strict=True))
        return CorpusScore(right / max(len(references), 1), "exact_match|case:mixed")
    scorer = _scorer(metric)
    found = scorer.corpus_score(list(hypotheses), [list(references)])
    return CorpusScore(float(found.score), str(scorer.get_signature()))


def statistics(metric: str, hypotheses: Sequence[str], references: Sequence[str]) -> list[list[float]]:
    """Each sentence's counts; the counts of any selection of sentences add up to the selection's.

    Args:
        metric: 'BLEU', 'chrF' or 'exact_match'.
        hypotheses: The translations (N).
        references: What they should be (N).
    """
    if metric == "exact_match":
        return [[float(one == other), 1.0] for one, other in zip(hypotheses, references, strict=True)]
    extract = _scorer(metric)._extract_corpus_statistics  # noqa: SLF001 sacrebleu's bootstrap uses the same
    counts: list[list[float]] = extract(list(hypotheses), [list(references)])
    return counts


def from_statistics(metric: str) -> Callable[[Sequence[float]], float]:
    """The function from added-up counts to a score."""
    if metric == "exact_match":
        return lambda counts: counts[0] / max(counts[1], 1.0)
    scorer = _scorer(metric)
    return lambda counts: scorer._compute_score_from_stats(list(counts)).score  # noqa: SLF001


def _scorer(metric: str) -> Any:
    from sacrebleu.metrics.bleu import BLEU
    from sacrebleu.metrics.chrf import CHRF

    return {"BLEU": BLEU, "chrF": CHRF}[metric]()
