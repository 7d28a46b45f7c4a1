"""The files of a run directory, the recognition of one, and the runs below a folder.

Links are not followed.
"""

import errno
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from seqcli.errors import OtherVersionError, RunError, storage_fault
from seqcli.runs import strict_json
from seqcli.runs.manifest import LARGEST_MANIFEST, Manifest, check_out, decode
from seqcli.runs.storage import read_file, read_first, storage_faults
from seqcli.runs.temporary import is_temporary_file, sweep_files

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
    """Return whether it is unused: missing, empty, or with no more than a dead attempt's first file."""
    if not folder.is_dir():
        return not folder.exists()
    with storage_faults(folder):
        names = [path.name for path in folder.iterdir()]
    return all(name == LOCK_FILE or is_temporary_file(name) for name in names)


def check_place(path: Path) -> Path:
    """The absolute path, if a run may be made or may go on there. Creates nothing.

    Raises:
        UsageError: The path cannot be shown or is too long.
        RunError: The path is a file, the root, the home folder or a foreign non-empty folder, or the run
            there has a newer schema or is damaged.
    """
    folder = check_out(path)
    if not is_unused(folder):
        read_manifest(folder)
    return folder


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a run directory.

    Raises:
        RunError: The folder is missing, is not a run directory, was made by a newer seqcli, holds a link in a
            place of ours, or its manifest is damaged.
    """
    path = folder / MANIFEST_FILE
    if not folder.is_dir():
        message = f"{folder} is not a folder" if folder.exists() else f"there is no run at {folder}"
        raise RunError(message, OWN_FOLDERS)
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
    """The entries of a run directory that seqcli made, but its lock, by name; raises as `read_manifest`."""
    names = (_FILES | FOLDERS | set(read_manifest(folder).files)) - {LOCK_FILE}
    return [folder / name for name in sorted(names) if (folder / name).exists()]


def sweep(folder: Path) -> None:
    """Removes the temporary files that dead writers left in a run directory and its folders."""
    for place in (folder, *(folder / name for name in sorted(FOLDERS))):
        if place.is_dir():
            sweep_files(place)


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


# A folder named by mistake, such as a home directory, is not searched without end.
_DEEPEST = 8
SET_ASIDE = re.compile(r"\.bad-\d{1,9}$")
"""How the name of a leg ends that could not be used and was made anew."""
_NOT_OURS = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.EACCES, errno.EPERM})
_MARKS = {
    MANIFEST_FILE: b'"seqcli.run/',
    DONE_FILE: b'"seqcli.done/',
    CONFIG_FILE: b"# The resolved configuration of this run.",
}
"""What seqcli writes into some of its files and nobody else does."""


def find_runs(folder: Path) -> Iterator[Path]:
    """The folder itself if it is a run, else the runs below it; what is inside a run is a part of it.

    Raises:
        RunError: There is no such folder.
    """
    if not folder.is_dir():
        raise RunError(f"there is no folder {folder}", "Name a run directory, or a folder of them.")
    yield from _below(folder, _DEEPEST)


def find_remains(folder: Path) -> list[Path]:
    """The folders here and below in which nothing is left of a run but its lock file, in no run of theirs."""
    # A removal leaves such a folder where the disk failed at its last steps.
    return list(_remains(folder, _DEEPEST))


def _remains(folder: Path, depth: int) -> Iterator[Path]:
    with _passing_over():
        if [path.name for path in folder.iterdir()] == [LOCK_FILE]:
            yield folder
            return
    if depth and not is_run(folder):
        for inner in _folders(folder):
            yield from _remains(inner, depth - 1)


def find_legs(run: Path) -> list[Path]:
    """The run directories of a comparison's legs, by name; none of any other run."""
    legs = run / LEGS_FOLDER
    if legs.is_symlink() or not legs.is_dir():
        return []
    return sorted(path for path in _folders(legs) if is_run(path) and not SET_ASIDE.search(path.name))


def is_run(folder: Path) -> bool:
    """Return whether a folder is a run directory, damaged ones included; foreign files make none."""
    # That one of its files says so is enough to list it; to remove it takes a manifest that verifies.
    return any(_says(folder / name, mark) for name, mark in _MARKS.items())


@contextmanager
def _passing_over() -> Iterator[None]:
    """Passes over what is not there or not ours to read; a disk that fails hides no run."""
    try:
        yield
    except OSError as error:
        fault = storage_fault(error)
        if fault is not None and error.errno not in _NOT_OURS:
            raise fault from error


def _says(path: Path, mark: bytes) -> bool:
    with _passing_over():
        if not path.is_symlink() and path.is_file():
            with path.open("rb", buffering=0) as file:
                return mark in read_first(file.fileno(), LARGEST_MANIFEST)
    return False


def size_of(folder: Path) -> int:
    """The bytes of all files below a folder."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += (Path(place) / name).lstat().st_size
    return total


def last_change(folder: Path) -> float:
    """Return the time of a run's last change, in seconds since 1970: the newest in it or one below."""
    times = [0.0]
    for place in (folder, *_folders(folder)):
        with suppress(OSError):
            times += [path.lstat().st_mtime for path in place.iterdir()]
    return max(times)


def _below(folder: Path, depth: int) -> Iterator[Path]:
    if is_run(folder):
        yield folder
    elif depth:
        for inner in _folders(folder):
            yield from _below(inner, depth - 1)


def _folders(folder: Path) -> list[Path]:
    """The folders in a folder, by name; none where it cannot be read."""
    with _passing_over():
        return sorted(
            path
            for path in folder.iterdir()
            if path.is_dir() and not path.is_symlink() and not path.name.startswith(".")
        )
    return []
