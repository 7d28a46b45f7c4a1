"""The entry point: builds the app from the files in `commands/`, and is the one place that catches errors."""

import errno
import os
import re
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from seqcli import __version__
from seqcli.cli.flags import COMMAND_PANELS, MAIN
from seqcli.cli.help_pages import CommandHelp, GroupHelp
from seqcli.cli.signals import SignalReceived, lost_signal
from seqcli.cli.streams import silence_stdout
from seqcli.errors import SeqcliError, StorageError, UsageError, system_fault
from seqcli.registry import Registry

COMMANDS: Registry[Callable[..., None]] = Registry("command", "seqcli.cli.commands", "COMMAND")

OTHER_NAMES = {"audit": "inspect"}
"""Commands that people call otherwise too; help lists each once."""

# What typer raises for a wrong command line; its own copy of click's class has no public name.
LineError: Any = typer.BadParameter.__mro__[2]

# 128 + SIGINT, as shells count a process that a signal ended.
INTERRUPTED = 130
STREAM_FAULTS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""What the disk behind stdout answers to `--help > file`, which typer itself writes."""


def show_version(requested: bool) -> None:  # noqa: FBT001 - typer passes the switch by position
    """Print the version and stop."""
    if requested:
        typer.echo(f"seqcli {__version__}")
        raise typer.Exit


def root(
    version: Annotated[  # noqa: FBT002 - a switch on the command line
        bool,
        typer.Option("--version", help="Show the version and stop.", callback=show_version, is_eager=True),
    ] = False,
) -> None:
    """Which recurrent model fits your sequences, and how sure is that?

    seqcli compare lstm gru --task sentiment     try it, offline
    seqcli train gru --data tickets.csv          your own file
    seqcli predict runs/tickets-gru-s0 "a text"  use what was trained
    seqcli compare --data tickets.csv            every cell on it, with intervals

    -h on a command: its usual options; --help-all: every one · --version
    """


def brief(about: str) -> str:
    """Return a command's line in the list: its first sentence as far as a colon or semicolon."""
    return re.split(r"[:;]|\.\s", about.strip(), maxsplit=1)[0].rstrip(".")


def commands_for(arguments: Sequence[str]) -> tuple[str, ...]:
    """The names of the commands that a line needs: the one it begins with; all for help or a wrong name."""
    # A command's file imports what its options are made of, which is of no use to another command.
    # A wrong name needs all: typer suggests the nearest of those it knows.
    return tuple(arguments[:1]) if arguments and arguments[0] in COMMANDS else COMMANDS.names()


def build_app(names: Sequence[str] | None = None) -> typer.Typer:
    """The app with the commands of these names, by default with every one; nothing heavy is imported yet."""
    app = typer.Typer(
        name="seqcli",
        cls=GroupHelp,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(root)
    commands = {name: COMMANDS.get(name) for name in (COMMANDS.names() if names is None else names)}
    panels = {name: str(getattr(command, "panel", MAIN)) for name, command in commands.items()}
    for name in sorted(commands, key=lambda name: (COMMAND_PANELS.index(panels[name]), name)):
        app.command(
            name,
            cls=CommandHelp,
            rich_help_panel=panels[name],
            short_help=brief(commands[name].__doc__ or ""),
        )(commands[name])
    return app


def as_given(text: str, arguments: Sequence[str]) -> str:
    """The text with paths in the working folder written from there, unless they were given whole."""
    try:
        folder = f"{str(Path.cwd()).rstrip(os.sep)}{os.sep}"
    except OSError:  # the folder is gone
        return text
    # In '/' every path would lose its root and name another file.
    return text if folder == os.sep or any(folder in word for word in arguments) else text.replace(folder, "")


def complain(error: SeqcliError) -> None:
    """One sentence of what, one of how, on stderr, safe to show."""
    if sys.stderr is None:
        return
    try:
        from seqcli.reports.draw.complaint import complaint
        from seqcli.reports.draw.terminal import ConsoleOptions, page_of, stderr_console, write

        console = stderr_console(ConsoleOptions())
        write(complaint(error, page_of(console), broken=console.is_terminal), sys.stderr)
    except MemoryError:  # what lays the sentence out has no room either: then without layout
        sys.stderr.write(f"seqcli: {ascii(error.message)[1:-1]}\n")


def crash_report() -> str:
    """Write the traceback of seqcli's own defect to a file and return where it is."""
    handle, name = tempfile.mkstemp(prefix="seqcli-crash-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(f"seqcli {__version__}, Python {sys.version}\n\n{traceback.format_exc()}")
    return name


def check_environment() -> None:
    """Refuse thread counts that libraries would die of or silently ignore.

    Raises:
        UsageError: `OMP_NUM_THREADS` is set and is not a whole number of at least 1.
    """
    threads = os.environ.get("OMP_NUM_THREADS", "1")
    if not threads.strip().isdecimal() or int(threads) < 1:
        raise UsageError(
            f"OMP_NUM_THREADS is {threads!r}",
            "It must be a whole number of at least 1. Unset it: --threads says how many a training run has.",
        )


def wrong_line(error: Any) -> UsageError:
    """Return the error for a wrong command line; options of other programs are told by their names here."""
    from seqcli.cli.meanings import meaning

    context = getattr(error, "ctx", None)
    options = [] if context is None else [name for part in context.command.params for name in part.opts]
    meant = meaning(str(getattr(error, "option_name", None) or ""), options)
    if meant is None or not hasattr(error, "possibilities"):
        return UsageError(error.format_message())
    return UsageError(f"there is no option {error.option_name}", f"Here it is {meant}.")


def named(error: Exception) -> SeqcliError:
    """The error as one with a message and an exit code; our own defect leaves a report for us."""
    if isinstance(error, SeqcliError):
        return error
    if isinstance(error, LineError):
        usage = wrong_line(error)
        usage.exit_code = int(error.exit_code)
        return usage
    if isinstance(error, OSError) and error.errno in STREAM_FAULTS and error.filename is None:
        silence_stdout()
        return StorageError(f"cannot write the result: {error.strerror}")
    if (fault := system_fault(error)) is not None:
        return fault
    message = f"a defect of seqcli: {type(error).__name__}: {error}"
    return SeqcliError(message, f"The report is in {crash_report()}.")


def execute(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; every fault ends here."""
    try:
        check_environment()
        # The first word alone: a text to label may be 'audit' too.
        words = [OTHER_NAMES.get(word, word) if place == 0 else word for place, word in enumerate(arguments)]
        app = build_app(commands_for(words))
        result = app(args=words, standalone_mode=False, prog_name="seqcli")
        # Here and not at exit, where a full disk could no longer be told with a code.
        sys.stdout.flush()
    except (SystemExit, BrokenPipeError) as end:  # typer's own, after a completion or where nobody reads
        if getattr(end, "code", None) != 0:
            silence_stdout()
        return 0
    except SignalReceived as received:
        complain(SeqcliError(str(received)))
        return received.exit_code
    except (KeyboardInterrupt, typer.Abort):
        complain(SeqcliError("interrupted"))
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - every fault ends here
        # First: an error that a signal caused is told as the signal, whatever a library made of it.
        lost = lost_signal()
        fault = named(error) if lost is None else SeqcliError(str(lost))
        fault.exit_code = fault.exit_code if lost is None else lost.exit_code
        fault.message = as_given(fault.message, arguments)
        fault.hint = fault.hint and as_given(fault.hint, arguments)
        complain(fault)
        return fault.exit_code
    return result if isinstance(result, int) else 0
