"""`seqcli.train/1` laid out: what one leg reached, what it took, where it is kept."""

from dataclasses import dataclass, replace

from seqcli.data.kind import KINDS, metric_named
from seqcli.registry import later
from seqcli.reports.draw.chart import sparkline
from seqcli.reports.draw.printable import cut_middle
from seqcli.reports.draw.sheet import Column, Line, Row, Section, Sheet, SheetCell
from seqcli.reports.numbers import (
    MEBIBYTE,
    alike,
    bracketed,
    clock,
    fixed,
    metric_words,
    score_words,
    unit_of,
)
from seqcli.reports.parts.class_grids import WIDEST_CLASS, class_grids
from seqcli.reports.words.learning_words import accuracy_flatters, nothing_learnt, threshold_words
from seqcli.reports.words.step_words import repeats_last_value, step_grids
from seqcli.results.common import Interval
from seqcli.results.train import ClassScore, ClassTable, Score, TrainResult
from seqcli.results.wording import counted, share_words

STOPS = {
    "epochs": "",
    "early": ", stopped early",
    "steps": ", stopped at the step limit",
    "time": ", stopped by the time budget",
}


COURSE = 10
"""Cells of the course of validation: as wide as the interval above it, so that its line fits 80 columns."""

MOST_CLASSES = 6
"""Classes told one by one on the first screen; more are below `-v`, the least found one on its own here."""


def sheet(result: TrainResult) -> Sheet:
    """One trained model as a sheet of one column: each figure with what it means beside it."""
    figures = (*_scores(result), *_costs(result))
    widest = max(len(figure.value) for figure in figures)
    answer = Sheet(
        heading=f"{result.model} on {result.task}, seed {result.seed}",
        title=(),
        columns=(Column(""),),
        rows=tuple(figure.row(widest) for figure in figures),
        sections=tuple(section for section in _sections(result) if section.lines),
    )
    more = (*class_grids(result.by_class), *step_grids(result.ahead))
    brief = replace(answer, sections=tuple(part for part in answer.sections if part.name != "signature"))
    return replace(answer, brief=brief, more=more)


SHEET = sheet
PANELS = later("seqcli.reports.parts.training_figure", "training_panels")
DOCUMENT = later("seqcli.reports.parts.training_page", "training_document")


@dataclass(frozen=True)
class _Figure:
    label: str
    value: str
    remark: str = ""
    unit: str = ""

    def row(self, width: int) -> Row:
        """The figure as a row whose remark stands apart, in line with the others' remarks."""
        text = f"{self.value:<{width}}   {self.remark}" if self.remark else self.value
        return Row(self.label, (SheetCell(text),), self.unit)


def _scores(result: TrainResult) -> tuple[_Figure, ...]:
    majority = (
        ""
        if result.majority is None
        else f"majority class {score_words(result.test.metric, result.majority)}"
    )
    course = sparkline(result.valid_per_epoch, width=COURSE)
    epoch = f"best epoch {result.best_epoch} of {result.epochs}{STOPS[result.stopped]}"
    return (
        _Figure(
            f"test {_name(result.test)}",
            _score(result.test, result.test.ci95),
            majority or _search(result.test),
        ),
        *_other_figures(result),
        *_of_classes(result),
        *_decision(result),
        *_solved(result),
        _Figure(f"valid {_name(result.valid)}", f"{_score(result.valid)} {course}".rstrip(), epoch),
        _Figure("test loss", alike([result.test.loss])[0], counted(result.test.examples, "example")),
    )


def _other_figures(result: TrainResult) -> tuple[_Figure, ...]:
    """Other scores of the test split."""
    return tuple(
        _Figure(f"test {metric_words(name)}", score_words(name, value))
        for name, value in result.beside.items()
        if metric_named(name).brief
    )


def _of_classes(result: TrainResult) -> tuple[_Figure, ...]:
    """The mean F1 of the classes, which a class that is never found pulls down."""
    if result.by_class is None or result.by_class.macro_F1 == result.test.value:
        return ()
    listed = len(result.by_class.classes) <= MOST_CLASSES
    hardest = "" if listed else _hardest(result.by_class)
    macro = _Figure("test macro-F1", share_words(result.by_class.macro_F1), hardest)
    return (macro, *map(_class, result.by_class.classes)) if listed else (macro,)


def _decision(result: TrainResult) -> tuple[_Figure, ...]:
    """From which probability on the rarer class is said, where that was chosen."""
    return () if result.threshold is None else (_Figure(*threshold_words(result.threshold)),)


def _class(scored: ClassScore) -> _Figure:
    """One class: how many of it were found, how often its name was right, what it was mistaken for."""
    precision = [] if scored.precision is None else [f"precision {share_words(scored.precision)}"]
    missed = [f"{scored.mistaken:,} taken for {_short(scored.mistaken_for)}"] if scored.mistaken_for else []
    recalled = f"{scored.right:,} of {scored.examples:,} found"
    return _Figure(f"  {_short(scored.label)}", recalled, ", ".join([*precision, *missed]))


def _short(label: str) -> str:
    return cut_middle(label, WIDEST_CLASS, "…")


def _hardest(table: ClassTable) -> str:
    """The class that is found least."""
    known = [label_score for label_score in table.classes if label_score.recall is not None]
    least = min(known, key=lambda label_score: label_score.recall or 0.0)
    return f"least found: {_short(least.label)}, {least.right:,} of {least.examples:,}; all: -v"


def _search(score: Score) -> str:
    """Return the search by which the scored sequences were found, where that is a choice."""
    return metric_named(score.metric).search


def _solved(result: TrainResult) -> tuple[_Figure, ...]:
    """Return whether the task is solved, where a criterion says when."""
    if result.solved is None:
        return ()
    return (_Figure("solved", "yes" if result.solved.solved else "no", result.solved.criterion),)


def _costs(result: TrainResult) -> tuple[_Figure, ...]:
    speed, sizes = result.train_speed, result.parameters
    parts = f"{sizes.recurrent:,} recurrent, {sizes.embedding:,} embedding"
    unit = speed.unit.replace("sequences", "seq")
    steps = f"{fixed(speed.tokens_per_second, 0)} {_steps(result.kind)}/s"
    return (
        _Figure("parameters", f"{sizes.total:,}", parts),
        _Figure("speed", alike([speed.mean])[0], steps, unit),
        _Figure("peak memory", alike([result.memory.peak / MEBIBYTE])[0], unit="MiB"),
        _Figure("time", clock(result.seconds), f"{clock(result.seconds_to_best)} to the best epoch"),
    )


def _steps(kind: str) -> str:
    """Return the name of the steps of such a sequence."""
    numbers = bool(kind) and (KINDS.get(kind).of_vectors or KINDS.get(kind).continues)
    return "steps" if numbers else "tokens"


def _name(score: Score) -> str:
    return metric_words(score.metric)


def _score(score: Score, interval: Interval | None = None) -> str:
    """A score, with its interval over the test examples where it has one."""
    unit = unit_of(score.metric)
    if unit.top is None:
        return alike([score.value])[0]
    ends = "" if interval is None else f" {bracketed(interval, 1, factor=unit.factor)}"
    return f"{fixed(score.value * unit.factor, 1)}{ends}{unit.suffix}"


def _next(result: TrainResult, run: str) -> tuple[Line, ...]:
    """Return the command that uses the run, where its kind has one."""
    kind = result.kind or ("" if result.by_class is None else "classify")  # older results name no kind
    command = KINDS.get(kind).command(run) if kind else ""
    return (Line(command, lead="try"),) if command else ()


def _sections(result: TrainResult) -> tuple[Section, ...]:
    run = () if result.run is None else (Line(result.run, lead="run"), *_next(result, result.run))
    unit, test = unit_of(result.test.metric), result.test
    share = result.by_class is not None and result.by_class.is_share_right(test.value)
    doubts = []
    if share and result.by_class is not None:
        doubts = [
            nothing_learnt(test.value, test.ci95, result.majority, unit),
            accuracy_flatters(test.value, test.ci95, result.majority, result.by_class.balanced_accuracy),
        ]
    doubts.append(repeats_last_value(result.ahead))
    score = result.test
    scored = (Line(score.signature, lead=score.metric, role="quiet"),) if score.signature else ()
    return (
        Section("notes", tuple(Line(doubt) for doubt in doubts if doubt)),
        Section("run", run),
        Section("signature", (Line(result.signature, lead="signature", role="quiet"), *scored)),
    )
