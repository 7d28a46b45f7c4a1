"""`seqcli generate`: a text written on by a trained language model."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from seqcli.cli import options
from seqcli.cli.flags import OPTIONS, Given, Parts, Positional, flags, takes

SETTINGS = (
    *flags(
        OPTIONS,
        """
        --temperature X  how bold choices are: 0 takes the likeliest token (default 1)
        --top-p P        choose among the fewest tokens that have this probability together (default 1: all)
        --length N       tokens to write (default 500)
        --seed N         the seed of all choices (default 0)
        """,
    ),
    *options.threads,
)
PARTS: Parts = (
    Positional("run", "the run directory of a language model: train --kind generate", "RUN"),
    *flags(OPTIONS, "--prompt TEXT  what the text begins with (default: nothing)", setting=False),
    *SETTINGS,
    *options.configuration,
    *options.quiet,
)


@takes(*PARTS)
def generate(given: Given) -> None:
    """Write a text on with a trained language model, token by token, to standard output.

    seqcli train --kind generate --data book.txt -o runs/book
    seqcli generate runs/book --prompt "Once upon" --temperature 0.8

    The prompt is written first. The same run, prompt, settings and seed give the same bytes.
    """
    from seqcli.cli.run import configure, warn
    from seqcli.errors import UsageError
    from seqcli.experiments.use_config import GenerateConfig
    from seqcli.reports.words.notes import unknown_prompt_note

    config = configure(GenerateConfig, SETTINGS, given)
    if config is None:
        return
    if not given["run"]:
        raise UsageError(
            "generate needs a run directory", 'For example: seqcli generate runs/x --prompt "Once"'
        )
    from seqcli.experiments.write_on import open_writer, written_on

    prompt = given["prompt"] or ""
    writer = open_writer(Path(given["run"]), config)
    unknown = writer.unknown(prompt)
    warn([note for note in (writer.note, unknown_prompt_note(unknown)) if note])
    stream([prompt], written_on(writer, prompt, config), ["\n"])


def stream(*texts: "Iterator[str] | list[str]") -> None:
    """Write texts one after the other as they come; line by line where a CI log would obey some lines.

    Raises:
        StorageError: Standard output leads to a disk that is full or broken.
        BrokenPipeError: Nobody reads any more.
    """
    from seqcli.reports.draw.terminal import is_ci_log, write_machine

    whole_lines = sys.stdout is not None and is_ci_log(sys.stdout, os.environ)
    pending = ""
    for text in (piece for batch in texts for piece in batch):
        pending += text
        if not whole_lines or pending.endswith("\n"):
            write_machine(pending)
            pending = ""
    write_machine(pending)


COMMAND = generate
