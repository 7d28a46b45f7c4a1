"""A folder that several machines see: training runs wait in it, are leased, finished, and taken over.

Nothing but files: no server, no database, no lock of the kernel across machines, no clock that two machines
would have to agree on. A lease is a file that one process alone can make (a hard link), and each take-over
is a lease with the next number, so that of two who want a run one gets it. A worker's record is rewritten
with a higher beat every few seconds; who sees it stand still, by its own clock, takes over what it held.
Each lease trains in a folder of its own, which takes its place among the finished by one rename: a worker
that was stopped and wakes up later finds the place taken and throws its work away.

The lease with a growing number is that of Gray and Cheriton (1989), with the fencing of Burrows (2006).
"""

import errno
import glob
import json
import os
import secrets
import shutil
import socket
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from seqcli.errors import MAKE_ROOM, RunError, SeqcliError, StorageError
from seqcli.launch.job import Failed, Job
from seqcli.launch.store_mark import (
    ATTEMPTS,
    FAILURES,
    FOLDERS,
    JOBS,
    LARGEST_RECORD,
    LEASES,
    LOGS,
    MARK,
    WORKERS,
    check_store,
    make_store,
)
from seqcli.results.work import RunningLeg, WorkerFacts
from seqcli.runs import strict_json
from seqcli.runs.atomic import write_bytes, write_once
from seqcli.runs.directory import RunDirectory
from seqcli.runs.lock import find_holder
from seqcli.runs.run_layout import LEGS_FOLDER, LOCK_FILE
from seqcli.runs.sealed import sealed, unsealed
from seqcli.runs.storage import read_file, storage_faults
from seqcli.runs.temporary import drop_tree, move_folder, set_aside, sweep_stale, temporary_folder

NODE_VARIABLE = "SLURMD_NODENAME"
"""The name by which SLURM starts, excludes and tells of a node; its host may be called otherwise."""

FINAL = frozenset({2, 3, 8, 75})
"""Exit codes that another machine would end with as well: wrong settings or data, a loss that is no number,
the time limit of a run. All others may be the machine's fault."""
TRIED_ENOUGH = 3
"""So many workers that fail a run settle it; two may share a broken disk or image."""


def new_worker() -> WorkerFacts:
    """The record of this process as a worker."""
    return WorkerFacts(
        id=f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}".replace(".", "-"),
        host=socket.gethostname(),
        pid=os.getpid(),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        node=os.environ.get(NODE_VARIABLE) or socket.gethostname(),
    )


@dataclass(frozen=True)
class Lease:
    """The right to train one run, until a lease of the next number is made.

    Attributes:
        job: What is trained.
        key: Its name in the store.
        number: How many leases there were before, and this one.
        folder: The run directory of this lease alone.
    """

    job: Job
    key: str
    number: int
    folder: Path


@dataclass
class Beat:
    """The last that was seen of a worker.

    Attributes:
        record: Its record.
        seen: When the record last changed, by the watcher's own clock.
    """

    record: WorkerFacts
    seen: float


@dataclass
class SharedStore:
    """A store as one worker sees it.

    Args:
        folder: Where it is on this machine.
        lost_after: Seconds of silence after which a worker's runs are taken over.
        id: By which machines know that they see the same store.

    Attributes:
        me: This worker's record, as others see it.
        awake: Seconds of this process's own life; time for which it was stopped does not count, or all
            others would look silent when it goes on.
    """

    folder: Path
    lost_after: float
    id: str = ""
    me: WorkerFacts = field(default_factory=new_worker)
    awake: float = 0.0
    _beats: dict[str, Beat] = field(default_factory=dict, repr=False)
    _holders: dict[str, str] = field(default_factory=dict, repr=False)
    _readable: set[str] = field(default_factory=set, repr=False)

    @classmethod
    def open(cls, folder: Path, *, lost_after: float, make: bool, same_as: str = "") -> Self:
        """Find the store, or make it where `make` says so.

        Args:
            folder: Where it is on this machine.
            lost_after: Seconds of silence after which a worker's runs are taken over.
            make: Whether a new one will do.
            same_as: The id of the store that is meant; '' where any will do.

        Raises:
            RunError: There is no store, it is another version's or not the one that is meant, or the folder
                holds something else.
            StorageError: It cannot be made or written.
        """
        place = folder.expanduser().absolute()
        if make and not (place / MARK).exists():
            make_store(place)
        return cls(place, lost_after, check_store(place, same_as=same_as))

    def sweep(self) -> None:
        """Remove the temporaries of writers that were killed, as a command does that begins here."""
        for name in FOLDERS:
            sweep_stale(self.folder / name)

    def publish(self, job: Job) -> str:
        """Put a training run into the store, where it is not; earlier failures of it are forgotten.

        Its data must lie in the store: other machines see nothing else.

        Returns:
            Its name here.

        Raises:
            StorageError: The disk is full or fails.
        """
        key = Path(str(job.arguments["run"])).name
        if not self._make_room(key):
            return key
        for failure in self._named(FAILURES, key):
            failure.unlink(missing_ok=True)
        data = Path(str(job.arguments["data"]))
        if not data.is_relative_to(self.folder):  # it was full for a moment, and a cache has other places
            raise StorageError(
                f"{self.folder} has not taken the prepared data, which are in {data}", MAKE_ROOM
            )
        data = data.relative_to(self.folder)
        arguments = {**job.arguments, "data": str(data), "run": key}
        content = strict_json.document(sealed({"kind": job.kind, "name": job.name, "arguments": arguments}))
        path = self.folder / JOBS / f"{key}.json"
        try:
            write_once(path, content)
        except FileExistsError:
            if self.job(key) is None:  # damaged: nobody could take it
                write_bytes(path, content)
        return key

    def open_keys(self) -> set[str]:
        """The names of the runs that wait or are being trained, failed ones included.

        Foreign and damaged records are none: nobody could take them.
        """
        keys = {path.stem for path in _entries(self.folder / JOBS) if path.suffix == ".json"}
        self._readable &= keys
        self._readable |= {key for key in keys - self._readable if self.job(key) is not None}
        return set(self._readable)

    def finished_keys(self) -> set[str]:
        """The names of the finished runs: a run directory is there whole or not at all."""
        return {path.name for path in _entries(self.folder / LEGS_FOLDER) if ".bad-" not in path.name}

    def is_finished(self, key: str) -> bool:
        """Return whether a run has its place among the finished."""
        return (self.folder / LEGS_FOLDER / key).exists()

    def log_file(self, key: str) -> Path:
        """The log of one run: a JSON line for each lease, each event and its end, whichever worker had it."""
        return self.folder / LOGS / f"{key}.jsonl"

    def log(self, key: str, what: str, **facts: object) -> None:
        """Add a line to a run's log, which is a convenience: a disk that fails costs the line alone."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = {"at": now, "host": self.me.node, "worker": self.me.id, "what": what, **facts}
        with suppress(OSError), self.log_file(key).open("a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")

    def job(self, key: str) -> Job | None:
        """The run of that name, with paths as this machine has them; None where it is finished or damaged.

        Raises:
            StorageError: The disk fails.
        """
        try:
            value = unsealed(
                strict_json.parse_object(
                    read_file(self.folder / JOBS / f"{key}.json", at_most=LARGEST_RECORD)
                )
            )
        except (RunError, ValueError):
            return None
        arguments = value["arguments"]
        if not isinstance(arguments, dict):
            return None
        absolute = {**arguments, "data": str(self.folder / str(arguments["data"]))}
        return Job(str(value["kind"]), str(value["name"]), absolute)

    def lease(self, key: str, leases: Mapping[str, int]) -> Lease | None:
        """Lease a run that is free; None where another was faster, or it is finished by now.

        Args:
            key: Its name.
            leases: The latest number of each leased run, as `leases` listed them.

        Raises:
            StorageError: The disk is full or fails.
        """
        if (self.folder / LEGS_FOLDER / key).exists():  # its worker died before it cleared away
            self._clear(key)
            return None
        latest = leases.get(key, 0)
        if latest and not self.is_free(key, latest):
            return None
        job, number = self.job(key), latest + 1
        if job is None or not self._claim(key, number):
            return None
        path = self.folder / LEASES / f"{key}.{number}"
        if not (self.folder / JOBS / f"{key}.json").exists():  # finished between the two looks
            path.unlink(missing_ok=True)
            return None
        folder = self.folder / ATTEMPTS / f"{key}.{number}"
        self._continue_from(key, latest, folder)
        return Lease(Job(job.kind, job.name, {**job.arguments, "run": str(folder)}), key, number, folder)

    def _claim(self, key: str, number: int) -> bool:
        """Return whether a lease is this worker's: of all that want it, one makes its file."""
        try:
            write_once(self.folder / LEASES / f"{key}.{number}", strict_json.document({"worker": self.me.id}))
        except FileExistsError:
            # Its own, where the disk failed after the link, or NFS repeated a link whose answer was lost.
            return self._holder(key, number) == self.me.id
        return True

    def leases(self) -> dict[str, int]:
        """The latest lease of each run."""
        latest: dict[str, int] = {}
        for path in _entries(self.folder / LEASES):
            key, _, number = path.name.rpartition(".")
            if number.isdecimal():
                latest[key] = max(latest.get(key, 0), int(number))
        return latest

    def is_free(self, key: str, number: int) -> bool:
        """Return whether a lease's worker has ended, fell silent, or failed the run."""
        worker = self._holder(key, number)
        return self.is_gone(worker) or (self.folder / FAILURES / f"{key}.{worker}.json").exists()

    def is_lost(self, lease: Lease) -> bool:
        """Return whether another worker took over what this one held, who was silent for too long."""
        return (self.folder / LEASES / f"{lease.key}.{lease.number + 1}").exists()

    def is_gone(self, worker: str) -> bool:
        """Return whether a worker has ended, or its record stood still for `lost_after` seconds."""
        if worker == self.me.id:
            return False
        beat = self._look_at(worker)
        return beat.record.state == "ended" or self.awake - beat.seen >= self.lost_after

    def finish(self, lease: Lease) -> bool:
        """Give a finished run its place, once for all, and clear away what was needed for it.

        Returns:
            Whether it is this lease's work that is kept; another's may have been there before.

        Raises:
            StorageError: The disk is full or fails.
        """
        place = self.folder / LEGS_FOLDER / lease.key
        with storage_faults(place):
            was_first = not place.exists()
            if was_first:
                try:
                    move_folder(lease.folder, place)
                except OSError as error:
                    # NFS may show for seconds that nothing is there, and refuses the rename all the same.
                    if error.errno not in {errno.ENOTEMPTY, errno.EEXIST} and not place.is_dir():
                        raise
                    was_first = False
            self._clear(lease.key)
        return was_first

    def fail(self, failed: Failed, key: str) -> None:
        """Write down that this worker failed a run, so that others may try it.

        Raises:
            StorageError: The disk is full or fails.
        """
        record = {"exit_code": failed.exit_code, "message": failed.message, "hint": failed.hint}
        path = self.folder / FAILURES / f"{key}.{self.me.id}.json"
        write_bytes(path, strict_json.document(sealed(record)))

    def failures(self, key: str) -> dict[str, dict[str, object]]:
        """The failures of a run, by worker."""
        failures = {}
        for path in self._named(FAILURES, key):
            with suppress(RunError, ValueError):
                worker = path.name.removesuffix(".json").rpartition(".")[2]
                content = read_file(path, at_most=LARGEST_RECORD)
                failures[worker] = unsealed(strict_json.parse_object(content))
        return failures

    def failed_keys(self) -> set[str]:
        """The names of the runs that some worker failed: one listing, however many runs there are."""
        return {path.stem.rpartition(".")[0] for path in _entries(self.folder / FAILURES)}

    def is_settled(self, key: str) -> bool:
        """Return whether nobody needs to try a failed run again."""
        failures = self.failures(key).values()
        final = any(failure["exit_code"] in FINAL for failure in failures)
        return final or len(failures) >= TRIED_ENOUGH

    def beat(self) -> None:
        """Show that this worker is alive, and what it does.

        Raises:
            StorageError: The disk is full or fails.
        """
        self.me = self.me.model_copy(update={"beat": self.me.beat + 1})
        write_bytes(self.folder / WORKERS / f"{self.me.id}.json", strict_json.document(self.me.to_json()))

    def leave(self) -> None:
        """Show that this worker has ended: what it held is free at once."""
        self.me = self.me.model_copy(update={"state": "ended", "running": []})
        with suppress(StorageError):
            self.beat()

    def workers(self) -> list[WorkerFacts]:
        """The records of all workers but this one, those that are silent told as lost."""
        names = [path.stem for path in _entries(self.folder / WORKERS) if path.suffix == ".json"]
        records = [(name, self._look_at(name).record) for name in sorted(names) if name != self.me.id]
        return [
            record
            if record.state == "ended" or not self.is_gone(name)
            else record.model_copy(update={"state": "lost"})
            for name, record in records
            if record.id
        ]

    def _make_room(self, key: str) -> bool:
        """Return whether a run is still to be done; what is there of it, half done or damaged, gives way."""
        place = self.folder / LEGS_FOLDER / key
        if not place.is_dir():
            return True
        try:
            if RunDirectory.open(place).status().state == "done":
                return False
        except RunError:
            set_aside(place)
            return True
        first = self.folder / ATTEMPTS / f"{key}.0"
        if find_holder(place) is None and not first.exists():
            with storage_faults(place):
                move_folder(place, first)  # a comparison without a store left it half done: it goes on
        return True

    def _continue_from(self, key: str, latest: int, folder: Path) -> None:
        """Begin with a copy of what an earlier lease had saved.

        A copy, for its worker may only be slow. What it writes meanwhile makes a copy that does not hold
        together, which is thrown away: then the run begins anew.
        """
        attempts = (self.folder / ATTEMPTS / f"{key}.{number}" for number in range(latest, -1, -1))
        before = next((attempt for attempt in attempts if attempt.is_dir()), None)
        if before is None:
            return
        copy = temporary_folder(folder)
        try:
            shutil.copytree(
                before, copy, symlinks=True, ignore=shutil.ignore_patterns(LOCK_FILE, ".seqcli-*")
            )
            RunDirectory.open(copy)
            copy.rename(folder)
        except (OSError, shutil.Error, SeqcliError):
            drop_tree(copy)

    def _clear(self, key: str) -> None:
        """Remove what a finished run needs no more; the job last, by which others see what a death leaves."""
        for path in (self.folder / ATTEMPTS).glob(f"{glob.escape(key)}.*"):  # copies half made, too
            drop_tree(path)
        for path in (*self._named(LEASES, key), *self._named(FAILURES, key)):
            path.unlink(missing_ok=True)
        (self.folder / JOBS / f"{key}.json").unlink(missing_ok=True)

    def _named(self, folder: str, key: str) -> list[Path]:
        return [path for path in _entries(self.folder / folder) if path.name.startswith(f"{key}.")]

    def _holder(self, key: str, number: int) -> str:
        """The worker of a lease, which never changes; '' where the lease is gone or cannot be read."""
        name = f"{key}.{number}"
        if name not in self._holders:
            with suppress(RunError, ValueError, KeyError):
                content = read_file(self.folder / LEASES / name, at_most=LARGEST_RECORD)
                self._holders[name] = str(strict_json.parse_object(content)["worker"])
        return self._holders.get(name, "")

    def _look_at(self, worker: str) -> Beat:
        known = self._beats.get(worker)
        try:
            content = read_file(self.folder / WORKERS / f"{worker}.json", at_most=LARGEST_RECORD)
            record = WorkerFacts.from_json(strict_json.parse_object(content))
        except (RunError, ValueError):
            record = WorkerFacts.unknown(worker)
        except StorageError:
            if known is None:
                raise
            return known  # it was replaced while it was read (ESTALE), or the disk fails: no news
        if known is None or known.record.beat != record.beat or known.record.state != record.state:
            self._beats[worker] = Beat(record, self.awake)
        else:
            known.record = record
        return self._beats[worker]


def running(names: Iterable[tuple[str, str]]) -> list[RunningLeg]:
    """Runs in hand and what is known of each, for a worker's record."""
    return [RunningLeg(name=name, doing=doing) for name, doing in names]


def _entries(folder: Path) -> list[Path]:
    with storage_faults(folder):
        try:
            return [
                path
                for path in folder.iterdir()
                if not path.name.startswith(".") and ".tmp-" not in path.name
            ]
        except FileNotFoundError:
            return []
