"""A run's result, which appears at once and only once, and the status of a run that may have none.

However many attempts there are and whenever they die: an attempt lays all its files into a folder of its own,
`result.tmp-…`; the commit is one hard link to `DONE`, which can be made once and names the manifest of the
winner by SHA-256. Only then do the winner's files move to their places. If it dies on the way, whoever opens
the run next moves the rest.
"""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from seqcli.errors import BusyError, RunError
from seqcli.runs import strict_json
from seqcli.runs.atomic import FileContent, write_bytes, write_folder, write_json, write_once
from seqcli.runs.lock import POLL_SECONDS, Holder, RunLock
from seqcli.runs.manifest import LARGEST_MANIFEST, FileRecord, Manifest
from seqcli.runs.run_layout import DONE_FILE, MANIFEST_FILE, SUMMARY_FILE
from seqcli.runs.storage import read_file, storage_faults, sync_folder
from seqcli.runs.temporary import remove_tree, sweep_folders, temporary_folder

# Moving a committed result is a few renames: who has not done them in a second was killed, and is replaced.
_PATIENCE_SECONDS = 1.0
_STAGED = re.compile(r"result\.tmp-[0-9a-f]{16}")
# A fence is one hash; a page of it is more than any that was written here.
_LARGEST_FENCE = 1 << 12


def commit(
    folder: Path,
    contents: Mapping[str, FileContent],
    manifest_of: Callable[[Mapping[str, FileRecord]], Manifest],
    *,
    replace: bool = False,
) -> Manifest:
    """Commits the files and their manifest, which is returned, as the run's result.

    Args:
        folder: The run directory.
        contents: The files that are not in their place yet.
        manifest_of: From the records of these to the manifest, which names every file of the result: also
            those that are in their place already.
        replace: Whether a result that is there gives way, by one renaming of its fence; the caller holds
            the run's lock.

    Raises:
        RunError: Another attempt has committed; its result stays.
        StorageError: The disk cannot take it; nothing is committed.
    """
    manifests: list[Manifest] = []

    def listed(records: Mapping[str, FileRecord]) -> bytes:
        manifests.append(manifest_of(records))
        return manifests[0].encode()

    # Laid out beside its place first, so that writing the fence is the one step that commits.
    staged = temporary_folder(folder / "result")
    write_folder(staged, contents, list_in=(MANIFEST_FILE, listed))
    spelt = manifests[0].encode()
    try:
        if replace and is_committed(folder):
            write_bytes(folder / DONE_FILE, fence_of(spelt))
        else:
            write_once(folder / DONE_FILE, fence_of(spelt))
    except FileExistsError as error:
        remove_tree(staged)
        raise RunError(f"{folder} is done: another attempt has committed its result") from error
    put_in_place(folder, staged)
    return manifests[0]


def is_committed(folder: Path) -> bool:
    """Return whether a result has been committed; its files may still have to be moved (`finish`).

    An empty fence is one that its writer did not live to finish (on a disk without hard links).
    """
    try:
        return (folder / DONE_FILE).lstat().st_size > 0
    except FileNotFoundError:
        return False


def is_finished(folder: Path) -> bool:
    """Return whether the committed result is in its place; its files are not checked.

    Raises:
        RunError: The fence or the manifest cannot be read.
    """
    return read_file(folder / DONE_FILE, at_most=_LARGEST_FENCE) == fence_of(_manifest(folder))


def finish(folder: Path) -> None:
    """Moves what a dead attempt committed and did not move; the caller holds the run's lock.

    Raises:
        RunError: Neither the run's manifest nor a laid-out result is what the fence names: one of them was
            changed.
    """
    if not is_committed(folder):
        (folder / DONE_FILE).unlink(missing_ok=True)
        return
    if is_finished(folder):
        return
    fence = read_file(folder / DONE_FILE, at_most=_LARGEST_FENCE)
    for staged in sorted(folder.iterdir()):
        if (
            _STAGED.fullmatch(staged.name)
            and _holds_manifest(staged)
            and fence_of(_manifest(staged)) == fence
        ):
            put_in_place(folder, staged)
            return
    raise RunError(
        f"{folder}: {DONE_FILE} and {MANIFEST_FILE} do not belong together; one of them was changed"
    )


def finish_or_wait(folder: Path) -> None:
    """Take over the moving of a committed result from a dead attempt, or wait for a living one.

    A living attempt may keep its lock long after the move, so that the move is waited for and not the lock.

    Raises:
        BusyError: The living one takes long.
        RunError: The result is not what its fence names.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while is_committed(folder) and not is_finished(folder):
        try:
            # No patience: this loop waits, and looks at the result each time.
            with RunLock.acquire(folder, patience=0.0):
                finish(folder)
        except BusyError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(POLL_SECONDS)


def refuse_unfenced(folder: Path, manifest: Manifest) -> None:
    """Refuse a run whose manifest lists a result that no fence stands for.

    Raises:
        RunError: It is one.
    """
    if SUMMARY_FILE in manifest.files and not is_committed(folder):
        raise RunError(
            f"{folder} has a result without its {DONE_FILE}, which was removed",
            "Give --overwrite to start anew.",
        )


def sweep(folder: Path) -> None:
    """Removes what attempts laid out and did not commit; the caller holds the run's lock."""
    sweep_folders(folder, r"result(?:\.tmp-[0-9a-f]{16})?")


def put_in_place(folder: Path, staged: Path) -> None:
    """Moves the files, the manifest last, since it tells that the others have been moved."""
    with storage_faults(folder):
        names = sorted(path.name for path in staged.iterdir() if path.name != MANIFEST_FILE)
        for name in (*names, MANIFEST_FILE):
            if name == MANIFEST_FILE:  # it must not reach the disk before the files that it names
                sync_folder(folder)
            (staged / name).replace(folder / name)
        sync_folder(folder)
        remove_tree(staged)


def _holds_manifest(staged: Path) -> bool:
    return (staged / MANIFEST_FILE).is_file()


def _manifest(folder: Path) -> bytes:
    return read_file(folder / MANIFEST_FILE, at_most=LARGEST_MANIFEST)


def fence_of(manifest: bytes) -> bytes:
    """The content of the file that says a manifest is whole: its hash."""
    return strict_json.document({"schema": "seqcli.done/1", "manifest": FileRecord.of(manifest).sha256})


RunState = Literal["new", "running", "partial", "done", "failed"]

# A reason and an exit code; 16 MiB leave room for any traceback.
_LARGEST_NOTE = 1 << 24


@dataclass(frozen=True)
class Status:
    """The status of a run.

    Attributes:
        state: new (nothing to continue from), running (another process works in it), partial (a checkpoint
            to continue from), done, or failed.
        reason: Why it failed; None otherwise.
        exit_code: The exit code it failed with; None otherwise.
        holder: The process that works in it; None when none does.
    """

    state: RunState
    reason: str | None = None
    exit_code: int | None = None
    holder: Holder | None = None


def write_failure(path: Path, reason: str, exit_code: int) -> None:
    """Notes a failure."""
    write_json(path, {"exit_code": exit_code, "reason": reason})


def read_failure(path: Path) -> Status:
    """The failure that was noted.

    Raises:
        RunError: The note is damaged.
    """
    try:
        value = strict_json.parse_object(read_file(path, at_most=_LARGEST_NOTE))
        return Status("failed", reason=str(value["reason"]), exit_code=int(str(value["exit_code"])))
    except (ValueError, KeyError) as error:
        raise RunError(f"{path} is damaged: {error}") from error
