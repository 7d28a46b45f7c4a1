"""The cost of models, from blocks in fresh processes: speed, latency, memory, and their ratios."""

from collections.abc import Callable, Sequence
from statistics import median

from seqcli.experiments.compare.cost_records import Block, BlockMemory, Blocks, TimedSteps
from seqcli.models.config import ModelConfig
from seqcli.results.common import Interval
from seqcli.results.compared_pairs import RatioPair
from seqcli.results.measurements import ENOUGH_SITTINGS, Latency, Memory, Speed, Throughput
from seqcli.statistics.intervals import LogEstimate, exact_ratio, geometric_mean, paired_ratio
from seqcli.statistics.student import COST_MARGIN
from seqcli.statistics.verdicts import Judgement, Rule, judge_family

BACKWARD_TOO = 3
"""Operations of a training step for each of its forward pass."""


def per_sitting(blocks: Blocks, values: Sequence[float]) -> list[float]:
    """The geometric mean of the blocks' values in each sitting."""
    numbers = sorted({block.sitting for block in blocks})
    return [
        geometric_mean(
            [value for block, value in zip(blocks, values, strict=True) if block.sitting == number]
        ).value
        for number in numbers
    ]


def highest_level(blocks: Blocks, values: Sequence[float]) -> list[float]:
    """The values that an interval of a ratio rests on: the sittings' from three on, else the processes'."""
    sittings = per_sitting(blocks, values)
    return sittings if len(sittings) >= ENOUGH_SITTINGS else list(values)


def interval_over_sittings(sittings: Sequence[float]) -> Interval | None:
    """The 95 % t-interval of their geometric mean; None below three, whose spread says too little."""
    return geometric_mean(sittings).ci95 if len(sittings) >= ENOUGH_SITTINGS else None


def speed(blocks: Blocks) -> Speed:
    """Training speed over processes."""
    return _speed(blocks, [block.steps for block in blocks])


def plain_speed(blocks: Blocks) -> Speed | None:
    """Training speed on torch's own loop, where it was timed."""
    timed = [block for block in blocks if block.plain_steps is not None]
    return (
        _speed(timed, [timed_block.plain_steps for timed_block in timed if timed_block.plain_steps])
        if timed
        else None
    )


def _speed(blocks: Blocks, steps: Sequence[TimedSteps]) -> Speed:
    samples = [each.rate for each in steps]
    sittings = per_sitting(blocks, samples)
    on_cpu = [rate for each in steps if (rate := each.cpu_rate) is not None]
    return Speed(
        median=median(samples),
        mean=geometric_mean(sittings).value,
        ci95=interval_over_sittings(sittings),
        samples=samples,
        per_sitting=sittings,
        tokens_per_second=geometric_mean([sum(each.tokens) / sum(each.seconds) for each in steps]).value,
        per_cpu_second=geometric_mean(on_cpu).value if len(on_cpu) == len(steps) else None,
    )


def achieved(blocks: Blocks, model: ModelConfig, input_size: int) -> Throughput | None:
    """Operations of the recurrence a second beside the peak; None where a block does not tell its steps.

    Forward by the cells' formulas over real steps, times three: a backward pass takes twice the products of
    the forward one (for the inputs' gradients and for the weights').
    """
    if not blocks or not all(block.steps.inputs for block in blocks):
        return None
    rates = [
        BACKWARD_TOO * model.flops(sum(s.inputs), sum(s.tokens), input_size=input_size) / sum(s.seconds)
        for s in (block.steps for block in blocks)
    ]
    peak = blocks[0].matrix_flops
    reached = median(rates)
    return Throughput(achieved=reached, peak=peak, share=reached / peak if peak else None)


def latencies(blocks: Blocks) -> list[float]:
    """The median milliseconds of each process's predictions."""
    return [1000 * median(block.predictions) for block in blocks]


def latency(blocks: Blocks) -> Latency:
    """Milliseconds of one prediction, over processes."""
    samples = latencies(blocks)
    # By nearest rank: every value was measured, none is interpolated.
    p95 = [1000 * sorted(block.predictions)[int(0.95 * len(block.predictions))] for block in blocks]
    sittings = per_sitting(blocks, samples)
    return Latency(
        p50=geometric_mean(sittings).value,
        p95=geometric_mean(p95).value,
        ci95=interval_over_sittings(sittings),
        samples=samples,
        per_sitting=sittings,
    )


def on_plain_path(blocks: Blocks) -> list[Block]:
    """The blocks with their predictions on torch's own loop, where those were timed."""
    return [
        block.model_copy(update={"predictions": block.plain_predictions})
        for block in blocks
        if block.plain_predictions
    ]


def plain_latency(blocks: Blocks) -> Latency | None:
    """Milliseconds of one prediction on torch's own loop, where it was timed."""
    timed = on_plain_path(blocks)
    return latency(timed) if timed else None


def plain_memory(blocks: Blocks) -> Memory | None:
    """Exact bytes on torch's own loop, where they were counted; the peak is the whole process's."""
    used = [block.plain_memory for block in blocks if block.plain_memory is not None]
    return memory(used) if used else None


def memory(blocks: Sequence[BlockMemory]) -> Memory:
    """Exact bytes, equal in every block, and the range of the processes' peaks."""
    peaks = [block.peak for block in blocks]
    exact = blocks[0]
    return Memory(
        parameters=exact.parameters,
        optimizer=exact.optimizer,
        activations=exact.activations,
        peak=(min(peaks), max(peaks)),
    )


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
    (plain_ratio,) = _ratios([_bytes(plain[0], plain[1])], LESS_IS_BETTER)
    return _with_same_path(pair, plain_ratio)


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
    plain_ratios = dict(zip(common, _ratios(list(common.values()), rule), strict=True))
    return [
        _with_same_path(pair, plain_ratios[place]) if place in plain_ratios else pair
        for place, pair in enumerate(pairs)
    ]


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


def _with_same_path(pair: RatioPair, plain_ratio: RatioPair) -> RatioPair:
    return pair.model_copy(
        update={
            "same_path_ratio": plain_ratio.ratio,
            "same_path_ci95": plain_ratio.ci95,
            "same_path_verdict": plain_ratio.verdict,
            "same_path_interval": plain_ratio.interval,
            "same_path_level": plain_ratio.level,
        }
    )
