"""The gain of word pairs over single words: a quick sign of whether the order of words matters."""

from collections.abc import Mapping, Sequence

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from seqcli.data.prepared import Prepared
from seqcli.models.baselines.bow import WORD_OR_SIGN
from seqcli.results.text_facts import OrderFacts
from seqcli.statistics.exact_tests import mcnemar


def word_order(prepared: Prepared) -> OrderFacts:
    """Logistic regression on single words, and on words and pairs of neighbours, on the test split."""
    inputs = {split: prepared.cut_texts(split) for split in ("train", "test")}
    answers = {
        split: [prepared.labels[target] for target in prepared.splits[split].targets.tolist()]
        for split in inputs
    }
    words, pairs = (_right(inputs, answers, longest) for longest in (1, 2))
    tested = len(words)
    return OrderFacts(
        words=sum(words) / tested,
        pairs=sum(pairs) / tested,
        p_value=mcnemar(words, pairs).p_value,
        tested=tested,
    )


def _right(
    inputs: Mapping[str, Sequence[str]], answers: dict[str, list[str]], longest: int
) -> Sequence[bool]:
    weights = TfidfVectorizer(ngram_range=(1, longest), token_pattern=WORD_OR_SIGN, sublinear_tf=True)
    learnt = weights.fit_transform(inputs["train"])
    classifier = LogisticRegression(C=10.0, max_iter=1000).fit(learnt, answers["train"])
    answered = classifier.predict(weights.transform(inputs["test"]))
    return [bool(answer == right) for answer, right in zip(answered, answers["test"], strict=True)]
