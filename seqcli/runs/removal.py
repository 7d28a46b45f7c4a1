"""Removing a whole run, and nothing that is not seqcli's."""

from contextlib import suppress
from pathlib import Path

from seqcli.errors import BusyError, SeqcliError
from seqcli.runs import layout
from seqcli.runs.finding import find_legs
from seqcli.runs.layout import DONE_FILE, LOCK_FILE, MANIFEST_FILE
from seqcli.runs.lock import RunLock, find_holder
from seqcli.runs.result import sweep as sweep_results
from seqcli.runs.storage import storage_faults, sync_folder
from seqcli.runs.sweep import remove_tree, sweep_files


def remove_run(folder: Path) -> list[Path]:
    """Removes a run's own files, a damaged run's too, and the folder where nothing else is in it.

    The result's fence goes first and the manifest last: killed on the way, it is a run that can be removed.

    Returns:
        Other people's files, which stay.

    Raises:
        BusyError: A process works in it, or in one of its legs.
        StorageError: The disk fails, or the folder is not ours to change.
    """
    for leg in find_legs(folder):
        holder = find_holder(leg)
        if holder is not None:
            raise BusyError(f"{leg} is in use by {holder}", "Wait for it or end it.")
    with RunLock.acquire(folder, patience=0.0), storage_faults(folder):
        sweep_files(folder)
        sweep_results(folder)
        for path in sorted(_own(folder), key=_order):
            remove_tree(path)
            sync_folder(folder)
    with storage_faults(folder):
        left = sorted(folder.iterdir())
        if not left:
            folder.rmdir()
            sync_folder(folder.parent)
    return left


def _own(folder: Path) -> list[Path]:
    names = set(layout.NAMES)
    with suppress(SeqcliError):  # a damaged manifest names nothing
        names |= set(layout.read_manifest(folder).files)
    return [path for path in folder.iterdir() if path.name in names - {LOCK_FILE}]


def _order(path: Path) -> int:
    return {DONE_FILE: 0, MANIFEST_FILE: 2}.get(path.name, 1)
