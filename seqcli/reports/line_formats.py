"""Answers to single texts as lines of output, written one by one as they come: plain text or JSON lines."""

import csv
import io
from collections.abc import Callable, Sequence

from seqcli.errors import unknown_name
from seqcli.reports.draw.markup import json_text, spreadsheet_text
from seqcli.reports.draw.page import Page
from seqcli.results.line_answers import (
    CaptionedImage,
    ForecastValues,
    LabelledSequence,
    LabelledText,
    LineAnswer,
    TaggedSequence,
    TaggedText,
    TextAnswer,
)

DIGITS = 6
"""Decimals of a probability or score in JSON: float32 holds no more."""

ONE_LINE = str.maketrans({"\n": r"\n", "\r": r"\r", "\t": r"\t"})


def plain_lines(answer: LineAnswer, *, ranked: bool = False, scores: bool = False) -> list[str]:
    r"""Return an answer as plain lines: label, tab, probability; each word, tab, label; or a translation.

    Args:
        answer: A text's label, a sequence's after its name, a text's words' labels, a sequence's steps' after
            its name and their numbers, or a text's translations.
        ranked: Whether each translation has a line, after its text's number and its rank.
        scores: Whether the score stands before each translation.
    """
    if isinstance(answer, LabelledText):
        lead = f"{answer.sequence.translate(ONE_LINE)}\t" if isinstance(answer, LabelledSequence) else ""
        shares = (f"{label.translate(ONE_LINE)}\t{share:.4f}" for label, share in _ranked(answer))
        return [lead + "\t".join(shares)]
    if isinstance(answer, TaggedSequence):
        name = answer.sequence.translate(ONE_LINE)
        steps = zip(answer.words, answer.labels, strict=True)
        return [f"{name}\t{step}\t{label.translate(ONE_LINE)}" for step, label in steps]
    if isinstance(answer, CaptionedImage):
        return [f"{answer.image.translate(ONE_LINE)}\t{answer.caption}"]
    if isinstance(answer, TaggedText):
        return [*(f"{word}\t{label}" for word, label in zip(answer.words, answer.labels, strict=True)), ""]
    lines = []
    for rank, translation in enumerate(answer.translations, start=1):
        lead = f"{answer.line}\t{rank}\t" if ranked else ""
        score = f"{translation.score:.4f}\t" if scores else ""
        lines.append(f"{lead}{score}{translation.text}")
    return lines


def json_lines(answer: LineAnswer, *, ranked: bool = False, scores: bool = False) -> list[str]:
    """Return an answer as one line of JSON, which holds ranks and scores in any case."""
    del ranked, scores
    return [json_text(_rounded(answer.to_json()), Page())]


def forecast_lines(rows: Sequence[ForecastValues], *, time: str, series: str | None, form: str) -> list[str]:
    """Return forecasts as the rows of a table like the one that they continue, or as lines of JSON.

    Args:
        rows: The forecasts.
        time: The name of the column of times.
        series: That of the names of series; None where there is one.
        form: 'text' for CSV with its header, or 'jsonl'.
    """
    if form not in ("text", TABLE_FORM):
        return [json_text(row.to_json(), Page()) for row in rows]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    tables = [{**row.values, **_level_columns(row)} for row in rows]
    writer.writerow([*([series] if series else []), time, *(tables[0] if tables else ())])
    writer.writerows(
        [*([row.series] if series else []), row.time, *(f"{value:.8g}" for value in table.values())]
        for row, table in zip(rows, tables, strict=True)
    )
    return text.getvalue().splitlines()


def _level_columns(row: ForecastValues) -> dict[str, float]:
    """A column for each quantile of each column of values: 'load q0.1'."""
    return {
        f"{column} q{level}": value
        for column, levels in (row.quantiles or {}).items()
        for level, value in levels.items()
    }


def _ranked(answer: LabelledText) -> list[tuple[str, float]]:
    """The label that is said, then the other classes where they were asked for, the likeliest first."""
    others = {label: share for label, share in (answer.probabilities or {}).items() if label != answer.label}
    return [(answer.label, answer.probability), *sorted(others.items(), key=lambda pair: -pair[1])]


def csv_lines(answers: Sequence[tuple[str, TextAnswer]], start: int) -> list[str]:
    """Return texts and their labels as rows of a table, in which a spreadsheet finds no formula.

    A row is a text, its label and the probability, and that of each class where they were asked for; of
    labelled words it is the text's number, a word and its label, of labelled steps the sequence's name, the
    step's number and its label.

    Args:
        answers: The texts and what is said of each.
        start: How many texts there were before; the first ones have a header above them.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for number, (source, answer) in enumerate(answers, start=start + 1):
        if isinstance(answer, TaggedText):
            of_signal = isinstance(answer, TaggedSequence)
            head: list[object] = ["sequence", "step", "label"] if of_signal else ["text", "word", "label"]
            lead = source if of_signal else number
            rows: list[list[object]] = [
                [lead, *pair] for pair in zip(answer.words, answer.labels, strict=True)
            ]
        elif isinstance(answer, CaptionedImage):
            head, rows = ["image", "caption"], [[answer.image, answer.caption]]
        else:
            shares = answer.probabilities or {}
            noun = "sequence" if isinstance(answer, LabelledSequence) else "text"
            head = [noun, "label", "probability", *shares]
            values = [round(share, DIGITS) for share in (answer.probability, *shares.values())]
            rows = [[source, answer.label, *values]]
        writer.writerows(
            [spreadsheet_text(cell, Page(terminal=False)) if isinstance(cell, str) else cell for cell in row]
            for row in ([head, *rows] if number == 1 else rows)
        )
    return text.getvalue().removesuffix("\n").split("\n") if answers else []


TABLE_FORM = "csv"
"""A form of labels alone: a row a text, or a word, with a header."""

LINE_FORMATS: dict[str, Callable[..., list[str]]] = {"text": plain_lines, "jsonl": json_lines}
"""How answers can be written line by line, by the name that --format takes."""


def label_lines(answers: Sequence[tuple[str, TextAnswer]], form: str, start: int) -> list[str]:
    """Return texts' labels as lines in a format that `check_line_format` knows; `start` as of `csv_lines`."""
    if form == TABLE_FORM:
        return csv_lines(answers, start)
    return [line for _, answer in answers for line in LINE_FORMATS[form](answer)]


def check_line_format(name: str | None, *further: str) -> str:
    """Return the name of the format asked for, 'text' for None; `further` are known to one command alone.

    Raises:
        UsageError: No such format; the known ones are listed.
    """
    chosen = name or "text"
    formats = (*LINE_FORMATS, *further)
    if chosen not in formats:
        raise unknown_name("format", chosen, formats)
    return chosen


def _rounded(value: object) -> object:
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_rounded(inner) for inner in value]
    return round(value, DIGITS) if isinstance(value, float) else value
