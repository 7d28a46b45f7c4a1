"""Gates in words: what each came to, and what an undecided one lacks."""

from collections.abc import Sequence

from seqcli.data.score_words import figure_words
from seqcli.reports.draw.sheet import Line, Mark
from seqcli.reports.numbers import LIKE_95
from seqcli.results.common import Expectation, GateNeed
from seqcli.results.wording import fixed, seed_range, short_share

GATE_WORDS = {"holds": "holds", "fails": "does not hold", "undecided": "cannot be decided"}
GATE_MARKS: dict[str, Mark] = {"holds": "supported", "fails": "refuted", "undecided": "undecided"}


def expectation_lines(expectations: Sequence[Expectation]) -> tuple[Line, ...]:
    """A line a gate, whether it holds, the figure, and the interval that decided.

    'gru.accuracy > 0.9: does not hold, gru.accuracy is 75.6 % [74.7, 76.5]'; with several figures it is
    'left less right is −1.2 points [−2.0, −0.4]'.
    """
    return tuple(
        Line(
            f"{expectation.text}: {GATE_WORDS[expectation.verdict]}{_figure(expectation)}"
            + (f"; {need_words(expectation.need)}" if expectation.need else ""),
            lead="expect" if position == 0 else "",
            mark=GATE_MARKS[expectation.verdict],
        )
        for position, expectation in enumerate(expectations)
    )


def _figure(expectation: Expectation) -> str:
    """Return the figure, with its interval unless it is exact, and the level where that is not 95 %."""
    has_name = expectation.name is not None
    value, ends = (
        (expectation.value, expectation.value_interval)
        if has_name
        else (expectation.difference, expectation.interval or expectation.ci95)
    )
    figure = expectation.name if has_name else "left less right"
    if value is None and ends is None:
        return ""
    text = figure_words(value, ends, expectation.unit, single_figure=has_name)
    verb = "is" if value is not None else "in"
    level = (
        ""
        if abs(expectation.level - 0.95) < LIKE_95 or "[" not in text
        else f" (of {short_share(expectation.level)})"
    )
    return f", {figure} {verb} {text}{level}"


def gate_sentence(expectation: Expectation) -> str:
    """The gate and what was measured: 'gru.accuracy > 0.9 (gru.accuracy is 75.6 % [74.7, 76.5])'."""
    single = expectation.name is not None
    value, ends = (
        (expectation.value, expectation.value_interval)
        if single
        else (expectation.difference, expectation.interval)
    )
    if value is None:
        return expectation.text
    figure = expectation.name if single else "left less right"
    size = figure_words(value, ends, expectation.unit, single_figure=single)
    return f"{expectation.text} ({figure} is {size})"


def need_words(need: GateNeed) -> str:
    """Say what an undecided gate lacks: 'the seeds are too few: a fresh --seeds 5:29 (12 to 24 seeds) …'."""
    if need.limit == "seeds":
        return f"the seeds are too few: {_NEAR if need.near else _seeds_that_would_do(need)}"
    if need.limit == "examples":
        # With one decimal, less than 1.1 would read as '1.0 times as many': as many as there are.
        possible = (
            _NEAR if need.times is None else f"about {fixed(max(need.times, 1.1), 1)} times as many would do"
        )
        return f"the test examples are too few, whatever the seeds: {possible}"
    return {
        "spread": "one seed has no interval: give --seeds 5",
        "answers": "a result holds no answers, and other test examples could overturn the seeds' verdict",
        "sittings": "times vary between sittings, and two are too few to decide: --measure-again adds one",
        "range": "the processes of one model differ by more than that",
        "rows": "the rows are too few: the folds overlap in training, which more seeds do not change",
        "unmeasured": "it was not measured: a failed run has no figures, --no-cost no speed or memory",
    }[need.limit]


_NEAR = "the figure is too close to the limit to say how many would do"


def _seeds_that_would_do(need: GateNeed) -> str:
    if need.seeds is None:
        return "a fresh run with more of them (--seeds) would narrow the interval"
    low, high = need.seeds
    seeds = f"{low} to {high} seeds" if high is not None else f"{low} seeds or more"
    if need.first_seed is None:
        return f"{seeds} of a fresh run would do if the figure stays there"
    fresh = seed_range(need.first_seed, high if high is not None else low)
    return f"a fresh --seeds {fresh} ({seeds}) would do if the figure stays there"
