"""A table's rows as pairs of texts: read, checked, and divided so that no test source is in training."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seqcli.data import data_words
from seqcli.data.cells import MAX_TEXT, Beginning, as_text, digest
from seqcli.data.columns import check_columns, listed
from seqcli.data.config import DataConfig
from seqcli.data.data_words import OFFER
from seqcli.data.kind import KindFit
from seqcli.data.plain_pieces import PlainPieces
from seqcli.data.prepared import SPLITS
from seqcli.data.row_arrays import (
    RowWriter,
    beginnings,
    blocks,
    counting,
    different,
    first_of_each,
    in_order,
    joined,
    places_of,
    row_array,
    shared_count,
    shared_places,
    taken,
    without,
)
from seqcli.data.scratch_texts import PickedTexts, ScratchTexts
from seqcli.data.split import SplitRule, folded, stratified_split
from seqcli.data.tables import Table
from seqcli.errors import ColumnsError, DataError
from seqcli.results.inspect import ColumnLook

OPTIONS = ("--source-column", "--target-column")

_USUAL = (
    re.compile(r"source|src|input|from", re.IGNORECASE),
    re.compile(r"target|tgt|output|to", re.IGNORECASE),
)


@dataclass(frozen=True)
class PairColumns:
    """The two columns that a translation reads.

    Args:
        source: What is read.
        target: What is to be written.
        guessed: The options that were not given and whose column was guessed.
    """

    source: str
    target: str
    guessed: tuple[str, ...] = ()


def choose_pair_columns(table: Table, config: DataConfig) -> PairColumns:
    """The source and target columns of a table: as said, or where the names leave no doubt.

    Of two columns, or of two languages of one translation, the other one is then the other; which is the
    source is never guessed from their order.

    Raises:
        DataError: A column named is not there, or which one is meant cannot be told.
    """
    named = (config.source_column, config.target_column)
    check_columns(table, dict(zip(OPTIONS, named, strict=True)))
    chosen = [name or _usual(table, usual) for name, usual in zip(named, _USUAL, strict=True)]
    for i in (0, 1):
        known = chosen[1 - i]
        if chosen[i] is None and known is not None:
            chosen[i] = _partner(table, known)
    source, target = chosen
    if source is None or target is None or source == target:
        raise ColumnsError(
            f"{table.name}: cannot tell which column holds the sources and which the targets. "
            f"Its columns: {listed(table)}.",
            "Say it with --source-column and --target-column." + (f" {OFFER}" if table.doubt else ""),
        )
    guessed = tuple(option for option, name in zip(OPTIONS, named, strict=True) if name is None)
    return PairColumns(source, target, () if table.columns == ("source", "target") else guessed)


_LANGUAGE = re.compile(r"(?:.*\.)?[a-z]{2}(?:[-_][A-Za-z]{2,4})?")
"""A column called by a language's code: 'de', 'translation.en', 'pt_BR'."""

_ALIKE = 4.0
"""Times that the texts of one side may be longer than those of the other, on average."""


def fits_pairs(looks: Sequence[ColumnLook]) -> KindFit | None:
    """The columns of sources and targets of a table: two of texts that are about as long."""
    texts = [look for look in looks if look.role == "text"]
    named = [next((look for look in texts if usual.fullmatch(look.name)), None) for usual in _USUAL]
    spoken = [look for look in texts if _LANGUAGE.fullmatch(look.name)]
    pair = [look for look in named if look is not None]
    sure = len(pair) == 2 or len(spoken) == 2
    pair = pair if len(pair) == 2 else spoken if len(spoken) == 2 else texts
    lengths = sorted(look.characters for look in pair)
    if len(pair) != 2 or lengths[1] > _ALIKE * lengths[0]:
        return None
    return KindFit({"source_column": pair[0].name, "target_column": pair[1].name}, sure=sure)


def _partner(table: Table, known: str) -> str | None:
    """The other one of two columns: of the table's, or of the two languages of one `translation`."""
    group = known.rpartition(".")[0]
    inside = [column for column in table.columns if group and column.rpartition(".")[0] == group]
    pair = inside if len(inside) == 2 else table.columns
    return next(column for column in pair if column != known) if len(pair) == 2 else None


def _usual(table: Table, usual: re.Pattern[str]) -> str | None:
    """The one column that bears a usual name, if there is exactly one."""
    bearing = [column for column in table.columns if usual.fullmatch(column)]
    return bearing[0] if len(bearing) == 1 else None


@dataclass(frozen=True, eq=False)
class Pairs:
    """The rows of a table whose two sides both say something; the texts themselves stay on disk.

    Args:
        table: The table.
        sources: What is read, in NFC (N).
        targets: What is to be written, in NFC (N).
        source_digests: A 64-bit hash of each source (N).
        pair_digests: A 64-bit hash of each pair (N).
        empty: How many rows were left out because a side is empty.
        shortened: How many texts had more than `MAX_TEXT` characters.
        head: The first three rows as read, by column.
        indices: Which of them are meant; all unless chosen from.
        called: The name of what is read.
    """

    table: Table
    sources: ScratchTexts
    targets: ScratchTexts
    source_digests: NDArray[np.uint64]
    pair_digests: NDArray[np.uint64]
    empty: int
    shortened: int
    head: tuple[Mapping[str, str], ...]
    indices: NDArray[np.int64]
    called: str = "sources"

    def __len__(self) -> int:
        return len(self.indices)

    def picked(self, indices: NDArray[np.int64]) -> "Pairs":
        """Those at the indices of the table's pairs."""
        return replace(self, indices=indices)

    def texts(self, side: str) -> PickedTexts:
        """The texts of a side, 'source' or 'target', of the pairs meant."""
        return {"source": self.sources, "target": self.targets}[side].picked(self.indices)


def read_pairs(
    table: Table, columns: PairColumns, scratch: Path, *, pieces: PlainPieces | None = None
) -> Pairs:
    """Read a table's pairs, the texts to the disk of a folder.

    Args:
        table: The table.
        columns: Which of its columns are read.
        scratch: The folder.
        pieces: Cuts the texts, where that is possible before there is a vocabulary.

    Raises:
        DataError: A row cannot be read, a side is no text, or no row has two sides.
        OSError: The folder cannot be written.
    """
    ones, boths = RowWriter("Q"), RowWriter("Q")
    empty = shortened = 0
    beginning = Beginning((columns.source, columns.target))
    sources, targets = ScratchTexts(scratch, pieces), ScratchTexts(scratch, pieces)
    for sides in _texts(table, columns, beginning):
        source, target = (one_line(side[:MAX_TEXT]) for side in sides)
        if not (source and target):
            empty += 1
            continue
        shortened += sum(len(side) > MAX_TEXT for side in sides)
        sources.append(source)
        targets.append(target)
        ones.append(digest(source))
        boths.append(digest(f"{source}\0{target}"))
    if not len(ones):
        raise DataError(f"{table.name} has no row with a source and a target", "Add rows with both.")
    return Pairs(
        table=table,
        sources=sources.done(),
        targets=targets.done(),
        source_digests=ones.done(),
        pair_digests=boths.done(),
        empty=empty,
        shortened=shortened,
        head=beginning.rows,
        indices=counting(len(ones)),
    )


def _texts(table: Table, columns: PairColumns, beginning: Beginning) -> Iterator[tuple[str, str]]:
    """Each row's source and target, in NFC and as long as they are.

    Raises:
        DataError: A side is no text.
    """
    for row, cells in table.read((columns.source, columns.target)):
        beginning.see(cells)
        source, target = cells
        yield (
            as_text(source, table, row, columns.source, option=OPTIONS[0]),
            as_text(target, table, row, columns.target, option=OPTIONS[1]),
        )


def one_line(text: str) -> str:
    """A text in NFC on one line without blanks around it, as training and translating see texts."""
    return unicodedata.normalize("NFC", " ".join(text.splitlines())).strip()


@dataclass(frozen=True, eq=False)
class PairDivision:
    """The three splits.

    Args:
        splits: The pairs under 'train', 'valid' and 'test'.
        duplicates: How many rows were dropped because an earlier one is the same pair.
        warnings: What a person should look at.
    """

    splits: Mapping[str, Pairs]
    duplicates: int
    warnings: tuple[str, ...]


def divide_pairs(parts: Mapping[str, Pairs], rule: SplitRule) -> PairDivision:
    """Ready-made splits as they are; the others taken from the training data, source by source.

    All pairs with the same source go to the same split: what is tested was never trained on.

    Args:
        parts: The pairs to learn from under 'train', and ready-made splits.
        rule: How missing splits are taken off.

    Raises:
        DataError: There are too few sources to split.
        UsageError: The rule asks for shares, and splits are ready-made.
    """
    whole = parts["train"]
    rule.check({name: part.table.name for name, part in parts.items()})
    parts, first, dropped = _unrepeated(parts, rule)
    order, ordered = in_order(taken(whole.source_digests, first))
    sources = different(ordered)
    open_splits = [split for split in ("valid", "test") if split not in parts]
    if sources <= len(open_splits):
        raise DataError(
            f"{whole.table.name} has {sources} different {whole.called}; a split needs more",
            "Add rows, or name ready-made splits with --valid and --test.",
        )
    places = stratified_split(
        row_array(sources, np.int64), seed=rule.seed, fractions=rule.with_missing(open_splits)
    )
    places = folded(places, rule, name=whole.table.name, called=whole.called)
    part_of = _parts_of_pairs(order, ordered, places)
    splits = {
        split: parts[split]
        if split in parts and split != "train"
        else whole.picked(taken(first, places_of(part_of, number)))
        for number, split in enumerate(SPLITS)
    }
    return PairDivision(splits, dropped, (*_overlaps(splits), *_repeated(splits)))


def _parts_of_pairs(
    order: NDArray[np.int64], ordered: NDArray[np.uint64], places: tuple[NDArray[np.int64], ...]
) -> NDArray[np.uint8]:
    """The number of each pair's split (N).

    Args:
        order: The pairs by the hash of their source (N).
        ordered: Those hashes (N).
        places: Of each split, which of the different hashes it has.
    """
    part_of_source, part_of = row_array(sum(map(len, places)), np.uint8), row_array(len(order), np.uint8)
    for number, chosen in enumerate(places):
        for part in blocks(len(chosen)):
            part_of_source[chosen[part]] = number
    source = -1
    for part, begins in beginnings(ordered):
        sources = source + np.cumsum(begins)
        part_of[order[part]] = part_of_source[sources]
        source = int(sources[-1])
    return part_of


def _unrepeated(
    parts: Mapping[str, Pairs], rule: SplitRule
) -> tuple[Mapping[str, Pairs], NDArray[np.int64], int]:
    """Return the splits, the training pairs that are divided, and how many others are dropped.

    Pairs that are the same count as one in training unless the rule keeps them. Where it drops them,
    ready-made splits have each once too, and training no source of theirs.

    Raises:
        DataError: There are some, and the rule refuses them.
    """
    whole = parts["train"]
    if rule.duplicates == "error":
        _refuse_repeated(parts)
    if rule.duplicates == "keep":
        return parts, in_order(whole.pair_digests)[0], 0
    first = first_of_each(whole.pair_digests)
    if rule.duplicates != "drop":
        return parts, first, len(whole) - len(first)
    ready = {name: part for name, part in parts.items() if name != "train"}
    once = {name: part.picked(in_order(first_of_each(part.pair_digests))[1]) for name, part in ready.items()}
    tested = in_order(joined((part.source_digests for part in ready.values()), np.uint64))[1]
    by_source, ordered = in_order(taken(whole.source_digests, first))
    first = without(first, taken(by_source, shared_places(ordered, tested)))
    dropped = sum(map(len, parts.values())) - sum(map(len, once.values())) - len(first)
    return {"train": whole, **once}, first, dropped


def _refuse_repeated(parts: Mapping[str, Pairs]) -> None:
    """Refuse pairs that stand twice.

    Raises:
        DataError: How many there are.
    """
    digests = in_order(joined((part.pair_digests for part in parts.values()), np.uint64))[1]
    repeated = len(digests) - different(digests)
    if repeated:
        raise DataError(
            f"{parts['train'].table.name}: {repeated:,} of {len(digests):,} pairs repeat another",
            "--duplicates drop leaves each once; --duplicates keep leaves all of them.",
        )


def _repeated(splits: Mapping[str, Pairs]) -> Iterator[str]:
    """A sentence for each split that holds the same pair twice."""
    for name, part in splits.items():
        digests = in_order(taken(part.pair_digests, part.indices))[1]
        repeated = len(digests) - different(digests)
        if repeated:
            yield data_words.repeated_pairs(repeated, len(digests), name)


def _overlaps(splits: Mapping[str, Pairs]) -> Iterator[str]:
    """A sentence for each ready-made split that shares sources with the training data."""
    train = splits["train"]
    known = in_order(taken(train.source_digests, train.indices))[1]
    for name in ("valid", "test"):
        own = splits[name]
        shared = shared_count(in_order(taken(own.source_digests, own.indices))[1], known)
        if shared:
            yield data_words.overlap(shared, len(own), name, called=own.called)
