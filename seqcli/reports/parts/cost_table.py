"""The cost of each model: speed, latency, memory, size; where two are compared, the ratio beside them."""

import math
from collections.abc import Sequence
from statistics import fmean

from seqcli.reports.draw.sheet import Line, Mark, Row, SheetCell
from seqcli.reports.numbers import (
    MEBIBYTE,
    align_points,
    alike,
    between,
    decimals_to,
    fixed,
    level_suffix,
    times,
)
from seqcli.reports.words.comparison_words import (
    FLOPS_COUNTED,
    cost_share,
    display,
    processes_each,
    timed_once,
)
from seqcli.results.common import Interval
from seqcli.results.compare import Comparison, ModelResult
from seqcli.results.compared_pairs import Pair, RatioPair
from seqcli.results.measurements import ALL_PROCESSES, ENOUGH_SITTINGS, Sitting, Throughput
from seqcli.statistics.student import COST_MARGIN

MARGIN = math.exp(COST_MARGIN)
GIGA = 1e9  # SI

Models = Sequence[ModelResult]
PairList = Sequence[Pair]


def cost_rows(models: Models, pairs: PairList, *, two_paths: bool) -> tuple[Row, ...]:
    """The rows from training speed to kernel; a row that no model has a value for holds only empty cells.

    Args:
        models: The comparison's models, a cell each.
        pairs: The pairs that have a column.
        two_paths: Whether models ran on different kernels, so that speeds on the same path are told too.
    """
    latencies = [model.latency.p50 if model.latency else None for model in models]
    batch = next((model.latency.batch for model in models if model.latency), 1)
    exact = [model.memory.step / MEBIBYTE if model.memory else None for model in models]
    return (
        *_speed_rows(models, pairs)[: 2 if two_paths else 1],
        _throughput_row(models, pairs),
        _row(
            f"latency, batch {batch}", alike(latencies), ratio_cells([pair.latency for pair in pairs]), "ms"
        ),
        *_same_path_row(
            [None if (latency := model.same_path_latency) is None else latency.p50 for model in models],
            [pair.latency for pair in pairs],
        ),
        _row("peak memory", _peaks(models), _none(pairs), "MiB"),
        _row("  one step, exact", alike(exact), ratio_cells([pair.memory for pair in pairs]), "MiB"),
        *_same_path_row(
            [None if (same := model.same_path_memory) is None else same.step / MEBIBYTE for model in models],
            [pair.memory for pair in pairs],
        ),
        *_size_rows(models, pairs),
        _row("gates", [_gates(model) for model in models], _none(pairs)),
        _row("epochs to best", [_mean(model.epochs_to_best) for model in models], _none(pairs)),
        _row("kernel", [model.kernel or "" for model in models], _none(pairs)),
    )


def _speed_rows(models: Models, pairs: PairList) -> tuple[Row, Row]:
    training_speeds = [model.train_speed.typical if model.train_speed else None for model in models]
    plain_speeds = [model.same_path_speed.typical if model.same_path_speed else None for model in models]
    speeds = [model.train_speed or model.same_path_speed for model in models]
    unit = next((speed.unit for speed in speeds if speed), "").replace("sequences", "seq")
    return (
        _row(
            "training speed", alike(training_speeds), ratio_cells([pair.train_speed for pair in pairs]), unit
        ),
        _row("  same kernel path", alike(plain_speeds), _same_path([pair.train_speed for pair in pairs])),
    )


def _same_path_row(values: Sequence[float | None], ratios: Sequence[RatioPair | None]) -> tuple[Row, ...]:
    """The row on the path that all models have in common, where a pair's kernels differ; else none."""
    if not any(ratio is not None and ratio.same_path_ratio is not None for ratio in ratios):
        return ()
    return (_row("  same kernel path", alike(values), _same_path(ratios)),)


def _throughput_row(models: Models, pairs: PairList) -> Row:
    """Return the recurrence's share of the speed of matrix products: '  of 38.2 GFLOP/s   4.1 (11 %)'."""
    throughputs = [model.throughput for model in models]
    prefix, scale = _flops_scale(models)
    peak = next(
        (
            throughput.peak
            for throughput in throughputs
            if throughput is not None and throughput.peak is not None
        ),
        None,
    )
    reached = alike(
        [None if throughput is None else throughput.achieved / scale for throughput in throughputs]
    )
    return _row(
        f"  {prefix}FLOP/s" if peak is None else f"  of {alike([peak / scale])[0]} {prefix}FLOP/s",
        [text + _share(throughput) for text, throughput in zip(reached, throughputs, strict=True)],
        _none(pairs),
    )


def _share(throughput: Throughput | None) -> str:
    if throughput is None or throughput.share is None:
        return ""
    share = 100 * throughput.share
    return f" ({fixed(share, decimals_to(share, 1))} %)"


def _flops_scale(models: Models) -> tuple[str, float]:
    """The prefix and factor in which the least of the models' speeds has digits before its point."""
    least = min((model.throughput.achieved for model in models if model.throughput), default=GIGA)
    return ("T", 1000 * GIGA) if least >= 1000 * GIGA else ("G", GIGA)


def throughput_lines(models: Models) -> tuple[Line, ...]:
    """Return the lines on the FLOP/s, their count and their yardstick."""
    throughput = next((model.throughput for model in models if model.throughput is not None), None)
    if throughput is None:
        return ()
    peak = "" if throughput.peak is None else "; beside them what matrix products reach here"
    return (Line(f"FLOP/s count {throughput.counted or FLOPS_COUNTED}{peak}", lead="note", role="quiet"),)


def sitting_lines(result: Comparison) -> tuple[Line, ...]:
    """Return the lines on the measuring of cost: time, place, sittings, disturbance.

    'cost  one sitting, 2026-11-27 05:20 UTC on HOST (AMD EPYC, torch 2.13), 5 fresh processes a model; …'
    """
    sittings = result.sittings
    if not sittings:
        return ()
    last = sittings[-1]
    occasion = "one sitting" if len(sittings) == 1 else f"{len(sittings)} sittings, the last"
    machine = last.machine
    processes = f"{processes_each(last.processes)} a model"
    clause = f"{occasion} {last.date} on {machine.host} ({machine.cpu}, torch {machine.torch}), {processes}"
    too_few = len(sittings) < ENOUGH_SITTINGS
    ratios = "nor have ratios below 2 processes" if timed_once(result) else "ratios have"
    absolute = f"; absolute speed has no verdict below {ENOUGH_SITTINGS}, {ratios}" if too_few else ""
    lines = [Line(f"{clause}{absolute}", lead="cost", role="quiet")]
    share = cost_share(result)
    if share:
        lines.append(Line(f"{share}{_more(last)}", lead="note", role="quiet"))
    return (*lines, *_disturbed_lines(result))


def _more(sitting: Sitting) -> str:
    """The way to more processes, where there was no time for all."""
    is_quick = sitting.processes < ALL_PROCESSES
    return f"; --cost full times {ALL_PROCESSES} processes of each model" if is_quick else ""


def _disturbed_lines(result: Comparison) -> tuple[Line, ...]:
    """Return how many processes other load disturbed, with the speeds by CPU time where some stayed so."""
    repeated = sum(sitting.repeated for sitting in result.sittings)
    disturbed = sum(sitting.disturbed for sitting in result.sittings)
    if not repeated:
        return ()
    timings = sum(sitting.processes for sitting in result.sittings) * len(result.models)
    known = [(model.label, model.train_speed) for model in result.models if model.train_speed is not None]
    texts = alike([speed.per_cpu_second for _, speed in known])
    by_cpu = ", ".join(f"{display(label)} {text}" for (label, _), text in zip(known, texts, strict=True))
    stayed = (
        f"{disturbed} stayed so; a second of CPU time instead of the clock: {by_cpu} seq"
        if disturbed and all(texts)
        else f"{disturbed or 'none'} stayed so"
    )
    text = (
        f"other load disturbed {repeated} of {timings} processes (wall time more than 5 % above CPU time),"
        f" which timed their steps again; {stayed}"
    )
    return (Line(text, lead="note", role="quiet"),)


def _size_rows(models: Models, pairs: PairList) -> tuple[Row, Row]:
    """Exact sizes; a model of which no leg finished has none."""
    sizes = [model.parameters if model.parameters.total else None for model in models]
    recurrent = ["" if size is None else f"{size.recurrent:,}" for size in sizes]
    total = ["" if size is None else f"{size.total:,}" for size in sizes]
    in_line = [part.rjust(len(of_total)) for part, of_total in zip(recurrent, total, strict=True)]
    counted_models = {model.label for model in models if model.parameters.total}
    ratios = [pair.parameters if {pair.a, pair.b} <= counted_models else None for pair in pairs]
    smaller = [
        SheetCell() if ratio is None or not ratio.recurrent_ratio else _size(ratio.recurrent_ratio)
        for ratio in ratios
    ]
    total_ratios = [SheetCell() if ratio is None else _size(ratio.ratio) for ratio in ratios]
    return _row("parameters, recurrent", in_line, smaller), _row("parameters, total", total, total_ratios)


def _row(label: str, texts: Sequence[str], pair_cells: Sequence[SheetCell], unit: str = "") -> Row:
    return Row(label, (*(SheetCell(text) for text in texts), *pair_cells), unit)


def _none(pairs: PairList) -> list[SheetCell]:
    return [SheetCell() for _ in pairs]


def ratio_cells(ratios: Sequence[RatioPair | None]) -> list[SheetCell]:
    """Each ratio with its interval, the level of it where that is not 95 %, and its mark."""
    return [
        SheetCell(times(ratio.ratio, ratio.shown) + _level(ratio.shown, ratio.level), ratio.verdict)
        if ratio
        else SheetCell()
        for ratio in ratios
    ]


def _level(interval: Interval | None, level: float | None) -> str:
    """The level of the interval shown; an exact ratio has none."""
    return level_suffix(level) if interval is not None else ""


def _same_path(ratios: Sequence[RatioPair | None]) -> list[SheetCell]:
    """Ratios on the same kernel path; results of earlier versions have no verdict, but an interval."""
    return [
        SheetCell(
            times(ratio.same_path_ratio, ratio.same_path_shown)
            + _level(ratio.same_path_shown, ratio.same_path_level),
            ratio.same_path_verdict or faster_mark(ratio.same_path_ci95),
        )
        if ratio and ratio.same_path_ratio is not None
        else SheetCell()
        for ratio in ratios
    ]


def faster_mark(interval: Interval | None) -> Mark | None:
    """Return the mark of a speed ratio: faster or slower if 1 is outside, alike within the margin."""
    if interval is None:
        return None
    low, high = interval
    if low > 1 / MARGIN and high < MARGIN:
        return "equivalent"
    if low > 1 or high < 1:
        return "better" if low > 1 else "worse"
    return "undecided"


def smaller_mark(ratio: float) -> Mark:
    """Return the mark of an exact ratio of sizes: less is better, and within the margin is the same."""
    if 1 / MARGIN < ratio < MARGIN:
        return "equivalent"
    return "better" if ratio < 1 else "worse"


def _size(ratio: float) -> SheetCell:
    return SheetCell(times(ratio, decimals=3), smaller_mark(ratio))


def _peaks(models: Models) -> list[str]:
    """The least and greatest peak of each model in MiB: '312.4–318.0'."""
    peaks = [model.memory.peak if model.memory else None for model in models]
    least = min((low for low, _ in filter(None, peaks)), default=0) / MEBIBYTE
    decimals = decimals_to(least, 3)
    texts = [
        "" if peak is None else between(peak[0] / MEBIBYTE, peak[1] / MEBIBYTE, decimals) for peak in peaks
    ]
    return align_points(texts)


def _gates(model: ModelResult) -> str:
    return f"{model.gates}  {' '.join(model.gate_names)}".rstrip()


def _mean(values: Sequence[int | None]) -> str:
    known = [value for value in values if value is not None]
    return fixed(fmean(known), 1) if known else ""
