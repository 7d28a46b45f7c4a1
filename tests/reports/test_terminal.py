import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from seqcli.errors import DataError, StorageError, UsageError
from seqcli.reports.complaint import complaint
from seqcli.reports.page import Page
from seqcli.reports.terminal import (
    ConsoleOptions,
    console_for,
    page_of,
    takes_colour,
    width_of,
    write,
)


class Terminal(io.StringIO):
    """A stream that says it is a terminal, of no known size."""

    def isatty(self):
        return True


def run_python(code, **options):
    return subprocess.run([sys.executable, "-c", code], check=False, timeout=60, **options)


@pytest.mark.parametrize(
    ("color", "environ", "terminal", "colour"),
    [
        ("auto", {"TERM": "xterm"}, True, True),
        ("auto", {"TERM": "xterm"}, False, False),
        ("auto", {"TERM": "dumb"}, True, False),
        ("auto", {"TERM": "xterm", "NO_COLOR": "1"}, True, False),
        ("auto", {"TERM": "xterm", "NO_COLOR": ""}, True, True),
        ("auto", {"FORCE_COLOR": "1"}, False, True),
        ("auto", {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
        ("always", {"TERM": "dumb", "NO_COLOR": "1"}, False, True),
        ("never", {"TERM": "xterm", "FORCE_COLOR": "1"}, True, False),
    ],
)
def test_colour_follows_the_option_then_the_environment_then_the_terminal(color, environ, terminal, colour):
    stream = Terminal() if terminal else io.StringIO()
    assert takes_colour(stream, color, environ) is colour
    console = console_for(stream, ConsoleOptions(color=color), environ)
    assert page_of(console).colour is colour
    console.print("x", style="red")
    assert ("\x1b[" in stream.getvalue()) is colour


@pytest.mark.parametrize(
    ("columns", "width"),
    [
        (None, 80),
        ("0", 80),
        ("-1", 80),
        ("wide", 80),
        ("", 80),
        ("99999", 80),
        ("50", 50),
        ("3", 20),
        ("²", 80),
    ],
)
def test_a_width_that_makes_no_sense_is_eighty(columns, width):
    environ = {} if columns is None else {"COLUMNS": columns}
    assert width_of(io.StringIO(), environ) == width
    assert console_for(io.StringIO(), ConsoleOptions(), environ).width == width


def test_a_terminal_tells_its_own_width():
    controller, terminal = os.openpty()
    with os.fdopen(controller, "rb", buffering=0), os.fdopen(terminal, "w", encoding="utf-8") as stream:
        subprocess.run(["stty", "cols", "97", "rows", "33"], stdin=stream, check=True)
        console = console_for(stream, ConsoleOptions(), {"TERM": "xterm"})
        assert (console.width, console.height, console.is_interactive) == (97, 33, True)


def test_a_console_takes_no_markup_no_emoji_codes_and_no_highlighting():
    stream = Terminal()
    console_for(stream, ConsoleOptions("always"), {}).print("[bold]:smile:[/bold] 12 [/nope]")
    assert stream.getvalue() == "[bold]:smile:[/bold] 12 [/nope]\n"


def test_a_dumb_terminal_is_never_drawn_over():
    assert not console_for(Terminal(), ConsoleOptions(), {"TERM": "dumb"}).is_interactive
    assert console_for(Terminal(), ConsoleOptions(), {"TERM": "xterm"}).is_interactive


def test_a_stream_that_is_not_there_is_written_to_without_harm():
    closed = io.StringIO()
    closed.close()
    for stream in (None, closed):
        console_for(stream, ConsoleOptions(), {}).print("x")
    write("x", closed)


def test_a_page_fits_text_to_what_the_stream_can_encode():
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    page = page_of(console_for(stream, ConsoleOptions(), {}))
    assert page.encoding == "ascii"
    assert page.fit("−0.5 ± 1 ▲ 한") == r"-0.5 +/- 1 ^ \ud55c"
    assert Page(encoding="utf-8").fit("−0.5 ± 1 ▲ 한") == "−0.5 ± 1 ▲ 한"


def test_what_an_encoding_cannot_take_is_written_as_an_escape():
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="latin-1")
    write("label 한\n", stream)
    assert raw.getvalue() == b"label \\ud55c\n"


def test_a_reader_that_goes_away_ends_printing_quietly():
    reader, writer = os.pipe()
    os.close(reader)
    code = "from seqcli.reports.terminal import write; write('x\\n'); write('more\\n'); print('and more')"
    done = run_python(code, stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_program_started_without_stdout_prints_nowhere():
    code = "from seqcli.reports.terminal import *; write('x'); print(stdout_page(ConsoleOptions()).width)"
    done = run_python(code, stdout=None, stderr=subprocess.PIPE, preexec_fn=lambda: os.close(1))
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_behind_stdout_is_a_storage_fault_told_once():
    code = (
        "from seqcli.errors import StorageError\n"
        "from seqcli.reports.terminal import write\n"
        "try: write('x' * 100_000)\n"
        "except StorageError as error: raise SystemExit(error.exit_code)"
    )
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = run_python(code, stdout=full, stderr=subprocess.PIPE)
        assert (done.returncode, done.stderr) == (6, b"")
        with pytest.raises(StorageError, match="cannot write the result to /dev/full: No space left"):
            write("x" * 100_000, full)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_behind_stderr_is_no_reason_to_stop():
    code = "import sys; from seqcli.reports.terminal import write; write('x' * 100_000, sys.stderr); print(1)"
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = run_python(code, stdout=subprocess.PIPE, stderr=full)
    assert (done.returncode, done.stdout) == (0, b"1\n")


def test_an_error_is_one_sentence_of_what_and_one_of_how():
    error = DataError("reviews.csv has no column 'txt'. Its columns: text, stars.", "Did you mean text?")
    expected = (
        "seqcli: reviews.csv has no column 'txt'. Its columns: text, stars.\n        Did you mean text?\n"
    )
    assert complaint(error, Page()) == expected
    assert complaint(UsageError("no model"), Page()) == "seqcli: no model\n"


def test_an_error_commands_no_terminal():
    assert "\x1b" not in complaint(UsageError("\x1b[31m", "\x9b2J"), Page())
    assert complaint(UsageError("한국어"), Page(encoding="ascii")).isascii()
