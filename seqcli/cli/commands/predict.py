"""`seqcli predict`: labels for texts, one line in, one line out; or the rows after a table's last."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count, islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from seqcli.cli import options
from seqcli.cli.flags import Flag, Given, Positional, takes
from seqcli.cli.pictures import tell_lacking
from seqcli.cli.text_lines import LINES_AT_ONCE, LineNotes, answering, answers_file, sources

if TYPE_CHECKING:
    from seqcli.data.tables import Table
    from seqcli.experiments.use_config import PredictConfig
    from seqcli.runs.named_file import NamedFile

TABLES = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet", ".pq")

OF_SIGNALS = ("id_column", "step_column", "value_column")
"""Columns of sequences of vectors, where they are called otherwise than those that a run learnt from."""

SETTINGS = (
    Flag("threads", "threads to compute with (default 1)", "number", metavar="N", panel=options.RUN),
    Flag("batch_size", "texts labelled together (default 256)", "number", metavar="N", panel=options.RUN),
)
PARTS: tuple[Positional | Flag, ...] = (
    Positional("run", "the run directory of a trained classifier, tagger or forecaster", "RUN"),
    Positional(
        "texts",
        "texts to label; none, or -, reads one a line from --input or standard input",
        "TEXT",
        many=True,
    ),
    Flag("input", "a text file, one text a line; - is standard input", metavar="FILE", setting=False),
    Flag(
        "data",
        "a CSV, TSV, JSONL or Parquet file: a label for each row; of a forecaster, what comes after its last;"
        " of signals, a label for each sequence, .npz, .ts and folders too",
        metavar="FILE",
        panel=options.DATA,
        setting=False,
    ),
    Flag(
        "text_column",
        "the column that holds the texts of --data",
        metavar="NAME",
        panel=options.DATA,
        setting=False,
    ),
    Flag(
        "encoding",
        "the encoding of the file or the lines (default utf-8)",
        metavar="NAME",
        panel=options.DATA,
        setting=False,
    ),
    Flag("sep", "what separates its columns", metavar="CHAR", panel=options.DATA, setting=False),
    *(replace(part, setting=False) for part in options.data if part.key in OF_SIGNALS),
    Flag("out", "write the answers there", metavar="FILE", short="-o", setting=False),
    Flag(
        "plot",
        "of a forecaster, draw what was and what comes into this .png, .svg or .pdf",
        metavar="FILE",
        panel=options.OUTPUT,
        setting=False,
    ),
    Flag(
        "format",
        "text (label, tab, probability), csv or jsonl (default text)",
        metavar="NAME",
        setting=False,
        values=("text", "csv", "jsonl"),
    ),
    Flag(
        "all_classes", "tell the probability of every class, not of the label alone", "switch", setting=False
    ),
    *SETTINGS,
    *options.configuration,
    Flag("quiet", "only what is doubtful", "switch", short="-q", panel=options.OUTPUT, setting=False),
)

Placed = tuple[str, str]
"""A text and, before it, the place where it stands, for messages: 'in.txt, line 7'."""


@takes(*PARTS)
def predict(given: Given) -> None:
    """Label texts with a trained run: a label and its probability for each text, line or row.

    seqcli predict runs/tickets-gru-s0 "I was charged twice"
    seqcli predict runs/tickets-gru-s0 --data new.csv -o labels.txt
    seqcli predict runs/gestures-gru-s0 --data new.csv --format csv

    A text without a word, or with none that the run knows, gets an answer too: what the model says of
    nothing. It is told of on stderr with its line's number. Answers are UTF-8.

    A run that forecasts continues the table of --data, or of standard input, with rows of its own; --plot
    draws them after what was, and over its last rows what the run would have said of them.
    """
    from seqcli.cli.run import configure
    from seqcli.errors import UsageError
    from seqcli.experiments.use_config import PredictConfig
    from seqcli.reports.line_formats import TABLE_FORM, check_line_format

    form = check_line_format(given["format"], TABLE_FORM)
    config = configure(PredictConfig, SETTINGS, given)
    if config is None:
        return
    if not given["run"]:
        raise UsageError("predict needs a run directory", 'For example: seqcli predict runs/x "what a film"')
    file = answers_file(given)
    from seqcli.experiments.continue_series import continues_series, labels_signals

    if continues_series(Path(given["run"])):
        continue_table(given, config, file)
        return
    if given["plot"]:
        raise UsageError(f"{given['run']} does not continue series: --plot draws a forecast", "Leave it out.")
    answer = label_signals if labels_signals(Path(given["run"])) else label_texts
    answer(given, config, file, form)


def label_texts(given: Given, config: "PredictConfig", file: "NamedFile | None", form: str) -> None:
    """Write a label for each text, line or row.

    Raises:
        UsageError: An option of other runs was given, or there is no text.
        DataError: The texts cannot be read.
    """
    from seqcli.cli.run import warn
    from seqcli.errors import UsageError
    from seqcli.experiments.predict import labelled, open_predictor
    from seqcli.reports.line_formats import label_lines

    for name in OF_SIGNALS:
        if given[name]:
            option = f"--{name.replace('_', '-')}"
            raise UsageError(f"{given['run']} reads texts: {option} has no meaning there", "Leave it out.")
    texts = placed_texts(given)
    predictor = open_predictor(Path(given["run"]), config)
    if predictor.note:
        warn([predictor.note])
    notes, done = LineNotes(), 0
    with answering(file) as answer:
        for block in texts:
            texts_alone = [text for _, text in block]
            answers = labelled(predictor, texts_alone, all_classes=given["all_classes"])
            for (place, _), (_, doubt) in zip(block, answers, strict=True):
                notes.tell(place, doubt)
            text_labels = [(text, label) for text, (label, _) in zip(texts_alone, answers, strict=True)]
            answer(label_lines(text_labels, form, done))
            done += len(block)
    notes.close()


def label_signals(given: Given, config: "PredictConfig", file: "NamedFile | None", form: str) -> None:
    """Write a label for each sequence of --data.

    Raises:
        UsageError: Texts, or options of texts, were given.
        DataError: The sequences cannot be read.
    """
    from seqcli.cli.run import warn
    from seqcli.config.layers import from_values, validate
    from seqcli.data.config import DataConfig
    from seqcli.errors import UsageError
    from seqcli.experiments.label_signals import new_signals
    from seqcli.experiments.predict import labelled_signals, open_signal_predictor
    from seqcli.reports.line_formats import label_lines

    for name, what in (("texts", "texts"), ("input", "--input"), ("text_column", "--text-column")):
        if given[name] or not given["data"]:
            raise UsageError(
                f"{given['run']} labels sequences of numbers"
                + (f": {what} has no meaning there" if given[name] else ", and none were given"),
                "Name their file or folder: --data FILE.",
            )
    values = {name: given[name] for name in ("data", *OF_SIGNALS, "encoding", "sep") if given[name]}
    predictor = open_signal_predictor(Path(given["run"]), config)
    table, lacking = new_signals(
        predictor.shape, validate(DataConfig, from_values(values, "the command line"))
    )
    if predictor.note:
        warn([predictor.note])
    if lacking:
        warn([f"{table.location} has no column {lacking}: all its rows are one sequence (--id-column)"])
    notes = LineNotes()
    with answering(file) as answer:
        for start in range(0, len(table.signals), LINES_AT_ONCE):
            block = table.signals[start : start + LINES_AT_ONCE]
            answers = labelled_signals(predictor, block, all_classes=given["all_classes"])
            for signal, (_, doubt) in zip(block, answers, strict=True):
                notes.tell(signal.where, doubt)
            name_labels = [(signal.name, label) for signal, (label, _) in zip(block, answers, strict=True)]
            answer(label_lines(name_labels, form, start))
    notes.close()


def continue_table(given: Given, config: "PredictConfig", file: "NamedFile | None") -> None:
    """Write the rows that come after those of --data, or of standard input.

    Raises:
        UsageError: Texts, or options of texts, were given.
        DataError: The table cannot be read or continued.
    """
    import sys

    from seqcli.cli.run import warn
    from seqcli.config.layers import from_values, validate
    from seqcli.data.config import DataConfig
    from seqcli.errors import UsageError
    from seqcli.experiments.continue_series import continue_series
    from seqcli.reports.draw.picture import check_picture
    from seqcli.reports.line_formats import TABLE_FORM, check_line_format, forecast_lines

    for name, what in (("texts", "texts"), ("input", "--input"), ("text_column", "--text-column")):
        if given[name] and list(given[name]) != ["-"]:
            raise UsageError(
                f"{given['run']} continues series: {what} has no meaning there",
                "Give a table with --data FILE, or on standard input.",
            )
    if given["all_classes"]:
        raise UsageError(
            f"{given['run']} continues series, which have no classes", "Leave --all-classes out."
        )
    picture = check_picture(given["plot"])
    values = {name: given[name] for name in ("data", "encoding", "sep") if given[name]}
    table = validate(DataConfig, from_values(values, "the command line"))
    content = None if table.data else piped_table(sys.stdin.buffer)
    forecasts = continue_series(Path(given["run"]), config, table, content)
    if forecasts.note:
        warn([forecasts.note])
    form = check_line_format(given["format"], TABLE_FORM)
    with answering(file) as answer:
        answer(forecast_lines(forecasts.rows, time=forecasts.time, series=forecasts.series, form=form))
    if picture is not None:
        from seqcli.reports.parts.forecast_figure import draw_forecast

        tell_lacking(picture, picture.save(draw_forecast(forecasts.curves, f"seqcli predict {given['run']}")))


MOST_PIPED = 64 * 2**20
"""Bytes of a table on standard input, a million rows of ten numbers: it is in memory as a whole, and what
comes after it goes by its last rows."""


def piped_table(stream: BinaryIO) -> bytes:
    """All that a pipe says until it ends.

    Raises:
        DataError: It says more than a table of series has, or never ends.
    """
    from seqcli.errors import DataError

    content = stream.read(MOST_PIPED + 1)
    if len(content) > MOST_PIPED:
        raise DataError(
            f"standard input holds more than {MOST_PIPED:,} bytes",
            "Give the table's last rows, or save it to a file and name it with --data.",
        )
    return content


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
    from seqcli.config.layers import from_values, validate
    from seqcli.data.columns import choose_text_column
    from seqcli.data.config import DataConfig
    from seqcli.data.tables import read_table

    values = {name: given[name] for name in ("data", "text_column", "encoding", "sep") if given[name]}
    config = validate(DataConfig, from_values(values, "the command line"))
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


COMMAND = predict
