"""Making a run's folder, removing what dead attempts left in it, and emptying it for a new start."""

from contextlib import suppress
from pathlib import Path

from seqcli.runs import layout, result
from seqcli.runs.inventory import take_inventory
from seqcli.runs.layout import DONE_FILE, MANIFEST_FILE
from seqcli.runs.storage import storage_faults, sync_folder
from seqcli.runs.sweep import remove_file, remove_tree, sweep_files


def make_folder(folder: Path) -> None:
    """Makes the folder and those above it, durably.

    Raises:
        StorageError: The disk is full, read-only or not ours to write on.
    """
    with storage_faults(folder, needed=0):
        missing = [place for place in (folder, *folder.parents) if not place.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        for place in missing:
            sync_folder(place.parent)


def sweep(folder: Path) -> None:
    """Removes the temporary files that dead writers left in a run directory and its folders.

    Raises:
        StorageError: A folder cannot be read.
    """
    for place in (folder, *(folder / name for name in sorted(layout.FOLDERS))):
        if place.is_dir():
            sweep_files(place)


def clear(folder: Path) -> None:
    """Removes a run but for its manifest, which the new run's replaces: at no time is it a foreign folder.

    The result's fence goes first, so that nothing half removed counts as done. The caller holds the lock.
    What others put into the run's folders stays, and so do the folders that hold it.

    Raises:
        StorageError: Something cannot be removed.
    """
    with storage_faults(folder):
        entries = [path for path in layout.own_entries(folder) if path.name != MANIFEST_FILE]
        for path in sorted(entries, key=lambda path: path.name != DONE_FILE):
            if path.name not in layout.FOLDERS:
                remove_tree(path)
                sync_folder(folder)
        found = take_inventory(folder)
        for path in found.files:
            if path.parent != folder:
                remove_file(path)
        for inner in found.folders:
            with suppress(OSError):  # it holds what is not ours
                inner.rmdir()
        sync_folder(folder)
    result.sweep(folder)
