"""The methods of a comparison's figures, in sentences that its own numbers fill."""

from collections.abc import Iterator, Sequence

from seqcli.reports.numbers import decimals_to, fixed, metric_words, unit_of
from seqcli.reports.words.comparison_words import cost_share, processes_each
from seqcli.results.compare import Comparison, CrossValidation, ModelResult, Tuning
from seqcli.results.wording import counted, shortest

Fact = tuple[str, str]

LEARNING = "The metric on the validation split after every epoch; the mean goes as far as every seed trained."
SIZES = (
    "Counted from the models' shapes: every trained number, and of these those of the recurrent layers. "
    "FLOPs a step are each cell's own formula."
)
SAME_PATH = (
    "The same steps on torch's own loop for every model, so that a kernel which only one of them has does "
    "not decide."
)
LATENCY = "One prediction for one sequence, in the same processes: the geometric mean of their medians."
MEMORY = (
    "One step, exact: parameters, as many gradients, the optimiser's state and what is kept for the "
    "backward pass, counted. Peak: the least and greatest resident size of the fresh processes."
)
EXAMPLES = (
    "Seeds and test examples both vary: crossed random effects in closed form (of a score of a whole corpus "
    "from resampled sentences). The wider of this interval and the one over seeds alone counts. "
    "McNemar's test compares both models' right answers on the same examples, seed by seed."
)
TARGET = "The first epoch whose validation score reaches the target; seeds that never do count as longest."


def methods(result: Comparison) -> Iterator[Fact]:
    """Name and method of every figure that this comparison has."""
    metric = metric_words(result.task.metric)
    yield f"Test {metric}", _scores(result)
    if result.task.definition is not None:
        yield "Solved", _solved(result)
    elif len(result.models) > 1:
        yield "Differences and verdicts", _verdicts(result)
    if result.protocol.tuning is not None:
        yield "Learning rates", _tuning(result.protocol.tuning)
    if any(pair.quality.examples_ci95 is not None for pair in result.pairs):
        yield "Test examples", EXAMPLES
    if any(model.to_target is not None for model in result.models):
        yield "Time to the target", TARGET
    if any(model.learning for model in result.models):
        yield "Learning curves", LEARNING
    yield from _costs(result)
    yield "Parameters and FLOPs", SIZES


def _scores(result: Comparison) -> str:
    if result.protocol.folds is not None:
        return _fold_scores(result, result.protocol.folds)
    seeds = ", ".join(map(str, result.protocol.seeds))
    return (
        f"One training run for each model and seed ({seeds}). A seed gives every model the same data in the "
        "same order, and its own initial weights. The weights of the best epoch on the validation split are "
        f"scored once on {counted(result.task.test, 'test example')}. From three seeds on a mean has a 95 % "
        "interval, over seeds and, where the answers are known, test examples."
    )


def _fold_scores(result: Comparison, validation: CrossValidation) -> str:
    folds = validation.folds
    each = counted(len(result.protocol.seeds) // folds, "training run")
    return (
        f"Cross-validation: the rows of {validation.resampled} are divided into {folds} folds, and each is"
        f" tested on once by models that learnt the other {folds - 1}, {each} a fold and model, every one"
        " with a seed of its own that all models share. The validation split, by which the best epoch is"
        " chosen, is the same in all. Runs of one fold are averaged. The interval of a mean is that of the"
        f" corrected resampled t-test (Nadeau & Bengio, 2003), with {folds - 1} degrees of freedom."
    )


def _solved(result: Comparison) -> str:
    criterion = result.task.definition.criterion if result.task.definition is not None else None
    rule = f"test {criterion.words} ({criterion.source})" if criterion is not None else ""
    return (
        f"A seed counts as solved with {rule}. Counts are compared by an exact paired test, never by a "
        "t-test on scores with two humps."
    )


def _verdicts(result: Comparison) -> str:
    unit, protocol = unit_of(result.task.metric), result.protocol
    least = protocol.margin * unit.factor
    digits = fixed(least, max(1, decimals_to(least, 2, most=12))).rstrip("0").rstrip(".")
    margin = f"±{digits}{unit.words}"
    outer, inner = (f"{shortest(100 * (1 - times * protocol.alpha), 4)} %" for times in (1, 2))
    family = (
        " Several pairs share the error rate (Holm), so their intervals are wider."
        if len(result.pairs) > 1
        else ""
    )
    paired = "Paired by seed." if protocol.folds is None else _paired_by_fold(protocol.folds)
    return (
        f"{paired} Better or worse: the {outer} interval of the difference leaves out 0. Equivalent: "
        f"the {inner} interval lies within {margin} (two one-sided tests). Undecided otherwise. "
        f"Level {shortest(protocol.alpha, 4)}, look {protocol.look}.{family}"
    )


def _paired_by_fold(validation: CrossValidation) -> str:
    """The correction: without it, the overlap of the folds' training data makes intervals far too narrow."""
    overlap = f"1/{validation.folds} + {shortest(validation.test_to_train, 3)}"
    return (
        f"Paired by fold; the variance of the mean is ({overlap}) times that of the folds (test rows over"
        " training rows, for folds are learnt from mostly the same rows)."
    )


def _tuning(tuning: Tuning) -> str:
    seeds = ", ".join(map(str, tuning.seeds))
    return (
        f"The same {len(tuning.rates)} rates for every model, tried on seeds that the comparison never uses "
        f"({seeds}); the best mean validation score decides."
    )


def _costs(result: Comparison) -> Iterator[Fact]:
    models = result.models
    timed = [model for model in models if model.train_speed is not None]
    if timed:
        yield "Training speed", _speed(result, timed)
    if any(model.same_path_speed is not None for model in models):
        yield "Same kernel path", SAME_PATH
    if any(model.latency is not None for model in models):
        yield "Latency", LATENCY
    if any(model.memory is not None for model in models):
        yield "Memory", MEMORY


def _speed(result: Comparison, timed: Sequence[ModelResult]) -> str:
    samples = max(len(model.train_speed.samples) for model in timed if model.train_speed is not None)
    processes = max((sitting.processes for sitting in result.sittings), default=samples)
    sittings = counted(max(1, len(result.sittings)), "sitting")
    kernels = "; ".join(f"{model.label} on {model.kernel}" for model in timed if model.kernel)
    device = f"{result.protocol.device}, {counted(result.protocol.threads, 'thread')}"
    return (
        f"Apart from quality: each model alone, {processes_each(processes)} of each in {sittings}, in "
        "random order; a process is the median of its timed steps after warm-up, on batches loaded before, "
        "a model the geometric mean of its processes. Ratios have t-intervals over the processes of a "
        "round, from three sittings on over those; within ×1.05 counts as equivalent. "
        f"Here: {device}. Kernels: {kernels}.{_share(result)}"
    )


def _share(result: Comparison) -> str:
    """The sentence on the time that all this took, with a space before it."""
    share = cost_share(result)
    return f" {share[0].upper()}{share[1:]}." if share else ""
