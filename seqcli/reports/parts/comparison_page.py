"""The tables behind a comparison's figures on its page: each seed's values, settings, data."""

from collections.abc import Iterator, Sequence

from seqcli.data.data_words import definition_sentences
from seqcli.reports.draw.document import Document, Grid, PagePart
from seqcli.reports.draw.panel import panels_of
from seqcli.reports.draw.sheet import sheet_of
from seqcli.reports.numbers import MISSING, Unit, decimals_to, fixed, metric_words, unit_of
from seqcli.reports.words.comparison_words import display, matched
from seqcli.reports.words.methods import Fact, methods
from seqcli.results.compare import Comparison, ModelResult, TaskFacts


def seed_grids(result: Comparison) -> Iterator[Grid]:
    """A table a model, a row a seed: scores on both splits, when the best epoch came, whether it solved."""
    for model in result.models:
        columns = _seed_columns(model)
        rows = zip(*(texts for _, texts in columns), strict=True)
        yield Grid(
            caption=f"{display(model.label)}, seed by seed",
            head=("seed", *(name for name, _ in columns)),
            rows=tuple((str(seed), *row) for seed, row in zip(result.protocol.seeds, rows, strict=False)),
        )


def _seed_columns(model: ModelResult) -> list[tuple[str, list[str]]]:
    """The columns that this model has values for."""
    unit, quality = unit_of(model.quality.metric), model.quality
    metric = metric_words(quality.metric)
    decimals = score_decimals([*quality.per_seed, *quality.valid_per_seed], unit)
    columns = [
        (f"test {metric}", _scores(quality.per_seed, unit, decimals)),
        (f"validation {metric}", _scores(quality.valid_per_seed, unit, decimals)),
        ("best epoch", [MISSING if epoch is None else str(epoch) for epoch in model.epochs_to_best]),
        (
            "seconds to it",
            [MISSING if spent is None else fixed(spent, 1) for spent in model.seconds_to_best],
        ),
    ]
    if quality.solved_per_seed is not None:
        words = {None: MISSING, True: "solved", False: "not solved"}
        columns.insert(1, ("criterion", [words[solved] for solved in quality.solved_per_seed]))
    length = len(quality.per_seed)
    return [(name, [*texts[:length], *[MISSING] * (length - len(texts))]) for name, texts in columns]


def _scores(values: Sequence[float | None], unit: Unit, decimals: int) -> list[str]:
    return [
        "failed" if value is None else f"{fixed(value * unit.factor, decimals)}{unit.suffix}"
        for value in values
    ]


def score_decimals(values: Sequence[float | None], unit: Unit) -> int:
    """Two decimals of a percentage; else four significant digits of the least value."""
    least = min((abs(value) for value in values if value), default=1.0)
    return 2 if unit.top is not None else decimals_to(least, 4)


def settings_grid(result: Comparison, *, without: str = "") -> Grid:
    """Every setting of every model but the one left out."""
    settings = [{**model.settings, **model.training} for model in result.models]
    names = list(dict.fromkeys(name for of_model in settings for name in of_model))
    rows = [
        (name.replace("_", " "), *(_setting(of_model.get(name)) for of_model in settings))
        for name in names
        if name != without
    ]
    return Grid(
        "The models' settings", ("setting", *(display(model.label) for model in result.models)), tuple(rows)
    )


def tuning_grids(result: Comparison) -> Iterator[Grid]:
    """The learning rates that were tried, each model's mean validation score at each."""
    tuning = result.protocol.tuning
    if tuning is None:
        return
    unit = unit_of(result.task.metric)
    decimals = score_decimals([score for model in tuning.models for score in model.scores], unit)
    yield Grid(
        "Learning rates tried: mean validation score",
        ("model", *(f"{rate:g}" for rate in tuning.rates), "chosen"),
        tuple(
            (display(model.label), *_scores(model.scores, unit, decimals), f"{model.lr:g}")
            for model in tuning.models
        ),
    )


def _setting(value: object) -> str:
    if value is None or value == "":
        return MISSING
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def data_facts(task: TaskFacts) -> Iterator[Fact]:
    """Return the facts of the data that every model saw."""
    unit = unit_of(task.metric)
    better = "higher is better" if task.higher_is_better else "lower is better"
    yield "Task", f"{task.name} ({task.kind})"
    yield "Source", task.source
    yield "Split", f"{task.train:,} train, {task.valid:,} validation, {task.test:,} test"
    if task.classes is not None:
        yield "Classes", f"{task.classes:,}"
    yield "Metric", f"{metric_words(task.metric)}, {better}"
    if task.majority is not None:
        yield "Majority class", f"{fixed(task.majority * unit.factor, 1)}{unit.suffix} of the test split"
    definition = [] if task.definition is None else definition_sentences(task.definition)
    for sentence in definition:
        name, _, text = sentence.partition(": ")
        yield name.capitalize(), text
    for note in task.notes:
        if note not in definition:
            yield "Note", note
    yield "SHA-256", task.data_sha256


def other_protocols(result: Comparison) -> Iterator[PagePart]:
    """The table of each further protocol, seed by seed too."""
    for other in result.alternatives:
        protocol = result.protocol.model_copy(update={"match": other.match})
        single = result.model_copy(
            update={"models": other.models, "pairs": other.pairs, "protocol": protocol, "alternatives": []}
        )
        yield PagePart(f"At {matched(other.match)}", sheet_of(single), tuple(seed_grids(single)))


def comparison_document(result: Comparison) -> Document:
    """A comparison as a document."""
    return Document(
        sheet=sheet_of(result),
        panels=panels_of(result),
        guide=tuple(result.guide),
        parts=tuple(other_protocols(result)),
        grids=(*seed_grids(result), *tuning_grids(result), settings_grid(result)),
        data=tuple(data_facts(result.task)),
        methods=tuple(methods(result)),
        signature=result.signature,
    )
