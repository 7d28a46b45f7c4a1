"""Words and characters of plain texts cut by Python's own regular expressions, twenty times as fast.

The `tokenizers` library cuts by Onigmo's properties of characters, which takes 3 s for a million words. Of
ASCII its pattern of words says no more than a short expression does, and what stands between two blanks is
cut the same wherever it stands; so only pieces beyond ASCII are left to the library, each once.
"""

import heapq
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    import tokenizers
    from numpy.typing import NDArray

_IDEOGRAPHS = r"\p{Han}\p{Hiragana}"
_SYLLABLES = r"\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_KATAKANA = r"\p{Katakana}ー"
_LETTER = rf"[[\p{{L}}\p{{M}}\p{{N}}_]&&[^{_IDEOGRAPHS}{_SYLLABLES}{_KATAKANA}]]"

WORDS = "|".join(
    (
        rf"[{_IDEOGRAPHS}{_SYLLABLES}]\p{{M}}*",
        rf"[{_KATAKANA}]+",
        rf"{_LETTER}+(?:['’]{_LETTER}+)*",
        r"(?!\s)\X",
    )
)
"""What one token is, in this order: a Chinese, Japanese, Thai, Lao, Khmer or Burmese character; a run of
katakana; a word of letters and digits with its apostrophes; any other sign, an emoji whole."""

CHARACTERS = r"[\s\S]"
"""A code point."""

_ASCII_WORDS = re.compile(r"[A-Za-z0-9_]+(?:'[A-Za-z0-9_]+)*|[^ \t\n\v\f\r]").findall
"""`WORDS` as far as ASCII goes; tests hold the two together."""

_OTHER_BLANKS = re.compile("[\x1c-\x1f]").search
"""ASCII's separators, which are blanks to `str.split` and signs to the pattern of words."""

_STRETCHES = re.compile(r"[^ \t\n\v\f\r]+").findall

_SEPARABLE = re.compile(
    "[\0-\u02ff\u0370-\u0482\u048a-\u052f\u2010-\u2027\u2030-\u205e\u20a0-\u20bf\u3001-\u3029\u3041-\u3096"
    "\u30a1-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff9d]*"
).fullmatch
"""Texts in which no character joins the blank after it, as a few signs of Unicode's class Prepend do."""

_CUT = b" "
"""Begins what is one piece already, for no stretch begins with a blank."""

_REMEMBERED = 2**16
"""Stretches beyond ASCII whose pieces are kept, the last ones used."""

COUNTED_AT_ONCE = 2**17
"""Different pieces that are counted in memory, about 16 MB of them, before they go to disk."""


class PlainPieces:
    """The pieces of texts as a tokenizer of words or characters cuts them, before they become ids.

    Args:
        inner: The library's tokenizer, which cuts what is not plain.
        words: Whether it cuts words; characters otherwise.
        lowercase: Whether it takes upper-case letters for lower-case ones.
    """

    def __init__(self, inner: "tokenizers.Tokenizer", *, words: bool, lowercase: bool) -> None:
        self._inner = inner
        self.words = words
        self.lowercase = lowercase
        self._of_stretch = lru_cache(_REMEMBERED)(self._by_library)

    @classmethod
    def of(cls, inner: "tokenizers.Tokenizer", record: Mapping[str, object]) -> "PlainPieces | None":
        """Those of a tokenizer's JSON; None where it cuts texts in another way.

        Args:
            inner: The library's tokenizer of that JSON.
            record: The JSON's value.
        """
        model, cutter = record.get("model"), record.get("pre_tokenizer")
        if not isinstance(model, dict) or not isinstance(cutter, dict) or model.get("type") != "WordLevel":
            return None
        pattern = cutter["pattern"].get("Regex") if cutter.get("type") == "Split" else None
        if pattern not in (WORDS, CHARACTERS):
            return None
        lowercase = "Lowercase" in json.dumps(record.get("normalizer"))
        return cls(inner, words=pattern == WORDS, lowercase=lowercase)

    def __call__(self, text: str) -> list[str]:
        """The pieces of a text, in order."""
        if text.isascii():
            return self._of_ascii(text)
        if not (self.words and _SEPARABLE(text)):
            return self._by_library(text)
        pieces: list[str] = []
        for stretch in _STRETCHES(text):
            pieces += self._of_ascii(stretch) if stretch.isascii() else self._of_stretch(stretch)
        return pieces

    def alike(self, other: "PlainPieces") -> bool:
        """Return whether another cuts texts into the same pieces."""
        return (self.words, self.lowercase) == (other.words, other.lowercase)

    def stretches(self, text: str) -> list[bytes]:
        """The stretches between a text's blanks, in UTF-8: `of_stretch` cuts each further."""
        if text.isascii():
            raw = text.encode("ascii")
            # Of bytes Python splits at ASCII's blanks and nothing else, as the pattern of words has it.
            return (raw.lower() if self.lowercase else raw).split()
        if _SEPARABLE(text):
            return text.encode("utf-8").split()
        return [_CUT + piece.encode("utf-8") for piece in self._by_library(text)]

    def as_read(self, text: str, stretches: list[bytes]) -> bytes | None:
        """The text that a tokenizer of words reads, one blank between stretches; None where others tell it.

        Args:
            text: The text.
            stretches: Its own.
        """
        if not text.isascii() or _OTHER_BLANKS(text):
            return None
        return b" ".join(stretches)

    def of_stretch(self, stretch: bytes) -> list[str]:
        """The pieces of one stretch, in order."""
        text = stretch.decode("utf-8")
        return [text[len(_CUT) :]] if stretch.startswith(_CUT) else self(text)

    def spelt(self, text: str) -> str:
        """A text as it is before it is cut."""
        if text.isascii():
            return text.lower() if self.lowercase else text
        return str(self._inner.normalizer.normalize_str(text))

    def _of_ascii(self, text: str) -> list[str]:
        text = text.lower() if self.lowercase else text
        return _ASCII_WORDS(text) if self.words else list(text)

    def _by_library(self, text: str) -> list[str]:
        spelt = self.spelt(text)
        if not self.words:
            return list(spelt)
        return [piece for piece, _ in self._inner.pre_tokenizer.pre_tokenize_str(spelt)]


class PieceIds:
    """The ids of texts' pieces.

    Args:
        pieces: Cuts texts.
        vocabulary: The id of each piece that has one.
        unknown: That of all others.
    """

    def __init__(self, pieces: PlainPieces, vocabulary: Mapping[str, int], unknown: int) -> None:
        self.pieces = pieces
        self.vocabulary = vocabulary
        self.unknown = unknown
        self._id = _WithDefault(vocabulary, unknown).__getitem__

    def __call__(self, text: str) -> list[int]:
        """The ids of a text, in order."""
        return self.of_pieces(self.pieces(text))

    def of_pieces(self, pieces: list[str]) -> list[int]:
        """The id of each piece."""
        return list(map(self._id, pieces))


@runtime_checkable
class NumberedTexts(Protocol):
    """Texts that were cut while they were read."""

    def numbered_by(self, pieces: PlainPieces) -> bool:
        """Return whether their pieces have numbers, and are those that `pieces` cuts."""

    def count(self, counts: "PieceCounts") -> None:
        """Count their pieces."""

    def encoded(self, piece_ids: PieceIds) -> "Iterator[tuple[NDArray[np.int32], NDArray[np.int64]]]":
        """The ids of their pieces one after the other, and how many each text has, some at a time."""


class _WithDefault(dict[str, int]):
    """Numbers by name, and one for all other names."""

    def __init__(self, numbers: Mapping[str, int], other: int) -> None:
        super().__init__(numbers)
        self._other = other

    def __missing__(self, key: str) -> int:
        return self._other


class PieceCounts:
    """The count of each piece: exact in bounded memory.

    What does not fit is sorted, kept on disk and merged.
    """

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._runs: list[IO[str]] = []

    def add(self, pieces: Sequence[str], times: int = 1) -> None:
        """Count some pieces, each so many times."""
        if times == 1:
            self._counts.update(pieces)
        else:
            for piece in pieces:
                self._counts[piece] += times
        if len(self._counts) > COUNTED_AT_ONCE:
            self._runs.append(_sorted_run(self._counts))
            self._counts = Counter()

    def most_frequent(self, most: int) -> tuple[list[str], int]:
        """The pieces that occur most often, and how many different ones there are; nothing is counted then.

        Args:
            most: How many to return at most, 1 or more; of equally frequent ones the first by their
                characters.
        """
        total = 0

        def ranks() -> Iterator[tuple[int, str]]:
            nonlocal total
            for piece, count in _merged(self._runs, self._counts) if self._runs else self._counts.items():
                total += 1
                yield -count, piece

        frequent = [piece for _, piece in heapq.nsmallest(most, ranks())]
        for run in self._runs:
            run.close()
        self._counts, self._runs = Counter(), []
        return frequent, total


def _sorted_run(counts: Mapping[str, int]) -> IO[str]:
    """A nameless file of pieces and their counts, in the order of the pieces."""
    run = TemporaryFile("w+", encoding="utf-8", newline="\n")  # noqa: SIM115 closed by who merges it
    run.writelines(f"{json.dumps([piece, counts[piece]])}\n" for piece in sorted(counts))
    return run


def _merged(runs: list[IO[str]], rest: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    """Each piece once with its count of all runs."""
    for run in runs:
        run.seek(0)
    counted = [map(json.loads, run) for run in runs]
    last = ([piece, rest[piece]] for piece in sorted(rest))
    for piece, same in groupby(heapq.merge(*counted, last), key=itemgetter(0)):
        yield piece, sum(count for _, count in same)
