"""The letters of words as ids, so that a word that training never saw has a vector, too."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seqcli.data.arrays import ArrayWriter, read_private_array
from seqcli.data.encoded import unfit
from seqcli.data.row_arrays import RowWriter

Ids = NDArray[np.int32]

PAD, UNKNOWN, BEGIN, END = range(4)
"""What stands beyond a word's end, for a letter that training saw in one word at most, and about a word."""

RESERVED = 4
"""Letters are numbered from here on, above the four that are none."""
MOST_LETTERS = 32
"""Letters read of a word: of a longer one as many from its beginning as from its end, where endings stand."""

LETTER_FEATURES = 64
"""The width of the vector that a word has from its letters, beside its own."""

ALPHABET = "alphabet"
"""The name under which a run remembers the letters."""


@dataclass(frozen=True)
class Alphabet:
    """The letters that are told apart.

    Args:
        letters: Each once, in the order of their numbers.
    """

    letters: str

    @classmethod
    def of_words(cls, words: Iterable[str]) -> "Alphabet":
        """The letters of two different words or more: by the others the unknown one is learnt."""
        occurs = Counter(letter for word in set(words) for letter in set(word))
        return cls("".join(sorted(letter for letter, count in occurs.items() if count > 1)))

    @property
    def size(self) -> int:
        """The number of ids."""
        return RESERVED + len(self.letters)

    def ids(self, words: Iterable[str]) -> list[Ids]:
        """The ids of each word's letters between those of its beginning and its end."""
        numbers = {letter: number for number, letter in enumerate(self.letters, start=RESERVED)}
        half = MOST_LETTERS // 2
        cut = (word if len(word) <= MOST_LETTERS else word[:half] + word[-half:] for word in words)
        return [
            np.array([BEGIN, *(numbers.get(letter, UNKNOWN) for letter in word), END], np.int32)
            for word in cut
        ]


@dataclass(frozen=True, eq=False)
class WordLetters:
    """The letters of each word of a split.

    Args:
        ids: Those of the different words, one after the other.
        offsets: Where each different word begins, and the end (W + 1).
        words: Which of them each word of the split is (sum of lengths).
    """

    ids: Ids
    offsets: NDArray[np.int64]
    words: Ids

    @classmethod
    def of(cls, alphabet: Alphabet, words: Iterable[str]) -> "WordLetters":
        """The letters of words in order, of those that are spelt alike once."""
        different: dict[str, int] = {}
        numbers = RowWriter("i")
        for word in words:
            numbers.append(different.setdefault(word, len(different)))
        pieces = alphabet.ids(different)
        ends = np.cumsum([len(piece) for piece in pieces], dtype=np.int64)
        return cls(
            np.concatenate([np.zeros(0, np.int32), *pieces]),
            np.concatenate([np.zeros(1, np.int64), ends]),
            numbers.done(),
        )

    def at(self, places: NDArray[np.int64], inside: NDArray[np.bool_]) -> NDArray[np.int64]:
        """The letters of the words at places (B, T) of the split, (B, T, L); only `PAD` outside."""
        words = np.where(inside, self.words[places], 0)
        starts, ends = self.offsets[words], self.offsets[words + 1]
        lengths = np.where(inside, ends - starts, 0)
        steps = np.arange(int(lengths.max(initial=1)))
        real = steps < lengths[..., None]
        return np.where(real, self.ids[np.where(real, starts[..., None] + steps, 0)], PAD).astype(np.int64)

    def write(self, folder: Path, name: str) -> None:
        """Write the files that `open` reads.

        Raises:
            OSError: The disk is full or broken.
        """
        for part, values in (("letters", self.ids), ("spelling", self.words)):
            with ArrayWriter(folder / f"{name}.{part}.npy", np.int32) as writer:
                writer.append(values)
        np.save(folder / f"{name}.letter-offsets.npy", self.offsets)

    @classmethod
    def open(cls, folder: Path, name: str, words: int) -> "WordLetters | None":
        """The letters of so many words that `write` wrote; None where it wrote none.

        Raises:
            ValueError: The files do not fit together.
        """
        if not (folder / f"{name}.letters.npy").exists():
            return None
        ids = read_private_array(folder / f"{name}.letters.npy", np.int32)
        spelling = read_private_array(folder / f"{name}.spelling.npy", np.int32)
        offsets = read_private_array(folder / f"{name}.letter-offsets.npy", np.int64)
        if len(spelling) != words or offsets[-1] != len(ids) or spelling.max(initial=0) > len(offsets) - 2:
            raise unfit(folder, name)
        return cls(ids, offsets, spelling)


def letters_in(reading: Mapping[str, object]) -> int:
    """The number of ids that letters have, from what a run remembers; 0 where it reads none."""
    return Alphabet(str(reading[ALPHABET])).size if ALPHABET in reading else 0
