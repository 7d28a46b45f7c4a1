"""Ratios of two models' costs, and the verdicts on them: one Holm family a figure."""

from collections.abc import Callable, Sequence

from seqcli.experiments.compare.cost_records import Blocks
from seqcli.experiments.compare.costs import highest_level, latencies, memory, on_plain_path, plain_memory
from seqcli.results.compared_pairs import RatioPair
from seqcli.results.measurements import Memory
from seqcli.statistics.intervals import LogEstimate, exact_ratio, paired_ratio
from seqcli.statistics.student import COST_MARGIN
from seqcli.statistics.verdicts import Judgement, Rule, judge_family

BlocksCouple = tuple[Blocks, Blocks]
"""The blocks of two models."""


LESS_IS_BETTER = Rule(margin=COST_MARGIN, higher_is_better=False)


MORE_IS_BETTER = Rule(margin=COST_MARGIN, higher_is_better=True)


def speed_pairs(couples: Sequence[BlocksCouple]) -> list[RatioPair]:
    """Sequences a second in training, process against process; the couples of a comparison are one family."""

    def plain(blocks: Blocks) -> list[float]:
        return [block.plain_steps.rate for block in blocks if block.plain_steps is not None]

    return _timed(couples, lambda blocks: [block.steps.rate for block in blocks], plain, rule=MORE_IS_BETTER)


def latency_pairs(couples: Sequence[BlocksCouple]) -> list[RatioPair]:
    """Time of a single prediction, process against process; the couples of a comparison are one family."""
    return _timed(couples, latencies, lambda blocks: latencies(on_plain_path(blocks)), rule=LESS_IS_BETTER)


def speed_pair(a: Blocks, b: Blocks) -> RatioPair:
    """The training speed of one couple alone."""
    return speed_pairs([(a, b)])[0]


def latency_pair(a: Blocks, b: Blocks) -> RatioPair:
    """The latency of one couple alone."""
    return latency_pairs([(a, b)])[0]


def memory_pair(a: Blocks, b: Blocks) -> RatioPair:
    """Exact bytes of a training step: known without noise, so that there is no interval."""
    used = [memory([block.memory for block in blocks]) for blocks in (a, b)]
    (pair,) = _ratios([_bytes(*used)], LESS_IS_BETTER)
    plain = [plain_memory(blocks) for blocks in (a, b)]
    if _same_kernel(a, b) or plain[0] is None or plain[1] is None:
        return pair
    (same,) = _ratios([_bytes(plain[0], plain[1])], LESS_IS_BETTER)
    return _with_same_path(pair, same)


def _timed(
    couples: Sequence[BlocksCouple],
    measured: Callable[[Blocks], list[float]],
    plain_of: Callable[[Blocks], list[float]],
    *,
    rule: Rule,
) -> list[RatioPair]:
    """Ratios over processes or sittings, and those of the common path where kernels differ.

    Holm's correction is over the couples, as for quality: of four equal models, one of six ratios would
    otherwise be called faster or slower in a quarter of all comparisons.
    """
    pairs = _ratios([paired_ratio(*_levels(both, measured)) for both in couples], rule)
    common = {
        place: paired_ratio(*_levels((a, b), plain_of))
        for place, (a, b) in enumerate(couples)
        if not _same_kernel(a, b) and len({len(a), len(b), len(plain_of(a)), len(plain_of(b))}) == 1
    }
    same = dict(zip(common, _ratios(list(common.values()), rule), strict=True))
    return [_with_same_path(pair, same[place]) if place in same else pair for place, pair in enumerate(pairs)]


def _levels(couple: BlocksCouple, measured: Callable[[Blocks], list[float]]) -> list[list[float]]:
    """A figure of both, at the highest level that varies."""
    return [highest_level(blocks, measured(blocks)) for blocks in couple]


def _same_kernel(a: Blocks, b: Blocks) -> bool:
    return a[0].kernel == b[0].kernel


def _bytes(a: Memory, b: Memory) -> LogEstimate:
    return exact_ratio(a.step, b.step)


def _ratios(estimates: Sequence[LogEstimate], rule: Rule) -> list[RatioPair]:
    """One family of ratios; each with the interval that decided it."""
    verdicts = judge_family([estimate.log for estimate in estimates], rule)
    return [_ratio(estimate, verdict) for estimate, verdict in zip(estimates, verdicts, strict=True)]


def _ratio(estimate: LogEstimate, verdict: Judgement) -> RatioPair:
    if estimate.log.sd == 0.0 and estimate.log.n == 1:
        return RatioPair(ratio=estimate.value, ci95=None, verdict=verdict.verdict)
    decided, level = verdict.deciding
    return RatioPair(
        ratio=estimate.value,
        ci95=estimate.ci95,
        verdict=verdict.verdict,
        interval=estimate.interval(1 - level) if decided is not None else None,
        level=level,
    )


def _with_same_path(pair: RatioPair, same: RatioPair) -> RatioPair:
    return pair.model_copy(
        update={
            "same_path_ratio": same.ratio,
            "same_path_ci95": same.ci95,
            "same_path_verdict": same.verdict,
            "same_path_interval": same.interval,
            "same_path_level": same.level,
        }
    )
