"""Tasks that write a sentence below an image; a new one says only where images and captions come from."""

import hashlib
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path, PurePath
from typing import ClassVar

import numpy as np

from seqcli.data.arrays import ArrayWriter
from seqcli.data.cache import Cache
from seqcli.data.caption_columns import OPTIONS, CaptionColumns, caption_table, choose_caption_columns
from seqcli.data.captions import (
    CaptionReader,
    CaptionRow,
    ImageFiles,
    ReadCaptions,
    StoredImages,
    with_indices,
)
from seqcli.data.config import DataConfig
from seqcli.data.encoded_captions import ImageShape, ImageStore, moments, write_images
from seqcli.data.facts import CellFacts, DataFacts, ImageFacts
from seqcli.data.labelled_rows import LabelledData, LabelledRow
from seqcli.data.pair_tokenizer import PairTokenizer
from seqcli.data.pairs import divide_pairs, one_line
from seqcli.data.prepared import SPLITS, Prepared, PreparedRecord, seal
from seqcli.data.split import SplitRule
from seqcli.data.task import Task, TaskPage
from seqcli.data.tokenizer import encoding_versions, recipe_of, vocabulary_facts
from seqcli.data.written_texts import (
    WrittenCorpus,
    WrittenSizes,
    check_written,
    encode_sides,
    words_of,
    written_facts,
)
from seqcli.errors import DataError
from seqcli.runs.temporary import remove_tree

_FORMAT = 1
"""Raised when the same images and configuration shall give other files."""


@dataclass(frozen=True, kw_only=True)
class CaptionCorpus(WrittenCorpus[CaptionColumns]):
    """Images and captions before anything is decided about them.

    Args:
        rows: Reads the rows of each table.
        guessed: Whether nobody said that the data is of this kind.
        cells: The cells of fixed width that every image is made of, where that is known.
    """

    rows: Mapping[str, Callable[[], Iterator[CaptionRow]]]
    guessed: bool = False
    cells: CellFacts | None = None


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
        check_written(config, corpus)
        key = {
            "format": _FORMAT,
            "kind": self.kind,
            **corpus.key(corpus.columns.image, corpus.columns.caption),
            "guessed": [corpus.guessed, *corpus.columns.guessed],
            **({} if corpus.cells is None else {"cells": corpus.cells.to_json()}),
            "metric": corpus.scored_by(config),
            "config": {**config.deciding, "bleu_tokenize": config.bleu_tokenize},
            "pillow": version("pillow"),
            **encoding_versions(),
        }
        return self.obtain(cache, key, lambda folder: build_captions(corpus, config, folder))


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
            part: reader.read(table, corpus.columns, corpus.rows[part]())
            for part, table in corpus.tables.items()
        }
    division = divide_pairs({part: each.pairs for part, each in read.items()}, SplitRule.of(config))
    splits = with_indices(read, division.splits)
    train = division.splits["train"]
    recipe = recipe_of(config.tokenizer)
    learnt = recipe.train(train.texts("target"), config.vocab_size, lowercase=bool(config.lowercase))
    tokenizer = PairTokenizer(learnt.tokenizer, learnt.tokenizer)
    sizes = encode_sides(division.splits, {"target": tokenizer.target}, config.max_len, folder)
    shape = _write_images(images.store(), splits, sizes, folder, config, corpus)
    parts = {part: each.pairs for part, each in read.items()}
    columns = (corpus.columns.image, corpus.columns.caption)
    facts = written_facts(corpus, parts, division, sizes, columns=columns)
    facts = _with_images(facts, corpus, sizes, shape=shape, images=images)
    remove_tree(scratch)
    record = PreparedRecord(
        name=corpus.name,
        kind="caption",
        input_size=shape.channels,
        output_size=learnt.tokenizer.vocab_size,
        max_len=sizes.max_len,
        tokenizer=config.tokenizer,
        metric=corpus.scored_by(config),
        bleu_tokenize=words_of(config, corpus, train.texts("target")),
        reading=shape.model_dump(mode="json"),
    )
    facts = facts.model_copy(update=vocabulary_facts(recipe, learnt.tokenizer.vocab_size, learnt.total))
    seal(folder, record, facts, tokenizer.save(config.tokenizer))


def _write_images(  # noqa: PLR0917 all of what becomes of images
    store: ImageStore,
    splits: Mapping[str, ReadCaptions],
    sizes: WrittenSizes,
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


def _with_images(
    facts: DataFacts, corpus: CaptionCorpus, sizes: WrittenSizes, *, shape: ImageShape, images: StoredImages
) -> DataFacts:
    """Return the facts of captions with those of their images."""
    from seqcli.data.data_words import image_cautions

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
        empty=facts.empty,
        cells=corpus.cells,
    )
    return facts.model_copy(
        update={
            "class_counts": {split: {"captions": len(sizes.chosen[split])} for split in SPLITS},
            "called": "captions",
            "images": image_facts,
            "warnings": (*facts.warnings, *image_cautions(image_facts)),
        }
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

    def labelled(self, config: DataConfig, labels: Sequence[str]) -> LabelledData:  # noqa: ARG002 captions are free
        """The images of one table that have a caption, and their captions.

        Raises:
            DataError: It cannot be read, or no row has a caption.
            UsageError: It is a pipe or device.
        """
        table = caption_table(str(config.location), config, "test")
        columns = choose_caption_columns(table, config)
        files = ImageFiles(table, columns, config.image_size)
        empty = [not one_line(caption) for _, (_, caption) in files.texts()]
        if all(empty):
            raise DataError(f"{table.name} has no row with a caption", "Add rows with both.")

        def read() -> Iterator[LabelledRow]:
            for (number, _), row in zip(files.texts(), files.rows(), strict=True):
                if caption := one_line(row.caption):
                    yield LabelledRow(number, row, caption)

        named = dict(zip(OPTIONS, (columns.image, columns.caption), strict=True))
        return LabelledData(
            name=table.name,
            unit="row",
            columns=named,
            guessed=columns.guessed,
            unlabelled=sum(empty),
            read=read,
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
