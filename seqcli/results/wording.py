"""Words and signs that the sentences of results share, wherever they are made."""

from seqcli.results.common import GateNeed

RAISED = dict(zip("-0123456789n", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ", strict=True))
"""What can stand in an exponent, and its raised sign."""


def power_of_ten(exponent: int) -> str:
    """A power of ten with its exponent raised: '10⁻⁴'."""
    return "10" + "".join(RAISED[digit] for digit in str(exponent))


def seed_range(first: int, count: int) -> str:
    """So many seeds from the first on, as `--seeds` takes them: '5:20' is 5 to 19."""
    return f"{first}:{first + count}"


def counted(number: int, noun: str) -> str:
    """A number and its noun: '1 thread', '5 seeds'."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def span(seconds: float) -> str:
    """A length of time in the unit that people would say: '40 s', '12 min', '2.5 h', '3 d'."""
    if seconds < 90:
        return f"{max(0.0, seconds):.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    if seconds < 36 * 3600:
        return f"{seconds / 3600:.1f} h" if seconds < 10 * 3600 else f"{seconds / 3600:.0f} h"
    return f"{seconds / 86400:.0f} d"


def need_words(need: GateNeed) -> str:
    """Say what an undecided gate lacks: 'the seeds are too few: a fresh --seeds 5:29 (12 to 24 seeds) …'."""
    if need.limit == "seeds":
        return f"the seeds are too few: {_seeds_that_would_do(need)}"
    if need.limit == "examples":
        some = _NEAR if need.times is None else f"about {max(need.times, 1.1):,.1f} times as many would do"
        return f"the test examples are too few, whatever the seeds: {some}"
    return {
        "spread": "one seed has no interval: give --seeds 5",
        "answers": "a result tells nothing of its answers, and other test examples could overturn the seeds",
        "sittings": "times need three sittings or more: --measure-again adds one",
        "range": "the processes of one model differ by more",
        "unmeasured": "it was not measured: a failed run has no figures, --no-cost no speed or memory",
    }[need.limit]


_NEAR = "the figure lies too near the limit for any number worth naming"


def _seeds_that_would_do(need: GateNeed) -> str:
    if need.seeds is None:
        return _NEAR
    low, high = need.seeds
    some = f"{low} to {high} seeds" if high is not None else f"{low} seeds or more"
    if need.first_seed is None:
        return f"{some} of a fresh run would do if the figure stays there"
    fresh = seed_range(need.first_seed, high if high is not None else low)
    return f"a fresh --seeds {fresh} ({some}) would do if the figure stays there"
