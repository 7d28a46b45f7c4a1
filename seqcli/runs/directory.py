"""A run directory: made once, continued by the same configuration only, committed once, checked when read."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from seqcli import __version__
from seqcli.config.hardware import memory_limit, peak_memory
from seqcli.errors import SeqcliError, StoppedError, StorageError, system_fault
from seqcli.runs import configuration, result, run_layout, strict_json
from seqcli.runs.atomic import FileContent, write_bytes
from seqcli.runs.configuration import Difference, differences, told_once
from seqcli.runs.kept_lines import HELD, KeptLines
from seqcli.runs.lock import Holder, Released, RunLock, find_holder
from seqcli.runs.manifest import FileRecord, Manifest, check_name, check_out
from seqcli.runs.result import Status, read_failure, write_failure
from seqcli.runs.run_layout import (
    CHECKPOINTS_FOLDER,
    CONFIG_FILE,
    DONE_FILE,
    FAILED_FILE,
    MANIFEST_FILE,
    METRICS_FILE,
    RUN_SCHEMA,
    SUMMARY_FILE,
)
from seqcli.runs.storage import make_folder, read_file, storage_faults

if TYPE_CHECKING:
    from seqcli.runs.checkpoints import Checkpoints

# No limit that a log could meet (a TiB); `read_file` asks for one of every file.
_LARGEST_FILE = 1 << 40
Growth = Callable[[Mapping[str, object], Mapping[str, object]], bool]
"""Whether the second configuration asks for all that the first one did, and for more."""


class RunDirectory(Released):
    """One run's folder. `create` holds its lock and may write; `open` may read.

    Attributes:
        path: The folder, absolute, links resolved.
        manifest: The committed files.
        grown: The spelt configuration, where it asks for more than the one the run was made with. What
            was committed stays until the larger result replaces it.
        killed: Who worked in it before `create`, where that process ended without a word: no stop, no noted
            failure, no result.
    """

    def __init__(self, path: Path, manifest: Manifest, lock: RunLock | None) -> None:
        self.path = path
        self.manifest = manifest
        self.grown: bytes | None = None
        self.killed: Holder | None = None
        self._lock = lock

    @classmethod
    def create(
        cls,
        path: Path,
        config: Mapping[str, object],
        *,
        identity: Mapping[str, object] | None = None,
        overwrite: bool = False,
        growth: Growth | None = None,
    ) -> Self:
        """Makes the run, or goes on with the one that the same configuration made there.

        Args:
            path: The folder; missing, empty, or a run directory.
            config: The resolved configuration, JSON values; it is kept as `config.yaml`.
            identity: What else must be the same to go on, such as the data's SHA-256 and the numerics'
                fingerprint; JSON values.
            overwrite: Whether to remove a run that is there and start anew; other people's files stay.
            growth: Tells another configuration that the run may go on with.

        Raises:
            UsageError: The path cannot be shown or is too long.
            RunError: The path is a file, the root, the home folder or a foreign non-empty folder; the run
                there has another configuration or identity, a newer schema, or is damaged.
            BusyError: Another process works in it.
        """
        folder = run_layout.check_place(path)
        identity = identity or {}
        spelt = configuration.spell(config)
        make_folder(folder)
        lock = RunLock.acquire(folder)
        try:
            ended = (folder / FAILED_FILE).exists() or result.is_committed(folder)
            run_layout.sweep(folder)
            if run_layout.is_unused(folder):
                run = cls._make(folder, lock, spelt, identity)
            elif overwrite:
                from seqcli.runs import removal

                removal.clear(folder)
                run = cls._make(folder, lock, spelt, identity)
            else:
                run = cls._resume(folder, lock, spelt, identity=identity, growth=growth)
            run.killed = None if ended else lock.killed
        except BaseException:
            lock.release()
            raise
        return run

    @classmethod
    def open(cls, path: Path) -> Self:
        """Opens a run for reading. A result that a dead attempt committed is first put in its place.

        Raises:
            UsageError: The path cannot be shown or is too long.
            RunError: There is no run, it was made by a newer seqcli, or it is damaged.
            BusyError: Its result is being committed at this moment and takes long.
        """
        folder = check_out(path)
        run_layout.read_manifest(folder)
        # A result that is put in its place brings another manifest, so that is read again.
        result.finish_or_wait(folder)
        manifest = run_layout.read_manifest(folder)
        result.refuse_unfenced(folder, manifest)
        return cls(folder, manifest, lock=None)

    @classmethod
    def _make(cls, folder: Path, lock: RunLock, spelt: bytes, identity: Mapping[str, object]) -> Self:
        facts = {"seqcli": __version__, "identity": dict(identity)}
        manifest = Manifest.of(RUN_SCHEMA, {CONFIG_FILE: spelt}, facts)
        # The manifest first: it says what the configuration must be, so that one who dies in between can go
        # on.
        write_bytes(folder / MANIFEST_FILE, manifest.encode())
        write_bytes(folder / CONFIG_FILE, spelt)
        return cls(folder, manifest, lock)

    @classmethod
    def _resume(
        cls,
        folder: Path,
        lock: RunLock,
        spelt: bytes,
        *,
        identity: Mapping[str, object],
        growth: Growth | None,
    ) -> Self:
        result.finish(folder)
        manifest = run_layout.read_manifest(folder)
        result.refuse_unfenced(folder, manifest)
        if not (folder / CONFIG_FILE).exists() and manifest.files.get(CONFIG_FILE) == FileRecord.of(spelt):
            write_bytes(folder / CONFIG_FILE, spelt)  # the first attempt died between its first two files
        run = cls(folder, manifest, lock)
        now = configuration.parse(spelt, folder / CONFIG_FILE)
        changes = told_once(differences(run.config, now), differences(run.identity, identity))
        if growth and not differences(run.identity, identity) and growth(run.config, now):
            run.grown = spelt
        else:
            configuration.refuse_differences(folder, changes, done=result.is_committed(folder))
        result.sweep(folder)
        if run._has_checkpoints:
            run.checkpoints.sweep()
        if result.is_committed(folder):
            run.remove_what_the_result_replaces()
        return run

    @cached_property
    def checkpoints(self) -> "Checkpoints":
        """The run's checkpoints, to be changed only by who holds the lock."""
        # A comparison has none of its own: its parent process never loads them.
        from seqcli.runs.checkpoints import Checkpoints

        return Checkpoints(self.path / CHECKPOINTS_FOLDER)

    @property
    def _has_checkpoints(self) -> bool:
        return (self.path / CHECKPOINTS_FOLDER).is_dir()

    @property
    def config(self) -> dict[str, object]:
        """The resolved configuration the run was made with.

        Raises:
            RunError: `config.yaml` was changed, cut or removed.
        """
        return configuration.parse(self.read(CONFIG_FILE), self.path / CONFIG_FILE)

    @property
    def identity(self) -> dict[str, object]:
        """The conditions besides the configuration that must stay the same for the run to go on."""
        identity = self.manifest.facts.get("identity")
        return dict(identity) if isinstance(identity, dict) else {}

    @property
    def metrics_path(self) -> Path:
        """The path of the metrics, for `MetricsLog.open` and `read_metrics`."""
        return self.path / METRICS_FILE

    def status(self) -> Status:
        """Return the run's status. A lock of our own does not count as running.

        Raises:
            RunError: `failed.json` is damaged.
        """
        if result.is_committed(self.path):
            return Status("done")
        holder = None if self._lock and self._lock.held else find_holder(self.path)
        if holder:
            return Status("running", holder=holder)
        if (self.path / FAILED_FILE).exists():
            return read_failure(self.path / FAILED_FILE)
        legs = self.path / run_layout.LEGS_FOLDER
        begun = self.checkpoints.steps() or (legs.is_dir() and any(legs.iterdir()))
        return Status("partial" if begun else "new")

    def read(self, name: str) -> bytes:
        """The content of a committed file, checked against the manifest.

        Raises:
            RunError: It is not committed, missing, a link, or not as it was committed.
        """
        return self.manifest.read(self.path, name)

    def lines(self, name: str) -> FileContent:
        """The lines of a committed file, checked: whole, or one by one, each time anew, where they are many.

        Raises:
            RunError: As `read`.
        """
        if name not in self.manifest.files or self.manifest.files[name].size <= HELD:
            return self.read(name)
        lines = KeptLines(self.path / name, self.manifest.files[name])
        lines.check()
        return lines

    def commit_result(
        self, files: Mapping[str, FileContent], summary: Mapping[str, object], *, replace: bool = False
    ) -> None:
        """Commits the run's result: all files appear, or none; once. The checkpoints then go.

        The result of a grown run, and its configuration, replace the smaller one's, all files or none.

        Args:
            files: The files' contents by name, large ones in pieces; `metrics.jsonl`, as it is now, is added.
            summary: What `summary.json` says; JSON values.
            replace: Whether a result that is there gives way, as where more was measured of the same runs.

        Raises:
            ValueError: The summary is not strict JSON, or a file has the name of one of ours.
            RunError: Another attempt has committed, or `config.yaml` was changed.
            StorageError: The disk is full or fails; nothing is committed.
        """
        self._must_hold_lock()
        contents: dict[str, FileContent] = {
            **self._metrics(),
            **files,
            SUMMARY_FILE: strict_json.document(dict(summary)),
        }
        _refuse_own_names(files)
        config = {CONFIG_FILE: self.grown or self.read(CONFIG_FILE)}
        in_place = Manifest.of(RUN_SCHEMA, config, self.manifest.facts)
        if anew := self.grown is not None or replace:
            contents = {**config, **contents}
        self.manifest = result.commit(self.path, contents, in_place.joined, replace=anew)
        self.grown = None
        self.remove_what_the_result_replaces()

    def fail(self, reason: str, *, exit_code: int) -> None:
        """Notes that this attempt failed and why; the run can still be continued."""
        self._must_hold_lock()
        write_failure(self.path / FAILED_FILE, reason, exit_code)

    def clear_failure(self) -> None:
        """Forgets a noted failure, for an attempt that goes on."""
        self._must_hold_lock()
        with storage_faults(self.path / FAILED_FILE):
            (self.path / FAILED_FILE).unlink(missing_ok=True)

    @contextmanager
    def noting_failure(self) -> Iterator[None]:
        """Notes what ends the attempt inside the block, whatever it is; a stop on purpose is no failure.

        Raises:
            OutOfMemoryError: In place of what a library raised for exhausted memory.
            StorageError: The disk fails before the attempt begins.
        """
        self.clear_failure()
        try:
            yield
        except StoppedError:
            raise
        except Exception as error:
            failure = error if isinstance(error, SeqcliError) else system_fault(error)
            with suppress(StorageError):  # the fault itself is what has to be told
                reason = failure.message if failure else f"{type(error).__name__}: {error}"
                self.fail(reason, exit_code=failure.exit_code if failure else SeqcliError.exit_code)
            if failure is None or failure is error:
                raise
            raise failure from error

    def verify(self) -> list[str]:
        """A sentence for each committed file or checkpoint that is not as it was, all read again."""
        return [fault.message for fault in self.faults()]

    def faults(self) -> list[SeqcliError]:
        """The same as `verify`, as the faults that reading raises: a `StorageError` is no damage."""
        return [
            *self.manifest.faults(self.path),
            *(self.checkpoints.faults() if self._has_checkpoints else ()),
        ]

    def compare(self, other: "RunDirectory") -> list[Difference]:
        """The settings and identity in which another run differs; raises as `config`."""
        return told_once(differences(self.config, other.config), differences(self.identity, other.identity))

    def tell_memory(self) -> None:
        """Notes beside the lock how much memory this process uses, for whoever finds it killed."""
        if self._lock is not None:
            self._lock.tell_memory(peak_memory(), memory_limit())

    def release(self) -> None:
        """Gives the lock back; from then on only reading is allowed."""
        if self._lock:
            self._lock.release()

    def remove_what_the_result_replaces(self) -> None:
        """Remove the note of a failure and the checkpoints, which a result takes the place of."""
        self.clear_failure()
        if self._has_checkpoints:
            self.checkpoints.clear()

    def _must_hold_lock(self) -> None:
        if self._lock is None or not self._lock.held:
            raise RuntimeError(f"{self.path} was opened for reading; only its lock's holder writes")

    def _metrics(self) -> dict[str, bytes]:
        if not self.metrics_path.exists():
            return {}
        return {METRICS_FILE: read_file(self.metrics_path, at_most=_LARGEST_FILE)}


def _refuse_own_names(files: Mapping[str, FileContent]) -> None:
    own_names = {CONFIG_FILE, MANIFEST_FILE, SUMMARY_FILE, FAILED_FILE, DONE_FILE, *run_layout.FOLDERS}
    for name in files:
        if check_name(name) in own_names:
            raise ValueError(f"{name} is the name of a run's own file")
