"""The cache of prepared data: folders named by their content, each there whole or not at all."""

import errno
import fcntl
import os
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import platformdirs

from seqcli.data import data_words
from seqcli.errors import DataError, StorageError
from seqcli.runs import strict_json
from seqcli.runs.storage import close_quietly, storage_faults, write_all
from seqcli.runs.temporary import drop_tree, remove_folder, temporary_folder

T = TypeVar("T")

_TRIES = 20
"""How many temporaries may be swept away by others before their lock."""

VARIABLE = "SEQCLI_CACHE_DIR"
_ROOM = 1 << 20
"""Bytes that a cache must take to be of use, 1 MiB: about what small data and a leg of it need."""


class DamagedError(DataError):
    """A folder of the cache that does not hold what was written."""


@dataclass(frozen=True)
class Cache:
    """A folder that several processes use at once.

    Args:
        root: The folder of prepared data; what else is kept for later lies beside it.
        warning: What a person should know of it, as a sentence.
    """

    root: Path
    warning: str | None = None

    def obtain(
        self, key: Mapping[str, object], *, build: Callable[[Path], None], read: Callable[[Path], T]
    ) -> T:
        """Return the data of a key, built if it is not there or damaged.

        Two processes that build the same at once do not disturb each other: the first to finish is kept.

        Args:
            key: All that decides the content, as JSON values.
            build: Fills a new, empty folder.
            read: Reads a folder back; it raises `DamagedError` when the folder does not verify.

        Raises:
            StorageError: The disk is full, read-only or broken.
        """
        # 128 bits: no two keys share a name, and paths stay short.
        folder = self.root / strict_json.digest(key)[:32]
        if folder.is_dir():
            try:
                return read(folder)
            except DamagedError:
                _discard(folder)
        with storage_faults(folder):
            self.root.mkdir(parents=True, exist_ok=True)
            _sweep(self.root)
            with _new_folder(folder) as temporary:
                build(temporary)
                _keep(temporary, folder)
        return read(folder)


def default_cache(environ: Mapping[str, str] = os.environ) -> Cache:
    """The cache that the environment names, or the platform's, or one among temporary files.

    Raises:
        StorageError: No folder can be used: each is full, read-only or no folder at all.
    """
    setting = environ.get(VARIABLE)
    usual = Path(setting).expanduser() if setting else platformdirs.user_cache_path("seqcli", appauthor=False)
    # A home that is not known leaves a `~`, which is no place.
    if (setting or usual.is_absolute()) and _usable(usual.absolute()):
        return Cache(usual.absolute() / "data")
    called = f"{VARIABLE}={setting}" if setting else f"the cache folder {usual}"
    spare = spare_cache()
    other = _among_temporary_files()
    if spare is None:
        raise StorageError(
            f"no folder for prepared data: neither {usual} nor {other} can be used",
            f"Name one that can be written and has room: {VARIABLE}=/some/folder.",
        )
    return Cache(spare.root, data_words.cache_elsewhere(called, other))


def cache_folder() -> Path:
    """The folder of all that is kept unasked: prepared data, legs, cost blocks, results, translators.

    Raises:
        StorageError: As `default_cache`.
    """
    return default_cache().root.parent


def spare_cache() -> Cache | None:
    """A cache among temporary files, for when the usual one fails; None where that cannot be had either."""
    owner = getattr(os, "getuid", lambda: 0)()
    other = _among_temporary_files()
    return Cache(other / "data") if _usable(other) and _ours(other, owner) else None


def _among_temporary_files() -> Path:
    owner = getattr(os, "getuid", lambda: 0)()
    return Path(tempfile.gettempdir()).absolute() / f"seqcli-cache-{owner}"


def _usable(folder: Path) -> bool:
    """Return whether the folder is there, or can be made, and takes new files with something in them."""
    try:
        # Others of this machine read nobody's texts, and put nothing into the folder.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
            write_all(file.fileno(), bytes(_ROOM))  # a full disk often takes empty files still
    except OSError:
        return False
    return True


def _ours(folder: Path, owner: int) -> bool:
    """Return whether the folder is a real one of this user's: others can plant names beside it."""
    status = folder.lstat()
    # 0o022: the rights of the group and of others to write.
    return stat.S_ISDIR(status.st_mode) and status.st_uid == owner and not status.st_mode & 0o022


@contextmanager
def _new_folder(folder: Path) -> Iterator[Path]:
    """A temporary folder beside `folder`, locked while it is in use and gone afterwards."""
    for _ in range(_TRIES):
        temporary = temporary_folder(folder)
        temporary.mkdir()
        descriptor = os.open(temporary, os.O_RDONLY | os.O_DIRECTORY)
        with suppress(OSError):  # a disk without locks has no sweepers either
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if temporary.is_dir():  # else a sweeper came before the lock
            break
        close_quietly(descriptor)
    else:
        raise OSError(errno.ENOLCK, f"none of {_TRIES} new folders stayed", str(folder.parent))
    try:
        yield temporary
    finally:
        drop_tree(temporary)
        close_quietly(descriptor)


def _keep(temporary: Path, folder: Path) -> None:
    """Give a finished folder its name; one that is there already holds the same."""
    with suppress(FileExistsError, NotADirectoryError):
        try:
            temporary.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise


def _discard(folder: Path) -> None:
    """Take a damaged folder away in one step, so that no other process finds half of it."""
    with storage_faults(folder), suppress(FileNotFoundError):
        remove_folder(folder)


def _sweep(root: Path) -> None:
    """Remove the temporary folders of processes that died."""
    for stray in root.glob("*.tmp-*"):
        with suppress(OSError):
            descriptor = os.open(stray, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                drop_tree(stray)
            finally:
                close_quietly(descriptor)
