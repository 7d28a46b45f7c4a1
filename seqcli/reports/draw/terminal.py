"""The consoles for results (stdout) and for all else (stderr), and writing that outlives its reader."""

import errno
import os
import stat
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from io import StringIO
from typing import IO, Literal, TextIO, cast

from rich.console import Console

from seqcli.errors import StorageError
from seqcli.reports.draw.page import NARROWEST, Page, escaped
from seqcli.reports.draw.printable import printable, without_commands

Colour = Literal["auto", "always", "never"]
# Of a terminal since the VT100; what is piped to a file looks the same everywhere.
USUAL_WIDTH = 80
USUAL_HEIGHT = 24  # as of the VT100 too
LOST = frozenset({errno.EPIPE, errno.ECONNRESET, errno.EIO, errno.ENXIO})  # a closed pipe, a hung-up terminal


@dataclass(frozen=True)
class ConsoleOptions:
    """The command line's options of output: `--color`, `-q`, `-v` and the page of `--report`."""

    color: Colour = "auto"
    quiet: bool = False
    verbose: bool = False
    report: str | None = None


class QuietConsole(Console):
    """A console whose output is dropped, with no other effect, once nobody reads it any more."""

    def on_broken_pipe(self) -> None:
        """Drop this output and all that follows; rich would end the program here."""
        self.quiet = True
        silence(self.file)

    def take_size(self) -> None:
        """Take on the size that the terminal has now."""
        self.width = width_of(self.file, self._environ)
        self.height = height_of(self.file, self._environ)


def stdout_console(options: ConsoleOptions, environ: Mapping[str, str] | None = None) -> QuietConsole:
    """The console for results, as `--color` and the environment want it."""
    return console_for(sys.stdout, options, environ)


def stderr_console(options: ConsoleOptions, environ: Mapping[str, str] | None = None) -> QuietConsole:
    """The console for progress, notes and errors, as `--color` and the environment want it."""
    return console_for(sys.stderr, options, environ)


def stdout_page(options: ConsoleOptions, environ: Mapping[str, str] | None = None) -> Page:
    """The page that a result is rendered for: the width, encoding and colour of stdout."""
    page = page_of(stdout_console(options, environ))
    return replace(page, detailed=options.verbose, report=options.report)


def page_of(console: Console) -> Page:
    """The page that a console is: its width, what it can encode, whether it takes colour."""
    colour = console.color_system is not None and not console.no_color
    return Page(width=console.width, encoding=console.encoding, colour=colour, terminal=console.is_terminal)


def console_for(
    stream: IO[str] | None, options: ConsoleOptions, environ: Mapping[str, str] | None = None
) -> QuietConsole:
    """A console on a stream: no markup, no emoji codes, no highlighting; boxes that ASCII can draw.

    A stream that is closed or was never opened gets a console that writes nowhere.
    """
    environ = os.environ if environ is None else environ
    nobody = stream is None or stream.closed
    stream = StringIO() if stream is None or nobody else stream
    colour = takes_colour(stream, options.color, environ)
    return QuietConsole(
        file=cast("IO[str]", LogStream(stream)) if is_ci_log(stream, environ) else stream,
        quiet=nobody,
        width=width_of(stream, environ),
        height=height_of(stream, environ),
        force_terminal=is_terminal(stream),
        force_interactive=moves_cursor(stream, environ),
        color_system="standard" if colour else None,
        no_color=not colour,
        markup=False,
        emoji=False,
        highlight=False,
        safe_box=True,
        legacy_windows=False,
        _environ=environ,
    )


class LogStream:
    """A stream that a CI runner reads: a line that it would obey is written with an escape.

    All else is the stream's own.
    """

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write whole lines."""
        return self._stream.write(without_commands(text))

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)


def is_terminal(stream: IO[str]) -> bool:
    """Return whether a person looks at the stream; False for one that is closed."""
    try:
        return stream.isatty()
    except ValueError:
        return False


def moves_cursor(stream: IO[str], environ: Mapping[str, str]) -> bool:
    """Return whether lines on the stream can be drawn over: a terminal that is not a dumb one."""
    return is_terminal(stream) and environ.get("TERM", "").lower() not in ("dumb", "unknown")


def takes_colour(stream: IO[str], color: Colour, environ: Mapping[str, str]) -> bool:
    """Return whether colour is written: by `--color`, else by NO_COLOR, FORCE_COLOR and the terminal."""
    if color != "auto":
        return color == "always"
    if environ.get("NO_COLOR"):
        return False
    return bool(environ.get("FORCE_COLOR")) or moves_cursor(stream, environ)


def width_of(stream: IO[str], environ: Mapping[str, str]) -> int:
    """Columns: COLUMNS if it is a sensible number, else the terminal's, else 80 (so that files are alike)."""
    return max(NARROWEST, _sensible(environ.get("COLUMNS")) or _size(stream)[0] or USUAL_WIDTH)


def height_of(stream: IO[str], environ: Mapping[str, str]) -> int:
    """Lines: LINES if it is a sensible number, else the terminal's, else 24."""
    return _sensible(environ.get("LINES")) or _size(stream)[1] or USUAL_HEIGHT


def _sensible(text: str | None) -> int:
    return int(text) if text is not None and text.isdecimal() and len(text) <= 4 else 0


def _size(stream: IO[str]) -> tuple[int, int]:
    try:
        columns, lines = os.get_terminal_size(stream.fileno())
    except (OSError, ValueError):
        return (0, 0)
    return (columns, lines)


def write(text: str, stream: TextIO | None = None) -> None:
    """Write a result to stdout (or another stream); where its reader is gone, quietly write nothing.

    What the encoding cannot take is written as an escape, as is what a CI log would take as a command.
    Nothing is left behind that the interpreter would complain about at its end. What is meant for stderr is
    no result, and may be lost to a full disk.

    Raises:
        StorageError: The stream leads to a disk that is full or broken.
    """
    stream = sys.stdout if stream is None else stream
    if stream is None or stream.closed:
        return
    printed = without_commands(text) if is_ci_log(stream, os.environ) else text
    try:
        stream.write(escaped(printed, stream.encoding or "utf-8"))
        stream.flush()
    except OSError as error:
        silence(stream)
        if error.errno not in LOST and stream is not sys.stderr:
            raise cannot_write(stream, error) from error


def write_machine(text: str, stream: TextIO | None = None) -> bool:
    """Write what machines read to stdout: unchanged, in UTF-8, whatever the locale is.

    A terminal gets an escape for what it would obey or cannot show, a tab stays; a CI log one for what it
    would take as a command.

    Args:
        text: Whole lines.
        stream: Where to; stdout unless given.

    Returns:
        Whether a CI log would have obeyed one of the lines.

    Raises:
        StorageError: The stream leads to a disk that is full or broken.
        BrokenPipeError: Nobody reads it any more, so that there is nothing left to work for.
    """
    stream = sys.stdout if stream is None else stream
    if stream is None or stream.closed:
        return False
    obeyed = is_ci_log(stream, os.environ) and without_commands(text) != text
    try:
        stream.flush()
        if is_terminal(stream):
            stream.write(escaped(printable(text, keep="\n\t"), stream.encoding or "utf-8"))
        else:
            _write_unchanged(without_commands(text) if obeyed else text, stream)
        stream.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        silence(stream)
        raise cannot_write(stream, error) from error
    return obeyed


def _write_unchanged(text: str, stream: TextIO) -> None:
    """Past the stream's own encoding; a stream in memory, as a notebook or a test puts there, has none."""
    binary = getattr(stream, "buffer", None)
    if binary is None:
        stream.write(text)
    else:
        binary.write(text.encode(errors="backslashreplace"))


def is_ci_log(stream: IO[str], environ: Mapping[str, str]) -> bool:
    """Return whether a CI runner reads the stream and obeys it.

    It is no file, in a job of GitHub or Azure.
    """
    if not (environ.get("GITHUB_ACTIONS") or environ.get("TF_BUILD")) or is_terminal(stream):
        return False
    try:
        return not stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):
        return True


def cannot_write(stream: IO[str], error: OSError) -> StorageError:
    """The error of a stream whose disk is full or broken."""
    return StorageError(f"cannot write the result to {stream.name}: {error.strerror}")


def silence(stream: IO[str]) -> None:
    """Let all further output of a stream vanish, what is still in its buffer included."""
    with suppress(OSError, ValueError):
        descriptor = stream.fileno()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, descriptor)
        finally:
            os.close(nowhere)
