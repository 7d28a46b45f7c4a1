"""The quality of each model, seed by seed, and the differences between models."""

from collections.abc import Sequence

from seqcli.data.score_words import SCORE_DIGITS, score_text
from seqcli.reports.draw.chart import dot_strip, scale_of
from seqcli.reports.draw.sheet import Line, Row, SheetCell
from seqcli.reports.numbers import (
    MINUS,
    PLUS_MINUS,
    Unit,
    align_points,
    alike,
    between,
    fixed,
    mean_decimals,
    mean_text,
    metric_words,
    unit_of,
)
from seqcli.reports.words.comparison_words import difference_text, display, evidence_sentences
from seqcli.results.compare import Comparison, Protocol
from seqcli.results.compared_pairs import Pair, QualityPair
from seqcli.results.measurements import Quality
from seqcli.results.wording import counted, p_value_words, plausible_seeds, seed_range, shortest


def quality_row(result: Comparison, pairs: Sequence[Pair], decimals: int) -> Row:
    """The metric on the test split: mean and interval over seeds, then the paired difference."""
    unit = unit_of(result.task.metric)
    values = align_points([quality_text(model.quality, decimals) for model in result.models])
    differences = [difference_text(pair, unit.difference, decimals, unit) for pair in pairs]
    marks = [pair.quality.verdict for pair in pairs]
    return Row(
        f"test {metric_words(result.task.metric)}",
        (
            *(SheetCell(value) for value in values),
            *(SheetCell(text, mark) for text, mark in zip(differences, marks, strict=True)),
        ),
    )


def beside_rows(result: Comparison, pairs: Sequence[Pair]) -> tuple[Row, ...]:
    """Other scores of the test split; no verdict goes by them."""
    names = dict.fromkeys(name for model in result.models for name in model.beside)
    rows = []
    for name in names:
        qualities = [model.beside.get(name) for model in result.models]
        known = [quality for quality in qualities if quality is not None]
        decimals = mean_decimals(
            [quality.mean for quality in known], [quality.ci95 for quality in known], unit_of(name)
        )
        texts = align_points(
            ["" if quality is None else quality_text(quality, decimals) for quality in qualities]
        )
        rows.append(
            Row(
                f"test {metric_words(name)}",
                tuple(SheetCell(text) for text in [*texts, *[""] * len(pairs)]),
            )
        )
    return tuple(rows)


def baseline_rows(result: Comparison, pairs: Sequence[Pair], decimals: int) -> tuple[Row, ...]:
    """Each model less each method without recurrence, with the verdict: '  − bag of words   −0.3 ?'."""
    unit = unit_of(result.task.metric)
    return tuple(
        Row(
            f"  {MINUS} {baseline.label}",
            (
                *(
                    SheetCell(_difference_alone(against.quality, decimals, unit), against.quality.verdict)
                    for against in baseline.against
                ),
                *(SheetCell() for _ in pairs),
            ),
            unit=unit.words.strip(),
        )
        for baseline in result.baselines
        if baseline.against
    )


def _difference_alone(quality: QualityPair, decimals: int, unit: Unit) -> str:
    if quality.difference is None:
        return ""
    return fixed(quality.difference * unit.factor, decimals, signed=True)


def seeds_row(result: Comparison, pairs: Sequence[Pair], decimals: int) -> Row:
    """Each seed's value as a dot on a scale that all models share; the unit says how far it reaches."""
    scale = scale_of([model.quality.per_seed for model in result.models])
    unit = unit_of(result.task.metric)
    if scale is None:
        return Row("seeds", ())
    low, high = (end * unit.factor for end in scale)
    cells = tuple(
        SheetCell(dot_strip(model.quality.per_seed, scale), spelled=_listed(model.quality, decimals, unit))
        for model in result.models
    )
    return Row(
        "seeds", (*cells, *(SheetCell() for _ in pairs)), unit=between(low, high, decimals) + unit.suffix
    )


def solved_row(result: Comparison, pairs: Sequence[Pair]) -> Row:
    """Return the row of seeds that solve the task; empty where nothing says when it is solved."""
    counts = [(model.quality.solved, len(model.quality.per_seed)) for model in result.models]
    texts = ["" if solved is None else f"{solved} of {seeds} seeds" for solved, seeds in counts]
    return Row("solved", (*(SheetCell(text) for text in texts), *(SheetCell() for _ in pairs)))


def target_rows(result: Comparison, pairs: Sequence[Pair]) -> tuple[Row, ...]:
    """Return the rows of seeds that reach the quality asked for, and of the time: medians over all seeds."""
    target = result.protocol.target
    if target is None:
        return ()
    unit = unit_of(result.task.metric)
    quality = f"{shortest(target * unit.factor, SCORE_DIGITS)}{unit.suffix}"
    reaching = [model.to_target for model in result.models]
    reached = [
        "" if reach is None else f"{reach.reached} of {counted(reach.seeds, 'seed')}" for reach in reaching
    ]
    rows = (
        (f"valid. {quality} reached", reached, ""),
        (
            "  epochs, median",
            ["" if reach is None or reach.epochs is None else fixed(reach.epochs, 1) for reach in reaching],
            "",
        ),
        ("  time, median", alike([None if reach is None else reach.seconds for reach in reaching]), "s"),
    )
    return tuple(
        Row(label, (*map(SheetCell, texts), *(SheetCell() for _ in pairs)), unit)
        for label, texts, unit in rows
    )


def failed_row(result: Comparison, pairs: Sequence[Pair]) -> Row:
    """Return the row of failed seeds of each model; empty where none failed."""
    failed = [model.quality.failed for model in result.models]
    texts = [str(number) for number in failed] if any(failed) else ["" for _ in failed]
    return Row("seeds without a score", (*(SheetCell(text) for text in texts), *(SheetCell() for _ in pairs)))


def quality_text(quality: Quality, decimals: int) -> str:
    """A model's mean with its interval, or 'failed' where no seed has a score."""
    if quality.mean is None:
        return "failed" if quality.failed else ""
    values = [value for value in quality.per_seed if value is not None]
    if quality.ci95 is None and quality.solved is None and len(values) == 2:
        unit = unit_of(quality.metric)
        return " and ".join(fixed(value * unit.factor, decimals) for value in values) + unit.suffix
    return mean_text(quality.mean, quality.ci95, decimals, unit_of(quality.metric))


def difference_lines(result: Comparison, decimals: int) -> tuple[Line, ...]:
    """A line a pair: 'GRU − LSTM   −0.5 points [−1.4, +0.4]   undecided; a fresh --seeds 5:9 would …'."""
    unit = unit_of(result.task.metric)
    texts = align_points([difference_text(pair, unit.words, decimals, unit) for pair in result.pairs])
    widest = max(map(len, texts), default=0)
    return tuple(
        line
        for text, pair in zip(texts, result.pairs, strict=True)
        for line in (
            Line(
                f"{text:<{widest}}  {_verdict_words(pair, result.protocol, decimals, unit)}".strip(),
                lead=f"{display(pair.a)} {MINUS} {display(pair.b)}",
            ),
            *(
                Line(sentence, role="quiet", detail=True)
                for sentence in evidence_sentences(pair, result.protocol, decimals, unit)
            ),
        )
    )


def baselines_line(result: Comparison, decimals: int) -> tuple[Line, ...]:
    """Return the scores without recurrence, and whether any model is clearly above them."""
    parts = [
        f"{baseline.label} {_baseline_text(baseline.quality, decimals)}" for baseline in result.baselines
    ]
    parts = [" ".join(part.split()) for part in parts]
    remark = _what_recurrence_buys(result)
    return (
        (Line("     ".join((*parts, remark)) if remark else "     ".join(parts), role="plain"),)
        if parts
        else ()
    )


def _baseline_text(quality: Quality, decimals: int) -> str:
    """A baseline's score; one without an interval has no more digits than a score alone, and no fewer."""
    if quality.mean is None or quality.ci95 is not None or unit_of(quality.metric).top is not None:
        return quality_text(quality, decimals)
    return score_text(quality.mean, quality.metric)


def _verdict_words(pair: Pair, protocol: Protocol, decimals: int, unit: Unit) -> str:
    quality = pair.quality
    margin = fixed(protocol.margin * unit.factor, decimals)
    if quality.verdict == "equivalent" and quality.solved is not None:
        share = fixed(100 * (quality.solved.margin or 0.0), 0)
        return f"equivalent within {PLUS_MINUS}{share} points of seeds solved"
    if quality.verdict == "equivalent":
        return f"equivalent within {PLUS_MINUS}{margin}"
    if quality.verdict == "undecided":
        return f"undecided{_what_would_decide(pair, margin, protocol.fresh_seed)}"
    if quality.solved is not None:
        return quality.verdict
    return f"{quality.verdict}, {'by more' if quality.meaningful else 'maybe by less'} than {margin}"


def _what_would_decide(pair: Pair, margin: str, first: int) -> str:
    """Return the seeds that a fresh run would need, from the first unused one on."""
    quality = pair.quality
    if quality.solved is not None:
        count = quality.seeds_needed
        decided = f"; a fresh --seeds {seed_range(first, count)} would decide it" if count else ""
        return f" ({p_value_words(quality.solved.p_value)}){decided}"
    if quality.examples_needed is not None:
        return f"; about {quality.examples_needed:,} test examples would settle {PLUS_MINUS}{margin}"
    if quality.seeds_needed is None:
        fewest = quality.seeds_needed_range
        return "" if fewest is None else f"; {fewest[0]} seeds or more would settle {PLUS_MINUS}{margin}"
    plausible = plausible_seeds(quality.seeds_needed_range)
    return (
        f"; a fresh --seeds {seed_range(first, quality.seeds_needed)}{plausible}"
        f" would settle {PLUS_MINUS}{margin}"
    )


def _what_recurrence_buys(result: Comparison) -> str:
    """Return the models that are clearly better than every method without recurrence."""
    recurrence = result.recurrence
    if recurrence is None:
        return ""
    if recurrence.verdict == "pays":
        return f"({' and '.join(display(label) for label in recurrence.better)} clearly better)"
    return {
        "costs": "(recurrence does not pay here)",
        "equivalent": "(recurrence gains nothing here)",
        "undecided": "(no gain from recurrence shown)",
    }[recurrence.verdict]


def _listed(quality: Quality, decimals: int, unit: Unit) -> str:
    parts = [
        "failed" if value is None else fixed(value * unit.factor, decimals) for value in quality.per_seed
    ]
    return ", ".join(parts)
