"""A disk that fails, and a process that dies, at any chosen call."""

import errno
import functools
import importlib.util
import os
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import pytest

CHANGING_CALLS = ("write", "fsync", "rename", "replace", "unlink", "link", "mkdir", "rmdir", "ftruncate")
KILLED = 137


@dataclass
class FaultyDisk:
    """Stands before the calls of `os` that change a disk, counts them, and breaks the chosen one.

    A dying process loses no written bytes, so nothing is really synced and the tests are fast.
    """

    calls: list[tuple[str, tuple]] = field(default_factory=list)
    fault_at: int = 0
    fault: Callable[[Callable, tuple], object] | None = None

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in CHANGING_CALLS:
            real = getattr(os, name) if name != "fsync" else lambda _descriptor: None
            monkeypatch.setattr(os, name, self._before(name, real))

    def _before(self, name: str, real: Callable) -> Callable:
        def call(*args, **kwargs):
            self.calls.append((name, args))
            if len(self.calls) == self.fault_at:
                return self.fault(functools.partial(real, **kwargs), args)
            return real(*args, **kwargs)

        return call


def die(_real: Callable, _args: tuple) -> None:
    os._exit(KILLED)


def die_halfway(real: Callable, args: tuple) -> None:
    """A write dies with half of its bytes on the disk; any other call dies after it has worked."""
    if len(args) == 2 and isinstance(args[1], memoryview):
        args = (args[0], args[1][: len(args[1]) // 2])
    try:
        real(*args)
    finally:
        os._exit(KILLED)


def failing_with(code: int) -> Callable:
    def fail(_real: Callable, _args: tuple) -> None:
        raise OSError(code, os.strerror(code))

    return fail


@pytest.fixture
def tmp_path(tmp_path):
    """A folder in memory where there is one: thousands of small files are made and removed here."""
    memory = Path("/dev/shm")  # noqa: S108 - the name is random
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(prefix="seqcli-", dir=memory) as folder:
        yield Path(folder)


@pytest.fixture
def faulty_disk(monkeypatch):
    """Installs a disk whose call number `at` fails with the errno, or does not fail."""

    def install(at: int = 0, code: int = errno.ENOSPC) -> FaultyDisk:
        disk = FaultyDisk(fault_at=at, fault=failing_with(code))
        disk.install(monkeypatch)
        return disk

    return install


@pytest.fixture
def in_child():
    """Runs an action in a forked process; its exit code (0 when it returned)."""
    return run_in_child


def run_in_child(action: Callable[[], object]) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # other tests' threads; the child uses none
        pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    try:
        action()
    except BaseException:  # noqa: BLE001 - the child must never return into pytest
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(70)
    os._exit(0)


@pytest.fixture
def killed_at():
    """Runs an action in a process that dies at its call number `at`; whether it died."""

    def run(action: Callable[[], object], at: int, how: Callable = die) -> bool:
        def child() -> None:
            FaultyDisk(fault_at=at, fault=how).install(pytest.MonkeyPatch())
            action()

        code = run_in_child(child)
        assert code in {0, KILLED}
        return code == KILLED

    return run


@pytest.fixture(params=[die, die_halfway], ids=["before the call", "within or after the call"])
def death(request):
    return request.param


@pytest.fixture(scope="session")
def tiny_leg() -> ModuleType:
    path = Path(__file__).with_name("tiny_leg.py")
    spec = importlib.util.spec_from_file_location("tiny_leg", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def tree():
    """Every file below a folder with its bytes, by relative path; the comparison of `cmp`."""
    return lambda folder: {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }
