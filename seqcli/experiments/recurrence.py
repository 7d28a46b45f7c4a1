"""What recurrence buys over the best method without it: decided once, for every place that tells it."""

from collections.abc import Sequence

from seqcli.results.compare import Baseline, ModelResult, Recurrence


def what_recurrence_buys(
    models: Sequence[ModelResult], baselines: Sequence[Baseline], *, higher_is_better: bool
) -> Recurrence | None:
    """The best baseline against every model's interval; None where there is no baseline or no interval.

    A task that is solved or not says itself what a model without memory reaches, so it has none either.
    """
    sign = 1 if higher_is_better else -1
    scored = [(sign * base.quality.mean, base) for base in baselines if base.quality.mean is not None]
    known = [(model, model.quality.ci95) for model in models if model.quality.ci95 is not None]
    if not scored or not known or any(model.quality.solved is not None for model in models):
        return None
    level, best = max(scored, key=lambda found: found[0])
    ends = {model.label: sorted(sign * end for end in interval) for model, interval in known}
    better = [label for label, (low, _) in ends.items() if low > level]
    worse = [label for label, (_, high) in ends.items() if high < level]
    verdict = "pays" if better else "costs" if len(worse) == len(models) else "nothing"
    return Recurrence(
        baseline=best.name, label=best.label, level=sign * level, better=better, verdict=verdict
    )
