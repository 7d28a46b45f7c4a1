"""A folder as bytes on their way from one machine to another, and checked where they arrive."""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from seqcli.errors import RunError
from seqcli.runs.finished_run import FinishedRun
from seqcli.runs.lock import find_holder
from seqcli.runs.run_layout import LOCK_FILE
from seqcli.runs.storage import storage_faults
from seqcli.runs.temporary import drop_tree, is_temporary_file, move_folder, set_aside, temporary_folder

Files = Mapping[str, bytes]
"""By a path with slashes, relative to the folder, what is in the file."""


def pack(folder: Path) -> dict[str, bytes]:
    """The plain files of a folder; locks and temporaries stay where they are.

    Raises:
        StorageError: The disk fails.
    """
    with storage_faults(folder):
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
            and not path.is_symlink()
            and path.name != LOCK_FILE
            and not is_temporary_file(path.name)
        }


def unpack(files: Files, folder: Path) -> None:
    """Write files into a folder that is made; none can end up outside it.

    Raises:
        RunError: A name leaves the folder.
        StorageError: The disk is full or fails.
    """
    for name, content in files.items():
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or not path.parts or "\\" in name or "\0" in name:
            raise RunError(f"a file called {name!r} would leave its folder", "Only a forged run has one.")
        with storage_faults(folder, needed=len(content)):
            place = folder.joinpath(*path.parts)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)


def arrive(files: Files, folder: Path) -> FinishedRun:
    """Give a finished run that came from another machine its place, every byte checked by its manifest.

    One that is there already stays; what is half done gives way.

    Raises:
        RunError: It is not finished, or a byte of it is another than was committed.
        StorageError: The disk is full or fails.
    """
    copy = temporary_folder(folder)
    try:
        unpack(files, copy)
        if FinishedRun.open(copy) is None:
            raise RunError("a run arrived that is not finished", "The same command trains it again.")
        with storage_faults(folder):
            finished = _finished(folder)
            if finished is not None:
                return finished
            if folder.exists() and find_holder(folder) is None:
                set_aside(folder)
            move_folder(copy, folder)
    finally:
        drop_tree(copy)
    run = FinishedRun.open(folder)
    if run is None:
        raise RunError(f"{folder} is not what arrived", "The same command trains it again.")
    return run


def _finished(folder: Path) -> FinishedRun | None:
    try:
        return FinishedRun.open(folder) if folder.is_dir() else None
    except RunError:
        return None
