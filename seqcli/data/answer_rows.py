"""The answers to a test split, gone over some rows at a time: as values, as arrays, as lines."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import overload

from seqcli.data.metric import ROWS_TOGETHER, AnswerRow, together
from seqcli.runs.atomic import FileContent

LineAnswers = FileContent
"""What `predictions.jsonl` holds: whole, or in lines where they are many."""


class RowsAnew(Sequence[AnswerRow]):
    """Rows that are made anew each time they are gone over, so that none of them is held.

    Args:
        make: Gives them all, in order.
        count: How many there are; they are gone over to be counted where it is not said.
    """

    def __init__(self, make: Callable[[], Iterator[AnswerRow]], count: int | None = None) -> None:
        self._make = make
        self._count = count

    def __iter__(self) -> Iterator[AnswerRow]:
        return self._make()

    def __len__(self) -> int:
        if self._count is None:
            self._count = sum(1 for _ in self._make())
        return self._count

    @overload
    def __getitem__(self, index: int) -> AnswerRow: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[AnswerRow]: ...
    def __getitem__(self, index: int | slice) -> AnswerRow | Sequence[AnswerRow]:
        """A row, or some, for which those before them are made too."""
        if isinstance(index, slice):
            places = range(len(self))[index]
            return [self[place] for place in places]
        place = index if index >= 0 else index + len(self)
        for row in islice(self._make(), place, None):
            return row
        raise IndexError(index)


def rows(answers: LineAnswers) -> Sequence[AnswerRow]:
    """The lines of `predictions.jsonl` as values: few are held, of many as many as are read together.

    Raises:
        ValueError: They are not JSON; of many, when they are gone over.
    """
    first = list(islice(lines_of(answers), ROWS_TOGETHER + 1))
    if len(first) <= ROWS_TOGETHER:
        return _parsed(first)
    return RowsAnew(lambda: _read(answers))


def _read(answers: LineAnswers) -> Iterator[AnswerRow]:
    for lines in together(lines_of(answers)):
        yield from _parsed(lines)


def _parsed(lines: Iterable[bytes]) -> list[AnswerRow]:
    """Read as one document, which is faster than one by one."""
    parsed: list[AnswerRow] = json.loads(b"[" + b",".join(lines) + b"]")
    return parsed


def lines_of(answers: LineAnswers) -> Iterator[bytes]:
    """The lines, each with its end."""
    return iter(answers.splitlines(keepends=True) if isinstance(answers, bytes) else answers)
