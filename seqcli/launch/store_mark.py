"""The mark of a shared store: that a folder is one, of which format, and by which machines know it again.

Two machines can see different folders under one path. The id that one wrote, and that the other reads or does
not, tells so.
"""

import secrets
import socket
import tempfile
from contextlib import suppress
from pathlib import Path

from seqcli.errors import OtherVersionError, RunError
from seqcli.runs import strict_json
from seqcli.runs.atomic import write_once
from seqcli.runs.run_layout import LEGS_FOLDER
from seqcli.runs.storage import read_file, storage_faults, write_all

SCHEMA = "seqcli.store/1"
MARK = "store.json"
JOBS, LEASES, WORKERS, FAILURES, ATTEMPTS, LOGS = (
    "jobs", "leases", "workers", "failures", "attempts", "logs",
)  # fmt: skip
FOLDERS = (JOBS, LEASES, WORKERS, FAILURES, ATTEMPTS, LOGS, LEGS_FOLDER)
ROOM = 1 << 20
"""Bytes: about what small data and a run on it need."""
LARGEST_RECORD = 1 << 22
"""Bytes: a job's record has some kilobytes, most of them the configuration."""
NOT_SHARED = "Name a folder that all machines mount, under the same path, as --store."


def make_store(place: Path) -> None:
    """Make a store where there is none.

    Raises:
        RunError: The folder holds something else.
        StorageError: It cannot be made or written.
    """
    with storage_faults(place):
        place.mkdir(parents=True, exist_ok=True)
        foreign = sorted(path.name for path in place.iterdir() if path.name not in (*FOLDERS, MARK, "data"))
        if foreign and not (place / LEGS_FOLDER).is_dir():
            raise RunError(
                f"{place} holds other files ({foreign[0]}), and is no store",
                "Name an empty folder, or one that is to be made.",
            )
        for name in FOLDERS:
            (place / name).mkdir(exist_ok=True)
    with suppress(FileExistsError):
        write_once(place / MARK, strict_json.document({"schema": SCHEMA, "id": secrets.token_hex(8)}))


def check_store(place: Path, *, same_as: str = "") -> str:
    """Return the id of a store; '' of one that an earlier version made.

    Args:
        place: Its folder on this machine.
        same_as: The id of the store that is meant; '' where any will do.

    Raises:
        RunError: There is no store, it is another version's, or not the one that is meant.
        StorageError: It cannot be written.
    """
    if not (place / MARK).exists():
        raise _no_store(place, meant=bool(same_as))
    mark = _read(place / MARK)
    if str(mark.get("schema")) != SCHEMA:
        raise OtherVersionError(
            f"{place} was made by another version of seqcli: {mark.get('schema')} where this one reads"
            f" {SCHEMA}",
            "Use the same version on all machines.",
        )
    store_id = str(mark.get("id", ""))
    if same_as and store_id != same_as:
        raise RunError(
            f"{place} on {socket.gethostname()} is another folder than the store that was planned: its id is"
            f" {store_id or 'not there'}, not {same_as}; the path is the same and not shared",
            NOT_SHARED,
        )
    for name in FOLDERS:
        with storage_faults(place / name):
            (place / name).mkdir(exist_ok=True)
    return store_id


def check_room(place: Path) -> None:
    """Refuse a store that takes no more, before anything is prepared or trained.

    Args:
        place: Its folder on this machine.

    Raises:
        StorageError: It is full, read-only or not ours to write on.
    """
    with storage_faults(place, needed=ROOM), tempfile.TemporaryFile(dir=place, buffering=0) as file:
        write_all(file.fileno(), bytes(ROOM))  # a full disk often takes empty files still


def _no_store(place: Path, *, meant: bool) -> RunError:
    if meant:
        return RunError(
            f"there is no store {place} on {socket.gethostname()}: the folder is not shared", NOT_SHARED
        )
    if not place.is_dir():
        return RunError(
            f"there is no store {place} on {socket.gethostname()}",
            "Make one: seqcli compare lstm gru --task NAME --store DIR. If another machine made it, this one"
            " does not see the same folder: mount it here.",
        )
    return RunError(
        f"{place} is no store: it has no {MARK}",
        "Name the folder that was given to `seqcli compare … --store`.",
    )


def _read(mark: Path) -> dict[str, object]:
    try:
        return strict_json.parse_object(read_file(mark, at_most=LARGEST_RECORD))
    except ValueError as error:
        raise RunError(f"{mark} is damaged: {error}", "Remove it, and give the compare again.") from error
