"""`seqcli predict`: labels for texts, one line in, one line out; or the rows after a table's last."""

from pathlib import Path

from seqcli.cli import options
from seqcli.cli.flags import OPTIONS, Flag, Given, Parts, Positional, chosen, flags, takes
from seqcli.cli.placed_texts import label_texts
from seqcli.cli.series_answers import OF_SIGNALS, continue_table, label_signals
from seqcli.cli.text_lines import answers_file, refuse_options

PARTS: Parts = (
    Positional("run", "the run directory of a trained classifier, tagger or forecaster", "RUN"),
    Positional(
        "texts",
        "texts to label; none, or -, reads one a line from --input or standard input",
        "TEXT",
        many=True,
    ),
    *flags(OPTIONS, "--input FILE  a text file, one text a line; - is standard input", setting=False),
    *flags(
        options.DATA,
        """
        --data FILE          a CSV, TSV, JSONL or Parquet file: a label for each row; of a forecaster, what
                             comes after its last; of signals, a label for each sequence, .npz, .ts and
                             folders too
        --text-column NAME   the column that holds the texts of --data
        --image-column NAME  of captions, the column of --data that names images
        --encoding NAME      the encoding of the file or the lines (default utf-8)
        --sep CHAR           what separates its columns
        """,
        setting=False,
    ),
    *chosen(options.data, OF_SIGNALS, setting=False),
    *flags(OPTIONS, "-o, --out FILE  write the answers there", setting=False),
    *flags(
        options.OUTPUT,
        "--plot FILE  of a forecaster, draw what was and what comes into this .png, .svg or .pdf;"
        " of captions, where each word looked on the image",
        setting=False,
    ),
    Flag(
        "format",
        "text (label, tab, probability), csv or jsonl (default text)",
        metavar="NAME",
        setting=False,
        values=("text", "csv", "jsonl"),
    ),
    *flags(
        OPTIONS, "--all-classes  tell the probability of every class, not of the label alone", setting=False
    ),
    *options.labelling,
    *options.configuration,
    *options.quiet,
)


@takes(*PARTS)
def predict(given: Given) -> None:
    """Label texts with a trained run: a label and its probability for each text, line or row.

    seqcli predict runs/tickets-gru-s0 "I was charged twice"
    seqcli predict runs/tickets-gru-s0 --data new.csv -o labels.txt
    seqcli predict runs/gestures-gru-s0 --data new.csv --format csv

    A text without a word, or with none that the run knows, gets an answer too: what the model says of
    nothing. It is told of on stderr with its line's number. Answers are UTF-8.

    A run that writes captions takes images' files, or --data with a table or a folder of them.

    A run that forecasts continues the table of --data, or of standard input, with rows of its own; --plot
    draws them after what was, and over its last rows what the run would have said of them.
    """
    from seqcli.cli.run import configure
    from seqcli.errors import UsageError
    from seqcli.experiments.use_config import PredictConfig
    from seqcli.reports.line_formats import TABLE_FORM, check_line_format

    form = check_line_format(given["format"], TABLE_FORM)
    config = configure(PredictConfig, options.labelling, given)
    if config is None:
        return
    if not given["run"]:
        raise UsageError("predict needs a run directory", 'For example: seqcli predict runs/x "what a film"')
    file = answers_file(given)
    from seqcli.experiments.continue_series import continues_series, labels_signals

    if continues_series(Path(given["run"])):
        continue_table(given, config, file)
        return
    from seqcli.experiments.caption_images import writes_captions

    if writes_captions(Path(given["run"])):
        from seqcli.cli.new_images import caption_images

        caption_images(given, config, file, form)
        return
    refuse_options(given, ["image_column"], "no images")
    if given["plot"]:
        raise UsageError(
            f"{given['run']} neither continues series nor writes below images: --plot draws these",
            "Leave it out.",
        )
    answer = label_signals if labels_signals(Path(given["run"])) else label_texts
    answer(given, config, file, form)


COMMAND = predict
