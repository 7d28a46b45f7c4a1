"""The verdict of a comparison in one to three plain sentences, what to doubt, and where the rest is."""

from collections.abc import Callable, Iterator, Sequence

from seqcli.data.kind import metric_named
from seqcli.data.score_words import SCORE_DIGITS
from seqcli.reports.draw.sheet import PICTURES_HINT, Line, Mark
from seqcli.reports.numbers import MINUS, PLUS_MINUS, bracketed, fixed, level_text, metric_words, unit_of
from seqcli.reports.words.comparison_words import (
    DOT,
    difference_text,
    display,
    look_lines,
    timed_once,
    unseen_words,
)
from seqcli.reports.words.learning_words import accuracy_flatters
from seqcli.reports.words.step_words import repeats_last_value
from seqcli.results.claims import Claim
from seqcli.results.common import Verdict
from seqcli.results.compare import Comparison, Failure, ModelResult, Tuning
from seqcli.results.compared_pairs import Pair
from seqcli.results.recommendation import MAJORITY
from seqcli.results.wording import counted, plausible_seeds, seed_range, shortest

# The answer stays in sight; `-v` lists every failure.
MOST_FAILURES = 2
MOST_PAIRS = 3
"""So many pairs are told of in the verdict; the others are in the long form."""

Standings = Callable[[str], dict[str, Mark | None]]


def verdict_lines(
    result: Comparison, decimals: int, verdict: Callable[[Pair], Verdict | None], costs: Sequence[str]
) -> tuple[Line, ...]:
    """Return the lines on differences between models, their strengths, and simpler methods' scores.

    Args:
        result: The comparison.
        decimals: Those of its scores.
        verdict: A pair's verdict on quality; None where it depends on the protocol.
        costs: Sentences on cost.
    """
    chosen = result.recommendation.model
    named = f"Recommended: {display(chosen)}. " if chosen is not None else ""
    quality = " ".join(_quality(result, decimals, verdict))
    parts = [f"{named}{quality}".strip(), " ".join(costs), _baselines(result)]
    sentences = [sentence for sentence in parts if sentence]
    return tuple(Line(text, role="strong" if place == 0 else "plain") for place, text in enumerate(sentences))


def _quality(result: Comparison, decimals: int, verdict: Callable[[Pair], Verdict | None]) -> Iterator[str]:
    by: dict[Verdict | None, list[Pair]] = {}
    order = [pair for pair in result.order_pairs if verdict(pair) not in (None, "undecided")]
    image = [pair for pair in result.image_pairs if verdict(pair) not in (None, "undecided")]
    yield from (order_sentence(result, pair, decimals) for pair in order)
    yield from (order_sentence(result, pair, decimals, IMAGE) for pair in image)
    for pair in result.pairs:
        if pair not in (*order, *image):
            by.setdefault(verdict(pair), []).append(pair)
    metric = _metric(result)
    depends = by.pop(None, [])
    decided = [*by.get("better", []), *by.get("worse", [])]
    if depends:
        yield f"{_names(depends)} in {metric}: it depends on what is held equal (below)."
    if decided:
        better = "; ".join(_ahead(result, pair, decimals) for pair in decided[:MOST_PAIRS])
        yield f"{better}{_level(decided)}."
        if len(decided) > MOST_PAIRS:
            yield f"{counted(len(decided) - MOST_PAIRS, 'more pair')} decided (-v)."
    if by.get("equivalent"):
        yield _equivalent(result, by["equivalent"], decimals)
        yield from _unseen(by["equivalent"], seeds=len(result.protocol.seeds))
    if by.get("undecided"):
        yield from _undecided(result, by["undecided"], decimals)


ORDER, IMAGE = "order", "the image"
"""What is taken from a model by its control."""


def order_sentence(result: Comparison, pair: Pair, decimals: int, subject: str = ORDER) -> str:
    """The worth of the order of steps, or of the image, to a model.

    As in 'Order matters here: +4.1 points [+2.0, +6.2] (…).'.
    """
    unit = unit_of(result.task.metric)
    size = difference_text(pair, unit.words, decimals, unit)
    couple = f"{display(pair.a)} against {display(pair.b)}"
    if pair.quality.verdict == "equivalent" and pair.quality.solved is None:
        margin = f"{PLUS_MINUS}{fixed(result.protocol.margin * unit.factor, decimals)}{unit.words}"
        begun = f"{subject[0].upper()}{subject[1:]}"
        return f"{begun} does not matter here: equivalent within {margin} ({couple}: {size})."
    opening = {
        "better": f"{subject} matters here",
        "worse": f"{subject} is of no use here",
        "equivalent": f"{subject} does not matter here",
        "undecided": f"not decided whether {subject} matters here",
    }[pair.quality.verdict]
    opening = opening[0].upper() + opening[1:]
    level = _level([pair])
    return f"{opening}: {size}{level} ({couple})."


def _metric(result: Comparison) -> str:
    return metric_words(result.task.metric)


def _names(pairs: Sequence[Pair]) -> str:
    couples = [f"{display(pair.a)} against {display(pair.b)}" for pair in pairs[:MOST_PAIRS]]
    more = [] if len(pairs) <= MOST_PAIRS else [f"{len(pairs) - MOST_PAIRS} more (-v)"]
    return ", ".join((*couples, *more))


def _ahead(result: Comparison, pair: Pair, decimals: int) -> str:
    """As in 'LSTM is better than GRU in accuracy by 2.1 points [0.4, 3.8]'."""
    quality = pair.quality
    first, second = (pair.a, pair.b) if quality.verdict == "better" else (pair.b, pair.a)
    ahead = f"{display(first)} is better than {display(second)}"
    if quality.solved is not None:
        counts = sorted((quality.solved.a, quality.solved.b), reverse=True)
        return (
            f"{ahead}: it solves {counts[0]} of {counted(quality.solved.seeds, 'seed')} against {counts[1]}"
        )
    unit = unit_of(result.task.metric)
    if quality.difference is None:
        return f"{ahead} in {_metric(result)}"
    size = f"{fixed(abs(quality.difference) * unit.factor, decimals)}{unit.words}"
    interval = quality.shown
    if interval is not None and quality.difference < 0:
        interval = (-interval[1], -interval[0])
    ends = "" if interval is None else f" {bracketed(interval, decimals, factor=unit.factor)}"
    return f"{ahead} in {_metric(result)} by {size}{ends}"


def _level(pairs: Sequence[Pair]) -> str:
    """The level of the intervals where it is not the usual one."""
    known = [pair.quality.level for pair in pairs if pair.quality.shown is not None]
    level = level_text(known)
    return "" if level == "95 %" or not known else f" ({level} intervals)"


def _equivalent(result: Comparison, pairs: Sequence[Pair], decimals: int) -> str:
    solving = any(pair.quality.solved is not None for pair in pairs)
    if solving:
        return f"Equivalent in seeds solved: {_names(pairs)}."
    unit = unit_of(result.task.metric)
    margin = f"{PLUS_MINUS}{fixed(result.protocol.margin * unit.factor, decimals)}{unit.words}"
    return f"Equivalent in {_metric(result)} within {margin}: {_differences(result, pairs, decimals)}."


def _unseen(pairs: Sequence[Pair], *, seeds: int) -> Iterator[str]:
    """The rare failures that so few seeds do not show, told once: every pair has the same seeds."""
    sentences = [words for pair in pairs if (words := unseen_words(pair.quality, seeds))]
    yield from (f"{words}." for words in sentences[:1])


def _differences(result: Comparison, pairs: Sequence[Pair], decimals: int) -> str:
    """One pair with its interval; of several pairs the names alone."""
    if len(pairs) > 1:
        return _names(pairs)
    unit = unit_of(result.task.metric)
    text = difference_text(pairs[0], unit.words, decimals, unit)
    return f"{display(pairs[0].a)} {MINUS} {display(pairs[0].b)} {text}".strip()


def _undecided(result: Comparison, pairs: Sequence[Pair], decimals: int) -> Iterator[str]:
    all_pairs = len(pairs) == len(result.pairs) > 1
    yield (
        "Not decided."
        if all_pairs
        else f"Not decided: {_differences(result, pairs, decimals)}{_level(pairs)}."
    )
    seeds = counted(len(result.protocol.seeds), "seed")
    examples = [pair.quality.examples_needed for pair in pairs if pair.quality.examples_needed]
    needed = [pair.quality.seeds_needed for pair in pairs if pair.quality.seeds_needed]
    models = "these models" if all_pairs else "them"
    if result.protocol.folds is not None:
        folds, rows = result.protocol.folds.folds, result.task.train + result.task.test
        yield f"{folds} folds of {rows:,} rows cannot separate {models}, and more seeds would not."
        yield from _too_little(result, pairs, decimals)
    elif examples:
        yield f"{result.task.test:,} test examples cannot separate {models}; about {max(examples):,} would."
    elif needed:
        most = max(pairs, key=lambda pair: pair.quality.seeds_needed or 0).quality
        fresh = seed_range(result.protocol.fresh_seed, max(needed))
        more_seeds = f"{max(needed):,} fresh ones{plausible_seeds(most.seeds_needed_range, '')}"
        yield f"{seeds} cannot separate {models}; {more_seeds} would: --seeds {fresh}."
    elif len(result.protocol.seeds) == 1:
        yield "One seed gives no interval: --seeds 5."
    else:
        yield from _too_little(result, pairs, decimals)


def _too_little(result: Comparison, pairs: Sequence[Pair], decimals: int) -> Iterator[str]:
    unit = unit_of(result.task.metric)
    sizes = [pair.quality.detectable for pair in pairs if pair.quality.detectable is not None]
    if not sizes:
        return
    if unit.suffix == " %" and max(sizes) >= 1:
        yield "Too little data to detect any difference."
        return
    least = f"{fixed(max(sizes) * unit.factor, decimals)}{unit.words}"
    yield f"Too little data: only a difference of about {least} or more would show."


def cost_sentences(result: Comparison, ahead: dict[str, list[Mark | None]]) -> list[str]:
    """Return the models ahead of every other in a cost: 'RNN is smallest and fastest to train.'.

    Args:
        result: The comparison.
        ahead: For each quality of cost, as 'small' or 'fast to train', every model's standing.
    """
    of_models = []
    for place, model in enumerate(result.models):
        words = [word for word, marks in ahead.items() if marks[place] == "better"]
        if words:
            of_models.append(f"{display(model.label)} {_and(words)}")
    return [f"{'; '.join(of_models)}."] if of_models else []


def _and(words: Sequence[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last


def _baselines(result: Comparison) -> str:
    """Return the scores of methods without recurrence beside the models."""
    recurrence = result.recurrence
    if recurrence is None:
        return ""
    if recurrence.majority is not None:
        simpler = (
            f" The {recurrence.label} does better than all of them." if recurrence.verdict == "costs" else ""
        )
        least = next(base.label for base in result.baselines if base.name == MAJORITY)
        return f"Nothing learnt is shown: no model is clearly better than the {least}.{simpler}"
    if recurrence.verdict == "pays":
        names = _and([display(label) for label in recurrence.better])
        return f"Better than every baseline: {names}."
    return {
        "costs": f"Every model is worse than the {recurrence.label}: use that.",
        "equivalent": f"No model is better than the {recurrence.label}: use that.",
        "undecided": f"No model is clearly better than the {recurrence.label}: try that first.",
    }[recurrence.verdict]


def warning_lines(result: Comparison) -> tuple[Line, ...]:
    """Return the warnings about the table: data, timing, tuning, runs that failed."""
    warnings = (
        *_failed(result.failures),
        *_flattering(result),
        *_repeating(result),
        *result.task.cautions,
        *(line.text for line in look_lines(result.protocol)),
        *_timed_once(result),
        *_disturbed(result),
        *_at_edge(result.protocol.tuning),
    )
    return tuple(Line(text, mark="failed") for text in warnings)


def _flattering(result: Comparison) -> Iterator[str]:
    """That accuracy is mostly that of one class, where no model is shown to be above it."""
    if metric_named(result.task.metric).right is None:
        return
    notes = [
        _flattered(model, result.task.majority) for model in result.models if model.quality.mean is not None
    ]
    if notes and all(notes):
        yield notes[0].removesuffix(".")


def _repeating(result: Comparison) -> Iterator[str]:
    """That a model's forecasts are little more than the last value."""
    for model in result.models:
        if sentence := repeats_last_value(model.ahead, display(model.label)):
            yield sentence.removesuffix(".")


def _flattered(model: ModelResult, majority: float | None) -> str:
    quality, balanced = model.quality, model.beside.get("balanced_accuracy")
    mean = None if balanced is None else balanced.mean
    return accuracy_flatters(quality.mean or 0.0, quality.ci95, majority, mean)


def _failed(failures: Sequence[Failure]) -> Iterator[str]:
    for failure in failures[:MOST_FAILURES]:
        leg = f"{display(failure.model)} seed {failure.seed} failed: {failure.reason}"
        yield f"{leg} (exit {failure.exit_code})"
    if len(failures) > MOST_FAILURES:
        yield f"{counted(len(failures) - MOST_FAILURES, 'more run')} failed (-v)"


def _timed_once(result: Comparison) -> Iterator[str]:
    """A ratio of one process each has no interval, so that nothing can be said of speed."""
    if len(result.models) > 1 and timed_once(result):
        yield "speed and latency were timed once a model: no verdict on them without --cost full"


def _disturbed(result: Comparison) -> Iterator[str]:
    disturbed = sum(sitting.disturbed for sitting in result.sittings)
    timings = sum(sitting.processes for sitting in result.sittings) * len(result.models)
    if disturbed and not timed_once(result):
        yield f"other programs disturbed {disturbed} of {timings} timings: speed and latency are rough"


def _at_edge(tuning: Tuning | None) -> Iterator[str]:
    at_edge = [display(tuned.label) for tuned in tuning.models if tuned.at_edge] if tuning else []
    if at_edge:
        verb = "is" if len(at_edge) == 1 else "are"
        yield f"the best learning rate of {_and(at_edge)} {verb} at the edge of those tried"


def rest_lines(claims: Sequence[Claim], signature: str, *, chart: bool = False) -> tuple[Line, ...]:
    """Return the place of the rest, and the way to repeat the result."""
    supported = sum(claim.verdict == "supported" for claim in claims)
    verb = "holds" if 1 in (supported, len(claims)) else "hold"
    guide = f"guide: {supported} of {counted(len(claims), 'claim')} {verb} here"
    details = "chart and details: -v" if chart else "details: -v"
    pointers = (guide if claims else "", details, PICTURES_HINT)
    digest = signature.rpartition("#")[2] if "#" in signature else ""
    return (
        Line(DOT.join(part for part in pointers if part), role="quiet"),
        *((Line(f"again: seqcli rerun {digest}", role="quiet"),) if digest else ()),
    )


def target_lines(result: Comparison) -> tuple[Line, ...]:
    """Return how many seeds of each model reach the quality asked for in validation, and how soon."""
    target, unit = result.protocol.target, unit_of(result.task.metric)
    if target is None:
        return ()
    parts = []
    for model in result.models:
        reached = model.to_target
        if reached is not None:
            soon = "" if reached.epochs is None else f" (epoch {fixed(reached.epochs, 1)})"
            seeds = f"{reached.reached} of {counted(reached.seeds, 'seed')}{soon}"
            parts.append(f"{display(model.label)} {seeds}")
    shown_target = f"{shortest(target * unit.factor, SCORE_DIGITS)}{unit.suffix}"
    return (Line(f"Validation reaches {shown_target}: {', '.join(parts)}."),)
