"""`seqcli cache`: what is kept for later commands, and its removal without touching anything else.

`SEQCLI_CACHE_DIR` may name any folder, so nothing goes because of where it lies: a run goes as `runs rm`
takes one away, prepared data by its manifest, a record by its seal.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import get_args

from seqcli.data.cache import cache_folder
from seqcli.errors import SeqcliError, UsageError
from seqcli.results.cache_contents import CacheContents, CachePart, CachePartName
from seqcli.runs.removal import check_removable, remove_run
from seqcli.runs.run_layout import MANIFEST_FILE, is_run, size_of
from seqcli.runs.sealed import read_record
from seqcli.runs.temporary import remove_file, remove_folder

PARTS: tuple[CachePartName, ...] = get_args(CachePartName)

UNASKED = tuple(name for name in PARTS if name != "looks")
"""What `clear` takes when nothing is named. Looks stay: they keep a second look at the same seeds honest."""

_PREPARED = re.compile(r"[0-9a-f]{32}")
"""How prepared data is called: by 128 bits of the digest of all that decides it."""

_FRAME = re.compile(r"frame-[0-9a-f]{16}\.parquet")
"""How tables of pandas are called that `import seqcli` was given."""

_RECORD = re.compile(r"[a-z0-9-]+\.json")


def cache_contents() -> CacheContents:
    """Return the parts of the cache with their sizes.

    Raises:
        StorageError: No folder can be used as a cache.
    """
    return _contents(PARTS, clearing=False, remove=False)


def clear_cache(names: Sequence[str], *, remove: bool) -> CacheContents:
    """Return what would go of the cache, or remove it.

    Args:
        names: The parts; none stands for all but the looks.
        remove: Whether to remove it.

    Raises:
        UsageError: The cache has no such part.
        StorageError: No folder can be used as a cache, or the disk fails.
    """
    for name in names:
        if name not in PARTS:
            raise UsageError(f"the cache has no part {name!r}", f"Its parts: {', '.join(PARTS)}.")
    return _contents([name for name in PARTS if name in (names or UNASKED)], clearing=True, remove=remove)


def _contents(names: Sequence[CachePartName], *, clearing: bool, remove: bool) -> CacheContents:
    folder = cache_folder()
    parts = [_part(folder / name, name, remove=remove) for name in names]
    return CacheContents(
        folder=str(folder),
        removed=remove,
        clearing=clearing,
        parts=[part for part in parts if part.entries or part.kept],
    )


def _part(folder: Path, name: CachePartName, *, remove: bool) -> CachePart:
    check, take_away = _STEPS[name]
    count, total, staying = 0, 0, []
    for entry in _entries(folder):
        size = size_of(entry) if entry.is_dir() and not entry.is_symlink() else entry.lstat().st_size
        try:
            check(entry)
            if remove:
                take_away(entry)
        except SeqcliError as error:
            staying.append(f"{entry}: {error.message}")
            continue
        count, total = count + 1, total + size
    return CachePart(name=name, entries=count, bytes=total, kept=staying)


def _entries(folder: Path) -> Iterator[Path]:
    if folder.is_dir() and not folder.is_symlink():
        yield from sorted(folder.iterdir())


def _check_run(entry: Path) -> None:
    if entry.is_symlink() or not is_run(entry):
        raise UsageError("not a run of seqcli's")
    check_removable(entry)


def _check_prepared(entry: Path) -> None:
    named = _PREPARED.fullmatch(entry.name) and entry.is_dir() and not entry.is_symlink()
    if not (named and (entry / MANIFEST_FILE).is_file()):
        raise UsageError("not prepared data of seqcli's")


def _check_frame(entry: Path) -> None:
    if entry.is_symlink() or not entry.is_file() or not _FRAME.fullmatch(entry.name):
        raise UsageError("not a table that seqcli kept")


def _check_record(entry: Path) -> None:
    if entry.is_symlink() or not entry.is_file() or not _RECORD.fullmatch(entry.name):
        raise UsageError("not a record of seqcli's")
    read_record(entry)


_Step = Callable[[Path], object]
_RUN: tuple[_Step, _Step] = (_check_run, remove_run)
_OWN_RECORD: tuple[_Step, _Step] = (_check_record, remove_file)
_STEPS: Mapping[CachePartName, tuple[_Step, _Step]] = {
    "data": (_check_prepared, remove_folder),
    "legs": _RUN,
    "translators": _RUN,
    "baselines": _OWN_RECORD,
    "cost": _OWN_RECORD,
    "timings": _OWN_RECORD,
    "kernels": _OWN_RECORD,
    "comparisons": _OWN_RECORD,
    "looks": _OWN_RECORD,
    "frames": (_check_frame, remove_file),
}
"""The check that an entry is seqcli's own, and its removal."""
