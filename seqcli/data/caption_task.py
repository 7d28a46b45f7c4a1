"""Tasks that write a sentence below an image; a new one says only where images and captions come from."""

import hashlib
import unicodedata
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path, PurePath
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from seqcli.data.arrays import ArrayWriter, TextWriter
from seqcli.data.cache import Cache
from seqcli.data.caption_columns import CaptionColumns, caption_table, choose_caption_columns
from seqcli.data.captions import (
    CaptionReader,
    CaptionRow,
    ImageFiles,
    ReadCaptions,
    StoredImages,
    with_indices,
)
from seqcli.data.config import DataConfig
from seqcli.data.encoded import WholeTexts
from seqcli.data.encoded_captions import ImageShape, ImageStore, moments, write_images
from seqcli.data.facts import DataFacts, ImageFacts
from seqcli.data.pair_scores import BY_WORDS, bleu_tokenizer, check_bleu_tokenizer
from seqcli.data.pair_tokenizer import PairTokenizer
from seqcli.data.pairs import PairDivision, divide_pairs
from seqcli.data.prepared import SPLITS, Prepared, PreparedRecord, seal
from seqcli.data.split import SplitRule
from seqcli.data.tables import Table
from seqcli.data.task import Task, TaskPage
from seqcli.data.text_preparation import LONGEST_BY_DEFAULT, doubts
from seqcli.data.tokenizer import SPECIALS, UNK, recipe_of
from seqcli.errors import UsageError
from seqcli.runs.temporary import remove_tree

_FORMAT = 1
"""Raised when the same images and configuration shall give other files."""


@dataclass(frozen=True)
class CaptionCorpus:
    """Images and captions before anything is decided about them.

    Args:
        name: The task's name.
        tables: The table to learn from under 'train', ready-made splits under 'valid' and 'test'.
        rows: Reads the rows of each.
        columns: Which columns they stand in.
        source: What the data is, in words.
        licence: Its licence, where known.
        sha256: The SHA-256 of captions and images.
        metric: What captions are scored by unless a person says otherwise.
        guessed: Whether nobody said that the data is of this kind.
    """

    name: str
    tables: Mapping[str, Table]
    rows: Mapping[str, Callable[[], Iterator[CaptionRow]]]
    columns: CaptionColumns
    source: str
    licence: str | None
    sha256: str
    metric: str
    guessed: bool = False


class CaptionTask(Task):
    """A task that writes a sentence below an image."""

    kind: ClassVar[str] = "caption"
    reads: ClassVar[frozenset[str]] = frozenset({"metric", "bleu_tokenize", "lowercase"})

    @abstractmethod
    def captions(self, config: DataConfig) -> CaptionCorpus:
        """The images and captions under a configuration.

        Raises:
            DataError: They cannot be read.
            UsageError: The configuration does not fit, or a package is missing.
        """

    def prepare(self, config: DataConfig, cache: Cache) -> Prepared:
        """Pixels and captions as ids, from the cache or newly encoded.

        Raises:
            DataError: They cannot be read or learnt from.
            UsageError: The configuration does not fit, or a package is missing.
            StorageError: The cache cannot be written.
        """
        corpus = self.captions(config)
        if recipe_of(config.tokenizer).whole is None:
            raise UsageError(
                f"--tokenizer {config.tokenizer} writes no text, and {corpus.name} asks for one",
                "Say --tokenizer word, char or bpe.",
            )
        metric = config.metric or corpus.metric
        if config.bleu_tokenize is not None:
            if metric not in BY_WORDS:
                raise UsageError(
                    f"--bleu-tokenize does not apply to {metric}, by which {corpus.name} is scored",
                    "Leave it out, or add --metric BLEU.",
                )
            check_bleu_tokenizer(config.bleu_tokenize)
        key = {
            "format": _FORMAT,
            "task": self.model_dump(mode="json"),
            "kind": self.kind,
            "corpus": [corpus.sha256, corpus.source, corpus.columns.image, corpus.columns.caption],
            "guessed": [corpus.guessed, *corpus.columns.guessed],
            "metric": metric,
            "tables": {part: Path(table.name).name for part, table in corpus.tables.items()},
            "config": {**config.deciding, "bleu_tokenize": config.bleu_tokenize},
            "pillow": version("pillow"),
            "tokenizers": version("tokenizers"),
            "unicode": unicodedata.unidata_version,
        }
        return cache.obtain(
            key, build=lambda folder: build_captions(corpus, config, folder), read=Prepared.open
        )


def build_captions(corpus: CaptionCorpus, config: DataConfig, folder: Path) -> None:
    """Fill an empty folder with the corpus, ready for training.

    Raises:
        DataError: A table or an image cannot be read or learnt from.
        OSError: The folder cannot be written.
    """
    scratch = folder / "scratch"
    scratch.mkdir()
    images = StoredImages(scratch / "images.npy")
    with ArrayWriter(images.path, np.uint8) as writer:
        reader = CaptionReader(scratch, images, writer)
        read = {
            part: reader.read(table, corpus.columns, corpus.rows[part](), part)
            for part, table in corpus.tables.items()
        }
    division = divide_pairs({part: each.pairs for part, each in read.items()}, SplitRule.of(config))
    splits = with_indices(read, division.splits)
    train = splits["train"].pairs
    recipe = recipe_of(config.tokenizer)
    learnt = recipe.train(train.target_texts(), config.vocab_size, lowercase=bool(config.lowercase))
    tokenizer = PairTokenizer(learnt.tokenizer, learnt.tokenizer)
    sizes = _encode(splits, tokenizer, config.max_len, folder)
    shape = _write_images(images.store(), splits, sizes, folder, config, corpus)
    metric = config.metric or corpus.metric
    words = config.bleu_tokenize or bleu_tokenizer(train.target_texts())
    facts = _facts(corpus, read, division, sizes, shape, images)
    remove_tree(scratch)
    record = PreparedRecord(
        name=corpus.name,
        kind="caption",
        input_size=shape.channels,
        output_size=learnt.tokenizer.vocab_size,
        max_len=sizes.max_len,
        tokenizer=config.tokenizer,
        metric=metric,
        bleu_tokenize=words if metric in BY_WORDS else "",
        reading=shape.model_dump(mode="json"),
    )
    facts = facts.model_copy(
        update={
            "unit": recipe.unit,
            "vocabulary_kept": learnt.tokenizer.vocab_size - len(SPECIALS),
            "vocabulary_total": learnt.total,
        }
    )
    seal(folder, record, facts, tokenizer.save(config.tokenizer))


@dataclass(frozen=True)
class CaptionSizes:
    """The sizes of captions, counted in encoding.

    Args:
        chosen: The rows kept, by split, as places within the split.
        lengths: Tokens of all captions before cutting.
        max_len: The most tokens of one.
        dropped: Training captions left out because they are longer.
        cut: Others that were cut.
        unknown: The share of tokens without an id of their own, by split.
    """

    chosen: Mapping[str, NDArray[np.int64]]
    lengths: NDArray[np.int64]
    max_len: int
    dropped: int
    cut: int
    unknown: dict[str, float]


def _encode(
    splits: Mapping[str, ReadCaptions], tokenizer: PairTokenizer, max_len: int | None, folder: Path
) -> CaptionSizes:
    """Write ids and texts of every split.

    Training captions beyond `max_len` are left out, of the others' ids the beginning is kept; what is scored
    is the whole text.
    """
    whole = {
        name: WholeTexts.encode(
            split.pairs.target_texts(), tokenizer.target, folder / "scratch" / f"{name}.ids.npy"
        )
        for name, split in splits.items()
    }
    longest = int(whole["train"].lengths.max())
    longest_kept = max_len or min(-(-longest // 10) * 10, LONGEST_BY_DEFAULT)
    chosen, beyond = {}, {}
    for name, texts in whole.items():
        long = texts.lengths > longest_kept
        keep = ~long if name == "train" and not long.all() else np.ones(len(long), np.bool_)
        chosen[name], beyond[name] = np.flatnonzero(keep), int(long.sum())
        _write_captions(texts, chosen[name], folder / f"{name}.target", longest_kept)
        _write_texts(splits[name], chosen[name], folder, name)
    dropped = len(splits["train"].pairs) - len(chosen["train"])
    return CaptionSizes(
        chosen=chosen,
        lengths=np.concatenate([texts.lengths for texts in whole.values()]),
        max_len=longest_kept,
        dropped=dropped,
        cut=sum(beyond.values()) - dropped,
        unknown={name: float(np.mean(texts.ids == UNK)) for name, texts in whole.items()},
    )


def _write_captions(whole: WholeTexts, chosen: NDArray[np.int64], path: Path, max_len: int) -> None:
    starts = np.concatenate([[0], np.cumsum(whole.lengths)])
    lengths = np.minimum(whole.lengths[chosen], max_len)
    with ArrayWriter(path.with_name(f"{path.name}.ids.npy"), np.int32) as writer:
        for place, length in zip(starts[chosen].tolist(), lengths.tolist(), strict=True):
            writer.append(whole.ids[place : place + length])
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    np.save(path.with_name(f"{path.name}.offsets.npy"), offsets)


def _write_texts(split: ReadCaptions, chosen: NDArray[np.int64], folder: Path, name: str) -> None:
    with TextWriter(folder, name) as names, TextWriter(folder, f"{name}.target") as captions:
        for place in split.pairs.indices[chosen].tolist():
            names.append(split.pairs.sources[place])
            captions.append(split.pairs.targets[place])


def _write_images(  # noqa: PLR0917 all of what becomes of images
    store: ImageStore,
    splits: Mapping[str, ReadCaptions],
    sizes: CaptionSizes,
    folder: Path,
    config: DataConfig,
    corpus: CaptionCorpus,
) -> ImageShape:
    """Write the images of every split, and return how they are read: standardised by training alone."""
    shown = {name: split.image[split.pairs.indices[sizes.chosen[name]]] for name, split in splits.items()}
    for name, numbers in shown.items():
        write_images(folder, name, store, numbers)
    learnt = (store.image(number) for number in np.unique(shown["train"]).tolist())
    means, deviations = moments(learnt, store.channels)
    height, width, _ = store.shapes[0]
    return ImageShape(
        height=height,
        width=width,
        channels=store.channels,
        means=means,
        deviations=deviations,
        image_column=corpus.columns.image,
        caption_column=corpus.columns.caption,
        image_size=config.image_size or "",
    )


def _facts(  # noqa: PLR0917 the facts of all steps
    corpus: CaptionCorpus,
    read: Mapping[str, ReadCaptions],
    division: PairDivision,
    sizes: CaptionSizes,
    shape: ImageShape,
    images: StoredImages,
) -> DataFacts:
    """Return the facts of images and captions, apart from their vocabulary."""
    from seqcli.data.data_words import image_cautions

    empty = sum(part.pairs.empty for part in read.values())
    image_facts = ImageFacts(
        images=len(images.shapes),
        height=shape.height,
        width=shape.width,
        channels=shape.channels,
        resized=images.resized,
        image_column=corpus.columns.image,
        caption_column=corpus.columns.caption,
        guessed=corpus.columns.guessed,
        kind_guessed=corpus.guessed,
        dropped=sizes.dropped,
        max_len=sizes.max_len,
        empty=empty,
    )
    return DataFacts(
        source=corpus.source,
        licence=corpus.licence,
        sha256=corpus.sha256,
        text_column=corpus.columns.image,
        label_column=corpus.columns.caption,
        guessed=corpus.columns.guessed,
        head=tuple(dict(row) for row in read["train"].pairs.head),
        read=sum(len(part.pairs.sources) + part.pairs.empty for part in read.values()),
        duplicates=division.duplicates,
        empty=empty,
        class_counts={split: {"captions": len(sizes.chosen[split])} for split in SPLITS},
        called="captions",
        length_mean=round(float(sizes.lengths.mean()), 3),
        length_p95=float(np.percentile(sizes.lengths, 95)),
        length_max=int(sizes.lengths.max()),
        max_len=sizes.max_len,
        cut=sizes.cut,
        unknown_targets=sizes.unknown,
        images=image_facts,
        warnings=(*doubts(corpus.tables), *division.warnings, *image_cautions(image_facts)),
    )


class OwnCaptions(CaptionTask):
    """Images and captions that `--data`, or `--train` with `--valid` and `--test`, names."""

    reads: ClassVar[frozenset[str]] = frozenset(
        {
            "image_column",
            "caption_column",
            "image_size",
            "sep",
            "header",
            "kind",
            "duplicates",
            "split",
            "split_seed",
            *CaptionTask.reads,
        }
    )
    page: ClassVar[TaskPage] = TaskPage.of_own_data(
        "a sentence below an image, on your own data", classes="none"
    )

    def captions(self, config: DataConfig) -> CaptionCorpus:
        """The tables that the configuration names, and their images.

        Raises:
            DataError: One cannot be read, or lacks a column.
            UsageError: One is a pipe or device.
        """
        places = {"train": config.location, "valid": config.valid, "test": config.test}
        tables = {
            part: caption_table(place, config, part) for part, place in places.items() if place is not None
        }
        columns = choose_caption_columns(tables["train"], config)
        for table in tables.values():
            named = config.model_copy(
                update={"image_column": columns.image, "caption_column": columns.caption}
            )
            choose_caption_columns(table, named)
        files = {part: ImageFiles(table, columns, config.image_size) for part, table in tables.items()}
        hashed = hashlib.sha256()
        for part, each in sorted(files.items()):
            hashed.update(f"{part} {tables[part].sha256()}\n".encode())
            for digest in each.digests():
                hashed.update(digest)
        return CaptionCorpus(
            name=self.name,
            tables=tables,
            rows={part: each.rows for part, each in files.items()},
            columns=columns,
            source=", ".join(dict.fromkeys(PurePath(str(place)).name for place in places.values() if place)),
            licence=None,
            sha256=hashed.hexdigest(),
            metric="BLEU",
            guessed=config.kind is None,
        )
