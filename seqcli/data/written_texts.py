"""The written side of a task, whatever it reads: how texts are scored, encoded, and told of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from seqcli.data.arrays import TextWriter
from seqcli.data.config import DataConfig
from seqcli.data.corpus import TableCorpus
from seqcli.data.encoded import WholeTexts, kept_length, unknown_share
from seqcli.data.facts import DataFacts
from seqcli.data.pair_scores import BY_WORDS, bleu_tokenizer, check_bleu_tokenizer
from seqcli.data.pairs import PairDivision, Pairs
from seqcli.data.prepared import SPLITS
from seqcli.data.row_arrays import LengthCounts, places_of, taken
from seqcli.data.scratch_texts import write_texts
from seqcli.data.tables import doubts
from seqcli.data.tokenizer import Tokenizer, recipe_of
from seqcli.errors import UsageError

C = TypeVar("C")


@dataclass(frozen=True, kw_only=True)
class WrittenCorpus(TableCorpus[C]):
    """Rows of which one side is written, before anything is decided about them.

    Args:
        metric: What the texts are scored by unless a person says otherwise.
    """

    metric: str = "BLEU"

    def scored_by(self, config: DataConfig) -> str:
        """The metric, by its name."""
        return config.metric or self.metric


def check_written(config: DataConfig, corpus: WrittenCorpus[Any]) -> None:
    """Refuse a tokenizer that writes no text, and a way to find words that is of no use or not to be had.

    Raises:
        UsageError: What to say instead, to drop, or to install.
    """
    if recipe_of(config.tokenizer).whole is None:
        raise UsageError(
            f"--tokenizer {config.tokenizer} writes no text, and {corpus.name} asks for one",
            "Say --tokenizer word, char or bpe.",
        )
    if config.bleu_tokenize is None:
        return
    metric = corpus.scored_by(config)
    if metric not in BY_WORDS:
        raise UsageError(
            f"--bleu-tokenize does not apply to {metric}, by which {corpus.name} is scored",
            "Leave it out, or add --metric BLEU.",
        )
    check_bleu_tokenizer(config.bleu_tokenize)


def words_of(config: DataConfig, corpus: WrittenCorpus[Any], references: Iterable[str]) -> str:
    """BLEU's way to find words: as said, or by the references' script; '' of a metric that looks for none."""
    if corpus.scored_by(config) not in BY_WORDS:
        return ""
    return config.bleu_tokenize or bleu_tokenizer(references)


@dataclass(frozen=True)
class WrittenSizes:
    """The sizes of what is read and written, counted in encoding.

    Args:
        chosen: The rows kept, by split, as places within the split.
        lengths: The lengths in tokens of the first side of all rows before cutting.
        max_len: The most tokens of a side.
        dropped: Training rows left out because a side is longer.
        cut: Other rows with a side that was cut.
        unknown: By side the share of tokens without an id of their own, by split.
    """

    chosen: Mapping[str, NDArray[np.int64]]
    lengths: LengthCounts
    max_len: int
    dropped: int
    cut: int
    unknown: Mapping[str, dict[str, float]]


def encode_sides(
    splits: Mapping[str, Pairs], sides: Mapping[str, Tokenizer], max_len: int | None, folder: Path
) -> WrittenSizes:
    """Write ids and texts of every split.

    Training rows with a side beyond `max_len` are left out: half a sentence is no translation of a whole
    one. Of the others' ids the beginning is kept; their texts stay whole, and with them what is scored.

    Args:
        splits: The rows of each split.
        sides: Which sides become ids, 'source' or 'target', and by what.
        max_len: The most tokens of a side, where a person said it.
        folder: Where to; what is passing lies in its `scratch`.

    Raises:
        OSError: The disk is full or broken.
    """
    whole = {
        split: {
            side: WholeTexts.encode(pairs.texts(side), spelt, folder / "scratch" / f"{split}.{side}.ids.npy")
            for side, spelt in sides.items()
        }
        for split, pairs in splits.items()
    }
    longest_kept = kept_length((texts.lengths for texts in whole["train"].values()), max_len)
    chosen, beyond = {}, {}
    for split, encoded in whole.items():
        long = np.any([texts.lengths > longest_kept for texts in encoded.values()], axis=0)
        # Where every row is too long there would be nothing to learn from: then all are cut instead.
        keep = ~long if split == "train" and not long.all() else np.ones(len(long), np.bool_)
        chosen[split], beyond[split] = places_of(keep, value=True), int(long.sum())
        for side, texts in encoded.items():
            texts.write_ids(folder, f"{split}.{side}", max_len=longest_kept, chosen=chosen[split])
        _write_texts(splits[split].picked(taken(splits[split].indices, chosen[split])), folder, split)
    dropped = len(splits["train"]) - len(chosen["train"])
    first = next(iter(sides))
    return WrittenSizes(
        chosen=chosen,
        lengths=LengthCounts(*(encoded[first].lengths for encoded in whole.values())),
        max_len=longest_kept,
        dropped=dropped,
        cut=sum(beyond.values()) - dropped,
        unknown={
            side: {split: unknown_share(encoded[side].ids) for split, encoded in whole.items()}
            for side in sides
        },
    )


def _write_texts(pairs: Pairs, folder: Path, split: str) -> None:
    with TextWriter(folder, split) as sources, TextWriter(folder, f"{split}.target") as targets:
        write_texts(pairs.texts("source"), sources)
        write_texts(pairs.texts("target"), targets)


def written_facts(
    corpus: WrittenCorpus[Any],
    parts: Mapping[str, Pairs],
    division: PairDivision,
    sizes: WrittenSizes,
    *,
    columns: tuple[str, str],
) -> DataFacts:
    """Return the facts of texts and of what they were written for, apart from their vocabulary.

    Args:
        corpus: Where they are from.
        parts: All rows that were read.
        division: How they were divided.
        sizes: What encoding counted.
        columns: The column read, and the one of the texts.
    """
    empty = sum(part.empty for part in parts.values())
    return DataFacts(
        source=corpus.source,
        licence=corpus.licence,
        sha256=corpus.sha256,
        text_column=columns[0],
        label_column=columns[1],
        guessed=corpus.columns.guessed,
        head=tuple(dict(row) for row in parts["train"].head),
        read=sum(len(part.sources) + part.empty for part in parts.values()),
        duplicates=division.duplicates,
        empty=empty,
        class_counts={split: {"pairs": len(sizes.chosen[split])} for split in SPLITS},
        length_mean=round(sizes.lengths.mean(), 3),
        length_p95=sizes.lengths.percentile(95),
        length_max=sizes.lengths.max(),
        max_len=sizes.max_len,
        cut=sizes.cut,
        unknown=sizes.unknown.get("source", {}),
        unknown_targets=sizes.unknown["target"],
        warnings=(*doubts(corpus.tables), *division.warnings),
    )
