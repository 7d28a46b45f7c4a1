"""What recurrence buys over the best method without it: decided once, for every place that tells it."""

from collections.abc import Sequence
from typing import Literal

from seqcli.results.compare import Baseline, Recurrence, Verdict

MAJORITY = "majority"
"""The baseline that has learnt nothing but which class is frequent."""


def what_recurrence_buys(baselines: Sequence[Baseline], *, higher_is_better: bool) -> Recurrence | None:
    """What the verdicts against the baselines say together; None where no model was held against one."""
    sign = 1 if higher_is_better else -1
    judged = [base for base in baselines if base.against and base.quality.mean is not None]
    if not judged:
        return None
    best = max(judged, key=lambda base: sign * (base.quality.mean or 0.0))
    verdicts = [_verdicts(base) for base in judged]
    better = [label for label in verdicts[0] if all(found.get(label) == "better" for found in verdicts)]
    return Recurrence(
        baseline=best.name,
        label=best.label,
        level=best.quality.mean or 0.0,
        better=better,
        verdict="pays" if better else _without_gain(list(_verdicts(best).values())),
        majority=next((_unbeaten(base) for base in judged if base.name == MAJORITY), None),
    )


def _verdicts(baseline: Baseline) -> dict[str, Verdict]:
    return {pair.a: pair.quality.verdict for pair in baseline.against}


def _without_gain(against_best: Sequence[Verdict]) -> Literal["equivalent", "costs", "undecided"]:
    if all(verdict == "worse" for verdict in against_best):
        return "costs"
    return "equivalent" if set(against_best) <= {"equivalent", "worse"} else "undecided"


def _unbeaten(majority: Baseline) -> float | None:
    """What the majority class reaches, where no model is shown to be better than it, else None.

    A single run has no interval over seeds, so that it is no evidence that nothing was learnt either.
    """
    known = [pair.quality for pair in majority.against if pair.quality.interval is not None]
    shown = any(quality.verdict == "better" for quality in known)
    return majority.quality.mean if len(known) == len(majority.against) and not shown else None
