"""Removing a whole run, and nothing that seqcli did not make."""

from contextlib import suppress
from pathlib import Path

from seqcli.errors import BusyError, RunError
from seqcli.runs.finding import find_legs
from seqcli.runs.inventory import Inventory, take_inventory
from seqcli.runs.lock import RunLock, find_holder
from seqcli.runs.storage import storage_faults, sync_folder
from seqcli.runs.sweep import remove_file

_MOST_NAMED = 3


def check_removable(folder: Path) -> Inventory:
    """What would go with a run; its manifest proves that seqcli made it, and nothing else is in it.

    Raises:
        RunError: It has no such mark, or holds what seqcli did not put there; names it.
        StorageError: The disk fails.
    """
    found = take_inventory(folder)
    if found.foreign:
        names = [str(path.relative_to(folder)) for path in found.foreign]
        more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
        raise RunError(
            f"it holds what seqcli did not put there: {', '.join(names[:_MOST_NAMED])}{more}",
            "Move that elsewhere, or remove the folder yourself.",
        )
    return found


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
    with RunLock.acquire(folder, patience=0.0), storage_faults(folder):
        found = check_removable(folder)
        *files, manifest = found.files
        for path in files:
            remove_file(path)
        for inner in found.folders:
            with suppress(OSError):  # somebody put something there just now: it stays
                inner.rmdir()
        sync_folder(folder)
        remove_file(manifest)
        sync_folder(folder)
    with storage_faults(folder):
        left = sorted(folder.iterdir())
        if not left:
            folder.rmdir()
            sync_folder(folder.parent)
    return left
