"""`seqcli predict`: labels for texts, one line in, one line out."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from seqcli.cli.flags import Flag, Given, Positional, takes

if TYPE_CHECKING:
    from seqcli.training.predictions import Prediction

PARTS = (
    Positional("run", "the run directory of a trained classifier", "RUN"),
    Positional(
        "texts",
        "texts to label; none reads one a line from --input or standard input",
        "TEXT",
        many=True,
    ),
    Flag("input", "a text file, one text a line", metavar="FILE", setting=False),
    Flag("format", "text (label, tab, probability) or jsonl", metavar="NAME", setting=False),
)

# Lines read together from a file or a pipe; a person at a terminal gets an answer to each line.
LINES_AT_ONCE = 1024


def lines_of(stream: BinaryIO, name: str) -> Iterator[str]:
    """The stream's lines without their ends.

    Raises:
        DataError: A line is not UTF-8.
    """
    from seqcli.errors import DataError

    for number, line in enumerate(stream, start=1):
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise DataError(
                f"{name}, line {number} is not UTF-8: {error.reason} at byte {error.start + 1}",
                "Convert it: iconv -f LATIN1 -t UTF-8.",
            ) from error


def blocks(lines: Iterator[str], size: int) -> Iterator[list[str]]:
    """Lines in lists of at most `size`; those before one that cannot be read come before its error.

    Raises:
        DataError: A line is not UTF-8.
    """
    from seqcli.errors import DataError

    block: list[str] = []
    try:
        for line in lines:
            block.append(line)
            if len(block) == size:
                yield block
                block = []
    except DataError:
        if block:
            yield block
        raise
    if block:
        yield block


def file_lines(file: BinaryIO, name: str) -> Iterator[str]:
    """A file's lines without their ends; it is closed after the last.

    Raises:
        DataError: A line is not UTF-8.
    """
    with file:
        yield from lines_of(file, name)


def sources(given: Given) -> tuple[Iterator[str], bool]:
    """The texts to label, and whether each should be answered at once.

    Raises:
        UsageError: Texts and a file were both given, a text is a file's name, or there is no input at all.
        DataError: The file cannot be read.
    """
    from seqcli.errors import DataError, UsageError

    texts, path = given["texts"], given["input"]
    if texts and path:
        raise UsageError("texts and --input exclude each other", "Drop one of the two.")
    if texts:
        for text in filter(os.path.isfile, texts):
            raise UsageError(f"{text} is a file", f"Give --input {text} for its lines.")
        return iter(texts), False
    if path:
        try:
            return file_lines(Path(path).open("rb"), path), False
        except OSError as error:
            raise DataError(f"{path} cannot be read: {error.strerror}") from error
    if sys.stdin is None or sys.stdin.closed:
        raise UsageError(
            "there is nothing to predict", "Give a text, --input FILE, or lines on standard input."
        )
    return lines_of(sys.stdin.buffer, "standard input"), sys.stdin.isatty()


def line(told: "Prediction", form: str) -> str:
    """One answer as a line of output."""
    from seqcli.reports.machine_text import json_text
    from seqcli.reports.page import Page
    from seqcli.reports.printable import printable

    if form == "jsonl":
        return json_text({"label": told.label, "probability": round(told.probability, 6)}, Page())
    return f"{printable(told.label)}\t{told.probability:.4f}"


@takes(*PARTS)
def predict(given: Given) -> None:
    """Label texts with a trained run: a label and its probability for each text or line."""
    from seqcli.errors import UsageError, unknown_name

    form = given["format"] or "text"
    if form not in ("text", "jsonl"):
        raise unknown_name("format", form, ("text", "jsonl"))
    if not given["run"]:
        raise UsageError("predict needs a run directory", 'For example: seqcli predict runs/x "what a film"')
    texts, at_once = sources(given)
    from seqcli.training.predictor import Predictor

    predictor = Predictor.open(Path(given["run"]))
    for batch in blocks(texts, 1 if at_once else LINES_AT_ONCE):
        for told in predictor.predict(batch):
            print(line(told, form))  # noqa: T201 - the command's result
        sys.stdout.flush()


COMMAND = predict
