"""Data sets of the Hugging Face Hub, and folders that `datasets` saved, through the extra `hub`."""

import hashlib
import json
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from seqcli.config.names import HUB, hub_folder
from seqcli.data import data_words
from seqcli.data.config import DataConfig
from seqcli.data.files import changed_error
from seqcli.data.tables import CellValue, NumberedRow, Table, check_header, quoted
from seqcli.errors import DataError, UsageError

if TYPE_CHECKING:
    from datasets import Dataset

_PARTS = {
    "train": "train",
    "validation": "valid",
    "valid": "valid",
    "val": "valid",
    "dev": "valid",
    "test": "test",
}


class Hub:
    """`hf:NAME`; `hf:NAME:CONFIG` where it has several; `hf:./FOLDER` for one that `save_to_disk` wrote."""

    ending = "hf:NAME"

    def reads(self, location: str) -> bool:
        """Return whether the location starts with hf:."""
        return location.startswith(HUB)

    def tables(self, location: str, config: DataConfig) -> dict[str, Table]:
        """The data set's ready-made splits, or its one table under 'data'.

        Class labels are read as their names. `HF_HUB_OFFLINE=1` is respected by `datasets` itself.

        Raises:
            DataError: There is no such data set, or it cannot be reached or read.
            UsageError: The extra `hub` is not installed, or `--sep` was given.
        """
        if config.sep is not None:
            raise UsageError(
                f"--sep is for delimited text, but {location} is a data set of the Hub", "Drop --sep."
            )
        loaded = _load(location)
        if not isinstance(loaded, dict):
            return {"data": _table(location, loaded)}
        known = {_PARTS[name]: part for name, part in loaded.items() if name in _PARTS}
        if not known and len(loaded) == 1:
            return {"data": _table(location, next(iter(loaded.values())))}
        if "train" not in known:
            raise DataError(f"{location} has no train split", f"Its splits: {', '.join(map(str, loaded))}.")
        return {
            name: replace(
                _table(f"{location} ({name} split)", part),
                location=location,
                way_out=_way_out(location, name, known),
            )
            for name, part in known.items()
        }


def _way_out(location: str, hidden: str, parts: Collection[str]) -> str | None:
    """Return the advice where one split's labels are hidden: take it from the training split instead."""
    if hidden == "train":
        return None
    others = [name for name in ("valid", "test") if name in parts and name != hidden]
    options = " ".join(f"--{name} {location}" for name in ("train", *others))
    return data_words.labels_hidden_by_the_hub(hidden, options)


def _load(location: str) -> Any:
    """The `Dataset`, or a dict of them by split.

    Raises:
        DataError: There is no such data set, or it cannot be reached or read.
        UsageError: The extra `hub` is not installed.
    """
    try:
        import datasets
    except ImportError:
        raise UsageError(
            f"{location} needs the extra 'hub', which is not installed", "pip install 'seqcli[hub]'"
        ) from None
    import pyarrow as pa

    folder = hub_folder(location)
    datasets.disable_progress_bars()
    try:
        if folder is not None:
            return datasets.load_from_disk(folder)
        name, _, subset = location.removeprefix(HUB).partition(":")
        return datasets.load_dataset(name, subset or None)
    except (OSError, ValueError, RuntimeError, TypeError, KeyError, pa.ArrowException) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0][:300]
        raise DataError(
            f"{location} cannot be read: {reason}",
            "hf:NAME is a data set of the Hub (hf:NAME:CONFIG where it has several), hf:./FOLDER one "
            "saved with save_to_disk. Offline (HF_HUB_OFFLINE=1) only what is in its cache is found.",
        ) from error


def _table(name: str, part: "Dataset") -> Table:
    """One split as a table; of a column of translations each language is a column: 'translation.en'."""
    inner = {
        f"{column}.{key}": (column, key)
        for column, feature in part.features.items()
        for key in _keys(feature)
    }
    outer = [column for column in part.column_names if not _keys(part.features[column])]
    paths: dict[str, tuple[str, str | None]] = {**{column: (column, None) for column in outer}, **inner}
    columns = check_header(name, tuple(paths))
    digests: list[str] = []

    def digest() -> str:
        if not digests:
            digests.append(_sha256(part))
        return digests[0]

    def read(columns: tuple[str, ...]) -> Iterator[NumberedRow]:
        names = [_class_names(part, paths[column], name) for column in columns]
        places = [paths[column] for column in columns]
        chosen = part.select_columns(list(dict.fromkeys(column for column, _ in places)))
        number = 0
        for batch in chosen.with_format("arrow").iter(batch_size=_ROWS):
            for index in range(batch.num_rows):
                number += 1
                cells = (_value(batch, place, index) for place in places)
                yield number, tuple(_named(cell, known) for cell, known in zip(cells, names, strict=True))
        if digests and _sha256(part) != digests[0]:
            raise changed_error(name)

    return Table(name, columns, read, digest)


_ROWS = 256
"""Rows that are looked at together; their values are read one by one, so that long ones do not pile up."""


def _keys(feature: Any) -> tuple[str, ...]:
    """The names of what a feature holds side by side: the languages of a translation; () of any other."""
    if type(feature).__name__ == "Translation":
        return tuple(feature.languages)
    if isinstance(feature, dict):
        return tuple(key for key, inner in feature.items() if type(inner).__name__ in _PLAIN)
    return ()


_PLAIN = frozenset({"Value", "ClassLabel"})


def _value(batch: Any, place: tuple[str, str | None], index: int) -> CellValue:
    """One cell of an Arrow table."""
    column, key = place
    value = batch.column(column)[index]
    if key is not None:
        return value[key].as_py() if value.is_valid else None
    return value.as_py()  # type: ignore[no-any-return]


def _class_names(part: "Dataset", place: tuple[str, str | None], location: str) -> list[str] | None:
    """The names of a column of class labels; None for any other column of single values.

    Raises:
        DataError: The column is nested.
    """
    column, key = place
    feature = part.features[column]
    if key is not None:
        return None if type(feature).__name__ == "Translation" else getattr(feature[key], "names", None)
    if type(feature).__name__ not in _PLAIN:
        raise DataError(
            f"{location}: column {quoted(column)} holds {feature}, not text or numbers",
            "Choose another with --text-column or --label-column.",
        )
    return getattr(feature, "names", None)


def _named(value: CellValue, names: list[str] | None) -> CellValue:
    """A class label's name; -1, the Hub's mark of a hidden label, is a missing one."""
    if names is None or not isinstance(value, int):
        return value
    return names[value] if 0 <= value < len(names) else None


def _sha256(part: "Dataset") -> str:
    """The SHA-256 of a table's plain columns and translations, names and values in their order."""
    plain = [
        name for name, feature in part.features.items() if type(feature).__name__ in _PLAIN or _keys(feature)
    ]
    digest = hashlib.sha256(json.dumps({name: str(part.features[name]) for name in plain}).encode())
    for batch in part.select_columns(plain).iter(batch_size=_ROWS):
        digest.update(json.dumps(batch, default=str).encode())
    return digest.hexdigest()


SOURCE = Hub()
