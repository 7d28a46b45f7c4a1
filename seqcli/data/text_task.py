"""Tasks that put whole texts into classes: a new one says only where they come from."""

from abc import abstractmethod
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

from seqcli.data.cache import Cache
from seqcli.data.config import DataConfig
from seqcli.data.corpus import Corpus
from seqcli.data.prepared import Prepared
from seqcli.data.tables import NumberedRow, Table
from seqcli.data.task import DIVISION, WORD_VECTORS, Task
from seqcli.data.tokenizer import encoding_versions

_FORMAT = 4
"""Raised when the same corpus and configuration shall give other files."""


class TextTask(Task):
    """A task that puts a whole text into one of several classes."""

    kind: ClassVar[str] = "classify"
    reads: ClassVar[frozenset[str]] = frozenset({"lowercase", "metric"}) | DIVISION | WORD_VECTORS

    @abstractmethod
    def corpus(self, config: DataConfig) -> Corpus:
        """The labelled texts under a configuration; raises as `prepare`."""

    def prepare(self, config: DataConfig, cache: Cache) -> Prepared:
        """The texts as ids, from the cache or newly encoded; raises as `Task.prepare`."""
        corpus = self.corpus(config)
        key = {
            "format": _FORMAT,
            **corpus.key(corpus.columns.text, corpus.columns.label),
            "guessed": corpus.columns.guessed,
            "config": {**config.deciding, **({"metric": config.metric} if config.metric else {})},
            **encoding_versions(),
        }

        def build(folder: Path) -> None:
            # Where the cache has the data, nothing that divides or encodes texts is loaded.
            from seqcli.data.text_preparation import build_texts

            build_texts(corpus, config, folder)

        return self.obtain(cache, key, build)


def selected(
    table: Table, rewrite: Callable[[tuple[str, ...]], tuple[str, str] | None], reading: tuple[str, ...]
) -> Table:
    """A table of texts and labels made of another table's rows.

    Args:
        table: The other table.
        rewrite: Turns a row's cells into text and label, or into None where the row is not wanted.
        reading: The columns whose cells it takes.
    """

    def read(columns: tuple[str, ...]) -> Iterator[NumberedRow]:
        for number, cells in table.read(reading):
            rewritten = rewrite(tuple(str(cell) for cell in cells))
            if rewritten is not None:
                values = dict(zip(("text", "label"), rewritten, strict=True))
                yield number, tuple(values[name] for name in columns)

    return Table(table.name, ("text", "label"), read, table.sha256, table.unit)
