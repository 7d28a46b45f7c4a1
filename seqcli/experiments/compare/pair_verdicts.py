"""The verdicts on pairs of models, and on models against the baselines: a Holm family each."""

from collections.abc import Sequence
from itertools import combinations, product

from seqcli.data.answer_rows import rows
from seqcli.data.kind import KINDS
from seqcli.experiments.compare.comparison_inputs import (
    ComparisonInputs,
    ModelEvidence,
    perfect_score,
    rule_of,
    solved_margin,
)
from seqcli.experiments.compare.costs import latency_pairs, memory_pair, speed_pairs
from seqcli.experiments.compare.model_results import parameters_in, quality_of, steps_ahead
from seqcli.experiments.compare.reaching import (
    NOT_COMPARED,
    solved_pairs,
)
from seqcli.experiments.compare.shared_examples import (
    SharedExamples,
    crossed_mean,
    quality_pair,
)
from seqcli.results.compare import BAG, Baseline, BaselineAnswers
from seqcli.results.compared_pairs import BaselinePair, Pair, ParameterPair, QualityPair
from seqcli.results.measurements import Quality
from seqcli.statistics.exact_tests import unseen_rate
from seqcli.statistics.own_score import run_interval, share_interval
from seqcli.statistics.verdicts import Evidence as Paired
from seqcli.statistics.verdicts import Judgement, judge_family


def baselines_of(evidence: ComparisonInputs) -> list[Baseline]:
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
    verdicts = judge_family([view for view, _ in views.values()], rule_of(evidence))
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
            ahead=steps_ahead(evidence, [fold.predictions for fold in answers]),
        )
        for name, answers in evidence.baselines.items()
    ]


def _baseline_quality(evidence: ComparisonInputs, folds: Sequence[BaselineAnswers]) -> Quality:
    """A baseline's score, which has no seeds: its interval is over test examples, or over folds."""
    metric = evidence.prepared.scored_by
    quality = quality_of(evidence, [fold.test for fold in folds], [fold.valid for fold in folds])
    if evidence.folds is not None:
        return quality
    (answers,) = folds
    answer_rows = rows(answers.predictions)
    interval = None
    if metric.right is not None and answer_rows:
        interval = share_interval(sum(map(metric.right, answer_rows)), len(answer_rows))
    elif (sampled := crossed_mean([(1.0, (answers.predictions,))], metric.name)) is not None:
        interval = run_interval(sampled, most=perfect_score(evidence), share=False)
    return quality.model_copy(update={"ci95": interval})


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
        uncontrolled = control.model.model_copy(update={"control": "none"})
        if other.model != uncontrolled and any(model.model == uncontrolled for model in models):
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
        [Paired(mean, shared[number].crossed) for number, mean in differences.items()], rule_of(evidence)
    )
    by_couple = {
        number: _quality_pair(evidence, verdict, shared[number])
        for number, verdict in zip(differences, verdicts, strict=True)
    }
    return [by_couple.get(number, NOT_COMPARED) for number in range(len(couples))]


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
    sizes = [parameters_in(evidence, model) for model in (a, b)]
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
