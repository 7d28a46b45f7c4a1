"""Labelled sentences on disk: written as a file is read, then read by place, picked and put in order."""

import heapq
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from tempfile import TemporaryFile
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from seqcli.data.row_arrays import RowWriter, blocks, taken
from seqcli.data.scratch_texts import RowBytes
from seqcli.data.sequences import LazySequence
from seqcli.data.tagged import Sentence

WORDS_AT_ONCE = 2**17
"""Words of sentences that are put in order in memory, about 20 MB of them, before they go to disk."""
RUNS_AT_ONCE = 200
"""Sorted runs that are merged together: each is an open file."""


class StoredSentences(LazySequence[Sentence]):
    """Sentences in a file without a name.

    Args:
        sentences: Them; each is let go of once it is written.

    Raises:
        OSError: The disk is full or broken.
    """

    def __init__(self, sentences: Iterable[Sentence]) -> None:
        self._rows = RowBytes()
        for sentence in sentences:
            spelt = json.dumps([sentence.words, sentence.labels, sentence.line], ensure_ascii=False)
            self._rows.append(spelt.encode("utf-8"))
        self._rows.done()

    def __len__(self) -> int:
        return len(self._rows)

    def _at(self, place: int) -> Sentence:
        return _sentence(self._rows.row(place))

    def __iter__(self) -> Iterator[Sentence]:
        return map(_sentence, chain.from_iterable(self._rows.all()))


def _sentence(row: bytes) -> Sentence:
    words, labels, line = json.loads(row)
    return Sentence(tuple(words), tuple(labels), line)


@dataclass(frozen=True, eq=False)
class PickedSentences(LazySequence[Sentence]):
    """Some of a file's sentences, in an order of their own.

    Args:
        sentences: All of them.
        places: Which ones (N).
    """

    sentences: Sequence[Sentence]
    places: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.places)

    def _at(self, place: int) -> Sentence:
        return self.sentences[int(self.places[place])]

    def __iter__(self) -> Iterator[Sentence]:
        return (self.sentences[at] for part in blocks(len(self)) for at in self.places[part].tolist())


def picked(sentences: Sequence[Sentence], places: NDArray[np.int64]) -> PickedSentences:
    """The sentences at some places; of picked ones the same among all that they were picked from."""
    if isinstance(sentences, PickedSentences):
        return PickedSentences(sentences.sentences, taken(sentences.places, places))
    return PickedSentences(sentences, places)


def in_order_of_words(sentences: Sequence[Sentence]) -> PickedSentences:
    """The sentences by their words, then by their labels, as `sorted` has them.

    Raises:
        OSError: The disk is full or broken.
    """
    runs: list[IO[str]] = []
    waiting: list[_Keyed] = []
    words = 0
    for place, sentence in enumerate(sentences):
        waiting.append([list(sentence.words), list(sentence.labels), place])
        words += len(sentence.words)
        if words >= WORDS_AT_ONCE:
            runs.append(_written(sorted(waiting)))
            waiting, words = [], 0
        if len(runs) >= RUNS_AT_ONCE:
            runs = [_written(_merged(runs, []))]
    places = RowWriter("q")
    for _, _, place in _merged(runs, sorted(waiting)):
        places.append(place)
    return picked(sentences, places.done())


_Keyed = list[Any]
"""Words, labels and place of a sentence."""


def _written(keyed: Iterable[_Keyed]) -> IO[str]:
    """A nameless file of sentences that are in order."""
    run = TemporaryFile("w+", encoding="utf-8", newline="\n")  # noqa: SIM115 closed by who merges it
    run.writelines(f"{json.dumps(each)}\n" for each in keyed)
    return run


def _merged(runs: list[IO[str]], rest: list[_Keyed]) -> Iterator[_Keyed]:
    """The sentences of all runs in order; the runs are closed."""
    for run in runs:
        run.seek(0)
    yield from heapq.merge(*(map(json.loads, run) for run in runs), rest)
    for run in runs:
        run.close()
