"""What two models' cost blocks say of each other: ratios of speed, latency and memory.

A ratio rests on fresh processes, one of each model a round, in random order: the machine's state of the
sitting cancels in it. From three sittings on it rests on those.

Where the two ran on different kernels, each ratio stands beside the same one on torch's own loop, which
both have: the first says what is cheaper here, the second what the kernel has to do with it.
"""

from collections.abc import Callable, Sequence

from seqcli.experiments.cost import Block, highest_level, latencies, memory, on_plain_path, plain_memory
from seqcli.results.compare import RatioPair
from seqcli.results.measurements import Memory
from seqcli.statistics.equivalence import COST_MARGIN
from seqcli.statistics.intervals import LogEstimate, exact_ratio, paired_ratio
from seqcli.statistics.verdicts import Rule, judge

LESS_IS_BETTER = Rule(margin=COST_MARGIN, higher_is_better=False)
MORE_IS_BETTER = Rule(margin=COST_MARGIN, higher_is_better=True)

Blocks = Sequence[Block]


def speed_pair(a: Blocks, b: Blocks) -> RatioPair:
    """Sequences a second in training, process against process."""

    def plain(blocks: Blocks) -> list[float]:
        return [block.plain_steps.rate for block in blocks if block.plain_steps is not None]

    return _timed(a, b, lambda blocks: [block.steps.rate for block in blocks], plain, rule=MORE_IS_BETTER)


def latency_pair(a: Blocks, b: Blocks) -> RatioPair:
    """Time of a single prediction, process against process."""
    return _timed(a, b, latencies, lambda blocks: latencies(on_plain_path(blocks)), rule=LESS_IS_BETTER)


def memory_pair(a: Blocks, b: Blocks) -> RatioPair:
    """Exact bytes of a training step: known without noise, so that there is no interval."""
    here = [memory([block.memory for block in blocks]) for blocks in (a, b)]
    pair = _ratio(_bytes(*here), LESS_IS_BETTER)
    plain = [plain_memory(blocks) for blocks in (a, b)]
    if _same_kernel(a, b) or plain[0] is None or plain[1] is None:
        return pair
    return _with_same_path(pair, _bytes(plain[0], plain[1]), LESS_IS_BETTER)


def _timed(
    a: Blocks,
    b: Blocks,
    measured: Callable[[Blocks], list[float]],
    plain_of: Callable[[Blocks], list[float]],
    *,
    rule: Rule,
) -> RatioPair:
    """A ratio over processes or sittings, and that of the common path where kernels differ."""
    pair = _ratio(paired_ratio(*(highest_level(blocks, measured(blocks)) for blocks in (a, b))), rule)
    same = [plain_of(blocks) for blocks in (a, b)]
    if _same_kernel(a, b) or not len(a) == len(b) == len(same[0]) == len(same[1]):
        return pair
    levels = [highest_level(blocks, plain) for blocks, plain in zip((a, b), same, strict=True)]
    return _with_same_path(pair, paired_ratio(*levels), rule)


def _same_kernel(a: Blocks, b: Blocks) -> bool:
    return a[0].kernel == b[0].kernel


def _bytes(a: Memory, b: Memory) -> LogEstimate:
    return exact_ratio(a.step, b.step)


def _ratio(found: LogEstimate, rule: Rule) -> RatioPair:
    verdict = judge(found.log, rule)
    if found.log.sd == 0.0 and found.log.n == 1:
        return RatioPair(ratio=found.value, ci95=None, verdict=verdict.verdict)
    decided, level = verdict.deciding
    return RatioPair(
        ratio=found.value,
        ci95=found.ci95,
        verdict=verdict.verdict,
        interval=found.interval(1 - level) if decided is not None else None,
        level=level,
    )


def _with_same_path(pair: RatioPair, found: LogEstimate, rule: Rule) -> RatioPair:
    same = _ratio(found, rule)
    return pair.model_copy(
        update={
            "same_path_ratio": same.ratio,
            "same_path_ci95": same.ci95,
            "same_path_verdict": same.verdict,
            "same_path_interval": same.interval,
            "same_path_level": same.level,
        }
    )
