"""One model's result: its scores with their intervals, its size, speed and memory."""

import math
from collections.abc import Sequence

from seqcli.data.answer_rows import LineAnswers, rows
from seqcli.data.kind import KINDS, metric_named
from seqcli.experiments.compare.comparison_inputs import (
    ComparisonInputs,
    ModelEvidence,
    perfect_score,
    resolution_of,
)
from seqcli.experiments.compare.costs import (
    achieved,
    latency,
    memory,
    plain_latency,
    plain_memory,
    plain_speed,
    speed,
)
from seqcli.experiments.compare.reaching import (
    to_target,
    with_solved,
)
from seqcli.experiments.compare.shared_examples import (
    scores_beside,
)
from seqcli.experiments.legs import recurrent_input
from seqcli.results.compare import (
    ModelResult,
    ToTarget,
)
from seqcli.results.measurements import Parameters, Quality
from seqcli.results.steps_ahead import StepScores, mean_steps
from seqcli.statistics.crossed import Crossed
from seqcli.statistics.own_score import score_interval


def quality_of(
    evidence: ComparisonInputs,
    test: Sequence[float | None],
    valid: Sequence[float | None],
    crossed: Crossed | None = None,
) -> Quality:
    """The score of the test split, with its interval over runs and, where given, test examples."""
    known = [value for value in test if value is not None]
    summary = evidence.mean(test, resolution=resolution_of(evidence))
    metric = evidence.prepared.scored_by
    most, share = perfect_score(evidence), metric.right is not None
    return Quality(
        metric=metric.name,
        mean=summary.mean if summary else None,
        ci95=score_interval(summary, crossed, most=most, share=share) if summary else None,
        per_seed=list(test),
        valid_per_seed=list(valid),
        failed=len(test) - len(known),
    )


def model_result(evidence: ComparisonInputs, trained: ModelEvidence) -> ModelResult:
    """All that is told of one model alone; what was not measured is None."""
    valid = [None if leg is None else leg.summary.valid.value for leg in trained.outcomes]
    blocks = trained.blocks
    answers = tuple(leg.predictions for leg in trained.finished)
    crossed = evidence.crossed([(1.0, answers)])
    quality = quality_of(evidence, trained.scores, valid, crossed)
    if evidence.prepared.facts.definition is not None:
        quality = with_solved(quality, trained.outcomes)
    return ModelResult(
        name=trained.model.model,
        label=trained.label,
        settings=dict(sorted(trained.model.model_dump(mode="json", exclude={"model"}).items())),
        training=dict(sorted(trained.training.model_dump(mode="json").items())),
        gates=len(trained.model.gate_names),
        gate_names=list(trained.model.gate_names),
        kernel=_kernel(trained),
        parameters=parameters_in(evidence, trained),
        flops_per_step=trained.model.flops_per_step(recurrent_input(trained.model, evidence.prepared)),
        quality=quality,
        beside=_other_scores(evidence, trained),
        ahead=steps_ahead(evidence, answers),
        train_speed=speed(blocks) if blocks else None,
        same_path_speed=plain_speed(blocks),
        latency=latency(blocks) if blocks else None,
        memory=memory([block.memory for block in blocks]) if blocks else None,
        epochs_to_best=[None if leg is None else leg.summary.best_epoch for leg in trained.outcomes],
        seconds_to_best=[None if leg is None else leg.timing.seconds_to_best for leg in trained.outcomes],
        learning=[None if leg is None else list(leg.learning) for leg in trained.outcomes],
        to_target=_to_target(evidence, trained),
        throughput=achieved(blocks, trained.model, recurrent_input(trained.model, evidence.prepared)),
        same_path_latency=plain_latency(blocks),
        same_path_memory=plain_memory(blocks),
    )


def _other_scores(evidence: ComparisonInputs, trained: ModelEvidence) -> dict[str, Quality]:
    """The other scores of the test split, seed by seed, with intervals as the one that decides has."""
    prepared, metric = evidence.prepared, evidence.prepared.scored_by
    scores = [
        scores_beside(prepared.kind, prepared.labels, metric.name, leg.predictions) if leg else {}
        for leg in trained.outcomes
    ]
    answers = tuple(leg.predictions for leg in trained.finished)
    qualities = {}
    for name in next(filter(None, scores), {}):
        values = [score.get(name) for score in scores]
        summary, most = evidence.mean(values), metric_named(name).most
        if summary is None:
            continue
        is_brief = metric_named(name).brief  # the many others have means alone: intervals would take seconds
        crossed = evidence.crossed([(1.0, answers)], name) if is_brief else None
        limit = math.inf if most is None else most
        qualities[name] = Quality(
            metric=name,
            mean=summary.mean,
            ci95=score_interval(summary, crossed, most=limit, share=False) if is_brief else None,
            per_seed=values,
            valid_per_seed=[None] * len(values),
            failed=values.count(None),
        )
    return qualities


def steps_ahead(evidence: ComparisonInputs, answers: Sequence[LineAnswers]) -> StepScores | None:
    """The scores of each step ahead, their mean over the legs; None where there are no such steps."""
    scored = KINDS.get(evidence.prepared.kind).step_scores
    each = [steps for leg in answers if scored and leg and (steps := scored(rows(leg))) is not None]
    return mean_steps(each)


def _kernel(trained: ModelEvidence) -> str | None:
    """Return the kernel of the recurrence: of the timed blocks, else of the legs."""
    kernels = [*(block.kernel for block in trained.blocks), *(leg.timing.kernel for leg in trained.finished)]
    return next((kernel for kernel in kernels if kernel), None)


def _to_target(evidence: ComparisonInputs, trained: ModelEvidence) -> ToTarget | None:
    target = evidence.config.target
    if target is None:
        return None
    return to_target(trained.outcomes, target, higher_is_better=evidence.prepared.higher_is_better)


def parameters_in(evidence: ComparisonInputs, trained: ModelEvidence) -> Parameters:
    """As its legs counted them; of a model without a finished leg, counted on one that is built for it."""
    if trained.finished:
        return trained.finished[0].summary.parameters
    from seqcli.training.construction import parameters_of

    return parameters_of(trained.model, evidence.prepared)
