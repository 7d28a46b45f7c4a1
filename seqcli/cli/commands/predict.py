"""`seqcli predict`: labels for texts, one line in, one line out."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from seqcli.cli.flags import Flag, Given, Positional, takes
from seqcli.cli.texts import blocks, sources

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
    for batch in blocks(texts, at_once=at_once):
        for told in predictor.predict(batch):
            print(line(told, form))  # noqa: T201 - the command's result
        sys.stdout.flush()


COMMAND = predict
