"""A file that a person named for a result: checked before the work starts, and there only when it is whole.

An ordinary file is written aside in its own folder and takes its place by one rename; until then, and for
good where the work fails or is stopped, the old one stays. A symbolic link is followed: what it points to is
replaced, and the link stays. A named pipe, a device and what stdout already leads to are written to directly.
"""

import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from seqcli.errors import UsageError, disk_fault
from seqcli.runs.atomic import open_temporary
from seqcli.runs.storage import storage_faults, sync_folder, write_all

WriteBytes = Callable[[bytes], None]


@dataclass(frozen=True)
class NamedFile:
    """The file for a result.

    Attributes:
        name: As the person spelt it.
        target: The ordinary file that is made or replaced; None where it is written to directly.
        is_stdout: Whether it is what stdout already leads to: `-o /dev/stdout`.
    """

    name: str
    target: Path | None
    is_stdout: bool = False

    def writing(self) -> AbstractContextManager[WriteBytes]:
        """A function that takes bytes; an ordinary file is there, whole, once the block has ended well.

        Raises:
            StorageError: The disk is full or fails; an ordinary file is as it was.
            BrokenPipeError: Nobody reads the pipe any more.
        """
        return _directly(self.name) if self.target is None else _aside(self.target)

    def save(self, content: bytes) -> None:
        """Write all of it; raises as `writing`."""
        with self.writing() as write:
            write(content)


def named_file(name: str, option: str) -> NamedFile:
    """The file that an option names, once it is clear that it can be written.

    Args:
        name: As the person spelt it.
        option: What named it, for messages: '--out'.

    Raises:
        UsageError: A folder, a socket, a file in no folder, or one that may not be written.
    """
    try:
        status = _stat(name)
    except (OSError, ValueError) as error:
        raise _refused(name, option, getattr(error, "strerror", None) or str(error)) from None
    is_own_stdout = status is not None and _is_stdout(status)
    if status is not None and (is_own_stdout or not stat.S_ISREG(status.st_mode)):
        fault = _fault_of_special(name, status.st_mode)
        target = None
    else:
        target = Path(os.path.realpath(name))
        fault = _fault_of_file(name, target)
    if fault is not None:
        raise _refused(name, option, fault)
    return NamedFile(name, target, is_stdout=is_own_stdout)


def _stat(name: str) -> os.stat_result | None:
    """Return the file's status; None where there is none.

    Raises:
        OSError: The name is the fault: a file in place of a folder, links in a circle, too long, not ours.
        ValueError: No file can be called so.
    """
    try:
        return os.stat(name)  # noqa: PTH116 - follows /dev/fd/N too, which no resolved path can
    except FileNotFoundError:
        return None
    except OSError as error:
        raise disk_fault(error) or error from error


def _refused(name: str, option: str, fault: str) -> UsageError:
    return UsageError(f"{option} {name}: {fault}", "Name a file in a folder that is there.")


def _fault_of_special(name: str, mode: int) -> str | None:
    if stat.S_ISDIR(mode):
        return "is a folder"
    if stat.S_ISSOCK(mode):
        return "is a socket"
    return None if os.access(name, os.W_OK) else "cannot be written"


def _fault_of_file(name: str, target: Path) -> str | None:
    folder = target.parent
    if not name or name.endswith("/") or not folder.is_dir():
        return f"there is no folder {_folder_of(name, folder)}"
    if not os.access(folder, os.W_OK | os.X_OK):
        return f"nothing can be written into {folder}"
    return "is write-protected" if target.exists() and not os.access(target, os.W_OK) else None


def _folder_of(name: str, folder: Path) -> str:
    """The missing folder as the person spelt it; a link's target has only its own spelling."""
    if Path(name).is_symlink():
        return str(folder)
    return str(Path(name) if name.endswith("/") else Path(name).parent)


def _is_stdout(status: os.stat_result) -> bool:
    """Return whether the file is what stdout already leads to (`-o /dev/stdout > file`): it has a writer."""
    with suppress(OSError, ValueError, AttributeError):
        return os.path.samestat(status, os.fstat(sys.stdout.fileno()))
    return False


@contextmanager
def _directly(name: str) -> Iterator[WriteBytes]:
    with storage_faults(Path(name)):
        is_own_stdout = _is_stdout(os.stat(name))  # noqa: PTH116 - as above
        descriptor = (
            os.dup(sys.stdout.fileno()) if is_own_stdout else os.open(name, os.O_WRONLY | os.O_CLOEXEC)
        )

    def write(content: bytes) -> None:
        with storage_faults(Path(name), needed=len(content)):
            write_all(descriptor, content)

    try:
        yield write
    finally:
        os.close(descriptor)


@contextmanager
def _aside(target: Path) -> Iterator[WriteBytes]:
    with storage_faults(target):
        temporary, descriptor = open_temporary(target.parent)

    def write(content: bytes) -> None:
        with storage_faults(target, needed=len(content)):
            write_all(descriptor, content)

    try:
        yield write
        with storage_faults(target):
            _keep_permissions(target, descriptor)
            os.fsync(descriptor)
            temporary.rename(target)
            sync_folder(target.parent)
    finally:
        with suppress(OSError):  # there no more once it has been renamed
            temporary.unlink()
        os.close(descriptor)


def _keep_permissions(target: Path, descriptor: int) -> None:
    """Give the new file the old one's permissions; some disks have none."""
    with suppress(OSError):
        os.fchmod(descriptor, stat.S_IMODE(target.stat().st_mode))
