"""The sentences around a comparison's table: its protocol, its conclusions, its evidence."""

from collections.abc import Iterator, Sequence

from seqcli.models.spec import called
from seqcli.reports.draw.sheet import Line
from seqcli.reports.numbers import (
    LIKE_95,
    MINUS,
    Unit,
    bracketed,
    fixed,
    mean_decimals,
    unit_of,
)
from seqcli.results.claims import Claim
from seqcli.results.compare import (
    Alternative,
    Comparison,
    CrossValidation,
    EarlierLook,
    Failure,
    ModelResult,
    Protocol,
    TaskFacts,
)
from seqcli.results.compared_pairs import Agreement, ExamplePair, Pair, QualityPair, StepsPair
from seqcli.results.recommendation import Recommendation
from seqcli.results.steps_ahead import StepScores
from seqcli.results.sweep import Sweep
from seqcli.results.wording import (
    counted,
    p_value_words,
    seed_range,
    share_words,
    short_share,
    shortest,
    span,
)

DOT = " · "
MATCHES = {"params": "equal parameters", "flops": "equal FLOPs", "time": "equal training time"}

FLOPS_COUNTED = "the recurrence, forward by formula and × 3 with the backward pass"
"""What a model's throughput counts as operations."""


def display(label: str) -> str:
    """A model's label as a heading: 'gru hidden=148,layers=2' is 'GRU hidden=148, layers=2'.

    Cells' short names are acronyms; the space lets a narrow column break between settings.
    """
    return called(label).replace(",", ", ")


def cost_share(result: Comparison) -> str:
    """The part of the whole time that the last measuring of cost took: '38 % of the time (41 s …)'.

    '' where it is not told.
    """
    last = result.sittings[-1] if result.sittings else None
    if last is None or last.share is None or last.seconds is None or last.training_seconds is None:
        return ""
    times = f"{span(last.seconds)} beside {span(last.training_seconds)} of training"
    return f"cost measuring took {fixed(100 * last.share, 0)} % of the time ({times})"


def timed_once(result: Comparison) -> bool:
    """Return whether cost was timed in one process of each model, which gives no interval and no verdict."""
    return sum(sitting.processes for sitting in result.sittings) == 1


def processes_each(count: int) -> str:
    """As in '5 fresh processes'."""
    return f"{count:,} fresh {'process' if count == 1 else 'processes'}"


def task_line(task: TaskFacts, validation: CrossValidation | None = None) -> Line:
    """The data and its split: 'sentiment  film reviews · 6,824 train / 853 valid / 853 test · 2 classes'."""
    folds = f"{validation.folds} folds of {validation.resampled}" if validation is not None else ""
    split = f"{task.train:,} train / {task.valid:,} valid / {task.test:,} test"
    classes = f"{task.classes} classes" if task.classes is not None else ""
    return Line(DOT.join(part for part in (task.source, folds, split, classes) if part), lead=task.name)


def protocol_line(protocol: Protocol, models: Sequence[ModelResult]) -> Line:
    """Return the protocol: 'equal width 128 · 1 layer · tuned init · 5 paired seeds · cpu, 1 thread'."""
    parts = (
        _matched(protocol.match, models),
        _shared_layers(models),
        f"{protocol.init} init",
        _seeds(protocol, paired=len(models) > 1),
        f"{protocol.device}, {counted(protocol.threads, 'thread')}",
    )
    return Line(DOT.join(part for part in parts if part), lead="protocol")


def matched(match: str) -> str:
    """Return the quantity that a protocol holds equal, in words: 'equal width'."""
    return "equal width" if match == "hidden" else MATCHES.get(match, f"match {match}")


def status_lines(result: Comparison | Sweep) -> tuple[Line, ...]:
    """Return the line that says what is missing of what was asked for; none of a complete result."""
    if result.status == "complete":
        return ()
    runs = counted(result.legs, "training run")
    if result.legs_to_go:
        missing = f"{result.legs_to_go} of {runs} not finished; the same command continues"
    elif result.failures:
        missing = f"{len(result.failures)} of {runs} failed; the same command tries again"
    else:
        missing = "cost not measured yet; the same command measures it"
    return (Line(f"partial: {missing}", lead="status", mark="failed"),)


def tuning_lines(protocol: Protocol) -> tuple[Line, ...]:
    """The learning rates chosen: 'LSTM 0.004, GRU 0.002 · of 0.0005 to 0.008, 2 seeds of their own'."""
    tuning = protocol.tuning
    if tuning is None:
        return ()
    chosen = ", ".join(
        f"{display(tuned.label)} {tuned.lr:g}{' (the edge of the grid)' if tuned.at_edge else ''}"
        for tuned in tuning.models
    )
    grid = f"of {len(tuning.rates)} rates from {tuning.rates[0]:g} to {tuning.rates[-1]:g}"
    return (Line(f"{chosen} · {grid}, {counted(len(tuning.seeds), 'seed')} of their own", lead="tuned lr"),)


def look_lines(protocol: Protocol) -> tuple[Line, ...]:
    """That these models were judged before, and what that costs; nothing at a first look."""
    if not protocol.earlier_looks:
        return ()
    chance = f"a false verdict has a chance of up to {short_share(protocol.overall_alpha)}"
    this_look = f"{len(protocol.seeds)} (α = {shortest(protocol.alpha, 4)})"
    if not protocol.looks_before:
        sentence = (
            f"judged before at {_looks(protocol.looks_apart)}, now at {this_look} that those had none of:"
        )
        number = len(protocol.looks_apart) + 1
        return (Line(f"{sentence} {number} experiments, and in one of them {chance}", lead="looks"),)
    fresh = seed_range(protocol.fresh_seed, len(protocol.seeds))
    others = f" (and at {_looks(protocol.looks_apart)} apart)" if protocol.looks_apart else ""
    sentence = (
        f"judged before at {_looks(protocol.looks_before)}{others}, now again at {this_look}: in one of these"
        f" looks {chance}; --seeds {fresh} would be fresh"
    )
    return (Line(sentence, lead="looks"),)


def _looks(looks: Sequence[EarlierLook]) -> str:
    return ", ".join(f"{counted(len(look.seeds), 'seed')} (α = {shortest(look.alpha, 4)})" for look in looks)


def _seeds(protocol: Protocol, *, paired: bool) -> str:
    number = len(protocol.seeds)
    level = "" if protocol.alpha == 0.05 else f" (look {protocol.look}, α = {shortest(protocol.alpha, 4)})"
    if protocol.folds is not None:
        each = counted(number // protocol.folds.folds, "seed")
        return f"{protocol.folds.folds} folds of {protocol.folds.resampled}, {each} each{level}"
    return counted(number, "paired seed" if paired and number > 1 else "seed") + level


def _matched(match: str, models: Sequence[ModelResult]) -> str:
    width = _shared(models, "hidden")
    shown = "" if width is None else f" {width}"
    if match == "hidden":
        return f"equal width{shown}" if len(models) > 1 else f"width{shown}" if shown else ""
    return matched(match)


def _shared_layers(models: Sequence[ModelResult]) -> str:
    layers = _shared(models, "layers")
    return counted(layers, "layer") if isinstance(layers, int) else ""


def _shared(models: Sequence[ModelResult], setting: str) -> object:
    """The value of a setting that all models have in common; None where they differ or do not name it."""
    values = [model.settings.get(setting) for model in models]
    return values[0] if values and all(value == values[0] for value in values) else None


def guide_lines(claims: Sequence[Claim]) -> tuple[Line, ...]:
    """A line a claim: its mark, the claim, the evidence of this run, and what is known from elsewhere."""
    return tuple(
        Line(
            f"{claim.claim}: {claim.evidence}" + (f" — known: {claim.prior}" if claim.prior else ""),
            lead="guide" if position == 0 else "",
            mark=claim.verdict,
        )
        for position, claim in enumerate(claims)
    )


def recommendation_lines(recommendation: Recommendation) -> tuple[Line, ...]:
    """The sentences of the recommendation, after the name of the model if the evidence allows one."""
    named = [] if recommendation.model is None else [f"Recommended: {display(recommendation.model)}."]
    text = " ".join((*named, *recommendation.because))
    return (Line(text, role="strong"),) if text else ()


def failure_lines(failures: Sequence[Failure]) -> tuple[Line, ...]:
    """A line a leg that did not finish: 'failed  GRU seed 3: the loss is not finite at step 40 (exit 8)'."""
    return tuple(
        Line(
            f"{display(failure.model)} seed {failure.seed}: {failure.reason} (exit {failure.exit_code})",
            lead="failed" if position == 0 else "",
            mark="failed",
        )
        for position, failure in enumerate(failures)
    )


def note_lines(notes: Sequence[str]) -> tuple[Line, ...]:
    """A line a note on the data, such as how many texts were cut."""
    return tuple(Line(note, lead="note", role="quiet") for note in notes)


def signature_lines(signature: str) -> tuple[Line, ...]:
    """The line that says exactly what was compared, so that it can be run again."""
    return (Line(signature, lead="signature", role="quiet"),)


def evidence_sentences(pair: Pair, protocol: Protocol, decimals: int, unit: Unit) -> list[str]:
    """Return the evidence of a verdict: each view's interval, the detectable difference, examples, steps."""
    quality = pair.quality
    sentences = [
        _level(quality),
        _both_views(quality, decimals, unit),
        _detectable(quality, protocol, decimals, unit),
    ]
    if quality.verdict == "equivalent" or quality.solved is not None:
        sentences.append(unseen_words(quality, len(protocol.seeds)))
    if quality.examples is not None:
        sentences.append(_by_example(pair, quality.examples))
    if quality.steps is not None:
        sentences.append(_by_steps(pair, quality.steps))
    return [sentence for sentence in sentences if sentence]


def _level(quality: QualityPair) -> str:
    """The level of the interval shown, where looks, several pairs or the verdict make it no 95 %."""
    if quality.level is None or abs(quality.level - 0.95) < LIKE_95:
        return ""
    return f"decided by its {short_share(quality.level)} interval"


def _both_views(quality: QualityPair, decimals: int, unit: Unit) -> str:
    """Both intervals, where resampling the test examples widens the one over seeds."""
    seeds, examples = quality.seeds_ci95, quality.examples_ci95
    if seeds is None or examples is None or seeds == quality.ci95:
        return ""
    over, over_examples = (
        bracketed(each, decimals, factor=unit.factor, signed=True) for each in (seeds, examples)
    )
    return f"over seeds {over}, over seeds and test examples {over_examples}: the wider counts"


def unseen_words(quality: QualityPair, seeds: int) -> str:
    """Return the limit of so few seeds: a run in so many may fall far below the others."""
    rate = quality.unseen_rate
    if rate is None:
        return ""
    if quality.solved is not None:
        solved = [name for name in (quality.solved.a, quality.solved.b) if name == quality.solved.seeds]
        if not solved:
            return ""
        most = share_words(rate, 0)
        return f"0 of {quality.solved.seeds} failed: a failure rate up to {most} cannot be excluded"
    return f"{counted(seeds, 'seed')} cannot exclude that up to {share_words(rate, 0)} of runs collapse"


def _detectable(quality: QualityPair, protocol: Protocol, decimals: int, unit: Unit) -> str:
    if quality.detectable is None or quality.verdict in ("better", "worse"):
        return ""
    if unit.suffix == " %" and quality.detectable >= 1:
        return "no difference at all would show here with any certainty"
    least = f"{fixed(quality.detectable * unit.factor, decimals)}{unit.words}"
    chance = share_words(protocol.power, 0)
    return f"a true difference of {least} would show here with {chance} chance"


def _by_example(pair: Pair, examples: ExamplePair) -> str:
    """McNemar's counts: 'GRU alone is right on 61.2 of 853 test examples, LSTM alone on 66.4 (mean …)'."""
    only_a, only_b = (fixed(count, 1) for count in (examples.only_a, examples.only_b))
    seeds = len(examples.p_values)
    return (
        f"{display(pair.a)} alone is right on {only_a} of {examples.examples:,} test examples,"
        f" {display(pair.b)} alone on {only_b}; McNemar separates the two"
        f" in {examples.seeds_apart} of {counted(seeds, 'seed')}"
    )


def _by_steps(pair: Pair, steps: StepsPair) -> str:
    """Return the clause on solving: 'GRU solves sooner in 3 of 5 seeds, LSTM in 1 (p = 0.625); steps, …'."""
    seeds = steps.sooner_a + steps.sooner_b + steps.ties
    medians = [
        f"{display(name)} {'not in half of the seeds' if median is None else fixed(median, 0)}"
        for name, median in ((pair.a, steps.median_a), (pair.b, steps.median_b))
    ]
    return (
        f"{display(pair.a)} solves sooner in {steps.sooner_a} of {counted(seeds, 'seed')},"
        f" {display(pair.b)} in {steps.sooner_b} ({p_value_words(steps.p_value)});"
        f" median steps {', '.join(medians)}"
    )


def protocol_lines(result: Comparison, decimals: int) -> tuple[Line, ...]:
    """A line a pair of each further protocol: 'at equal parameters (GRU 148 wide): GRU − LSTM +0.2 points'.

    Below them a line for each pair on which the protocols contradict each other.
    """
    unit = unit_of(result.task.metric)
    lines = [line for other in result.alternatives for line in _of(other, result.models, decimals, unit)] + [
        _contradiction(agreement) for agreement in result.agreement if agreement.verdict == "depends"
    ]
    return tuple(lines)


def _of(other: Alternative, models: Sequence[ModelResult], decimals: int, unit: Unit) -> Iterator[Line]:
    widths = _widths(other, models)
    for position, pair in enumerate(other.pairs):
        where = f"at {matched(other.match)}{widths}: " if position == 0 else ""
        difference = " ".join(difference_text(pair, unit.words, decimals, unit).split())
        yield Line(
            f"{where}{display(pair.a)} {MINUS} {display(pair.b)} {difference}".rstrip(),
            mark=pair.quality.verdict,
        )


def _widths(other: Alternative, models: Sequence[ModelResult]) -> str:
    """The models that this protocol made wider or narrower: ' (GRU 148 wide)'."""
    before = {model.label: model.settings.get("hidden") for model in models}
    resized = [
        f"{display(model.label)} {model.settings['hidden']} wide"
        for model in other.models
        if model.settings.get("hidden") not in (None, before.get(model.label))
    ]
    return f" ({', '.join(resized)})" if resized else ""


def _contradiction(agreement: Agreement) -> Line:
    verdicts = [f"{verdict} at {matched(match)}" for match, verdict in agreement.verdicts.items()]
    pair = f"{display(agreement.a)} {MINUS} {display(agreement.b)}"
    return Line(f"{pair} depends on the protocol: {', '.join(verdicts)}", mark="depends")


def quality_decimals(result: Comparison) -> int:
    """The decimals in which a comparison's every quality, difference and baseline is shown."""
    means = [model.quality.mean for model in result.models]
    intervals = [model.quality.ci95 for model in result.models] + [
        pair.quality.shown for pair in result.pairs
    ]
    return mean_decimals(means, intervals, unit_of(result.task.metric))


def difference_text(pair: Pair, word: str, decimals: int, unit: Unit) -> str:
    """A difference with its interval, '−0.5 points [−1.4, +0.4]', or how many seeds each model solves."""
    quality = pair.quality
    if quality.solved is not None:
        return f"{quality.solved.a} of {quality.solved.seeds} solved against {quality.solved.b}"
    if quality.difference is None:
        return ""
    text = f"{fixed(quality.difference * unit.factor, decimals, signed=True)}{word}"
    if quality.shown is None:
        return text
    return f"{text} {bracketed(quality.shown, decimals, factor=unit.factor, signed=True)}"


def steps_of_methods(result: Comparison) -> dict[str, StepScores | None]:
    """The scores of each step ahead by the name of a model or baseline; nothing where there are no steps."""
    named = {display(model.label): model.ahead for model in result.models}
    return {**named, **{baseline.label: baseline.ahead for baseline in result.baselines}}
