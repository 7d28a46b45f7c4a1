"""The files of a run that are seqcli's own, and the removal of a run without touching anything else."""

import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from seqcli.errors import BusyError, RunError, SeqcliError
from seqcli.runs import result, run_layout
from seqcli.runs.lock import RunLock, find_holder, is_left_behind
from seqcli.runs.manifest import LARGEST_MANIFEST, decode
from seqcli.runs.run_layout import (
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
    find_legs,
)
from seqcli.runs.sealed import read_record
from seqcli.runs.storage import read_file, storage_faults, sync_folder
from seqcli.runs.temporary import is_temporary_file, remove_file, remove_tree

_BEFORE_THE_RESULT = frozenset({CONFIG_FILE, DONE_FILE, FAILED_FILE, LOCK_FILE, MANIFEST_FILE, METRICS_FILE})
"""What a run writes before its manifest lists it."""

_HALF_MADE = re.compile(r".+\.(?:tmp|old)-[0-9a-f]{16}")  # 64 random bits: nobody else calls a folder so
_CHECKPOINT = re.compile(r"step-\d{1,18}(?:\.\d{1,9})?(?:\.bad-\d{1,9})?")
_LEG_SET_ASIDE = re.compile(r".+\.bad-\d{1,9}")
_CHECKPOINT_FILE = re.compile(r"(?:manifest|state)\.json|[A-Za-z][A-Za-z0-9-]*\.safetensors")


@dataclass
class Inventory:
    """The files below a run directory.

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
    """Return the files below a run directory; links are not followed. Changes nothing.

    Raises:
        RunError: Nothing proves that seqcli made it: its manifest is missing, damaged or another's.
    """
    inventory = Inventory()
    with storage_faults(run):
        _take_run(run, inventory)
    return inventory


def _take_run(run: Path, inventory: Inventory) -> None:
    if run.is_symlink():
        raise RunError(f"{run} is a symbolic link; what it leads to is not touched")
    listed = set(run_layout.read_manifest(run).files)
    last = []
    for path in sorted(run.iterdir(), key=lambda path: (path.name != DONE_FILE, path.name)):
        if path.name == MANIFEST_FILE:
            last.append(path)
        elif _is_folder(path):
            _take_folder(path, inventory)
        elif path.name != LOCK_FILE or path.is_symlink():
            is_own = path.name in listed | _BEFORE_THE_RESULT or is_temporary_file(path.name)
            inventory.take(path, own=is_own)
    for path in last:
        inventory.take(path, own=True)


def _take_folder(folder: Path, inventory: Inventory) -> None:
    """A folder directly in a run."""
    if _HALF_MADE.fullmatch(folder.name):
        _take_flat(folder, inventory, re.compile(".+"))
        return
    takes = {
        LEGS_FOLDER: _take_leg,
        CHECKPOINTS_FOLDER: _take_checkpoint,
        BASELINES_FOLDER: _take_record,
        COST_FOLDER: _take_record,
    }.get(folder.name)
    if takes is None:
        inventory.foreign.append(folder)
        return
    for path in sorted(folder.iterdir()):
        if is_temporary_file(path.name):
            inventory.take(path, own=True)
        elif _is_folder(path) and _HALF_MADE.fullmatch(path.name):
            _take_flat(path, inventory, re.compile(".+"))
        else:
            takes(path, inventory)
    inventory.folders.append(folder)


def _take_leg(path: Path, inventory: Inventory) -> None:
    if not _is_folder(path):
        inventory.foreign.append(path)
    elif _LEG_SET_ASIDE.fullmatch(path.name) or not (path / MANIFEST_FILE).exists():
        _take_flat(path, inventory, re.compile("|".join(map(re.escape, run_layout.NAMES))))
    else:
        try:
            _take_run(path, inventory)
        except SeqcliError:
            inventory.foreign.append(path)
            return
        if (path / LOCK_FILE).exists():
            inventory.take(path / LOCK_FILE, own=True)
        inventory.folders.append(path)


def _take_checkpoint(path: Path, inventory: Inventory) -> None:
    if not (_is_folder(path) and _CHECKPOINT.fullmatch(path.name)):
        inventory.foreign.append(path)
        return
    listed: set[str] = set()
    with suppress(SeqcliError):  # a damaged one lists nothing; its files are known by their names then
        manifest = path / MANIFEST_FILE
        listed = set(decode(read_file(manifest, at_most=LARGEST_MANIFEST), manifest).files)
    names = "|".join((_CHECKPOINT_FILE.pattern, *map(re.escape, sorted(listed))))
    _take_flat(path, inventory, re.compile(names))


def _take_record(path: Path, inventory: Inventory) -> None:
    is_own = False
    with suppress(SeqcliError):
        read_record(path)
        is_own = True
    inventory.take(path, own=is_own)


def _take_flat(folder: Path, inventory: Inventory, names: re.Pattern[str]) -> None:
    """A folder that holds files of these names and nothing else."""
    for path in _manifest_last(folder):
        inventory.take(path, own=names.fullmatch(path.name) is not None)
    inventory.folders.append(folder)


def _manifest_last(folder: Path) -> Iterator[Path]:
    yield from sorted(folder.iterdir(), key=lambda path: (path.name == MANIFEST_FILE, path.name))


def _is_folder(path: Path) -> bool:
    return stat.S_ISDIR(path.lstat().st_mode)


# Foreign files that a refusal names: enough to see whose they are.
_MOST_NAMED = 3


def check_removable(folder: Path) -> Inventory:
    """Return the files that go with a run; its manifest proves it seqcli's, and nothing else is in it.

    Raises:
        RunError: It has no such mark, or holds what seqcli did not put there; names it.
    """
    inventory = take_inventory(folder)
    if inventory.foreign:
        names = [str(path.relative_to(folder)) for path in inventory.foreign]
        more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
        raise RunError(
            f"it holds what seqcli did not put there: {', '.join(names[:_MOST_NAMED])}{more}",
            "Move that elsewhere, or remove the folder yourself.",
        )
    return inventory


def remove_run(folder: Path) -> list[Path]:
    """Removes a run's own files one by one, a damaged run's too, then its folders where they are empty.

    No folder is ever removed with what it holds, and no link is followed. The result's fence goes first and
    the manifest last: killed on the way, it is a run that can be removed.

    Returns:
        What others put there in the meantime, which stays.

    Raises:
        BusyError: A process works in it, or in one of its legs.
        RunError: It is not a run, or holds what seqcli did not put there.
        StorageError: The disk fails, or the folder is not ours to change.
    """
    check_removable(folder)
    for leg in find_legs(folder):
        holder = find_holder(leg)
        if holder is not None:
            raise BusyError(f"{leg} is in use by {holder}", "Wait for it or end it.")
    # No patience: whoever works in the run is a reason to leave it, and not to wait.
    with RunLock.acquire(folder, patience=0.0), storage_faults(folder):
        # Once more under the lock: something may have come in since.
        inventory = check_removable(folder)
        *files, manifest = inventory.files
        for path in files:
            remove_file(path)
        for inner in inventory.folders:
            with suppress(OSError):  # somebody put something there just now: it stays
                inner.rmdir()
        # Durable in this order: a folder with files of ours and without a manifest would be nobody's.
        sync_folder(folder)
        remove_file(manifest)
        sync_folder(folder)
    with storage_faults(folder):
        remains = sorted(folder.iterdir())
        if not remains:
            folder.rmdir()
            sync_folder(folder.parent)
    return remains


def remove_remains(folder: Path) -> None:
    """Removes a folder in which nothing is left of a run but its lock file; another's file stays.

    Raises:
        BusyError: A process has just begun to work in it.
        RunError: What is called as a lock file is none.
    """
    if not is_left_behind(folder / LOCK_FILE):
        return
    RunLock.acquire(folder, patience=0.0).release()
    with storage_faults(folder):
        if not any(folder.iterdir()):
            folder.rmdir()
            sync_folder(folder.parent)


def clear(folder: Path) -> None:
    """Removes a run but for its manifest, which the new run's replaces: at no time is it a foreign folder.

    The result's fence goes first, so that nothing half removed counts as done. The caller holds the lock.
    What others put into the run's folders stays, and so do the folders that hold it.
    """
    with storage_faults(folder):
        entries = [path for path in run_layout.own_entries(folder) if path.name != MANIFEST_FILE]
        for path in sorted(entries, key=lambda path: path.name != DONE_FILE):
            if path.name not in run_layout.FOLDERS:
                remove_tree(path)
                sync_folder(folder)
        inventory = take_inventory(folder)
        for path in inventory.files:
            if path.parent != folder:
                remove_file(path)
        for inner in inventory.folders:
            with suppress(OSError):  # it holds what is not ours
                inner.rmdir()
        sync_folder(folder)
    result.sweep(folder)
