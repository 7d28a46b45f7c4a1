"""The words of `seqcli.bottleneck/1`: where a curve is at half of its first score, and how that grows."""

from seqcli.reports.numbers import bracketed, fixed, level_suffix
from seqcli.results.bottleneck import Dose, DoseTrend, LengthCurve
from seqcli.results.wording import counted

GROWS = {
    "better": "it grows with the width",
    "worse": "it shrinks with the width",
    "equivalent": "the width changes it by less than a tenth",
    "undecided": "undecided",
}


def half_text(curve: LengthCurve | Dose) -> str:
    """L50 with its interval, or on which side of the lengths tried it lies."""
    if curve.l50 is not None:
        return fixed(curve.l50, 1) + (f" {bracketed(curve.l50_ci95, 1)}" if curve.l50_ci95 else "")
    if curve.l50_below is not None:
        return f"below {fixed(curve.l50_below, 0)}"
    if curve.l50_beyond is not None:
        return f"not reached by {fixed(curve.l50_beyond, 0)}"
    return "never learnt"


def growth_text(trend: DoseTrend) -> str:
    """Return the factor of L50 for each doubling of the width: '1.41 [1.20, 1.66]'."""
    ends = trend.interval or trend.ci95
    if ends is None:
        return fixed(2**trend.slope, 2)
    interval = bracketed((2 ** ends[0], 2 ** ends[1]), 2)
    return f"{fixed(2**trend.slope, 2)} {interval}{level_suffix(trend.level)}"


def trend_text(trend: DoseTrend) -> str:
    """Return the growth of L50 with the width, and the verdict from it."""
    improving = f"; still improving when training ended: {trend.still_improving} of {trend.runs} runs"
    return (
        f"times {growth_text(trend)} for each doubling of the width"
        f" ({counted(len(trend.seeds), 'seed')}): {GROWS[trend.verdict]}"
        f"{improving if trend.still_improving else ''}"
    )
