"""The class of a step from those around it: what is told without a memory of what came before."""

from typing import ClassVar

from seqcli.models.stepwise_regression import StepRegression


class StepWindow(StepRegression):
    """Logistic regression on a step and the five before and after it."""

    window: ClassVar[int] = 11


BASELINE = StepWindow
