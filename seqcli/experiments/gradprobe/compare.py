"""A changed model beside the model as it is: what helps, and by how much."""

from collections.abc import Sequence

from seqcli.experiments.gradprobe import summary
from seqcli.experiments.gradprobe.variants import Change
from seqcli.probes.findings import Findings
from seqcli.results.gradprobe import Help, ModelProbe, Variant
from seqcli.statistics.intervals import paired_difference


def variant(
    change: Change,
    findings: Sequence[Findings],
    as_it_is: Sequence[Findings] | None = None,
    *,
    horizon: int = summary.HORIZON,
) -> Variant:
    """One row: the changed model's figures, and its rate against the model's own seed by seed.

    Args:
        change: What was changed.
        findings: What the changed model showed, seed by seed.
        as_it_is: What the model itself showed with the same seeds; None leaves the judgement out.
        horizon: Steps within which a tenfold change counts.
    """
    slopes = summary.rates(findings)
    short = summary.too_short(findings)
    return Variant(
        name=change.name,
        model=change.model.model,
        half_life=None if short else summary.half_life(slopes),
        doubling_time=None if short else summary.doubling_time(slopes),
        memory_length=summary.memory(findings),
        verdict=summary.fate(findings, horizon),
        rate=summary.figure(slopes),
        change=None if as_it_is is None else judged(summary.rates(as_it_is), slopes),
    )


def judged(own: Sequence[float], changed: Sequence[float]) -> Help:
    """Whether the change brings the rate nearer to 0, by the interval of the paired difference.

    A gradient that explodes is no help against one that vanishes: both rates count by their size.
    """
    a, b = [abs(rate) for rate in own], [abs(rate) for rate in changed]
    if not all(rate < float("inf") for rate in (*a, *b)):
        return "undecided"
    difference = paired_difference(a, b)
    if difference.mean == 0 and not difference.sd:
        return "no difference"
    interval = difference.ci95
    if interval is None or not interval.excludes(0.0):
        return "undecided"
    return "helps" if difference.mean > 0 else "hurts"


def unchanged(model: ModelProbe) -> Variant:
    """The model as it is, as the first row of its table."""
    return _row(model, "as it is", None)


def clipped(model: ModelProbe, norm: float) -> Variant:
    """Clipping as a row: every path through time stays what it was."""
    return _row(model, f"clipping at {norm:g}", "no difference")


def _row(model: ModelProbe, name: str, change: Help | None) -> Variant:
    return Variant(
        name=name,
        model=model.name,
        half_life=model.half_life,
        doubling_time=model.doubling_time,
        memory_length=model.memory_length,
        verdict=model.verdict,
        rate=model.rate,
        change=change,
    )
