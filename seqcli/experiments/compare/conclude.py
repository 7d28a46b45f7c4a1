"""From what was measured to what is concluded: models, pairs, the guide's claims, a recommendation."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product
from statistics import fmean

from seqcli.data.data_words import data_notes, table_cautions
from seqcli.data.kind import KINDS, metric_named
from seqcli.data.pair_scores import BleuTokenizer, known_bleu_tokenizer
from seqcli.data.prepared import Prepared
from seqcli.experiments.compare.comparison_claims import check_guide
from seqcli.experiments.compare.costs import (
    Block,
    achieved,
    latency,
    latency_pairs,
    memory,
    memory_pair,
    plain_latency,
    plain_memory,
    plain_speed,
    speed,
    speed_pairs,
)
from seqcli.experiments.compare.reaching import (
    NOT_COMPARED,
    constant_baseline,
    solved_pairs,
    to_target,
    with_solved,
)
from seqcli.experiments.compare.recommend import recommend, what_recurrence_buys
from seqcli.experiments.compare.shared_examples import (
    NOTHING,
    Answered,
    Legs,
    SharedExamples,
    answer_spread,
    crossed_mean,
    quality_pair,
    rows,
    score_notes,
    scores_beside,
    shared_examples,
)
from seqcli.experiments.compare.signature import signature
from seqcli.experiments.compare.store import LegOutcome
from seqcli.experiments.config import CompareConfig
from seqcli.experiments.legs import torch_version
from seqcli.models.config import ModelConfig
from seqcli.results.compare import (
    BAG,
    Baseline,
    BaselineAnswers,
    BaselinePair,
    Comparison,
    CrossValidation,
    EarlierLook,
    Failure,
    ModelResult,
    Pair,
    ParameterPair,
    Protocol,
    QualityPair,
    TaskFacts,
    ToTarget,
    Tuning,
)
from seqcli.results.measurements import Parameters, Quality, Sitting
from seqcli.statistics.crossed import Crossed
from seqcli.statistics.exact_tests import SOLVED_MARGIN, unseen_rate
from seqcli.statistics.folds import Folds
from seqcli.statistics.intervals import Estimate, complete_pairs, estimate, paired_difference
from seqcli.statistics.looks import TakenLook
from seqcli.statistics.own_score import run_interval, score_interval, share_interval
from seqcli.statistics.verdicts import Evidence as Paired
from seqcli.statistics.verdicts import Judgement, Rule, judge_family
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
            return self.folds.difference(a, b, resolution=_resolution(self))
        return paired_difference(first, second, resolution=_resolution(self))

    def shared(self, a: Sequence[Answered | None], b: Sequence[Answered | None]) -> SharedExamples:
        """The contrast over test examples, which runs on different folds do not share."""
        return NOTHING if self.folds is not None else shared_examples(a, b, *_scoring(self.prepared))

    def crossed(self, parts: Sequence[tuple[float, Legs]], metric: str | None = None) -> Crossed | None:
        """A combination of scores over seeds × examples, likewise."""
        if self.folds is not None:
            return None
        own, words = _scoring(self.prepared)
        return crossed_mean(parts, metric or own, words if metric is None else None)


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
    whole = [seed for seed in zip(*(legs for _, legs in weighted), strict=True) if None not in seed]
    if len(whole) < 2 or len({evidence.seeds for evidence, _ in places}) > 1:
        return None
    columns = zip(*([leg.predictions for leg in seed if leg is not None] for seed in whole), strict=True)
    parts = [(weight, tuple(column)) for (weight, _), column in zip(weighted, columns, strict=True)]
    return crossed_mean(parts, places[0][0].prepared.metric)


def conclude(evidence: ComparisonInputs) -> Comparison:
    """The whole result; what is missing (a failed leg, unmeasured cost) is missing in it too."""
    models = [_model(evidence, model) for model in evidence.models]
    compared = pairs(evidence)
    task, protocol = _task(evidence), _protocol(evidence)
    baselines = [*constant_baseline(evidence.prepared), *_baselines(evidence)]
    recurrence = what_recurrence_buys(baselines, higher_is_better=task.higher_is_better)
    return Comparison(
        signature=_signature(evidence, models),
        status="complete" if is_complete(evidence) else "partial",
        task=task,
        protocol=protocol,
        models=models,
        baselines=baselines,
        recurrence=recurrence,
        pairs=compared,
        guide=check_guide(models, compared),
        recommendation=recommend(models, compared, recurrence, task=task, fresh_seed=protocol.fresh_seed),
        failures=list(evidence.failures),
        sittings=list(evidence.sittings),
        answers=None
        if evidence.folds
        else answer_spread(
            {measured.label: measured.outcomes for measured in evidence.models}, *_scoring(evidence.prepared)
        ),
    )


def is_complete(evidence: ComparisonInputs) -> bool:
    """Return whether nothing is missing that was asked for; what is, the same command tries again."""
    measures_cost = evidence.config.measures_cost
    measured = all(model.blocks or not measures_cost for model in evidence.models)
    return measured and not evidence.failures and all(None not in model.outcomes for model in evidence.models)


def _signature(evidence: ComparisonInputs, models: Sequence[ModelResult]) -> str:
    config = evidence.config
    kernels = list(dict.fromkeys(model.kernel for model in models if model.kernel))
    return signature(
        f"{evidence.prepared.name}@{evidence.prepared.facts.sha256[:8]}",
        config.models,
        width=config.hidden,
        match=",".join(config.match),
        seeds=evidence.seeds,
        where=" ".join((evidence.device, "+".join(kernels))).strip(),
        folds=0 if evidence.folds is None else evidence.folds.count,
    )


def _task(evidence: ComparisonInputs) -> TaskFacts:
    prepared = evidence.prepared
    facts = prepared.facts
    return TaskFacts(
        name=prepared.name,
        kind=prepared.kind,
        train=len(prepared.splits["train"].lengths),
        valid=len(prepared.splits["valid"].lengths),
        test=len(prepared.splits["test"].lengths),
        classes=len(prepared.labels) or None,
        metric=prepared.metric,
        higher_is_better=prepared.higher_is_better,
        majority=prepared.majority_score if evidence.majority is None else evidence.majority,
        data_sha256=facts.sha256,
        source=facts.source,
        notes=[*data_notes(facts), *score_notes(prepared)],
        length_mean=facts.length_mean,
        definition=facts.definition,
        scale_max=prepared.scored_by.most,
        cautions=list(table_cautions(facts)),
    )


def _scoring(prepared: Prepared) -> tuple[str, BleuTokenizer | None]:
    """Return the metric of the answers, and BLEU's tokenizer."""
    return prepared.metric, known_bleu_tokenizer(prepared.bleu_tokenize)


def _protocol(evidence: ComparisonInputs) -> Protocol:
    config, prepared = evidence.config, evidence.prepared
    solved = prepared.facts.definition is not None  # the margin is then one of seeds, not of scores
    own = config.model_copy(update={"margin": None})
    return Protocol(
        match=evidence.match,
        seeds=list(evidence.seeds),
        look=len(evidence.seeds),
        alpha=evidence.alpha,
        margin=margin_of(own, prepared.kind, prepared.metric) if solved else _margin(evidence),
        init=config.init,
        device=evidence.device,
        threads=config.threads,
        torch=torch_version(),
        tuning=evidence.tuning,
        target=config.target,
        looks_before=[EarlierLook(seeds=list(look.seeds), alpha=look.alpha) for look in evidence.before],
        looks_apart=[EarlierLook(seeds=list(look.seeds), alpha=look.alpha) for look in evidence.apart],
        folds=_folds(evidence),
    )


def _folds(evidence: ComparisonInputs) -> CrossValidation | None:
    """The cross-validation that was made, if one was."""
    folds = evidence.folds
    if folds is None:
        return None
    return CrossValidation(
        folds=folds.count,
        fold_per_seed=[folds.of(place) for place in range(len(evidence.seeds))],
        test_to_train=folds.test_to_train,
    )


def solved_margin(config: CompareConfig) -> float:
    """The least difference in the share of seeds that solve a task that matters; `--margin` is in points."""
    return SOLVED_MARGIN if config.margin is None else min(config.margin / 100, 1.0)


def _margin(evidence: ComparisonInputs) -> float:
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


def _quality(
    evidence: ComparisonInputs,
    test: Sequence[float | None],
    valid: Sequence[float | None],
    crossed: Crossed | None = None,
) -> Quality:
    known = [value for value in test if value is not None]
    summary = evidence.mean(test, resolution=_resolution(evidence))
    metric = evidence.prepared.scored_by
    most, share = _most(evidence), metric.right is not None
    return Quality(
        metric=metric.name,
        mean=summary.mean if summary else None,
        ci95=score_interval(summary, crossed, most=most, share=share) if summary else None,
        per_seed=list(test),
        valid_per_seed=list(valid),
        failed=len(test) - len(known),
    )


def _resolution(evidence: ComparisonInputs) -> float:
    """The smallest step of the metric: for a share, one test example."""
    prepared = evidence.prepared
    return prepared.scored_by.resolution(len(prepared.splits["test"].lengths))


def _most(evidence: ComparisonInputs) -> float:
    """The score of perfect answers; infinite where there is none."""
    most = evidence.prepared.scored_by.most
    return math.inf if most is None else most


def _baselines(evidence: ComparisonInputs) -> list[Baseline]:
    """Every baseline, and each model's verdict against it: one Holm family, apart from the pairs of models.

    A verdict needs the answers to each test example: without them, or at one seed, it is left open.
    """
    couples = [(name, model.label) for name in evidence.baselines for model in evidence.models]
    against: dict[tuple[str, str], QualityPair] = {}
    views: dict[tuple[str, str], tuple[Paired, SharedExamples]] = {}
    for (name, answers), model in product(evidence.baselines.items(), evidence.models):
        paired = [answers[place % len(answers)] for place in range(len(model.scores))]
        mean = evidence.difference(model.scores, [baseline.test for baseline in paired])
        if mean is None:
            against[name, model.label] = NOT_COMPARED
            continue
        shared = evidence.shared(model.outcomes, paired)
        against[name, model.label] = NOT_COMPARED.model_copy(update={"difference": mean.mean})
        if shared.crossed is not None or evidence.folds is not None:
            views[name, model.label] = Paired(mean, shared.crossed), shared
    verdicts = judge_family([view for view, _ in views.values()], _rule(evidence))
    for couple, verdict in zip(views, verdicts, strict=True):
        against[couple] = _quality_pair(evidence, verdict, views[couple][1])
    return [
        Baseline(
            name=name,
            label=KINDS.get(evidence.prepared.kind).baselines[name],
            quality=_baseline_quality(evidence, answers),
            against=[
                BaselinePair(a=label, b=name, quality=against[name, label])
                for b, label in couples
                if b == name
            ],
        )
        for name, answers in evidence.baselines.items()
    ]


def _baseline_quality(evidence: ComparisonInputs, folds: Sequence[BaselineAnswers]) -> Quality:
    """A baseline's score, which has no seeds: its interval is over test examples, or over folds."""
    metric = evidence.prepared.scored_by
    quality = _quality(evidence, [fold.test for fold in folds], [fold.valid for fold in folds])
    if evidence.folds is not None:
        return quality
    (answers,) = folds
    answer_rows = rows(answers.predictions)
    interval = None
    if metric.right is not None and answer_rows:
        interval = share_interval(sum(map(metric.right, answer_rows)), len(answer_rows))
    elif (sampled := crossed_mean([(1.0, (answers.predictions,))], metric.name)) is not None:
        interval = run_interval(sampled, most=_most(evidence), share=False)
    return quality.model_copy(update={"ci95": interval})


def _model(evidence: ComparisonInputs, trained: ModelEvidence) -> ModelResult:
    valid = [None if leg is None else leg.summary.valid.value for leg in trained.outcomes]
    blocks = trained.blocks
    answers = tuple(leg.predictions for leg in trained.finished)
    crossed = evidence.crossed([(1.0, answers)])
    quality = _quality(evidence, trained.scores, valid, crossed)
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
        parameters=_parameters(evidence, trained),
        flops_per_step=trained.model.flops_per_step(evidence.prepared.input_size),
        quality=quality,
        beside=_other_scores(evidence, trained),
        train_speed=speed(blocks) if blocks else None,
        same_path_speed=plain_speed(blocks),
        latency=latency(blocks) if blocks else None,
        memory=memory([block.memory for block in blocks]) if blocks else None,
        epochs_to_best=[None if leg is None else leg.summary.best_epoch for leg in trained.outcomes],
        seconds_to_best=[None if leg is None else leg.timing.seconds_to_best for leg in trained.outcomes],
        learning=[None if leg is None else list(leg.learning) for leg in trained.outcomes],
        to_target=_to_target(evidence, trained),
        throughput=achieved(blocks, trained.model, evidence.prepared.input_size),
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


def _kernel(trained: ModelEvidence) -> str | None:
    """Return the kernel of the recurrence: of the timed blocks, else of the legs."""
    kernels = [*(block.kernel for block in trained.blocks), *(leg.timing.kernel for leg in trained.finished)]
    return next((kernel for kernel in kernels if kernel), None)


def _to_target(evidence: ComparisonInputs, trained: ModelEvidence) -> ToTarget | None:
    target = evidence.config.target
    if target is None:
        return None
    return to_target(trained.outcomes, target, higher_is_better=evidence.prepared.higher_is_better)


def _parameters(evidence: ComparisonInputs, trained: ModelEvidence) -> Parameters:
    """As its legs counted them; of a model without a finished leg, counted on one that is built for it."""
    if trained.finished:
        return trained.finished[0].summary.parameters
    from seqcli.training.construction import parameters_of

    return parameters_of(trained.model, evidence.prepared)


def pairs(evidence: ComparisonInputs) -> list[Pair]:
    """Every pair, the later model against the earlier one, or all against the reference."""
    chosen = evidence.config.reference
    models = evidence.models
    couples = [(b, a) for a, b in combinations(models, 2) if chosen is None or chosen in (a.label, b.label)]
    couples = [couple for couple in couples if _of_interest(couple, models)]
    couples = [_facing(couple, chosen) for couple in couples]
    qualities = _quality_pairs(evidence, couples)
    timed = [place for place, (a, b) in enumerate(couples) if a.blocks and b.blocks]
    blocks = [(couples[place][0].blocks, couples[place][1].blocks) for place in timed]
    speeds = dict(zip(timed, speed_pairs(blocks), strict=True))
    waits = dict(zip(timed, latency_pairs(blocks), strict=True))
    return [
        _pair(evidence, couple, quality).model_copy(
            update={"train_speed": speeds.get(place), "latency": waits.get(place)}
        )
        for place, (couple, quality) in enumerate(zip(couples, qualities, strict=True))
    ]


EvidenceCouple = tuple[ModelEvidence, ModelEvidence]


def _of_interest(couple: EvidenceCouple, models: Sequence[ModelEvidence]) -> bool:
    """Return whether two models are to be compared: one whose steps are shuffled only with its own model.

    Every further pair would cost the others some of their level. Where its own model is not there, all are.
    """
    for control, other in (couple, couple[::-1]):
        if control.model.control == "none":
            continue
        own = control.model.model_copy(update={"control": "none"})
        if other.model != own and any(model.model == own for model in models):
            return False
    return True


def _facing(couple: EvidenceCouple, reference: str | None) -> EvidenceCouple:
    """The couple with the reference, or else a control of the other, second: what the first has beyond it."""
    a, b = couple
    if reference is not None:
        return (b, a) if a.label == reference else couple
    is_control = [model.model.model == BAG or model.model.control != "none" for model in couple]
    return (b, a) if is_control == [True, False] else couple


def _quality_pairs(evidence: ComparisonInputs, couples: Sequence[EvidenceCouple]) -> list[QualityPair]:
    """Paired differences over the seeds at which both models finished, Holm-corrected over the pairs."""
    definition = evidence.prepared.facts.definition
    if definition is not None:
        outcomes = [(a.outcomes, b.outcomes) for a, b in couples]
        margin = solved_margin(evidence.config)
        return solved_pairs(outcomes, evidence.alpha, definition.criterion, margin=margin)
    differences = {
        number: mean
        for number, (a, b) in enumerate(couples)
        if (mean := evidence.difference(a.scores, b.scores)) is not None
    }
    shared = {
        number: evidence.shared(*(model.outcomes for model in couples[number])) for number in differences
    }
    verdicts = judge_family(
        [Paired(mean, shared[number].crossed) for number, mean in differences.items()], _rule(evidence)
    )
    by_couple = {
        number: _quality_pair(evidence, verdict, shared[number])
        for number, verdict in zip(differences, verdicts, strict=True)
    }
    return [by_couple.get(number, NOT_COMPARED) for number in range(len(couples))]


def _rule(evidence: ComparisonInputs) -> Rule:
    """Return the rule declared before the first run: the same for pairs and for baselines."""
    return Rule(
        margin=_margin(evidence),
        alpha=evidence.alpha,
        higher_is_better=evidence.prepared.higher_is_better,
        most=_most(evidence),
    )


def _quality_pair(evidence: ComparisonInputs, judgement: Judgement, shared: SharedExamples) -> QualityPair:
    pair_quality = quality_pair(judgement, shared)
    if evidence.folds is None:
        return pair_quality
    # More seeds of the same folds leave their overlap as it is.
    changed = {
        "seeds_needed": 0 if judgement.decided else None,
        "seeds_needed_range": None,
        "examples_needed": None,
        "limit": None if judgement.decided else "rows",
        "unseen_rate": unseen_rate(len(evidence.seeds)) if judgement.seeds else None,
    }
    return pair_quality.model_copy(update=changed)


def _pair(evidence: ComparisonInputs, couple: EvidenceCouple, quality: QualityPair) -> Pair:
    """All but the times, which are judged over all couples together."""
    a, b = couple
    sizes = [_parameters(evidence, model) for model in (a, b)]
    return Pair(
        a=a.label,
        b=b.label,
        quality=quality,
        train_speed=None,
        latency=None,
        memory=memory_pair(a.blocks, b.blocks) if a.blocks and b.blocks else None,
        parameters=ParameterPair(
            ratio=sizes[0].total / sizes[1].total,
            recurrent_ratio=sizes[0].recurrent / sizes[1].recurrent if sizes[1].recurrent else None,
        ),
    )
