"""From what was measured to what is concluded: models, pairs, the guide's claims, a recommendation."""

from collections.abc import Sequence

from seqcli.data.data_words import data_notes, table_cautions
from seqcli.experiments.compare.comparison_claims import check_guide
from seqcli.experiments.compare.comparison_inputs import ComparisonInputs, least_margin, margin_of, scoring
from seqcli.experiments.compare.model_results import model_result
from seqcli.experiments.compare.pair_verdicts import baselines_of, pairs
from seqcli.experiments.compare.reaching import (
    constant_baseline,
)
from seqcli.experiments.compare.recommend import recommend, what_recurrence_buys
from seqcli.experiments.compare.shared_examples import (
    answer_spread,
    score_notes,
)
from seqcli.experiments.compare.signature import signature
from seqcli.experiments.legs import torch_version
from seqcli.results.compare import (
    Comparison,
    CrossValidation,
    EarlierLook,
    ModelResult,
    Protocol,
    TaskFacts,
)


def conclude(evidence: ComparisonInputs) -> Comparison:
    """The whole result; what is missing (a failed leg, unmeasured cost) is missing in it too."""
    models = [model_result(evidence, model) for model in evidence.models]
    compared = pairs(evidence)
    task, protocol = _task(evidence), _protocol(evidence)
    baselines = [*constant_baseline(evidence.prepared), *baselines_of(evidence)]
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
        # Folds test different rows: there is no spread over the same examples to keep.
        if evidence.folds
        else answer_spread(
            {measured.label: measured.outcomes for measured in evidence.models}, *scoring(evidence.prepared)
        ),
    )


def is_complete(evidence: ComparisonInputs) -> bool:
    """Return whether nothing is missing that was asked for; what is, the same command tries again."""
    measures_cost = evidence.config.measures_cost
    measured = all(model.blocks or not measures_cost for model in evidence.models)
    return measured and not evidence.failures and all(None not in model.outcomes for model in evidence.models)


def _signature(evidence: ComparisonInputs, models: Sequence[ModelResult]) -> str:
    config = evidence.config
    # In the order of the models, each once: the same comparison has the same signature each time.
    kernels = list(dict.fromkeys(model.kernel for model in models if model.kernel))
    return signature(
        f"{evidence.prepared.name}@{evidence.prepared.facts.sha256[:8]}",
        config.models,
        width=config.hidden,
        match=",".join(config.match),
        seeds=evidence.seeds,
        device=" ".join((evidence.device, "+".join(kernels))).strip(),
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


def _protocol(evidence: ComparisonInputs) -> Protocol:
    config, prepared = evidence.config, evidence.prepared
    solved = prepared.facts.definition is not None  # the margin is then one of seeds, not of scores
    # What was asked for as a margin is of seeds solved; the scores' own is the metric's default.
    by_default = config.model_copy(update={"margin": None})
    return Protocol(
        match=evidence.match,
        seeds=list(evidence.seeds),
        look=len(evidence.seeds),
        alpha=evidence.alpha,
        margin=margin_of(by_default, prepared.kind, prepared.metric) if solved else least_margin(evidence),
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
