"""The class of a step from that step alone: what time must add to."""

from typing import ClassVar

from seqcli.models.stepwise_regression import StepRegression


class OneStep(StepRegression):
    """Logistic regression on one step."""

    window: ClassVar[int] = 1


BASELINE = OneStep
