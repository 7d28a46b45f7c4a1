"""Data sets of the Hugging Face Hub, and folders that `datasets` saved, through the extra `hub`."""

import hashlib
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from seqcli.config.locations import HUB, hub_folder
from seqcli.data.config import DataConfig
from seqcli.data.tables import Cell, Row, Table, check_header, quoted
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
        """Whether the location starts with hf:."""
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
        parts = {_PARTS[name]: _table(location, part) for name, part in loaded.items() if name in _PARTS}
        if not parts and len(loaded) == 1:
            return {"data": _table(location, next(iter(loaded.values())))}
        if "train" not in parts:
            raise DataError(f"{location} has no train split", f"Its splits: {', '.join(map(str, loaded))}.")
        return parts


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


def _table(location: str, part: "Dataset") -> Table:
    columns = check_header(location, tuple(part.column_names))

    def read(wanted: tuple[str, ...]) -> Iterator[Row]:
        names = [_class_names(part, column, location) for column in wanted]
        number = 0
        for batch in part.select_columns(list(wanted)).iter(batch_size=256):
            for values in zip(*(batch[column] for column in wanted), strict=True):
                number += 1
                yield number, tuple(_named(value, known) for value, known in zip(values, names, strict=True))

    return Table(location, columns, read, lambda: _sha256(part))


def _class_names(part: "Dataset", column: str, location: str) -> list[str] | None:
    """The names of a column of class labels; None for any other column of single values.

    Raises:
        DataError: The column is nested.
    """
    feature = part.features[column]
    if not hasattr(feature, "dtype") or type(feature).__name__ not in {"Value", "ClassLabel"}:
        raise DataError(
            f"{location}: column {quoted(column)} holds {feature}, not text or numbers",
            "Choose another with --text-column or --label-column.",
        )
    return getattr(feature, "names", None)


def _named(value: Cell, names: list[str] | None) -> Cell:
    """A class label's name; -1, the Hub's mark of a hidden label, is a missing one."""
    if names is None or not isinstance(value, int):
        return value
    return names[value] if 0 <= value < len(names) else None


def _sha256(part: "Dataset") -> str:
    """The SHA-256 of a table's plain columns, names and values in their order."""
    plain = [
        name for name, feature in part.features.items() if type(feature).__name__ in {"Value", "ClassLabel"}
    ]
    digest = hashlib.sha256(json.dumps({name: str(part.features[name]) for name in plain}).encode())
    for batch in part.select_columns(plain).iter(batch_size=256):
        digest.update(json.dumps(batch, default=str).encode())
    return digest.hexdigest()


SOURCE = Hub()
