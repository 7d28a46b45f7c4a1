"""The role that each column of a table looks to have by its content, in any language: text, label, time, ….

A role is a guess, made of the values and, for times and ids, of the name. It decides nothing alone: a column
is taken where only one can be meant, and what was taken is told.
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from seqcli.data.cells import NUMBER, TIME, TIME_NAMES
from seqcli.data.tables import ABSENT, CellValue, Table
from seqcli.errors import DataError
from seqcli.results.inspect import ColumnLook, ColumnRole

MOST_LABELS = 50
"""Different values of a column of labels that are no whole numbers."""
MOST_NUMBERED = 20
"""Different whole numbers of a column of labels; with more they are ages or counts, which repeat too."""

LOOKED_AT = 20_000
"""Rows that are looked at closely; a column of few values is counted on to `COUNTED`: a file that is sorted
by class shows its second one late."""
COUNTED = 1_000_000
"""Rows in which labels are counted at most: a huge file is not read to its end to look at it."""
_CELLS = 2_000_000
"""Cells that are looked at closely, so that a table of thousands of columns takes no minutes."""
_TRIED = 200
"""Rows in which a column shows that it holds lists or objects, and cannot be read as single values."""

_SHOWN, _SHORT = 3, 80
"""Values that are kept to be shown, and characters of each."""

_NEARLY_ALL = 0.95
"""The share of cells that decides for the column: a few odd cells make no other column of it."""
_LABEL_LENGTH = 40
"""Characters of a label on average; repeated values that are longer are repeated texts."""
_TEXT_LENGTH = 12
"""Characters on average from which values without blanks are texts: a protein, a sentence in Chinese."""
_LONGER = 3.0
"""Times that the one long column of texts is longer than titles and names beside it."""
_ID_NAME = re.compile(r"(?:.*[_\W])?(?:id|uuid|guid|index|key|no|nr)|번호|아이디", re.IGNORECASE)


@dataclass
class _Tally:
    """Counts of a column's values as they come."""

    name: str
    rows: int = 0
    filled: int = 0
    closely: int = 0
    numbers: int = 0
    wholes: int = 0
    times: int = 0
    words: int = 0
    characters: int = 0
    longest: int = 0
    spaced: int = 0
    digits: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    hashes: set[int] = field(default_factory=set)
    first: list[str] = field(default_factory=list)

    @property
    def few(self) -> bool:
        """Return whether there were no more different values than a column of labels has."""
        return len(self.counts) <= MOST_LABELS

    def count(self, text: str) -> bool:
        """Count a value, and return whether it says anything."""
        self.rows += 1
        if not text:
            return False
        self.filled += 1
        if self.few:
            self.counts[text] += 1
        return True

    def see(self, text: str) -> None:
        """Look at a value closely."""
        if not self.count(text):
            return
        self.closely += 1
        if len(self.first) < _SHOWN and text[:_SHORT] not in self.first:
            self.first.append(text[:_SHORT])
        self.hashes.add(hash(text))
        words = len(text.split())
        self.words += words
        self.characters += len(text)
        self.longest = max(self.longest, len(text))
        self.spaced += words > 1
        self.digits += any(map(str.isdecimal, text))
        if NUMBER.fullmatch(text):
            self.numbers += 1
            self.wholes += _is_whole(text)
        elif TIME.fullmatch(text):
            self.times += 1

    def share(self, count: int) -> float:
        """The share of the values looked at closely."""
        return count / self.closely

    @property
    def unique(self) -> bool:
        """Return whether no value occurs twice."""
        return len(self.hashes) == self.closely > 1

    @property
    def repeated(self) -> bool:
        """Return whether few values occur again and again."""
        return self.few and 2 <= len(self.counts) <= self.filled / 2

    def look(self) -> ColumnLook:
        """The column as it looks now."""
        looked_at = max(self.closely, 1)
        return ColumnLook(
            name=self.name,
            role=_role(self),
            rows=self.rows,
            filled=self.filled,
            distinct=len(self.counts) if self.few else len(self.hashes),
            words=self.words / looked_at,
            characters=self.characters / looked_at,
            longest=self.longest,
            values=tuple(sorted(self.counts.items(), key=lambda item: (-item[1], item[0])))
            if self.few
            else (),
            first=tuple(self.first),
        )


def _is_whole(text: str) -> bool:
    return text.strip().lstrip("+-").isdecimal()


def _role(tally: _Tally) -> ColumnRole:
    """The role that the values suggest, the surest signs first."""
    if not tally.filled:
        return "empty"
    if len(tally.counts) == 1:
        return "constant"
    named_time = tally.name.casefold() in TIME_NAMES
    if tally.share(tally.times + named_time * tally.numbers) >= _NEARLY_ALL:
        return "time"
    return _numeric_role(tally) if tally.share(tally.numbers) >= _NEARLY_ALL else _written_role(tally)


def _numeric_role(tally: _Tally) -> ColumnRole:
    """Of numbers: classes spelt as numbers, numbers of rows, or measurements."""
    whole = tally.wholes == tally.numbers
    if whole and tally.repeated and len(tally.counts) <= MOST_NUMBERED:
        return "label"
    return "id" if whole and tally.unique and _ID_NAME.fullmatch(tally.name) else "number"


def _written_role(tally: _Tally) -> ColumnRole:
    """Of words: labels are few and short, ids are unique signs, and texts are what is long or free."""
    length = tally.characters / tally.closely
    if tally.repeated and length <= _LABEL_LENGTH:
        return "label"
    signs = tally.spaced == 0 and tally.digits and tally.share(tally.digits) >= _NEARLY_ALL
    nearly_unique = len(tally.hashes) >= _NEARLY_ALL * tally.closely > 1
    if nearly_unique and not tally.spaced and (signs or _ID_NAME.fullmatch(tally.name)):
        return "id"
    # More than half: a few names of two words make no text of a column, nor do a few repeats unmake one.
    free = tally.share(tally.spaced) > 0.5 or length >= _TEXT_LENGTH
    return "text" if free or len(tally.hashes) > 0.5 * tally.closely else "other"


def look_at(table: Table) -> tuple[ColumnLook, ...]:
    """Each column that holds single values, by its content; up to the first row that cannot be read.

    Whoever reads the table for good meets that row again, and says what is wrong with it.
    """
    columns = _single_valued(table)
    tallies = [_Tally(name) for name in columns]
    closely = min(LOOKED_AT, max(_TRIED, _CELLS // max(len(columns), 1)))
    rows = _texts(table, columns)
    for texts in itertools.islice(rows, closely):
        for tally, text in zip(tallies, texts, strict=True):
            tally.see(text)
    for texts in itertools.islice(rows, COUNTED - closely):
        for tally, text in zip(tallies, texts, strict=True):
            tally.count(text)
    return tuple(tally.look() for tally in tallies)


def _single_valued(table: Table) -> tuple[str, ...]:
    """The columns without lists and objects; all of them where it is a row that cannot be read."""
    if _begins_well(table, table.columns):
        return table.columns
    return tuple(name for name in table.columns if _begins_well(table, (name,))) or table.columns


def _begins_well(table: Table, columns: tuple[str, ...]) -> bool:
    try:
        for _ in itertools.islice(table.read(columns), _TRIED):
            pass
    except DataError:
        return False
    return True


def _texts(table: Table, columns: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    try:
        for _, cells in table.read(columns):
            yield tuple(map(_as_written, cells))
    except DataError:
        return


def _as_written(cell: CellValue) -> str:
    """A cell's text without blanks around it; '' where there is none."""
    if cell is None or cell is ABSENT:
        return ""
    return str(cell).lower() if isinstance(cell, bool) else str(cell).strip()


def of_role(looks: Sequence[ColumnLook], role: ColumnRole) -> list[ColumnLook]:
    """The columns of a role, in the table's order."""
    return [look for look in looks if look.role == role]


def likely_texts(looks: Sequence[ColumnLook]) -> list[str]:
    """The columns that may hold the texts, the longest first; one alone where it is far longer."""
    texts = sorted(of_role(looks, "text"), key=lambda look: -look.characters)
    if len(texts) > 1 and texts[0].characters >= _LONGER * texts[1].characters:
        return [texts[0].name]
    return [look.name for look in texts]


def likely_values(looks: Sequence[ColumnLook]) -> list[str]:
    """The columns that may hold measurements: numbers, also whole ones that repeat."""
    return [look.name for look in looks if look.role == "number" or (look.role == "label" and _counts(look))]


def _counts(look: ColumnLook) -> bool:
    return all(NUMBER.fullmatch(value) for value, _ in look.values)


def likely_labels(looks: Sequence[ColumnLook]) -> list[str]:
    """The columns that may hold the labels, those of the fewest values first."""
    labels = sorted(of_role(looks, "label"), key=lambda look: len(look.values))
    return [look.name for look in labels]
