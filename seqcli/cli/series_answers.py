"""Labels for sequences of numbers, and the rows that come after a table's last."""

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from seqcli.cli.flags import Given
from seqcli.cli.pictures import tell_lacking
from seqcli.cli.text_lines import LINES_AT_ONCE, OF_TEXTS, LineNotes, answering, new_table

if TYPE_CHECKING:
    from seqcli.experiments.use_config import PredictConfig
    from seqcli.runs.named_file import NamedFile


OF_SIGNALS = ("id_column", "step_column", "value_column")
"""Columns of sequences of vectors, where they are called otherwise than those that a run learnt from."""


def label_signals(given: Given, config: "PredictConfig", file: "NamedFile | None", form: str) -> None:
    """Write a label for each sequence of --data.

    Raises:
        UsageError: Texts, or options of texts, were given.
        DataError: The sequences cannot be read.
    """
    from seqcli.cli.run import warn
    from seqcli.errors import UsageError
    from seqcli.experiments.label_signals import new_signals
    from seqcli.experiments.predict import labelled_signals, open_signal_predictor
    from seqcli.reports.line_formats import label_lines

    for name, meaning in OF_TEXTS:
        if given[name] or not given["data"]:
            raise UsageError(
                f"{given['run']} labels sequences of numbers"
                + (f" and takes no {meaning}" if given[name] else ", and none were given"),
                "Name their file or folder: --data FILE.",
            )
    predictor = open_signal_predictor(Path(given["run"]), config)
    table, lacking = new_signals(predictor.shape, new_table(given, *OF_SIGNALS))
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
    from seqcli.errors import UsageError
    from seqcli.experiments.continue_series import continue_series
    from seqcli.reports.draw.picture import check_picture
    from seqcli.reports.line_formats import TABLE_FORM, check_line_format, forecast_lines

    for name, meaning in OF_TEXTS:
        if given[name] and list(given[name]) != ["-"]:
            raise UsageError(
                f"{given['run']} continues series and takes no {meaning}",
                "Give a table with --data FILE, or on standard input.",
            )
    if given["all_classes"]:
        raise UsageError(
            f"{given['run']} continues series, which have no classes", "Leave --all-classes out."
        )
    picture = check_picture(given["plot"])
    table = new_table(given)
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
