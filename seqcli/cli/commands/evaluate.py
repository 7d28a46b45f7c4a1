"""`seqcli evaluate`: a finished run's scores, class by class, on its own test split or on new data."""

from pathlib import Path
from typing import TYPE_CHECKING

from seqcli.cli import options, pictures
from seqcli.cli.flags import OPTIONS, Given, Parts, Positional, chosen, flags, takes

if TYPE_CHECKING:
    from seqcli.data.labelled_rows import LabelledData
    from seqcli.results.evaluate import EvaluatedRun
    from seqcli.runs.named_file import NamedFile

SETTINGS = (
    *flags(
        OPTIONS,
        """
        --worst N     wrong answers to show, the most confident first (default 5)
        --[no-]texts  show the texts of wrong answers (default yes)
        """,
    ),
    *options.labelling,
)
OF_DATA = (
    *("text_column", "label_column", "id_column", "step_column", "value_column"),
    *("image_column", "caption_column"),
    *("encoding", "sep", "header", "missing_labels"),
)
PARTS: Parts = (
    Positional("run", "the directory of a finished run", "RUN"),
    *flags(
        options.DATA,
        "--data FILE  new labelled data: CSV, TSV, JSONL, Parquet, CoNLL, .npz, .ts or a folder"
        " of classes (default: the run's own test split)",
        setting=False,
    ),
    *chosen(options.data, OF_DATA, setting=False),
    *SETTINGS,
    *options.configuration,
    *flags(options.OUTPUT, "-o, --out FILE  write the result there", setting=False),
    *options.result,
    *pictures.picture_flags("how often answers are right by how sure they are"),
    *options.output,
)


USUAL = (
    "data",
    "text_column",
    "label_column",
    "worst",
    "texts",
    "out",
    "format",
    "plot",
    "report",
    "quiet",
    "verbose",
)
"""The options that `-h` shows."""


@takes(*PARTS, usual=USUAL)
def evaluate(given: Given) -> None:
    """Test a trained run: its score, each class, what is mistaken for what, and its worst errors.

    seqcli evaluate runs/tickets
    seqcli evaluate runs/tickets --data new.csv --label-column label
    """
    from seqcli.cli.repeat import typed_command
    from seqcli.cli.run import check_format, configure, show_result
    from seqcli.cli.text_lines import answers_file
    from seqcli.errors import UsageError
    from seqcli.experiments.run_evaluation import evaluate_new, evaluate_own
    from seqcli.experiments.use_config import EvaluateConfig

    check_format(given)
    drawn = pictures.check_pictures(given)
    config = configure(EvaluateConfig, SETTINGS, given)
    if config is None:
        return
    if not given["run"]:
        raise UsageError("evaluate needs a run directory", "For example: seqcli evaluate runs/tickets")
    file = answers_file(given)
    folder = Path(given["run"])
    data = new_data(folder, given)
    result = evaluate_own(folder, config) if data is None else evaluate_new(folder, data, config)
    if file is None:
        show_result(result, given)
    else:
        write_result(result, file, given)
    drawn.draw(result, lambda: typed_command("evaluate", PARTS, given))


def new_data(folder: Path, given: Given) -> "LabelledData | None":
    """The new data that was named, checked against the run; None where there is none.

    Raises:
        UsageError: Options of new data stand without any, or are not allowed.
        RunError: The run takes no new data.
        DataError: The data cannot be read, or has a label that the run does not know.
    """
    from seqcli.cli.run import speak
    from seqcli.config.layers import from_values, validate
    from seqcli.data.config import DataConfig
    from seqcli.errors import UsageError
    from seqcli.experiments.run_evaluation import read_new

    if given["data"] is None:
        for name in OF_DATA:
            if given[name] is not None:
                option = f"--{name.replace('_', '-')}"
                raise UsageError(f"{option} needs --data FILE beside it", "Leave it out, or name new data.")
        return None
    values = {name: given[name] for name in ("data", *OF_DATA) if given[name] is not None}
    labelled = read_new(folder, validate(DataConfig, from_values(values, "the command line")))
    if labelled.guessed:
        columns = " ".join(f"{option} {column}" for option, column in labelled.columns.items())
        speak([f"{labelled.name}, guessed: {columns}"], given)
    return labelled


def write_result(result: "EvaluatedRun", file: "NamedFile", given: Given) -> None:
    """Write the result into a file, in the format asked for, in UTF-8.

    Raises:
        StorageError: The disk is full or fails.
    """
    from seqcli.cli.run import check_format
    from seqcli.reports.draw.page import Page
    from seqcli.reports.report import render

    page = Page(detailed=bool(given["verbose"]))
    text = render(result, check_format(given), page, per_seed=bool(given.get("per_seed")))
    file.save(text.encode(errors="backslashreplace"))


COMMAND = evaluate
