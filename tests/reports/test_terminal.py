import ast
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from making.text_terminal import TextTerminal

import seqcli
from seqcli.errors import DataError, StorageError, UsageError
from seqcli.reports.draw.complaint import complaint
from seqcli.reports.draw.page import Page
from seqcli.reports.draw.printable import printable
from seqcli.reports.draw.terminal import (
    ConsoleOptions,
    console_for,
    page_of,
    takes_colour,
    width_of,
    write,
    write_machine,
)


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
    stream = TextTerminal() if terminal else io.StringIO()
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
    stream = TextTerminal()
    console_for(stream, ConsoleOptions("always"), {}).print("[bold]:smile:[/bold] 12 [/nope]")
    assert stream.getvalue() == "[bold]:smile:[/bold] 12 [/nope]\n"


def test_a_dumb_terminal_is_never_drawn_over():
    assert not console_for(TextTerminal(), ConsoleOptions(), {"TERM": "dumb"}).is_interactive
    assert console_for(TextTerminal(), ConsoleOptions(), {"TERM": "xterm"}).is_interactive


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


READ = {
    "tasks/_cldr.py",
    "tasks/_written_numbers.py",
    "tasks/caption_ko.py",
    "data/caption_columns.py",
    "data/lines.py",
    "data/number_words.py",
    "data/column_roles.py",
    "data/files.py",
    "experiments/inspect/oddities.py",
    "data/columns.py",
    "data/pair_scores.py",
    "data/pair_tokenizer.py",
    "data/plain_pieces.py",
    "data/tokenizer.py",
    "data/tokenizers/word.py",
    "reports/draw/printable.py",
    "training/language_writer.py",
}
"""What is recognised in texts or is a text to learn from, and so never drawn, is there and among what
`printable` escapes."""


def literals(path):
    """The strings of a module that are no docstrings, those within f-strings included.

    A module that has no sign beyond ASCII, not even an escaped one, is not parsed.
    """
    text = path.read_text(encoding="utf-8")
    if text.isascii() and not re.search(r"\\[uUNx]", text):
        return
    tree = ast.parse(text)
    bodies = [node.body for node in ast.walk(tree) if isinstance(getattr(node, "body", None), list)]
    distinct = {id(line.value) for body in bodies for line in body if isinstance(line, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in distinct:
            yield node.value


def test_every_sign_that_seqcli_draws_has_one_in_ascii():
    package = Path(seqcli.__file__).parent
    drawn = {
        (name, character)
        for path in package.rglob("*.py")
        if (name := path.relative_to(package).as_posix()) not in READ
        for text in literals(path)
        for character in text
        if not character.isascii() and printable(character) == character
    }
    assert {character for _, character in drawn} >= set("∞ⁿ⏎−▲█")
    assert {(name, sign) for name, sign in drawn if "\\" in Page(encoding="ascii").fit(sign)} == set()
    assert Page(encoding="ascii").fit("aⁿbⁿ in 10⁻²³, [−∞, ∞]") == "a^nb^n in 10^-23, [-inf, inf]"


def test_what_an_encoding_cannot_take_is_written_as_an_escape():
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="latin-1")
    write("label 한\n", stream)
    assert raw.getvalue() == b"label \\ud55c\n"


def test_a_reader_that_goes_away_ends_printing_quietly():
    reader, writer = os.pipe()
    os.close(reader)
    code = (
        "from seqcli.reports.draw.terminal import write; write('x\\n'); write('more\\n'); print('and more')"
    )
    done = run_python(code, stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_program_started_without_stdout_prints_nowhere():
    code = (
        "from seqcli.reports.draw.terminal import *; write('x'); print(stdout_page(ConsoleOptions()).width)"
    )
    done = run_python(code, stdout=None, stderr=subprocess.PIPE, preexec_fn=lambda: os.close(1))
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_behind_stdout_is_a_storage_fault_told_once():
    code = (
        "from seqcli.errors import StorageError\n"
        "from seqcli.reports.draw.terminal import write\n"
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
    code = (
        "import sys; from seqcli.reports.draw.terminal import write; "
        "write('x' * 100_000, sys.stderr); print(1)"
    )
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


def test_a_stream_in_memory_takes_machine_output_as_it_is():
    """A notebook's stdout has no bytes below it."""
    stream = io.StringIO()
    write_machine("a\u200bb\n", stream)
    assert stream.getvalue() == "a\u200bb\n"
