"""The label of a word from those around it: what is told without a memory of what came before."""

from collections.abc import Sequence
from itertools import chain
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from seqcli.models.baseline import BaselineMethod
from seqcli.models.stepwise_regression import stride_to_fit

AROUND = 3
"""Words on each side: a window of seven."""


class WordWindow(BaselineMethod[Sequence[str], list[str]]):
    """Logistic regression on a word and the three before and after it, each by its place.

    A word that training has not is none; beyond a sentence's ends stands a word of its own.
    """

    def __init__(self) -> None:
        self.classifier = LogisticRegression(max_iter=300)
        self.numbers: dict[str, int] = {}
        self.only = ""

    def fit(self, inputs: Sequence[Sequence[str]], answers: Sequence[list[str]]) -> Self:
        """Learn which words at which places go with which label."""
        words = sorted(set(chain.from_iterable(inputs)))
        self.numbers = {word: number for number, word in enumerate(words, start=1)}
        labels = list(chain.from_iterable(answers))
        classes = set(labels)
        if len(classes) < 2:
            self.only = labels[0]
            return self
        # A word is as many ones as its window has places; each class has a regression of its own.
        stride = stride_to_fit(labels, len(labels) * (2 * AROUND + 1) * len(classes))
        self.classifier.fit(self._features(inputs)[::stride], labels[::stride])
        return self

    def predict(self, inputs: Sequence[Sequence[str]]) -> list[list[str]]:
        """The likeliest label of each word of each sentence."""
        lengths = [len(words) for words in inputs]
        if self.only or not sum(lengths):
            return [[self.only] * length for length in lengths]
        classes = iter(self.classifier.predict(self._features(inputs)).tolist())
        return [[str(next(classes)) for _ in range(length)] for length in lengths]

    def _features(self, inputs: Sequence[Sequence[str]]) -> csr_matrix:
        """A row a word (W, 7 (V + 1)): a one for the known word at each place of the window."""
        width = len(self.numbers) + 1  # 0 is what stands beyond an end
        windows = np.concatenate([self._windows(words) for words in inputs if len(words)])
        known = windows >= 0
        columns = (windows + np.arange(2 * AROUND + 1) * width)[known]
        ends = np.concatenate([[0], np.cumsum(known.sum(axis=1))])
        ones = np.ones(len(columns), np.float64)
        return csr_matrix((ones, columns, ends), shape=(len(windows), (2 * AROUND + 1) * width))

    def _windows(self, words: Sequence[str]) -> NDArray[np.int64]:
        """The numbers of the words around each one (T, 7); -1 of an unknown word."""
        numbers = [self.numbers.get(word, -1) for word in words]
        padded = np.pad(np.array(numbers, np.int64), AROUND)
        return np.lib.stride_tricks.sliding_window_view(padded, 2 * AROUND + 1)


BASELINE = WordWindow
