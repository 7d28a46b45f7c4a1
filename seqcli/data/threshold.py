"""The decision between two classes of which one is rare: from which probability on the rare one is said."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqcli.data.class_scores import Floats
from seqcli.results.train import ClassThreshold, ThresholdMetric

HALF = 0.5
"""The probability from which on a class is the likelier one of two."""

_FIRST_SHARE = 2
"""The first column of a class's probability in what evaluation keeps."""


@dataclass(frozen=True)
class _Split:
    """The examples by which a threshold is chosen.

    Args:
        shares: The probability of the rarer class, (N).
        rare: Whether an example is of it, (N).
        metric: The score.
    """

    shares: Floats
    rare: NDArray[np.bool_]
    metric: ThresholdMetric

    def at(self, cuts: Floats) -> Floats:
        """The score at each cut (K), at and above which an example is said to be of the rarer class."""
        order = np.argsort(self.shares, kind="stable")
        rare_above = np.concatenate([np.cumsum(self.rare[order][::-1])[::-1], [0]])
        places = np.searchsorted(self.shares[order], cuts, side="left")
        return self.score(rare_above[places].astype(np.float64), (len(order) - places).astype(np.float64))

    def score(self, right: Floats, called: Floats) -> Floats:
        """The score from how many are rightly called rare and how many are called so, (K); 0 of none is 0."""
        rare = float(self.rare.sum())
        return _SCORES[self.metric](_Counts(right, called, rare, len(self.rare) - rare))


class _Counts(NamedTuple):
    """Examples at each cut (K), and of each class."""

    right: Floats
    """Those that are rightly called rare."""
    called: Floats
    """Those that are called rare."""
    rare: float
    """Those that are rare."""
    often: float
    """Those that are not."""

    @property
    def right_often(self) -> Floats:
        """Those that are rightly not called rare."""
        return self.often - (self.called - self.right)


def _rare_f1(counts: _Counts) -> Floats:
    """F1 of the rarer class."""
    return _f1(counts.right, counts.called + counts.rare)


def _macro_f1(counts: _Counts) -> Floats:
    """The mean F1 of both classes."""
    not_called = counts.rare + counts.often - counts.called
    return (_rare_f1(counts) + _f1(counts.right_often, not_called + counts.often)) / 2


def _mean_recall(counts: _Counts) -> Floats:
    """The mean recall of the classes that have examples."""
    sides = ((counts.right, counts.rare), (counts.right_often, counts.often))
    return np.asarray(np.mean([right / examples for right, examples in sides if examples], axis=0))


_SCORES: Mapping[ThresholdMetric, Callable[[_Counts], Floats]] = {
    "F1": _rare_f1,
    "macro_F1": _macro_f1,
    "balanced_accuracy": _mean_recall,
}


def chosen_threshold(
    labels: Sequence[str],
    trained: NDArray[np.int64],
    targets: NDArray[np.int64],
    outputs: NDArray[Any],
    *,
    metric: ThresholdMetric,
) -> ClassThreshold:
    """The least probability of the rarer class at which validation is answered best.

    Only the order of the validation examples matters, so that one cut between any two of them is tried, and
    one half; of equally good ones it is that nearest to one half.

    Args:
        labels: The two classes by number.
        trained: The class of each training example: the one with fewer is the rarer, of equals the second.
        targets: The right class of each validation example (N).
        outputs: The likeliest class's number, its probability and that of each (N, 4).
        metric: The score of validation that is to be greatest.
    """
    examples = np.bincount(trained, minlength=2)
    rare = int(examples[1] <= examples[0])
    split = _Split(np.asarray(outputs[:, _FIRST_SHARE + rare], np.float64), targets == rare, metric)
    cuts = _cuts(split.shares)
    scores = split.at(cuts)
    best = cuts[scores >= scores.max()]
    likelier = np.asarray(outputs[:, 0]) == rare
    at_half = split.score(np.array([float(np.sum(likelier & split.rare))]), np.array([float(likelier.sum())]))
    return ClassThreshold(
        label=labels[rare],
        least=float(best[np.argmin(np.abs(best - HALF))]),
        metric=split.metric,
        valid=float(scores.max()),
        valid_at_half=float(at_half[0]),
    )


def _cuts(shares: Floats) -> Floats:
    """One half, and a cut below, above and between all different probabilities; ascending."""
    known = np.unique(shares)
    between = (known[:-1] + known[1:]) / 2
    return np.unique(np.concatenate([[HALF, known[0], np.nextafter(known[-1], 2.0)], between]))


def _f1(right: Floats, answered_and_there: Floats) -> Floats:
    """The harmonic mean of precision and recall: 2 · right / (answered + there)."""
    return np.divide(2 * right, answered_and_there, out=np.zeros_like(right), where=answered_and_there > 0)


def outputs_of(shares: Sequence[Mapping[str, float]], labels: Sequence[str]) -> NDArray[np.float64]:
    """Probabilities by class as evaluation keeps them of a network.

    Args:
        shares: The probability of each class for N examples.
        labels: The two classes by number.

    Returns:
        The likeliest class's number, its probability and that of each (N, 4).
    """
    each = np.array([[share.get(label, 0.0) for label in labels] for share in shares], np.float64)
    best = each.argmax(axis=1)
    return np.column_stack([best, each[np.arange(len(each)), best], each])


def decided(outputs: NDArray[Any], labels: Sequence[str], threshold: ClassThreshold | None) -> NDArray[Any]:
    """The outputs with the class that the threshold says, and its probability, in the likeliest one's place.

    Args:
        outputs: The likeliest class's number, its probability and that of each (N, 4).
        labels: The two classes by number.
        threshold: The rarer class and its least probability; None leaves the outputs as they are.
    """
    if threshold is None:
        return outputs
    rare = tuple(labels).index(threshold.label)
    answer = np.where(outputs[:, _FIRST_SHARE + rare] >= threshold.least, rare, 1 - rare)
    answers = outputs.copy()
    answers[:, 0] = answer
    answers[:, 1] = outputs[np.arange(len(outputs)), _FIRST_SHARE + answer]
    return answers
