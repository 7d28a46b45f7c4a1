"""Files with a label for every word: CoNLL and CoNLL-U, or two columns; a blank line ends a sentence.

The columns stand apart by tabs where a line has one, else by blanks. Words are the file's own and are not
cut again, so that labels stay with them.
"""

import io
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain

from seqcli.data.config import DataConfig
from seqcli.data.files import Content
from seqcli.data.labels import as_label
from seqcli.data.lines import check_text
from seqcli.errors import ColumnsError, DataError, UsageError

SUFFIXES = (".conll", ".conllu", ".conll03", ".iob", ".iob2", ".bio")
"""Names of files that hold a label for every word and nothing else."""

UNIVERSAL = 10
"""Columns of CoNLL-U (Universal Dependencies); the word is the second, its part of speech the fourth."""

_BREAK = "-DOCSTART-"
"""CoNLL-2003's mark between documents, which is no word."""


@dataclass(frozen=True)
class Sentence:
    """Words and their labels, equally many.

    Args:
        words: As the file spells them.
        labels: One a word.
        line: The line of its first word, from 1.
    """

    words: tuple[str, ...]
    labels: tuple[str, ...]
    line: int


@dataclass(frozen=True)
class LabelledWords(ABC):
    """A file of sentences whose words have labels, however it is written.

    Args:
        location: The file.
        config: Its encoding, its separator, and what its words and labels stand under, if not the usual.
    """

    location: str
    config: DataConfig
    content: Content = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "content", Content(self.location))

    @property
    def name(self) -> str:
        """Its name in messages."""
        return self.location

    @abstractmethod
    def sentences(self) -> Iterator[Sentence]:
        """All sentences, in the file's order.

        Raises:
            DataError: The file cannot be read, or is not what it should be; says the line.
            UsageError: A setting does not fit such a file.
        """


class TaggedFile(LabelledWords):
    """Labelled words in lines and columns: CoNLL, or a word and its label."""

    def sentences(self) -> Iterator[Sentence]:
        """All sentences, in the file's order.

        Raises:
            DataError: The file cannot be read, is empty, or a line lacks a field that others have.
            UsageError: A column is not named by its number.
        """
        check_text(self.location, self.config.encoding)
        empty = True
        for sentence in self._read():
            if sentence.words:
                empty = False
                yield sentence
        if empty:
            raise DataError(
                f"{self.name} holds no sentence",
                "Each line is a word, a tab and its label; a blank line ends one.",
            )

    def _read(self) -> Iterator[Sentence]:
        lines = self._lines()
        opening: list[tuple[int, str]] = []
        for number, line in lines:
            opening.append((number, line))
            if line.strip() and not _aside(line):
                break
        else:
            return
        place, head = opening[-1]
        separator = self.config.sep or ("\t" if "\t" in head else None)
        columns = _Columns.of(head.split(separator), self.config, f"{self.name}, line {place}")
        words: list[str] = []
        labels: list[str] = []
        first = 1
        for number, line in chain(opening, lines, [(0, "")]):  # a blank line ends the last one
            fields = line.split(separator)
            if not line.strip():
                yield Sentence(tuple(words), tuple(labels), first)
                words, labels = [], []
            elif not columns.skips(line, fields):
                word, label = columns.picked(fields, f"{self.name}, line {number}")
                first = first if words else number
                words.append(word)
                labels.append(label)

    def _lines(self) -> Iterator[tuple[int, str]]:
        """The lines with their numbers, their ends left out.

        Raises:
            DataError: One is not in the encoding.
        """
        number = 0
        with self.content.opened() as raw:
            text = io.TextIOWrapper(raw, encoding=self.config.encoding, newline=None)
            try:
                for number, line in enumerate(text, start=1):
                    yield number, line.removeprefix("\ufeff").rstrip("\n")
            except UnicodeError as error:
                raise DataError(
                    f"{self.name}, line {number + 1} or soon after is not {self.config.encoding}: {error}",
                    "Say another with --encoding.",
                ) from error
            text.detach()


@dataclass(frozen=True)
class _Columns:
    """The fields of a line that hold the word and its label.

    Args:
        width: How many fields each line has.
        word: The word's place, from 0.
        label: The label's place.
        universal: Whether the file is CoNLL-U, with comments and lines that are no words of their own.
    """

    width: int
    word: int
    label: int
    universal: bool

    @classmethod
    def of(cls, fields: list[str], config: DataConfig, where: str) -> "_Columns":
        """As the options say, or by the first line of a word: first and last field, or those of CoNLL-U.

        Raises:
            DataError: The line has one field.
            UsageError: A column is not named by its number, or there are fewer.
        """
        width = len(fields)
        if width < 2:
            raise ColumnsError(
                f"{where} has one field, {fields[0][:40]!r}: a word needs its label beside it",
                "A tab or blanks stand between them; say another separator with --sep.",
            )
        universal = width == UNIVERSAL and fields[0].split("-")[0].split(".")[0].isdecimal()
        usual = (2, 4) if universal else (1, width)
        places = [
            _number(option, named, usual_number, width)
            for option, named, usual_number in (
                ("--text-column", config.text_column, usual[0]),
                ("--label-column", config.label_column, usual[1]),
            )
        ]
        return cls(width, places[0] - 1, places[1] - 1, universal)

    def skips(self, line: str, fields: list[str]) -> bool:
        """Return whether a line holds no word: a comment, a mark, several words in one, an empty node."""
        if self.universal:
            return line.startswith("#") or (len(fields) == self.width and not fields[0].isdecimal())
        return fields[0].split(" ")[0] == _BREAK or (line.startswith("#") and len(fields) != self.width)

    def picked(self, fields: list[str], where: str) -> tuple[str, str]:
        """The word and its label.

        Raises:
            DataError: There are fewer or more fields than in the first line, or one of the two is empty.
        """
        if len(fields) != self.width:
            few = "fewer" if len(fields) < self.width else "more"
            raise DataError(
                f"{where} has {len(fields)} field{'s' * (len(fields) != 1)}, {few} than the {self.width} of"
                " the first word's line",
                "Every word needs its label, and a blank line between sentences.",
            )
        word = unicodedata.normalize("NFC", whole(fields[self.word].strip()))
        label = as_label(whole(fields[self.label]))
        if not word or label is None:
            raise DataError(
                f"{where}: the {'word' if not word else 'label'} is empty", "Fill it in, or drop the line."
            )
        return word, label


def whole(text: str) -> str:
    """The text with '?' for halves of characters, which some encodings can spell and no file can hold."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _aside(line: str) -> bool:
    """Return whether a line may be no word: a comment of CoNLL-U, a mark between documents."""
    return line.startswith(("#", _BREAK))


def _number(option: str, named: str | None, usual: int, width: int) -> int:
    """A column's number from 1.

    Raises:
        UsageError: It is not one of them.
    """
    if named is None:
        return usual
    if not (named.isdecimal() and named.isascii() and 1 <= int(named) <= width):
        raise UsageError(
            f"{option} {named}: files of labelled words have no header",
            f"Say the column's number, 1 to {width}.",
        )
    return int(named)
