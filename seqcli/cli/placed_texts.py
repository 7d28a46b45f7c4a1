"""Texts from arguments, lines or a table's column, each with its place, and a label for each."""

from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path
from typing import TYPE_CHECKING

from seqcli.cli.flags import Given
from seqcli.cli.series_answers import OF_SIGNALS
from seqcli.cli.text_lines import LINES_AT_ONCE, LineNotes, answering, new_table, refuse_options, sources

if TYPE_CHECKING:
    from seqcli.data.tables import Table
    from seqcli.experiments.use_config import PredictConfig
    from seqcli.runs.named_file import NamedFile


TABLES = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet", ".pq")


Placed = tuple[str, str]
"""A text and, before it, the place where it stands, for messages: 'in.txt, line 7'."""


def label_texts(given: Given, config: "PredictConfig", file: "NamedFile | None", form: str) -> None:
    """Write a label for each text, line or row.

    Raises:
        UsageError: An option of other runs was given, or there is no text.
        DataError: The texts cannot be read.
    """
    from seqcli.cli.run import warn
    from seqcli.experiments.predict import labelled, open_predictor
    from seqcli.reports.line_formats import label_lines

    refuse_options(given, OF_SIGNALS, "texts")
    texts = placed_texts(given)
    predictor = open_predictor(Path(given["run"]), config)
    if predictor.note:
        warn([predictor.note])
    notes, count = LineNotes(), 0
    with answering(file) as answer:
        for block in texts:
            texts_alone = [text for _, text in block]
            answers = labelled(predictor, texts_alone, all_classes=given["all_classes"])
            for (place, _), (_, doubt) in zip(block, answers, strict=True):
                notes.tell(place, doubt)
            text_labels = [(text, label) for text, (label, _) in zip(texts_alone, answers, strict=True)]
            answer(label_lines(text_labels, form, count))
            count += len(block)
    notes.close()


def placed_texts(given: Given) -> Iterator[list[Placed]]:
    """The texts in lists that are answered together, each with its place.

    Raises:
        UsageError: There is no input, more than one, or a table where lines are read.
        DataError: It cannot be read.
    """
    from seqcli.errors import UsageError

    idle = [name for name in ("text_column", "sep") if given[name] is not None]
    if given["data"]:
        if given["texts"] or given["input"]:
            raise UsageError("--data excludes texts and --input", "Drop one of the two.")
        return rows(given)
    if idle:
        raise UsageError(f"--{idle[0].replace('_', '-')} needs --data", "Leave it out.")
    path = given["input"] or ""
    if path.lower().removesuffix(".gz").endswith(TABLES):
        raise UsageError(
            f"--input {path} reads one text a line, and this is a table",
            f"For its texts: --data {path} --text-column NAME.",
        )
    check_encoding(given["encoding"])
    return numbered(given)


def check_encoding(name: str | None) -> None:
    """Check that lines can be told apart in an encoding before they are decoded.

    Raises:
        UsageError: There is no such encoding, or it spells the end of a line with more than one byte.
    """
    from seqcli.config.layers import from_values, validate
    from seqcli.data.config import DataConfig
    from seqcli.errors import UsageError

    if name is None:
        return
    validate(DataConfig, from_values({"encoding": name}, "the command line"))
    if "\n".encode(name) != b"\n":
        raise UsageError(
            f"--encoding {name} spells the end of a line with more than one byte",
            f"Convert the lines first: iconv -f {name.upper()} -t UTF-8.",
        )


def numbered(given: Given) -> Iterator[list[Placed]]:
    """Lines with their numbers; of a first one that looks like a table's, that is told.

    Raises:
        DataError: A line cannot be read.
    """
    from seqcli.cli.run import warn
    from seqcli.data.columns import looks_like_a_table

    blocks, unit = sources(given)

    def read() -> Iterator[list[Placed]]:
        numbers = count(1)
        for block in blocks:
            placed = [(f"{unit} {next(numbers)}", text) for text in block]
            if placed[0][0] == f"{unit} 1" and unit != "text" and looks_like_a_table(placed[0][1]):
                warn(
                    [
                        f"{placed[0][0]} looks like a table's, and is labelled as a text",
                        "For a table's texts: --data FILE --text-column NAME.",
                    ]
                )
            yield placed

    return read()


def rows(given: Given) -> Iterator[list[Placed]]:
    """The texts of a table's column, with their rows.

    Raises:
        UsageError: An option is not allowed.
        DataError: The table cannot be read, or its column of texts cannot be told.
    """
    from seqcli.data.columns import choose_text_column
    from seqcli.data.tables import read_table

    config = new_table(given, "text_column")
    table = read_table(given["data"], config, "test")
    return texts_of(table, choose_text_column(table, config))


def texts_of(table: "Table", column: str) -> Iterator[list[Placed]]:
    """A column's texts in lists, each with its place.

    Raises:
        DataError: A row cannot be read.
    """
    from seqcli.data.cells import as_text

    placed = (
        (table.where(row), as_text(cell, table, row, column, option="--text-column"))
        for row, (cell,) in table.read((column,))
    )
    while block := list(islice(placed, LINES_AT_ONCE)):
        yield block
