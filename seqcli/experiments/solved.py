"""Tasks that are solved or not: seeds are counted and compared exactly, never by a mean of two humps."""

from collections.abc import Sequence

from seqcli.data.prepared import Prepared
from seqcli.experiments.store import LegOutcome
from seqcli.experiments.target import compared_steps
from seqcli.results.compare import Baseline, QualityPair, SolvedPair
from seqcli.results.definition import Criterion
from seqcli.results.measurements import Quality
from seqcli.statistics.intervals import complete_pairs, paired_difference
from seqcli.statistics.solved import SOLVED_MARGIN, judge_solved_family, unseen_rate

Outcomes = Sequence[LegOutcome | None]


def solved_seeds(outcomes: Outcomes) -> list[bool | None]:
    """Whether each leg solved its task; None where it failed."""
    return [
        None if leg is None or leg.summary.solved is None else leg.summary.solved.solved for leg in outcomes
    ]


def with_solved(quality: Quality, outcomes: Outcomes) -> Quality:
    """The same quality with the seeds that solved the task counted, and without an interval."""
    solved = solved_seeds(outcomes)
    return quality.model_copy(
        update={"ci95": None, "solved": sum(map(bool, solved)), "solved_per_seed": solved}
    )


def solved_pairs(
    couples: Sequence[tuple[Outcomes, Outcomes]],
    alpha: float,
    criterion: Criterion | None = None,
    *,
    margin: float = SOLVED_MARGIN,
) -> list[QualityPair]:
    """Verdicts by the exact paired test, Holm-corrected over the pairs; differences have no interval.

    Args:
        couples: The legs of two models, same seeds; None where one failed.
        alpha: The error rate.
        criterion: What the steps to solve are counted by; None leaves them out.
        margin: The least difference in the share of seeds solved that matters.
    """
    both = [_finished(a, b) for a, b in couples]
    possible = [number for number, (first, _) in enumerate(both) if first]
    answers = [tuple([bool(seed) for seed in solved_seeds(each)] for each in both[n]) for n in possible]
    verdicts = judge_solved_family([(a, b) for a, b in answers], alpha=alpha, margin=margin)
    found = dict(zip(possible, verdicts, strict=True))
    pairs = []
    for number, (first, second) in enumerate(both):
        verdict = found.get(number)
        if verdict is None:
            pairs.append(NOT_COMPARED)
            continue
        a, b = complete_pairs(_scores(first), _scores(second))
        pairs.append(
            QualityPair(
                difference=paired_difference(a, b).mean,
                ci95=None,
                ci90=None,
                verdict=verdict.verdict,
                seeds_needed=verdict.seeds_needed,
                solved=SolvedPair(
                    a=verdict.solved_a,
                    b=verdict.solved_b,
                    seeds=verdict.counts.pairs,
                    p_value=verdict.p_different,
                    margin=margin,
                ),
                steps=criterion and compared_steps(first, second, criterion, alpha=alpha),
                unseen_rate=unseen_rate(verdict.counts.pairs),
            )
        )
    return pairs


NOT_COMPARED = QualityPair(difference=None, ci95=None, ci90=None, verdict="undecided", seeds_needed=None)


def constant_baseline(prepared: Prepared) -> list[Baseline]:
    """What the best constant answer scores, where the task's definition names one."""
    definition = prepared.facts.definition
    if definition is None or definition.baseline is None:
        return []
    scores = definition.baseline.scores
    quality = Quality(
        metric=prepared.metric,
        mean=scores["test"],
        ci95=None,
        per_seed=[scores["test"]],
        valid_per_seed=[scores["valid"]],
    )
    return [Baseline(name="constant", label=definition.baseline.label, quality=quality)]


def _finished(a: Outcomes, b: Outcomes) -> tuple[list[LegOutcome], list[LegOutcome]]:
    """The legs of the seeds at which both finished."""
    pairs = [(x, y) for x, y in zip(a, b, strict=True) if x is not None and y is not None]
    return [x for x, _ in pairs], [y for _, y in pairs]


def _scores(legs: Sequence[LegOutcome]) -> list[float]:
    return [leg.summary.tested.value for leg in legs]
