"""Tasks that put whole texts into classes: a new one says only where its texts come from."""

import unicodedata
from abc import abstractmethod
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import ClassVar

from seqcli.data.cache import Cache
from seqcli.data.config import DECIDING, DataConfig
from seqcli.data.preparation import Corpus, build_texts
from seqcli.data.prepared import Prepared
from seqcli.data.tables import NumberedRow, Table
from seqcli.data.task import Task

_FORMAT = 3
"""Raised when the same corpus and configuration shall give other files."""


class TextTask(Task):
    """A task that puts a whole text into one of several classes."""

    kind: ClassVar[str] = "classify"
    reads: ClassVar[frozenset[str]] = frozenset({"lowercase"})

    @abstractmethod
    def corpus(self, config: DataConfig) -> Corpus:
        """The labelled texts under a configuration.

        Raises:
            DataError: They cannot be read.
            UsageError: The configuration does not fit, or an extra is missing.
        """

    def prepare(self, config: DataConfig, cache: Cache) -> Prepared:
        """The texts as ids, from the cache or newly encoded.

        Raises:
            DataError: The texts cannot be read or learnt from.
            UsageError: The configuration does not fit, or an extra is missing.
            StorageError: The cache cannot be written.
        """
        corpus = self.corpus(config)
        key = {
            "format": _FORMAT,
            "task": self.model_dump(mode="json"),
            "corpus": [corpus.sha256, corpus.source, corpus.columns.text, corpus.columns.label],
            "guessed": corpus.columns.guessed,
            "tables": {part: Path(table.name).name for part, table in corpus.tables.items()},
            "config": config.model_dump(mode="json", include=set(DECIDING)),
            "tokenizers": version("tokenizers"),
            "unicode": unicodedata.unidata_version,
        }
        return cache.obtain(key, build=lambda folder: build_texts(corpus, config, folder), read=Prepared.open)


def selected(
    table: Table, rewrite: Callable[[tuple[str, ...]], tuple[str, str] | None], reading: tuple[str, ...]
) -> Table:
    """A table of texts and labels made of another table's rows.

    Args:
        table: The other table.
        rewrite: Turns a row's cells into text and label, or into None where the row is not wanted.
        reading: The columns whose cells it takes.
    """

    def read(wanted: tuple[str, ...]) -> Iterator[NumberedRow]:
        for number, cells in table.read(reading):
            made = rewrite(tuple(str(cell) for cell in cells))
            if made is not None:
                values = dict(zip(("text", "label"), made, strict=True))
                yield number, tuple(values[name] for name in wanted)

    return Table(table.name, ("text", "label"), read, table.sha256, table.unit)
