"""The files of a run directory, and the recognition of one."""

import re
import stat
from pathlib import Path

from seqcli.errors import OtherVersionError, RunError
from seqcli.runs import strict_json
from seqcli.runs.manifest import LARGEST_MANIFEST, Manifest, decode
from seqcli.runs.reading import read_file
from seqcli.runs.storage import storage_faults
from seqcli.runs.temporary import is_temporary_file

RUN_SCHEMA = "seqcli.run/1"
CONFIG_FILE = "config.yaml"
MANIFEST_FILE = "manifest.json"
METRICS_FILE = "metrics.jsonl"
SUMMARY_FILE = "summary.json"
PREDICTIONS_FILE = "predictions.jsonl"
TASK_FILE = "task.json"
TIMING_FILE = "timing.json"
TOKENIZER_FILE = "tokenizer.json"
MODEL_FILE = "model.safetensors"
CARD_FILE = "README.md"
DONE_FILE = "DONE"
FAILED_FILE = "failed.json"
LOCK_FILE = ".lock"
CHECKPOINTS_FOLDER = "checkpoints"
LEGS_FOLDER = "legs"
BASELINES_FOLDER = "baselines"
COST_FOLDER = "cost"
LOOKS_FOLDER = "looks"
TIMINGS_FOLDER = "timings"
"""Of the cache alone, so that it is none of `FOLDERS`."""
FOLDERS = frozenset({CHECKPOINTS_FOLDER, LEGS_FOLDER, BASELINES_FOLDER, COST_FOLDER, LOOKS_FOLDER})
_FILES = frozenset(
    {
        CONFIG_FILE,
        MANIFEST_FILE,
        METRICS_FILE,
        SUMMARY_FILE,
        PREDICTIONS_FILE,
        TASK_FILE,
        TIMING_FILE,
        TOKENIZER_FILE,
        MODEL_FILE,
        CARD_FILE,
        DONE_FILE,
        FAILED_FILE,
        LOCK_FILE,
    }
)
NAMES = FOLDERS | _FILES
"""Every name that seqcli gives to what it puts into a run directory."""
OWN_FOLDERS = "`seqcli runs` lists the runs there are; a new one needs an empty or new folder (--out)."
_SCHEMA = re.compile(r"seqcli\.run/(\d{1,9})")


def is_unused(folder: Path) -> bool:
    """Return whether it is unused: missing, empty, or with no more than a dead attempt's first file.

    Raises:
        StorageError: The folder cannot be read.
    """
    if not folder.is_dir():
        return not folder.exists()
    with storage_faults(folder):
        names = [path.name for path in folder.iterdir()]
    return all(name == LOCK_FILE or is_temporary_file(name) for name in names)


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a run directory.

    Raises:
        RunError: The folder is missing, is not a run directory, was made by a newer seqcli, holds a link in a
            place of ours, or its manifest is damaged.
        StorageError: The disk fails.
    """
    path = folder / MANIFEST_FILE
    if not folder.is_dir():
        what = f"{folder} is not a folder" if folder.exists() else f"there is no run at {folder}"
        raise RunError(what, OWN_FOLDERS)
    if not path.is_file():
        raise RunError(
            f"{folder} is not a run directory: it has no {MANIFEST_FILE}",
            OWN_FOLDERS,
        )
    _refuse_strangers(folder)
    content = read_file(path, at_most=LARGEST_MANIFEST)
    _refuse_other_schemas(content, path)
    return decode(content, path)


def own_entries(folder: Path) -> list[Path]:
    """The files and folders in a run directory that seqcli made, besides its lock, in a fixed order.

    Raises:
        RunError: As `read_manifest`.
    """
    names = (_FILES | FOLDERS | set(read_manifest(folder).files)) - {LOCK_FILE}
    return [folder / name for name in sorted(names) if (folder / name).exists()]


def _refuse_strangers(folder: Path) -> None:
    """A link in one of our places could lead writing and reading out of the folder; a pipe would hang it."""
    with storage_faults(folder):
        for path in sorted(folder.iterdir()):
            if path.name not in _FILES | FOLDERS:
                continue
            kind = path.lstat().st_mode
            if stat.S_ISLNK(kind):
                raise RunError(f"{path} is a symbolic link; seqcli follows none inside a run directory")
            if not (stat.S_ISDIR(kind) if path.name in FOLDERS else stat.S_ISREG(kind)):
                raise RunError(f"{path} is not what seqcli puts there", "Remove it, or choose another --out.")


def _refuse_other_schemas(content: bytes, path: Path) -> None:
    """Looks at no more than the schema, since a newer one may spell the rest in its own way."""
    try:
        value = strict_json.parse_object(content)
    except ValueError as error:
        raise RunError(f"{path} is damaged or not seqcli's: {error}") from error
    schema = value.get("schema")
    match = _SCHEMA.fullmatch(schema) if isinstance(schema, str) else None
    if match is None:
        raise RunError(
            f"{path.parent} is not a run directory: its {MANIFEST_FILE} is not seqcli's",
            OWN_FOLDERS,
        )
    if schema != RUN_SCHEMA:
        facts = value.get("facts")
        writer = facts.get("seqcli") if isinstance(facts, dict) else None
        raise OtherVersionError(
            f"{path.parent} was made by seqcli {writer or 'of another version'} as {schema}; "
            f"this seqcli reads {RUN_SCHEMA}",
            f"Install seqcli {writer} or newer." if writer else "Install the seqcli that made it.",
        )
