"""How good translations are: sacrebleu's corpus scores from 0 to 100, and the share that is exactly right."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

BleuTokenizer = Literal["13a", "intl", "zh", "char", "none"]
"""How BLEU finds words: sacrebleu's names of the ways that need no other package."""

KANA = re.compile("[\u3040-\u30ff]")
HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
NO_BLANKS = re.compile("[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff]")
"""Thai, Lao, Tibetan; Burmese; Khmer."""
LETTER = re.compile(r"[^\W\d_]")


def bleu_tokenizer(references: Iterable[str]) -> BleuTokenizer:
    """How sacrebleu should find the words of a script: most of its letters decide.

    Chinese is cut by sacrebleu's own 'zh', other scripts without blanks between words into characters; '13a',
    the default of the field, is for the rest.

    Args:
        references: Whole texts of the target.
    """
    kana = han = others = letters = 0
    for text in references:
        kana += len(KANA.findall(text))
        han += len(HAN.findall(text))
        others += len(NO_BLANKS.findall(text))
        letters += len(LETTER.findall(NO_BLANKS.sub("", text)))
    if 2 * (kana + han + others) <= letters + others:
        return "13a"
    return "zh" if han > others and 20 * kana < han else "char"


@dataclass(frozen=True)
class CorpusScore:
    """A score of a whole corpus, and the signature that lets others compute the same."""

    value: float
    signature: str


def corpus_score(
    metric: str, hypotheses: Sequence[str], references: Sequence[str], tokenizer: BleuTokenizer | None = None
) -> CorpusScore:
    """The score of translations against one reference each.

    Args:
        metric: 'BLEU', 'chrF' or 'exact_match'.
        hypotheses: The translations (N).
        references: What they should be (N).
        tokenizer: How BLEU finds words; None goes by the references' script.
    """
    if metric == "exact_match":
        right = sum(one == other for one, other in zip(hypotheses, references, strict=True))
        return CorpusScore(right / max(len(references), 1), "exact_match|case:mixed")
    scorer = _scorer(metric, tokenizer or bleu_tokenizer(references))
    found = scorer.corpus_score(list(hypotheses), [list(references)])
    return CorpusScore(float(found.score), str(scorer.get_signature()))


def statistics(
    metric: str, hypotheses: Sequence[str], references: Sequence[str], tokenizer: BleuTokenizer | None = None
) -> list[list[float]]:
    """Each sentence's counts; the counts of any selection of sentences add up to the selection's.

    Args:
        metric: 'BLEU', 'chrF' or 'exact_match'.
        hypotheses: The translations (N).
        references: What they should be (N).
        tokenizer: How BLEU finds words; None goes by the references' script.
    """
    if metric == "exact_match":
        return [[float(one == other), 1.0] for one, other in zip(hypotheses, references, strict=True)]
    scorer = _scorer(metric, tokenizer or bleu_tokenizer(references))
    extract = scorer._extract_corpus_statistics  # noqa: SLF001 sacrebleu's bootstrap uses the same
    counts: list[list[float]] = extract(list(hypotheses), [list(references)])
    return counts


def from_statistics(metric: str) -> Callable[[Sequence[float]], float]:
    """The function from added-up counts to a score."""
    if metric == "exact_match":
        return lambda counts: counts[0] / max(counts[1], 1.0)
    scorer = _scorer(metric, "13a")  # counts have no words left to find
    return lambda counts: scorer._compute_score_from_stats(list(counts)).score  # noqa: SLF001


def _scorer(metric: str, tokenizer: BleuTokenizer) -> Any:
    from sacrebleu.metrics.bleu import BLEU
    from sacrebleu.metrics.chrf import CHRF

    return BLEU(tokenize=tokenizer) if metric == "BLEU" else CHRF()
