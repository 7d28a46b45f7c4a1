"""Which files below a run directory are seqcli's own, proved by what they hold and never by a name alone."""

import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from seqcli.errors import RunError, SeqcliError
from seqcli.runs import layout
from seqcli.runs.layout import (
    BASELINES_FOLDER,
    CHECKPOINTS_FOLDER,
    CONFIG_FILE,
    COST_FOLDER,
    DONE_FILE,
    FAILED_FILE,
    LEGS_FOLDER,
    LOCK_FILE,
    MANIFEST_FILE,
    METRICS_FILE,
)
from seqcli.runs.manifest import LARGEST_MANIFEST, decode
from seqcli.runs.reading import read_file
from seqcli.runs.record import read_record
from seqcli.runs.storage import storage_faults
from seqcli.runs.sweep import is_temporary_file

_BEFORE_THE_RESULT = frozenset({CONFIG_FILE, DONE_FILE, FAILED_FILE, LOCK_FILE, MANIFEST_FILE, METRICS_FILE})
"""What a run writes before its manifest lists it."""

_HALF_MADE = re.compile(r".+\.(?:tmp|old)-[0-9a-f]{16}")  # 64 random bits: nobody else calls a folder so
_CHECKPOINT = re.compile(r"step-\d{1,18}(?:\.\d{1,9})?(?:\.bad-\d{1,9})?")
_LEG_SET_ASIDE = re.compile(r".+\.bad-\d{1,9}")
_CHECKPOINT_FILE = re.compile(r"(?:manifest|state)\.json|[A-Za-z][A-Za-z0-9-]*\.safetensors")


@dataclass
class Inventory:
    """What is below a run directory.

    Attributes:
        files: seqcli's own, in the order in which they may go: at no time does a result look whole that is
            not, and the mark of who made it goes last.
        folders: Those that hold them, the inner ones first.
        foreign: All else: other people's files, and every link, pipe and device.
    """

    files: list[Path] = field(default_factory=list)
    folders: list[Path] = field(default_factory=list)
    foreign: list[Path] = field(default_factory=list)

    def take(self, path: Path, *, own: bool) -> None:
        """Count a path that is no folder; only an ordinary file can be one of ours."""
        (self.files if own and stat.S_ISREG(path.lstat().st_mode) else self.foreign).append(path)


def take_inventory(run: Path) -> Inventory:
    """What is below a run directory; links are not followed. Changes nothing.

    Raises:
        RunError: Nothing proves that seqcli made it: its manifest is missing, damaged or another's.
        StorageError: The disk fails.
    """
    found = Inventory()
    with storage_faults(run):
        _take_run(run, found)
    return found


def _take_run(run: Path, found: Inventory) -> None:
    if run.is_symlink():
        raise RunError(f"{run} is a symbolic link; what it leads to is not touched")
    listed = set(layout.read_manifest(run).files)
    last = []
    for path in sorted(run.iterdir(), key=lambda path: (path.name != DONE_FILE, path.name)):
        if path.name == MANIFEST_FILE:
            last.append(path)
        elif _is_folder(path):
            _take_folder(path, found)
        elif path.name != LOCK_FILE or path.is_symlink():
            own = path.name in listed | _BEFORE_THE_RESULT or is_temporary_file(path.name)
            found.take(path, own=own)
    for path in last:
        found.take(path, own=True)


def _take_folder(folder: Path, found: Inventory) -> None:
    """A folder directly in a run."""
    if _HALF_MADE.fullmatch(folder.name):
        _take_flat(folder, found, re.compile(".+"))
        return
    takes = {
        LEGS_FOLDER: _take_leg,
        CHECKPOINTS_FOLDER: _take_checkpoint,
        BASELINES_FOLDER: _take_record,
        COST_FOLDER: _take_record,
    }.get(folder.name)
    if takes is None:
        found.foreign.append(folder)
        return
    for path in sorted(folder.iterdir()):
        if is_temporary_file(path.name):
            found.take(path, own=True)
        elif _is_folder(path) and _HALF_MADE.fullmatch(path.name):
            _take_flat(path, found, re.compile(".+"))
        else:
            takes(path, found)
    found.folders.append(folder)


def _take_leg(path: Path, found: Inventory) -> None:
    if not _is_folder(path):
        found.foreign.append(path)
    elif _LEG_SET_ASIDE.fullmatch(path.name) or not (path / MANIFEST_FILE).exists():
        _take_flat(path, found, re.compile("|".join(map(re.escape, layout.NAMES))))
    else:
        try:
            _take_run(path, found)
        except SeqcliError:
            found.foreign.append(path)
            return
        if (path / LOCK_FILE).exists():
            found.take(path / LOCK_FILE, own=True)
        found.folders.append(path)


def _take_checkpoint(path: Path, found: Inventory) -> None:
    if not (_is_folder(path) and _CHECKPOINT.fullmatch(path.name)):
        found.foreign.append(path)
        return
    listed: set[str] = set()
    with suppress(SeqcliError):  # a damaged one lists nothing; its files are known by their names then
        manifest = path / MANIFEST_FILE
        listed = set(decode(read_file(manifest, at_most=LARGEST_MANIFEST), manifest).files)
    names = "|".join((_CHECKPOINT_FILE.pattern, *map(re.escape, sorted(listed))))
    _take_flat(path, found, re.compile(names))


def _take_record(path: Path, found: Inventory) -> None:
    own = False
    with suppress(SeqcliError):
        read_record(path)
        own = True
    found.take(path, own=own)


def _take_flat(folder: Path, found: Inventory, names: re.Pattern[str]) -> None:
    """A folder that holds files of these names and nothing else."""
    for path in _manifest_last(folder):
        found.take(path, own=names.fullmatch(path.name) is not None)
    found.folders.append(folder)


def _manifest_last(folder: Path) -> Iterator[Path]:
    yield from sorted(folder.iterdir(), key=lambda path: (path.name == MANIFEST_FILE, path.name))


def _is_folder(path: Path) -> bool:
    return stat.S_ISDIR(path.lstat().st_mode)
