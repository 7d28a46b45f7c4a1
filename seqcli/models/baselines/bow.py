"""A bag of words: which words occur, not in which order."""

from collections.abc import Sequence
from itertools import chain
from typing import Self

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from seqcli.models.baseline import BaselineMethod

WORD_OR_SIGN = r"\w+|[^\w\s]"
"""Single letters and signs count: in Chinese a letter is often a word, and '!' or an emoji tells much."""

FEW_CLASSES = 10
"""Classes up to which the regression is solved to its last digits; of dozens that takes minutes."""

TOLERANCE = 0.005
"""Of SAGA (Defazio et al., 2014), for many classes: less moves a thousandth of the answers."""

NOTHING = "\ue000"
"""A word of private use added to the vocabulary, so that a split of empty texts has one too."""


class BagOfWords(BaselineMethod[str, str]):
    """Logistic regression on TF-IDF weights of words and word pairs (Wang & Manning, 2012, is its kin).

    Term counts are damped to 1 + log n, rows have length 1, and C = 10 suits such short rows.
    """

    def __init__(self) -> None:
        self.weights = TfidfVectorizer(ngram_range=(1, 2), token_pattern=WORD_OR_SIGN, sublinear_tf=True)
        self.classifier = LogisticRegression(C=10.0, max_iter=1000)

    def _solved_for(self, classes: int) -> LogisticRegression:
        """The regression with the solver that suits so many classes; SAGA draws examples by a fixed seed."""
        if classes <= FEW_CLASSES:
            return self.classifier
        return LogisticRegression(C=10.0, max_iter=1000, solver="saga", tol=TOLERANCE, random_state=0)

    def fit(self, inputs: Sequence[str], answers: Sequence[str]) -> Self:
        """Learn the vocabulary, its document frequencies and the regression."""
        self.weights.fit(chain(inputs, [NOTHING]))
        self.classifier = self._solved_for(len(set(answers)))
        self.classifier.fit(self.weights.transform(inputs), list(answers))
        return self

    def predict(self, inputs: Sequence[str]) -> list[str]:
        """The likelier label of each text; an empty text gets the one that the intercept favours."""
        if not inputs:
            return []
        return [str(label) for label in self.classifier.predict(self.weights.transform(inputs))]

    def shares(self, inputs: Sequence[str]) -> list[dict[str, float]]:
        """The regression's probabilities."""
        if not inputs:
            return []
        names = [str(label) for label in self.classifier.classes_]
        table = self.classifier.predict_proba(self.weights.transform(inputs)).tolist()
        return [dict(zip(names, shares, strict=True)) for shares in table]


BASELINE = BagOfWords
