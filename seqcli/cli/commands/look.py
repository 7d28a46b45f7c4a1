"""`seqcli look`: a trained run from inside while it reads one text word by word, or a signal."""

from pathlib import Path

from seqcli.cli import options, pictures
from seqcli.cli.flags import OPTIONS, Given, Parts, Positional, flags, takes

PARTS: Parts = (
    Positional("run", "the directory of a trained run", "RUN"),
    Positional("text", "the text that it reads; of numbers, a file of one sequence", "TEXT", many=True),
    *flags(
        OPTIONS,
        "--nearest N  training texts to name that end in a like state; 0 for none (default 3)",
        setting=False,
    ),
    *options.result,
    *pictures.picture_flags("the change of h, gates and leanings word by word"),
    *options.output,
)


@takes(*PARTS)
def look(given: Given) -> None:
    """Show a run from inside: how each word changes its state, its gates, and what it leans to.

    seqcli look runs/tickets "I work at Google"
    seqcli look runs/mt "I work at Google" --plot inside.png
    seqcli look runs/gestures one-gesture.csv
    """
    from seqcli.cli.repeat import typed_command
    from seqcli.cli.run import check_format, show_result
    from seqcli.errors import UsageError
    from seqcli.experiments.look_inside import look_inside

    check_format(given)
    drawn = pictures.check_pictures(given)
    if not given["run"] or not given["text"]:
        raise UsageError(
            "look needs a run directory and a text",
            'For example: seqcli look runs/tickets "I work at Google"',
        )
    result = look_inside(Path(given["run"]), " ".join(given["text"]), nearest=nearest_of(given["nearest"]))
    show_result(result, given)
    drawn.draw(result, lambda: typed_command("look", PARTS, given))


def nearest_of(written: object) -> int:
    """The number of training texts that are named.

    Raises:
        UsageError: It is no whole number from 0.
    """
    from seqcli.errors import UsageError

    text = "3" if written is None else str(written)
    if not (text.isascii() and text.isdecimal() and len(text) < 4):
        raise UsageError(f"--nearest {text}: not allowed", "A whole number from 0 to 999.")
    return int(text)


COMMAND = look
