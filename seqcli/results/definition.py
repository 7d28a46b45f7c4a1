"""A published definition: the variant that is built, what a constant scores, and what counts as solved."""

from seqcli.results.record import Record
from seqcli.results.wording import shortest


class Criterion(Record):
    """The criterion by which a run has solved its task: the test split's score lies beyond a threshold.

    Attributes:
        metric: The score that decides.
        threshold: In the metric's own unit.
        above: Whether the score must be at least the threshold; else it must be below it.
        source: Who set it.
        valid_threshold: What counts in validation, where its examples cannot reach the threshold: a split of
            n to 50 never shows 51; None where they can.
    """

    metric: str
    threshold: float
    above: bool
    source: str
    valid_threshold: float | None = None

    def met(self, score: float) -> bool:
        """Return whether this score solves the task; one that is not a number does not."""
        return score >= self.threshold if self.above else score < self.threshold

    def met_in_validation(self, score: float) -> bool:
        """Return whether this is as much as validation can show of a solved task."""
        if self.valid_threshold is None:
            return self.met(score)
        return self.model_copy(update={"threshold": self.valid_threshold}).met(score)

    @property
    def spoken(self) -> str:
        """The metric as people say it."""
        return self.metric.replace("_", " ")

    @property
    def words(self) -> str:
        """The rule as people write it: 'MSE < 0.01'."""
        return f"{self.spoken} {'≥' if self.above else '<'} {shortest(self.threshold, 4)}"


class ConstantBaseline(Record):
    """The score of the best constant answer.

    Attributes:
        label: The answer: 'always 1'.
        theory: Its score by the definition, as people write it: '1/6 = 0.1667'; '' where there is none.
        scores: Its score on 'valid' and 'test'.
    """

    label: str
    theory: str
    scores: dict[str, float]


class Definition(Record):
    """The definition that makes results on a generated task comparable with published ones.

    Attributes:
        variant: The task as it is built here, in one sentence.
        source: The paper that it is from.
        baseline: What a constant answer scores.
        criterion: When it counts as solved.
    """

    variant: str
    source: str
    baseline: ConstantBaseline | None
    criterion: Criterion
