"""The corpus of a task, before anything is decided about it: its origin, and its tables or parts."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Generic, Self, TypeVar

from seqcli.data.columns import Columns
from seqcli.data.config import DataConfig
from seqcli.data.tables import Table
from seqcli.results.definition import Definition

C = TypeVar("C")
P = TypeVar("P")


@dataclass(frozen=True, kw_only=True)
class CorpusOrigin:
    """The origin of a task's data.

    Args:
        name: The task's name.
        source: What the data is, in words.
        licence: Its licence, where known.
        sha256: The SHA-256 of what it is read from.
    """

    name: str
    source: str
    licence: str | None
    sha256: str


@dataclass(frozen=True, kw_only=True)
class TableCorpus(CorpusOrigin, Generic[C]):
    """Rows of tables.

    Args:
        tables: The table to learn from under 'train', ready-made splits under 'valid' and 'test'.
        columns: Which columns of the tables are read.
    """

    tables: Mapping[str, Table]
    columns: C

    def key(self, *columns: str) -> dict[str, object]:
        """The part of a cache's key that tells this corpus from others, some of its columns read."""
        return {
            "corpus": [self.sha256, self.source, *columns],
            "tables": {part: PurePath(table.name).name for part, table in self.tables.items()},
        }

    @classmethod
    def of_own_tables(cls, name: str, tables: Mapping[str, Table], columns: C) -> Self:
        """The corpus of tables that a person brings."""
        return cls(
            name=name,
            tables=tables,
            columns=columns,
            source=file_names(table.location or table.name for table in tables.values()),
            licence=None,
            sha256=combined_sha256({part: table.sha256() for part, table in tables.items()}),
        )


@dataclass(frozen=True, kw_only=True)
class Corpus(TableCorpus[Columns]):
    """Labelled texts before anything is decided about them.

    Args:
        definition: Of a generated task, the published definition that it follows.
    """

    definition: Definition | None = None


@dataclass(frozen=True, kw_only=True)
class PartedCorpus(CorpusOrigin, Generic[P]):
    """Parts of another form than tables.

    Args:
        parts: What to learn from under 'train', ready-made parts under 'valid' and 'test'.
        files: What messages call each part.
    """

    parts: Mapping[str, P]
    files: Mapping[str, str]

    def key(self) -> dict[str, object]:
        """The part of a cache's key that tells this corpus from others."""
        return {
            "corpus": [self.sha256, self.source],
            "files": {part: PurePath(name).name for part, name in self.files.items()},
        }

    @classmethod
    def of_own_files(
        cls, name: str, parts: Mapping[str, P], *, files: Mapping[str, str], hashes: Mapping[str, str]
    ) -> Self:
        """The corpus of files that a person brings.

        Args:
            name: The task's name.
            parts: The content of each part.
            files: The location of each.
            hashes: The SHA-256 of each.
        """
        return cls(
            name=name,
            parts=parts,
            files=files,
            source=file_names(files.values()),
            licence=None,
            sha256=combined_sha256(hashes),
        )


def own_places(config: DataConfig) -> dict[str, str]:
    """The locations that a person names, by the part that lies there."""
    places = {"train": config.location, "valid": config.valid, "test": config.test}
    return {part: place for part, place in places.items() if place is not None}


def file_names(places: Iterable[str]) -> str:
    """The names of files or data sets without their folders, each once."""
    return ", ".join(dict.fromkeys(PurePath(place).name for place in places))


def combined_sha256(hashes: Mapping[str, str]) -> str:
    """One part's own hash; of several, the hash of their names and hashes."""
    if len(hashes) == 1:
        return hashes["train"]
    listed = "".join(f"{part} {digest}\n" for part, digest in sorted(hashes.items()))
    return hashlib.sha256(listed.encode()).hexdigest()
