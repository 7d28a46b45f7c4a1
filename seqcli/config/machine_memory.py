"""The memory that this process may use: the machine's, or less where a container or scheduler limits it.

Linux control groups hold the limits; the machine's own figures know nothing of them.
"""

import resource
import sys
from contextlib import suppress
from pathlib import Path

import psutil

_GROUPS = Path("/sys/fs/cgroup")
_MINE = Path("/proc/self/cgroup")
_LIMITS = ("memory.max", "memory.limit_in_bytes")
"""The file with a group's limit in bytes, in version 2 and in version 1 of control groups."""
_USED = {"memory.max": "memory.current", "memory.limit_in_bytes": "memory.usage_in_bytes"}


def peak_memory() -> int:
    """The most bytes of memory that this process has had so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024  # kilobytes on Linux


def memory_limit(groups: Path = _GROUPS, mine: Path = _MINE) -> int:
    """The most bytes that this process can have: the machine's memory, or its groups' least limit."""
    limits = [limit for limit, _ in _limited(groups, mine)]
    return min([psutil.virtual_memory().total, *limits])


def free_memory(groups: Path = _GROUPS, mine: Path = _MINE) -> int:
    """The bytes that this process can still take; files that the kernel keeps in memory count as free."""
    left = [max(limit - used, 0) for limit, used in _limited(groups, mine)]
    return min([psutil.virtual_memory().available, *left])


def _limited(groups: Path, mine: Path) -> list[tuple[int, int]]:
    """The limit and the use in bytes of each group that this process is in."""
    limits = []
    for folder in _folders(groups, mine):
        for name in _LIMITS:
            # 'max' is no number, a missing file no limit.
            with suppress(OSError, ValueError):
                limit = int((folder / name).read_text(encoding="ascii"))
                used = int((folder / _USED[name]).read_text(encoding="ascii"))
                limits.append((limit, max(used - _cached(folder), 0)))
    return limits


def _cached(folder: Path) -> int:
    """Bytes of files that the kernel keeps for the group and gives up before anything is killed."""
    with suppress(OSError, ValueError):
        lines = (folder / "memory.stat").read_text(encoding="ascii").splitlines()
        counts = {name: int(count) for name, _, count in (line.partition(" ") for line in lines)}
        return counts.get("total_inactive_file", counts.get("inactive_file", 0))
    return 0


def _folders(groups: Path, mine: Path) -> list[Path]:
    """The folders of the groups with memory limits that this process is in, the outer ones too.

    Inside a container the root of the mounted tree is the process's own group, whatever the path says.
    """
    folders = {groups, groups / "memory"}
    with suppress(OSError):
        for line in mine.read_text(encoding="utf-8").splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers in ("", "memory"):
                root = groups / controllers
                inner = root / path.strip("/")
                folders |= {place for place in (inner, *inner.parents) if place.is_relative_to(root)}
    return sorted(folders)
