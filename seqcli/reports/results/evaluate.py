"""`seqcli.evaluate/1` laid out: the scores, the classes, what is mistaken for what, the worst errors."""

from seqcli.registry import later
from seqcli.reports.draw.sheet import Column, Line, Row, Section, Sheet, SheetCell
from seqcli.reports.numbers import bracketed, fixed, metric_words, score_words, unit_of
from seqcli.reports.parts.class_grids import class_grids
from seqcli.reports.words.learning_words import accuracy_flatters, nothing_learnt, place_of, threshold_words
from seqcli.reports.words.step_words import repeats_last_value, step_grids
from seqcli.results.evaluate import EvaluatedRun, EvaluatedScore, Mistake
from seqcli.results.wording import counted, share_words

LONGEST_TEXT = 300
"""Characters of a text that a page shows; the whole is in JSON."""


def sheet(result: EvaluatedRun) -> Sheet:
    """A run's scores on labelled data, each class, and what it is surest of and wrong about."""
    tested_on = "its own test split" if result.data is None else result.data
    count = counted(result.score.examples, "example")
    figures = _figures(result)
    widest = max(len(value) for _, value, _ in figures)
    return Sheet(
        heading=f"{result.model} of {result.run} on {tested_on}",
        title=(Line(f"{result.model} of {result.run} on {tested_on} · {count}", role="strong"),),
        columns=(Column(""),),
        rows=tuple(Row(name, (_cell(value, remark, widest),)) for name, value, remark in figures),
        sections=_sections(result),
        more=(
            *class_grids(result.by_class),
            *step_grids(result.ahead),
            *_of_words(result),
            *_captions(result),
            *_errors(result),
        ),
    )


SHEET = sheet
PANELS = later("seqcli.reports.parts.evaluation_figure", "evaluation_panels")
DOCUMENT = later("seqcli.reports.parts.evaluation_page", "evaluation_document")


def _cell(value: str, remark: str, widest: int) -> SheetCell:
    return SheetCell(f"{value:<{widest}}   {remark}" if remark else value)


def _figures(result: EvaluatedRun) -> list[tuple[str, str, str]]:
    """Name, value and remark of each score."""
    majority = ""
    if result.majority is not None:
        name = f"majority class {result.majority_label or ''}".strip()
        majority = f"{name} {score_words(result.score.metric, result.majority)}"
    figures = [(metric_words(result.score.metric), _score(result.score), majority)]
    table = result.by_class
    by_class = {} if table is None else {table.macro_F1, table.balanced_accuracy}
    figures += [
        (metric_words(name), score_words(name, value), "")
        for name, value in result.beside.items()
        if value not in by_class
    ]
    if table is not None:
        figures += [
            ("macro-F1", share_words(table.macro_F1), "mean F1 of the classes"),
            ("balanced accuracy", share_words(table.balanced_accuracy), "mean recall of the classes"),
        ]
    if result.threshold is not None:
        figures.append(threshold_words(result.threshold))
    if result.calibration is not None:
        error = share_words(result.calibration.error)
        figures.append(("calibration error", error, "stated probability against share right"))
    return figures


def _score(score: EvaluatedScore) -> str:
    unit = unit_of(score.metric)
    if unit.top is None or score.ci95 is None:
        return score_words(score.metric, score.value)
    ends = bracketed(score.ci95, 1, factor=unit.factor)
    return f"{fixed(score.value * unit.factor, 1)} {ends}{unit.suffix}"


def _sections(result: EvaluatedRun) -> tuple[Section, ...]:
    notes = []
    if result.by_class is not None and result.by_class.is_share_right(result.score.value):
        unit = unit_of(result.score.metric)
        score = result.score
        notes.append(nothing_learnt(score.value, score.ci95, result.majority, unit))
        balanced = result.by_class.balanced_accuracy
        notes.append(accuracy_flatters(score.value, score.ci95, result.majority, balanced))
    notes.append(repeats_last_value(result.ahead))
    if result.unlabelled:
        notes.append(f"{counted(result.unlabelled, 'row')} without a label left out.")
    lines = tuple(Line(note) for note in notes if note)
    return (Section("notes", lines),) if lines else ()


def _of_words(result: EvaluatedRun) -> tuple[Sheet, ...]:
    """Each type of entity, and the words that most often got a wrong label."""
    tables = []
    if result.entities:
        columns = tuple(map(Column, ("precision", "recall", "F1", "there", "found")))
        rows = tuple(
            Row(
                score.type or "any",
                tuple(
                    map(
                        SheetCell,
                        (
                            share_words(score.precision),
                            share_words(score.recall),
                            share_words(score.f1),
                            f"{score.actual:,}",
                            f"{score.matched:,}",
                        ),
                    )
                ),
            )
            for score in result.entities
        )
        tables.append(
            Sheet("entities by type", (Line("entities by type"),), columns, rows, (), corner="type")
        )
    if result.worst_words:
        columns = tuple(map(Column, ("wrong", "of", "right label", "predicted")))
        rows = tuple(
            Row(
                errors.word,
                tuple(
                    map(
                        SheetCell, (f"{errors.wrong:,}", f"{errors.occurs:,}", errors.label, errors.predicted)
                    )
                ),
            )
            for errors in result.worst_words
        )
        tables.append(Sheet("worst words", (Line("worst words"),), columns, rows, (), corner="word"))
    return tuple(tables)


def _captions(result: EvaluatedRun) -> tuple[Sheet, ...]:
    """The first images with another caption than theirs, under a heading of their own."""
    lines = [
        Line(
            f"{_short(each.predicted)}; right: {_short(each.reference)} ({each.image})",
            lead=place_of(each, result.unit),
        )
        for each in result.wrong_captions
    ]
    if not lines:
        return ()
    if result.texts_missing:
        lines.append(Line(f"Their images are not at hand: {result.texts_missing}", role="quiet"))
    return (Sheet("wrong captions", (), (), (), (Section("wrong captions", tuple(lines)),)),)


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= LONGEST_TEXT else f"{plain[: LONGEST_TEXT - 1]}…"


def _errors(result: EvaluatedRun) -> tuple[Sheet, ...]:
    """The wrong answers that the model was surest of, under a heading of their own."""
    if not result.worst:
        return ()
    lines = [line for mistake in result.worst for line in _mistake(mistake, result.unit)]
    if result.texts_missing:
        lines.append(Line(f"Their texts are not at hand: {result.texts_missing}", role="quiet"))
    title = f"worst errors, {len(result.worst)} of {result.wrong:,}"
    return (Sheet(title, (), (), (), (Section("worst errors", tuple(lines)),)),)


def _mistake(mistake: Mistake, unit: str) -> list[Line]:
    answer = f"{mistake.label}, predicted {mistake.predicted} ({share_words(mistake.probability)})"
    text = _short(mistake.text or "")
    return [Line(f"{answer}: {text}" if text else answer, lead=place_of(mistake, unit))]
