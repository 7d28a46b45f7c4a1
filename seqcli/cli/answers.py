"""Where a command's answers go, line by line: to stdout, or into the file that was named."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from seqcli.cli.flags import Given

if TYPE_CHECKING:
    from seqcli.runs.named_file import NamedFile

STDOUT = "-"
MOST_NOTES = 20
"""Lines that are told of one by one; the others are counted."""

Answer = Callable[[Sequence[str]], None]


def answers_file(given: Given) -> "NamedFile | None":
    """The file that `--out` names, once it is clear that it can be written; None for stdout.

    Raises:
        UsageError: It cannot.
    """
    from seqcli.runs.named_file import named_file

    name = given["out"]
    return None if name in (None, STDOUT) else named_file(name, "--out")


@contextmanager
def answering(file: "NamedFile | None") -> Iterator[Answer]:
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

    done = 0
    try:
        with file.writing() as write:

            def take(lines: Sequence[str]) -> None:
                nonlocal done
                write("".join(f"{line}\n" for line in lines).encode(errors="backslashreplace"))
                done += len(lines)

            yield take
    except BaseException:
        rest = f"{file.name} is as it was" if file.target else f"they are in {file.name}"
        warn([f"{counted(done, 'line')} done when it ended; {rest}"])
        raise


def _to_stdout() -> Answer:
    from seqcli.cli.run import warn
    from seqcli.reports.terminal import write_machine

    told = False

    def take(lines: Sequence[str]) -> None:
        nonlocal told
        if write_machine("".join(f"{line}\n" for line in lines)) and not told:
            told = True
            warn(
                [
                    "the log of this CI job would take a line as a command: it is written with an escape",
                    "-o FILE, > FILE and --format jsonl keep every answer as it is",
                ]
            )

    return take


class LineNotes:
    """What a person should know of single lines, on stderr: the first few one by one, then how many more."""

    def __init__(self) -> None:
        self.told = 0

    def tell(self, place: str, note: str) -> None:
        """Tell of one line, whether quiet or not.

        Args:
            place: Where it stands: 'in.txt, line 7'.
            note: What about it.
        """
        from seqcli.cli.run import warn

        self.told += 1
        if self.told <= MOST_NOTES:
            warn([f"{place} {note}"])

    def close(self) -> None:
        """Tell how many lines there was more to say of."""
        from seqcli.cli.run import warn
        from seqcli.results.wording import counted

        if self.told > MOST_NOTES:
            warn([f"{counted(self.told - MOST_NOTES, 'more line')} of that kind"])
