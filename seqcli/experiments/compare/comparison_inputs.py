"""All that a comparison measured, and the rule by which it is judged."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean

from seqcli.data.kind import KINDS
from seqcli.data.pair_scores import BleuTokenizer, known_bleu_tokenizer
from seqcli.data.prepared import Prepared
from seqcli.experiments.compare.cost_records import Block
from seqcli.experiments.compare.shared_examples import (
    NOTHING,
    Answered,
    Legs,
    SharedExamples,
    crossed_mean,
    shared_examples,
)
from seqcli.experiments.compare.store import LegOutcome
from seqcli.experiments.config import CompareConfig
from seqcli.models.config import ModelConfig
from seqcli.results.compare import (
    BaselineAnswers,
    Failure,
    Tuning,
)
from seqcli.results.measurements import Sitting
from seqcli.statistics.crossed import Crossed
from seqcli.statistics.exact_tests import SOLVED_MARGIN
from seqcli.statistics.folds import Folds
from seqcli.statistics.intervals import Estimate, complete_pairs, estimate, paired_difference
from seqcli.statistics.looks import TakenLook
from seqcli.statistics.verdicts import Rule
from seqcli.training.config import TrainingConfig


@dataclass(frozen=True)
class ModelEvidence:
    """The measurements of one model: its legs by seed (None: failed) and its cost blocks."""

    label: str
    model: ModelConfig
    outcomes: tuple[LegOutcome | None, ...]
    blocks: tuple[Block, ...]
    training: TrainingConfig = field(default_factory=TrainingConfig)

    @property
    def finished(self) -> list[LegOutcome]:
        """The legs that ended well."""
        return [outcome for outcome in self.outcomes if outcome is not None]

    @property
    def scores(self) -> list[float | None]:
        """The test metric of each seed."""
        return [None if outcome is None else outcome.summary.tested.value for outcome in self.outcomes]


@dataclass(frozen=True)
class ComparisonInputs:
    """All that a comparison measured, at the look that has `seeds` and the level `alpha`.

    `baselines` have the answers of every fold of a cross-validation, else one; `majority` is the mean share
    of the most frequent class over the test splits.
    """

    config: CompareConfig
    prepared: Prepared
    device: str
    seeds: tuple[int, ...]
    alpha: float
    models: tuple[ModelEvidence, ...]
    baselines: Mapping[str, tuple[BaselineAnswers, ...]]
    failures: tuple[Failure, ...]
    tuning: Tuning | None = None
    match: str = "hidden"
    sittings: tuple[Sitting, ...] = ()
    before: tuple[TakenLook, ...] = ()
    apart: tuple[TakenLook, ...] = ()
    folds: Folds | None = None
    majority: float | None = None

    def mean(self, values: Sequence[float | None], *, resolution: float = 0.0) -> Estimate | None:
        """The mean of values of the runs, with its spread over seeds or folds; None without a value."""
        known = [value for value in values if value is not None]
        if not known:
            return None
        if self.folds is not None:
            return self.folds.mean(values, resolution=resolution)
        return estimate(known, resolution=resolution)

    def difference(self, a: Sequence[float | None], b: Sequence[float | None]) -> Estimate | None:
        """The mean of a − b of the metric, paired run by run; None where no run has both."""
        first, second = complete_pairs(a, b)
        if not len(first):
            return None
        if self.folds is not None:
            return self.folds.difference(a, b, resolution=resolution_of(self))
        return paired_difference(first, second, resolution=resolution_of(self))

    def shared(self, a: Sequence[Answered | None], b: Sequence[Answered | None]) -> SharedExamples:
        """The contrast over test examples, which runs on different folds do not share."""
        return NOTHING if self.folds is not None else shared_examples(a, b, *scoring(self.prepared))

    def crossed(self, parts: Sequence[tuple[float, Legs]], metric: str | None = None) -> Crossed | None:
        """A combination of scores over seeds × examples, likewise."""
        if self.folds is not None:
            return None
        own_metric, words = scoring(self.prepared)
        return crossed_mean(parts, metric or own_metric, words if metric is None else None)


def crossed_contrast(a: str, b: str, places: Sequence[tuple[ComparisonInputs, float]]) -> Crossed | None:
    """A weighted sum of a − b in several comparisons, over the seeds whole in all × their test examples.

    Where the comparisons have different test examples of one number, the k-th of each are taken together,
    which is as good as any other choice of independent ones.

    Args:
        a: The label of one model.
        b: That of another.
        places: What each comparison measured, and its weight.

    Returns:
        None where answers are missing, their numbers differ, or fewer than two seeds are whole.
    """
    weighted = []
    for evidence, weight in places:
        outcomes = {model.label: model.outcomes for model in evidence.models}
        weighted += [(weight, outcomes[a]), (-weight, outcomes[b])]
    complete = [seed for seed in zip(*(legs for _, legs in weighted), strict=True) if None not in seed]
    if len(complete) < 2 or len({evidence.seeds for evidence, _ in places}) > 1:
        return None
    columns = zip(*([leg.predictions for leg in seed if leg is not None] for seed in complete), strict=True)
    parts = [(weight, tuple(column)) for (weight, _), column in zip(weighted, columns, strict=True)]
    return crossed_mean(parts, places[0][0].prepared.metric)


def scoring(prepared: Prepared) -> tuple[str, BleuTokenizer | None]:
    """Return the metric of the answers, and BLEU's tokenizer."""
    return prepared.metric, known_bleu_tokenizer(prepared.bleu_tokenize)


def solved_margin(config: CompareConfig) -> float:
    """The least difference in the share of seeds that solve a task that matters; `--margin` is in points."""
    return SOLVED_MARGIN if config.margin is None else min(config.margin / 100, 1.0)


def least_margin(evidence: ComparisonInputs) -> float:
    """The least difference that matters, in the score's own unit: of a loss the declared share of the least.

    One margin for all pairs, baselines, protocols and earlier results; the least mean of the models makes it
    the strictest that the share allows.
    """
    prepared = evidence.prepared
    declared = margin_of(evidence.config, prepared.kind, prepared.metric)
    if prepared.higher_is_better:
        return declared
    means = [
        fmean(leg.summary.tested.value for leg in model.finished)
        for model in evidence.models
        if model.finished
    ]
    return declared * min(means, default=1.0) or declared


def margin_of(config: CompareConfig, kind: str, metric: str) -> float:
    """The least difference that matters: in the score's own unit, or as a share of a loss."""
    scale = KINDS.get(kind).scored_by(metric)
    if config.margin is None:
        return scale.margin
    return config.margin / 100 if scale.share or not scale.higher_is_better else config.margin


def resolution_of(evidence: ComparisonInputs) -> float:
    """The smallest step of the metric: for a share, one test example."""
    prepared = evidence.prepared
    return prepared.scored_by.resolution(len(prepared.splits["test"].lengths))


def perfect_score(evidence: ComparisonInputs) -> float:
    """The score of perfect answers; infinite where there is none."""
    most = evidence.prepared.scored_by.most
    return math.inf if most is None else most


def rule_of(evidence: ComparisonInputs) -> Rule:
    """Return the rule declared before the first run: the same for pairs and for baselines."""
    return Rule(
        margin=least_margin(evidence),
        alpha=evidence.alpha,
        higher_is_better=evidence.prepared.higher_is_better,
        most=perfect_score(evidence),
    )
