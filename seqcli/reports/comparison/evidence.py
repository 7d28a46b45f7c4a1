"""What a verdict on quality rests on, in sentences below it."""

from seqcli.reports.comparison.headings import display
from seqcli.reports.numbers import Unit, bracketed, fixed
from seqcli.results.compare import ExamplePair, Pair, Protocol, QualityPair, StepsPair
from seqcli.results.wording import counted


def evidence_sentences(pair: Pair, protocol: Protocol, decimals: int, unit: Unit) -> list[str]:
    """What the verdict rests on: each view's interval, what could have been seen, the examples, the steps."""
    quality = pair.quality
    told = [
        _level(quality),
        _both_views(quality, decimals, unit),
        _detectable(quality, protocol, decimals, unit),
    ]
    if quality.verdict == "equivalent" or quality.solved is not None:
        told.append(_unseen(quality, len(protocol.seeds)))
    if quality.examples is not None:
        told.append(_by_example(pair, quality.examples))
    if quality.steps is not None:
        told.append(_by_steps(pair, quality.steps))
    return [sentence for sentence in told if sentence]


def _level(quality: QualityPair) -> str:
    """The level of the interval shown, where looks, several pairs or the verdict make it no 95 %."""
    if quality.level is None or abs(quality.level - 0.95) < 1e-6:
        return ""
    return f"decided by its {100 * quality.level:.3g} % interval"


def _both_views(quality: QualityPair, decimals: int, unit: Unit) -> str:
    """Both intervals, where resampling the test examples widens the one over seeds."""
    seeds, examples = quality.seeds_ci95, quality.examples_ci95
    if seeds is None or examples is None or seeds == quality.ci95:
        return ""
    over, again = (bracketed(each, decimals, factor=unit.factor, signed=True) for each in (seeds, examples))
    return f"over seeds {over}, over seeds and test examples {again}: the wider counts"


def _unseen(quality: QualityPair, seeds: int) -> str:
    """What so few seeds cannot exclude: a run in so many that falls far below the others."""
    rate = quality.unseen_rate
    if rate is None:
        return ""
    if quality.solved is not None:
        solved = [name for name in (quality.solved.a, quality.solved.b) if name == quality.solved.seeds]
        if not solved:
            return ""
        return (
            f"0 of {quality.solved.seeds} failed: a failure rate up to {100 * rate:.0f} % cannot be excluded"
        )
    return f"{counted(seeds, 'seed')} cannot exclude that up to {100 * rate:.0f} % of runs collapse"


def _detectable(quality: QualityPair, protocol: Protocol, decimals: int, unit: Unit) -> str:
    if quality.detectable is None or quality.verdict in ("better", "worse"):
        return ""
    if unit.suffix == " %" and quality.detectable >= 1:
        return "no difference at all would show here with any certainty"
    least = f"{fixed(quality.detectable * unit.factor, decimals)}{unit.words}"
    chance = f"{100 * protocol.power:.0f} %"
    return f"a true difference of {least} would show here with {chance} chance"


def _by_example(pair: Pair, found: ExamplePair) -> str:
    """McNemar's counts: 'GRU alone is right on 61.2 of 853 test examples, LSTM alone on 66.4 (mean …)'."""
    one, other = (fixed(count, 1) for count in (found.only_a, found.only_b))
    seeds = len(found.p_values)
    return (
        f"{display(pair.a)} alone is right on {one} of {found.examples:,} test examples,"
        f" {display(pair.b)} alone on {other}; McNemar tells the two apart"
        f" in {found.seeds_apart} of {counted(seeds, 'seed')}"
    )


def _by_steps(pair: Pair, found: StepsPair) -> str:
    """Who solves sooner: 'GRU solves sooner in 3 of 5 seeds, LSTM in 1 (p = 0.625); steps, median …'."""
    seeds = found.sooner_a + found.sooner_b + found.ties
    medians = [
        f"{display(name)} {'not in half of the seeds' if median is None else f'{median:,.0f}'}"
        for name, median in ((pair.a, found.median_a), (pair.b, found.median_b))
    ]
    return (
        f"{display(pair.a)} solves sooner in {found.sooner_a} of {counted(seeds, 'seed')},"
        f" {display(pair.b)} in {found.sooner_b} (p = {found.p_value:.3g});"
        f" median steps {', '.join(medians)}"
    )
