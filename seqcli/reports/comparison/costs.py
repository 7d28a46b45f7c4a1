"""What each model costs: speed, latency, memory, size; where two are compared, the ratio beside them."""

import math
from collections.abc import Sequence
from statistics import fmean

from seqcli.reports.marks import Mark
from seqcli.reports.numbers import MEBIBYTE, align_points, alike, between, decimals_to, fixed, times
from seqcli.reports.sheet import Cell, Row
from seqcli.results.compare import ModelResult, Pair, RatioPair
from seqcli.results.measurements import Interval
from seqcli.statistics.equivalence import COST_MARGIN

MARGIN = math.exp(COST_MARGIN)

Models = Sequence[ModelResult]
Pairs = Sequence[Pair]


def cost_rows(models: Models, pairs: Pairs, *, two_paths: bool) -> tuple[Row, ...]:
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
        _row(f"latency, batch {batch}", alike(latencies), _ratios([pair.latency for pair in pairs]), "ms"),
        _row("peak memory", _peaks(models), _none(pairs), "MiB"),
        _row("  one step, exact", alike(exact), _ratios([pair.memory for pair in pairs]), "MiB"),
        *_size_rows(models, pairs),
        _row("gates", [_gates(model) for model in models], _none(pairs)),
        _row("epochs to best", [_mean(model.epochs_to_best) for model in models], _none(pairs)),
        _row("kernel", [model.kernel or "" for model in models], _none(pairs)),
    )


def _speed_rows(models: Models, pairs: Pairs) -> tuple[Row, Row]:
    here = [model.train_speed.median if model.train_speed else None for model in models]
    same = [model.same_path_speed.median if model.same_path_speed else None for model in models]
    speeds = [model.train_speed or model.same_path_speed for model in models]
    unit = next((speed.unit for speed in speeds if speed), "").replace("sequences", "seq")
    return (
        _row("training speed", alike(here), _ratios([pair.train_speed for pair in pairs]), unit),
        _row("  same kernel path", alike(same), _same_path(pairs)),
    )


def _size_rows(models: Models, pairs: Pairs) -> tuple[Row, Row]:
    """Exact sizes; a model of which no leg finished has none."""
    sizes = [model.parameters if model.parameters.total else None for model in models]
    recurrent = ["" if size is None else f"{size.recurrent:,}" for size in sizes]
    total = ["" if size is None else f"{size.total:,}" for size in sizes]
    in_line = [part.rjust(len(whole)) for part, whole in zip(recurrent, total, strict=True)]
    known = {model.label for model in models if model.parameters.total}
    ratios = [pair.parameters if {pair.a, pair.b} <= known else None for pair in pairs]
    smaller = [Cell() if ratio is None else _size(ratio.recurrent_ratio) for ratio in ratios]
    total_ratios = [Cell() if ratio is None else _size(ratio.ratio) for ratio in ratios]
    return _row("parameters, recurrent", in_line, smaller), _row("parameters, total", total, total_ratios)


def _row(label: str, texts: Sequence[str], pair_cells: Sequence[Cell], unit: str = "") -> Row:
    return Row(label, (*(Cell(text) for text in texts), *pair_cells), unit)


def _none(pairs: Pairs) -> list[Cell]:
    return [Cell() for _ in pairs]


def _ratios(ratios: Sequence[RatioPair | None]) -> list[Cell]:
    return [Cell(times(ratio.ratio, ratio.ci95), ratio.verdict) if ratio else Cell() for ratio in ratios]


def _same_path(pairs: Pairs) -> list[Cell]:
    """Ratios of speed on the same kernel path; the record has no verdict for them, their intervals have."""
    speeds = [pair.train_speed for pair in pairs]
    return [
        Cell(times(speed.same_path_ratio, speed.same_path_ci95), faster_mark(speed.same_path_ci95))
        if speed and speed.same_path_ratio is not None
        else Cell()
        for speed in speeds
    ]


def faster_mark(interval: Interval | None) -> Mark | None:
    """What an interval of a speed ratio says: faster or slower if 1 is outside, alike within the margin."""
    if interval is None:
        return None
    low, high = interval
    if low > 1 / MARGIN and high < MARGIN:
        return "equivalent"
    if low > 1 or high < 1:
        return "better" if low > 1 else "worse"
    return "undecided"


def smaller_mark(ratio: float) -> Mark:
    """What an exact ratio of sizes says: less is better, and within the margin is the same."""
    if 1 / MARGIN < ratio < MARGIN:
        return "equivalent"
    return "better" if ratio < 1 else "worse"


def _size(ratio: float) -> Cell:
    return Cell(times(ratio, decimals=3), smaller_mark(ratio))


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
