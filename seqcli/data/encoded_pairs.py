"""Pairs of texts as ids, with batches of like size in tokens and a score for the whole split."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from seqcli.data.arrays import StoredTexts, private_text
from seqcli.data.encoded import FlatIds, recorded, unfit
from seqcli.data.metric import together
from seqcli.data.pair_scores import (
    BleuTokenizer,
    bleu_tokenizer,
    from_statistics,
    known_bleu_tokenizer,
    signature,
    statistics,
)
from seqcli.data.pair_tokenizer import PairTokenizer
from seqcli.data.randomness import Key, permutation
from seqcli.data.sequences import Rows

_POOL = 50
"""How many batches' worth of pairs are sorted by length together."""


class WrittenTargets:
    """A split whose answers are texts: its references, how ids spell texts, and how these are scored."""

    target: FlatIds
    folder: Path
    name: str

    def with_scoring(self) -> Self:
        """The split itself with all that scoring needs, so that nothing is read from the folder later.

        Raises:
            KeyError: The folder's record names no metric.
        """
        for what in ("references", "tokenizer", "scoring"):
            getattr(self, what)
        return self

    @property
    def targets(self) -> NDArray[np.int64]:
        """Target ids of each row, their ends included (N): what there is to write."""
        return self.target.lengths + 1

    @cached_property
    def references(self) -> StoredTexts:
        """The raw target texts."""
        return StoredTexts(self.folder, f"{self.name}.target")

    @cached_property
    def tokenizer(self) -> PairTokenizer:
        """The tokenizer that spells ids."""
        return PairTokenizer.load(private_text(self.folder / "tokenizer.json"))

    @cached_property
    def scoring(self) -> tuple[str, BleuTokenizer | None]:
        """The metric, and BLEU's tokenizer: None by the references' script."""
        record = recorded(self.folder)
        return str(record["metric"]), known_bleu_tokenizer(record.get("bleu_tokenize"))

    @property
    def signature(self) -> str:
        """sacrebleu's, by which others compute the same score; '' for the share that is exactly right."""
        metric, words = self.scoring
        return signature(metric, words or bleu_tokenizer(self.references))

    def written(self, outputs: NDArray[Any]) -> Iterator[str]:
        """The texts that a model's ids (N, U) spell, one by one."""
        return (self.tokenizer.write(row.tolist()) for row in outputs)

    def score(self, outputs: NDArray[Any]) -> float:
        """The corpus score of a model's ids (N, U), on the metric's own scale."""
        metric, words = self.scoring
        words = words or bleu_tokenizer(self.references)  # by all of them, not by those of one part
        counts = []
        for part in together(zip(self.written(outputs), self.references, strict=True)):
            hypotheses, references = zip(*part, strict=True)
            counts.append(np.sum(statistics(metric, hypotheses, references, words), axis=0))
        return float(from_statistics(metric)(np.sum(counts, axis=0).tolist()))


@dataclass(frozen=True, eq=False)
class EncodedPairs(WrittenTargets):
    """One split of a translation.

    Args:
        source: What is read.
        target: What is to be written, without its end.
        folder: Where the texts and the tokenizer lie.
        name: The split.
    """

    source: FlatIds
    target: FlatIds
    folder: Path
    name: str

    @classmethod
    def open(cls, folder: Path, name: str) -> "EncodedPairs":
        """The split in a prepared folder.

        Raises:
            ValueError: The files do not fit together.
        """
        source, target = (FlatIds.open(folder, f"{name}.{side}") for side in ("source", "target"))
        if len(source.offsets) != len(target.offsets):
            raise unfit(folder, name)
        return cls(source, target, folder, name)

    @classmethod
    def open_whole(cls, folder: Path, name: str) -> "EncodedPairs":
        """The same with all that scoring needs, so that nothing is read from the folder later.

        Raises:
            ValueError: The files do not fit together.
            KeyError: The folder's record names no metric.
        """
        return cls.open(folder, name).with_scoring()

    def __len__(self) -> int:
        return len(self.source.lengths)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Source ids of each pair (N)."""
        return self.source.lengths

    def rows(self, indices: NDArray[Any]) -> Rows:
        """Sources (B, T), their lengths (B), and targets with their end (B, U), padded."""
        lengths = self.source.lengths[indices]
        return Rows(self.source.padded(indices), lengths, self.target.padded(indices, end=True))

    def batches(
        self, *, batch_size: int, seed: int, epoch: int, of: NDArray[np.int64] | None = None
    ) -> list[NDArray[np.int64]]:
        """The batches of an epoch: pairs of like length, as many tokens in each as `batch_size` pairs have.

        Tokens are counted with padding, sources and targets together, so that no batch takes more memory
        than the others. A random order is cut into pools, each pool is sorted and cut, the batches are
        shuffled; every pair is in exactly one. A pure function of its arguments.

        Args:
            batch_size: Pairs of mean length that a batch has room for.
            seed: The training seed.
            epoch: The epoch's number.
            of: Only these pairs; all by default.
        """
        source_lengths, target_lengths = self.source.lengths, self.targets
        rows = np.arange(len(self)) if of is None else of
        budget = int(np.ceil(batch_size * (source_lengths[rows].mean() + target_lengths[rows].mean())))
        order = rows[permutation(len(rows), Key.examples(seed, epoch))]
        batches: list[NDArray[np.int64]] = []
        for start in range(0, len(order), _POOL * batch_size):
            pool = order[start : start + _POOL * batch_size]
            pool = pool[np.lexsort((source_lengths[pool], target_lengths[pool]))]
            batches.extend(np.split(pool, _cuts(source_lengths[pool], target_lengths[pool], budget)))
        return [batches[i] for i in permutation(len(batches), Key.batches(seed, epoch))]


def _cuts(source_lengths: NDArray[np.int64], target_lengths: NDArray[np.int64], budget: int) -> list[int]:
    """Return the cuts of a sorted pool: no batch has more than `budget` padded tokens, one pair aside."""
    cuts: list[int] = []
    start = widest = 0
    tallest = 0
    for i, (a, b) in enumerate(zip(source_lengths.tolist(), target_lengths.tolist(), strict=True)):
        widest, tallest = max(widest, a), max(tallest, b)
        if i > start and (i + 1 - start) * (widest + tallest) > budget:
            cuts.append(i)
            start, widest, tallest = i, a, b
    return cuts
