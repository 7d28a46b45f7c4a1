"""Texts for a command, and where its answers go: arguments, files, standard input; stdout or a file."""

import os
import select
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from seqcli.cli.flags import Given
from seqcli.errors import DataError, UsageError, disk_fault

if TYPE_CHECKING:
    from seqcli.data.config import DataConfig
    from seqcli.results.line_answers import Doubt, DoubtAnswer, DoubtReason
    from seqcli.runs.named_file import NamedFile

    DoubtKind = tuple[DoubtReason, DoubtAnswer]


STDIN = "-"
LINES_AT_ONCE = 1024
"""Answered together where they are there together; a line that comes alone is answered alone."""
CHARACTERS_AT_ONCE = 2**20
"""Long lines are answered in smaller groups: memory grows with them."""
MAX_LINE = 16 * 2**20
"""The longest line that is read, in bytes: no line can fill the memory."""
# Read as it comes: `read1` returns what a pipe holds, which is at most 64 KiB on Linux.
_CHUNK = 2**16


UTF_8 = "utf-8"
OF_TEXTS = (("texts", "texts"), ("input", "--input"), ("text_column", "--text-column"))
"""Where texts come from, and what each is called in a message, for runs that read none."""


def refuse_options(given: Given, names: Iterable[str], reads: str) -> None:
    """Refuse options that have no meaning for what the run reads: 'texts'.

    Raises:
        UsageError: One of them was given.
    """
    for name in names:
        if given[name]:
            option = f"--{name.replace('_', '-')}"
            raise UsageError(f"{given['run']} reads {reads} and takes no {option}", "Leave it out.")


def new_table(given: Given, *columns: str) -> "DataConfig":
    """The table or folder of --data as it is to be read, with those of its columns that were named.

    Raises:
        UsageError: An option is not allowed.
    """
    from seqcli.config.layers import from_values, validate
    from seqcli.data.config import DataConfig

    values = {name: given[name] for name in ("data", *columns, "encoding", "sep") if given[name]}
    return validate(DataConfig, from_values(values, "the command line"))


def lines_of(stream: BinaryIO, name: str, encoding: str = UTF_8) -> Iterator[str | None]:
    """The stream's lines without their ends (LF or CR LF), and None where no more is there at once.

    Raises:
        DataError: A line is not in the encoding, or longer than `MAX_LINE`.
    """
    number = 0
    for line in _raw_lines(stream):
        if line is None:
            yield None
            continue
        number += 1
        if len(line) > MAX_LINE:
            raise DataError(
                f"{name}, line {number} is longer than {MAX_LINE:,} bytes",
                "A text is one line; is this text?",
            )
        try:
            # A byte order mark begins a file of some editors; further down it is a character of the text.
            yield line.decode(encoding).removeprefix("\ufeff" if number == 1 else "")
        except UnicodeDecodeError as error:
            raise DataError(
                f"{name}, line {number} is not {encoding.upper()}: {error.reason} at byte {error.start + 1}",
                "Convert it: iconv -f LATIN1 -t UTF-8.",
            ) from error


def _raw_lines(stream: BinaryIO) -> Iterator[bytes | None]:
    """The lines as bytes, as soon as they are there; one that is too long ends them, cut."""
    partial = bytearray()
    while chunk := stream.read1(_CHUNK):  # type: ignore[attr-defined]
        *ended, last = chunk.split(b"\n")
        for line in ended:
            partial += line
            # CR LF, as Windows ends lines; a CR elsewhere is a character of the text.
            yield bytes(partial).removesuffix(b"\r")
            partial.clear()
        partial += last
        # Not read to its end: `lines_of` refuses it by its length, which is known already.
        if len(partial) > MAX_LINE:
            break
        if not _more_at_once(stream):
            yield None
    if partial:
        yield bytes(partial)


def _more_at_once(stream: BinaryIO) -> bool:
    """Return whether reading on would not wait; what is no descriptor never does."""
    try:
        return bool(select.select([stream.fileno()], [], [], 0)[0])
    # What has no descriptor to ask holds all that it has already.
    except (OSError, ValueError):
        return True


def blocks(lines: Iterable[str | None]) -> Iterator[list[str]]:
    """Lines in lists, ended by None or their size; those before an error come before it.

    Raises:
        DataError: A line is not UTF-8, or too long.
    """
    block: list[str] = []
    size = 0
    try:
        for line in lines:
            if line is not None:
                block.append(line)
                size += len(line)
            if block and (line is None or len(block) == LINES_AT_ONCE or size >= CHARACTERS_AT_ONCE):
                yield block
                block, size = [], 0
    # Answers to the good lines are not lost to the bad one after them.
    except DataError:
        if block:
            yield block
        raise
    if block:
        yield block


def file_lines(file: BinaryIO, name: str, encoding: str = UTF_8) -> Iterator[str | None]:
    """A file's lines as `lines_of` tells them; it is closed after the last.

    Raises:
        DataError: A line is not UTF-8, or too long.
    """
    with file:
        yield from lines_of(file, name, encoding)


def sources(given: Given) -> tuple[Iterator[list[str]], str]:
    """The texts given, in lists that are answered together, and what messages call one: 'in.txt, line'.

    `-`, as the only text or as the file, is standard input.

    Raises:
        UsageError: Texts and a file were both given, a text is a file's name, or there is no input at all.
        DataError: The file cannot be read.
    """
    from seqcli.data.files import unpacked

    texts, path, encoding = given["texts"], given["input"], given.get("encoding") or UTF_8
    if texts and path:
        raise UsageError("texts and --input exclude each other", "Drop one of the two.")
    if texts and list(texts) != [STDIN]:
        # `predict RUN in.txt` would label the file's name, and the answer would look like one.
        for text in filter(os.path.isfile, texts):
            raise UsageError(f"{text} is a file", f"Give --input {text} for its lines.")
        return blocks(iter(texts)), "text"
    if path and path != STDIN:
        try:
            file = unpacked(path, Path(path).open("rb"))  # noqa: SIM115 - `file_lines` closes it
            return blocks(file_lines(file, path, encoding)), f"{path}, line"
        except OSError as error:
            raise disk_fault(error) or DataError(f"{path} cannot be read: {error.strerror}") from error
    if sys.stdin is None or sys.stdin.closed:
        raise UsageError("there is nothing to read", "Give a text, --input FILE, or lines on standard input.")
    return blocks(lines_of(sys.stdin.buffer, "standard input", encoding)), "line"


def all_lines(given: Given) -> list[str]:
    """All the texts given.

    Raises:
        UsageError: As `sources`.
        DataError: As `sources`.
    """
    return [line for block in sources(given)[0] for line in block]


STDOUT = "-"
MOST_NOTES = 20
"""Lines of a kind that are told of one by one; the others are counted."""

LineWriter = Callable[[Sequence[str]], None]


def answers_file(given: Given) -> "NamedFile | None":
    """The file that `--out` names, once it is clear that it can be written; None for stdout by any name.

    Raises:
        UsageError: It cannot.
    """
    from seqcli.runs.named_file import named_file

    name = given["out"]
    file = None if name in (None, STDOUT) else named_file(name, "--out")
    return None if file is None or file.is_stdout else file


@contextmanager
def answering(file: "NamedFile | None") -> Iterator[LineWriter]:
    """A function that takes answers, one a line, as they come.

    A named file is there once all of them are; where it ends early, how many were done is told.

    Raises:
        StorageError: The disk is full or fails.
        BrokenPipeError: Nobody reads the answers any more.
    """
    if file is None:
        yield _to_stdout()
        return
    from seqcli.cli.run import warn
    from seqcli.results.wording import counted

    answered = 0
    try:
        with file.writing() as write:

            def take(lines: Sequence[str]) -> None:
                nonlocal answered
                # A lone surrogate of a file's name cannot be encoded: one answer may not end all others.
                write("".join(f"{line}\n" for line in lines).encode(errors="backslashreplace"))
                answered += len(lines)

            yield take
    except BaseException:
        rest = f"{file.name} is as it was" if file.target else f"they are in {file.name}"
        warn([f"{counted(answered, 'line')} done when it ended; {rest}"])
        raise


def _to_stdout() -> LineWriter:
    from seqcli.cli.run import warn
    from seqcli.reports.draw.terminal import write_machine

    reported = False

    def take(lines: Sequence[str]) -> None:
        nonlocal reported
        if write_machine("".join(f"{line}\n" for line in lines)) and not reported:
            reported = True
            warn(
                [
                    "the log of this CI job would take a line as a command: it is written with an escape",
                    "-o FILE, > FILE and --format jsonl keep every answer as it is",
                ]
            )

    return take


class LineNotes:
    """Notes on single lines, on stderr: of each kind the first few one by one, then the number of the rest.

    A kind's lines never hide another's: of a file of unknown words the one line that is cut is told too.
    """

    def __init__(self) -> None:
        self.counts: Counter[DoubtKind] = Counter()

    def tell(self, place: str, doubt: "Doubt | None") -> None:
        """Tell of one line, whether quiet or not.

        Args:
            place: Where it stands: 'in.txt, line 7'.
            doubt: What about it; None: nothing.
        """
        from seqcli.cli.run import warn
        from seqcli.reports.words.notes import doubt_note

        if doubt is None:
            return
        self.counts[doubt.reason, doubt.of] += 1
        if self.counts[doubt.reason, doubt.of] <= MOST_NOTES:
            warn([f"{place} {doubt_note(doubt)}"])

    def close(self) -> None:
        """Tell how many lines there was more to say of."""
        from seqcli.cli.run import warn
        from seqcli.reports.words.notes import more_doubts_note

        for (reason, of), lines in self.counts.items():
            if lines > MOST_NOTES:
                warn([more_doubts_note(lines - MOST_NOTES, reason, of)])
