"""The other strand of nucleotide sequences: what training may learn from beside each of its own.

The letters are those of IUPAC (Cornish-Bowden, 1985): R is A or G, and its complement Y is T or C.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqcli.data.examples import LabelledTexts
from seqcli.data.labels import CodedLabels
from seqcli.data.sequences import LazySequence
from seqcli.data.text_split import Chosen
from seqcli.errors import DataError

_DNA = "ACGTRYSWKMBDHVN"
_OTHER = "TGCAYRSWMKVHDBN"
_COMPLEMENT = str.maketrans(_DNA + _DNA.lower(), _OTHER + _OTHER.lower())
_FROM_RNA = str.maketrans("Uu", "Tt")
_TO_RNA = str.maketrans("Tt", "Uu")
_NO_NUCLEOTIDE = re.compile(rf"[^{_DNA}{_DNA.lower()}Uu\s.*-]")
"""Letters of no nucleotide; gaps and stops stay as they are."""


def reverse_complement(sequence: str) -> str:
    """The other strand, read in its own direction; of RNA with U for T.

    >>> reverse_complement("AACGR")
    'YCGTT'

    Raises:
        ValueError: A letter is no nucleotide; it is the error's only argument.
    """
    wrong = _NO_NUCLEOTIDE.search(sequence)
    if wrong is not None:
        raise ValueError(wrong[0])
    is_rna = "U" in sequence or "u" in sequence
    other = sequence.translate(_FROM_RNA).translate(_COMPLEMENT)[::-1]
    return other.translate(_TO_RNA) if is_rna else other


@dataclass(frozen=True, eq=False)
class BothStrands(LazySequence[str]):
    """Sequences, and after them the other strand of each.

    Args:
        sequences: The sequences as they were read (N).
    """

    sequences: Sequence[str]

    def __len__(self) -> int:
        return 2 * len(self.sequences)

    def _at(self, place: int) -> str:
        count = len(self.sequences)
        return self.sequences[place] if place < count else reverse_complement(self.sequences[place - count])

    def picked(self, indices: NDArray[np.int64]) -> Iterator[str]:
        """The sequences at these places, in order."""
        return (self[place] for place in indices.tolist())

    def __iter__(self) -> Iterator[str]:
        return (self[place] for place in range(len(self)))


def with_other_strands(train: Chosen[LabelledTexts]) -> Chosen[LabelledTexts]:
    """The examples to learn from, and the other strand of each under the same class.

    Raises:
        DataError: One is no sequence of nucleotides; says which.
    """
    examples: Any = train.examples
    for index in train.indices.tolist():
        try:
            reverse_complement(examples.texts[index])
        except ValueError as error:
            raise DataError(
                f"{examples.place(index)}: the letter {error.args[0]!r} is no nucleotide,"
                " and --reverse-complement needs them",
                "Nucleotides are A, C, G, T or U, N and the other letters of IUPAC: of others leave it out.",
            ) from None
    both = replace(
        examples,
        texts=BothStrands(examples.texts),
        labels=_twice(examples.labels),
        rows=np.tile(examples.rows, 2),
        digests=np.tile(examples.digests, 2),
        groups=None if examples.groups is None else _twice(examples.groups),
    )
    indices = np.concatenate([train.indices, train.indices + len(examples)])
    return Chosen(both, indices, np.tile(train.targets, 2))


def _twice(names: CodedLabels) -> CodedLabels:
    """The name of each, and after them once more."""
    return replace(names, codes=np.tile(names.codes, 2))
