"""`seqcli inspect`: what a data file is, what of it would mislead, and the command to go on with."""

from typing import TYPE_CHECKING

from seqcli.cli import options
from seqcli.cli.flags import OPTIONS, Given, Parts, Positional, chosen, flags, takes

if TYPE_CHECKING:
    from seqcli.data.config import DataConfig

OF_DATA = (
    *("text_column", "label_column", "source_column", "target_column", "kind"),
    *("time_column", "value_column", "series_column", "context", "horizon", "period", "fill"),
    *("train", "valid", "test", "encoding", "sep", "header", "missing_labels", "duplicates"),
    *("tokenizer", "lowercase", "vocab_size", "max_len"),
)
PARTS: Parts = (
    Positional(
        "files", "the data: CSV, TSV, JSONL, Parquet, text, CoNLL, also packed as .gz", "FILE", many=True
    ),
    *chosen(options.data, OF_DATA, setting=False),
    *flags(
        OPTIONS,
        """
        --order   see whether word pairs beat single words (two quick regressions)
        --strict  exit 3 also where there is only a warning
        """,
        setting=False,
    ),
    *options.result,
    *options.output,
)


USUAL = (
    "kind",
    "text_column",
    "label_column",
    "time_column",
    "value_column",
    "train",
    "valid",
    "test",
    "encoding",
    "sep",
    "header",
    "duplicates",
    "order",
    "strict",
    "format",
    "quiet",
    "verbose",
)
"""The options that `-h` shows."""


@takes(*PARTS, usual=USUAL)
def inspect(given: Given) -> None:
    """Show what a data file is: columns, kind, lengths, classes, duplicates, leaks, and what to run next.

    seqcli inspect tickets.csv
    seqcli inspect --train train.csv --test test.csv --strict

    Nothing is trained. Exit 3: the file cannot be used, or --strict and there is a warning.
    """
    from seqcli.cli.run import check_format, show_result
    from seqcli.errors import DataError
    from seqcli.experiments.inspect.inspection import inspect_data

    check_format(given)
    result = inspect_data(configurations(given), order=given["order"])
    show_result(result, given)
    for look in result.problems:
        raise DataError(f"{look.file} cannot be used as it is")
    if given["strict"] and result.warnings:
        count = len(result.warnings)
        raise DataError(f"--strict: {count} {'warning' if count == 1 else 'warnings'}, shown above")


def configurations(given: Given) -> "list[DataConfig]":
    """Each file with what was said of it; ready-made splits are one.

    Raises:
        UsageError: No data was named, or both files and splits, or an option is not allowed.
    """
    from seqcli.config.layers import from_values, validate
    from seqcli.config.yaml_file import read_scalar
    from seqcli.data.config import DataConfig
    from seqcli.errors import UsageError

    files = given["files"] or []
    if bool(files) == bool(given["train"]):
        raise UsageError(
            "inspect needs data: files, or ready-made splits",
            "Such as: seqcli inspect tickets.csv, or seqcli inspect --train a.csv --test b.csv",
        )
    numbers = {part.key for part in options.data if part.kind == "number"}
    of_data = {
        name: read_scalar(given[name]) if name in numbers else given[name]
        for name in OF_DATA
        if given[name] not in (None, [])
    }
    places = [{"data": name} for name in files] or [{}]
    return [validate(DataConfig, from_values({**place, **of_data}, "the command line")) for place in places]


COMMAND = inspect
