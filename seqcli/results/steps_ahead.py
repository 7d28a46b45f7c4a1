"""The scores of a forecast step by step, and its likeness to the last value."""

from collections.abc import Sequence
from statistics import fmean

from seqcli.results.record import Record


class LastValueLikeness(Record):
    """Mean distances over windows, steps and channels, each in naive errors of training, as MASE has them.

    Attributes:
        to_last: Of the forecasts from the last value before them.
        to_truth: Of the forecasts from what came.
        naive: Of the last value from what came.
        repeats: Whether the forecasts are little more than the last value: at most half as far from it as
            from what came, and no more than a tenth nearer to what came than it is itself.
    """

    to_last: float
    to_truth: float
    naive: float
    repeats: bool


class StepScores(Record):
    """The scores of each step ahead on the test split; of several seeds, their mean.

    Attributes:
        scores: A value a step, the first step first, by the metric's name.
        likeness: How near forecasts are to the last value; None of runs of earlier versions.
    """

    scores: dict[str, list[float]]
    likeness: LastValueLikeness | None = None

    @property
    def horizon(self) -> int:
        """Return how many steps ahead are scored."""
        return len(next(iter(self.scores.values()), []))


def mean_steps(legs: Sequence[StepScores]) -> StepScores | None:
    """The mean over legs, step by step; they repeat the last value where most of them do."""
    if not legs:
        return None
    scores = {
        name: [fmean(values) for values in zip(*(leg.scores[name] for leg in legs), strict=True)]
        for name in legs[0].scores
    }
    known = [leg.likeness for leg in legs if leg.likeness is not None]
    if not known:
        return StepScores(scores=scores)
    return StepScores(
        scores=scores,
        likeness=LastValueLikeness(
            to_last=fmean(each.to_last for each in known),
            to_truth=fmean(each.to_truth for each in known),
            naive=fmean(each.naive for each in known),
            repeats=2 * sum(each.repeats for each in known) > len(known),
        ),
    )
