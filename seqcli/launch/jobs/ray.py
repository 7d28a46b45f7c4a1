"""The job of having training runs done by Ray, in a process of its own: what ends Ray ends no command.

Ray's core ends a whole process when it loses its cluster; here that is a worker that was lost, exit 10.
"""

import os
import re
import socket
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seqcli.config.settings import NonNegativeFloat, PositiveInt, Settings
from seqcli.errors import RunError, SeqcliError, StoppedError, UsageError, WorkerLostError
from seqcli.launch.job import Job, read_arguments
from seqcli.launch.machine import usable_cores
from seqcli.launch.ray_node import train_in_store, train_on_node
from seqcli.launch.shared import finished_event
from seqcli.results.events import Event, Leg, LegFinished, Note
from seqcli.runs.packed_run import arrive, pack

RETRIES = 3
"""A task whose worker or node was lost is sent again so often; one that failed by itself never is."""
WAIT_SECONDS = 0.5
"""Between two looks at whether a stop was asked for, while no task has ended."""
KNOCK_SECONDS = 10.0
"""A machine of the same network answers in far less."""
RAYS_OWN = frozenset({"auto", "local"})
"""Words in RAY_ADDRESS that Ray finds an address for, or starts one."""
TLS_VARIABLE = "RAY_USE_TLS"
"""By which Ray encrypts what it says."""
HTTP2_GREETING = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes((0, 0, 0, 4, 0, 0, 0, 0, 0))
"""A client's first words, with no settings (RFC 9113, 3.4)."""
HTTP2_HEADER, HTTP2_SETTINGS = 9, b"\x04"
"""Bytes of a frame's header, and the kind, its fourth, of a server's first frame."""
STOP_SECONDS = 20.0
"""Time for cancelled tasks to save what they have."""


class RayJob(Settings):
    """The training runs for Ray, and where they go.

    Attributes:
        runs: The jobs, as plain values.
        address: Of a cluster that is up; None starts Ray here.
        jobs: Training runs at once of a Ray that is started here.
        threads: Of each run.
        store: The folder that all nodes see; None sends the runs' bytes back.
        store_id: By which a node knows that the folder it sees is that one.
        lost_after: Seconds of silence after which a worker of the store is given up.
        strict: Whether nodes of other numerics are refused.
    """

    runs: tuple[dict[str, Any], ...]
    address: str | None = None
    jobs: PositiveInt | None = None
    threads: PositiveInt = 1
    store: str | None = None
    store_id: str = ""
    lost_after: NonNegativeFloat = 60.0
    strict: bool = False


def train_by_ray(
    arguments: dict[str, object], should_stop: Callable[[], bool]
) -> Generator[Event, None, dict[str, object]]:
    """Have runs trained; each is in its run directory, or its fault in the result.

    Returns:
        `failed`: by a run's name its exit code, message and hint; `left`: the names of those that no node
        can train, for its numbers would be others.

    Raises:
        UsageError: Ray of another version, or `strict` and a node of other numerics.
        RunError: A node sees another store, or none.
        WorkerLostError: There is no cluster at the address.
        StoppedError: A stop was asked for.
    """
    job = read_arguments(RayJob, arguments)
    import ray

    connect(job)
    try:
        yield _started(ray)
        tasks = RayTasks(job, ray)
        tasks.send_all()
        yield from tasks.collect(should_stop)
        return {"failed": tasks.failed, "left": tasks.left}
    finally:
        ray.shutdown()


def connect(job: RayJob) -> None:
    """Start Ray here, or join the cluster.

    Raises:
        UsageError: It is of another version.
        WorkerLostError: There is none.
    """
    import ray

    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    address = job.address or os.environ.get("RAY_ADDRESS")
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "error"}
    try:
        if address:
            if address not in RAYS_OWN:
                knock(address)
            ray.init(address=address, **quiet)
        else:
            cores = (job.jobs or usable_cores()) * job.threads
            ray.init(address="local", num_cpus=cores, include_dashboard=False, **quiet)
    except (ConnectionError, TimeoutError, ValueError, OSError) as error:
        raise WorkerLostError(
            f"no Ray answers at {address or 'this machine'}: {_words(error)}",
            "Look at `ray status` there. The same command continues from here.",
        ) from error
    except RuntimeError as error:
        raise version_fault(error, ray.__version__) from error
    except ImportError as error:
        raise UsageError(
            f"ray:// needs Ray's client: {_words(error)}", "pip install 'seqcli[ray]'"
        ) from error


def knock(address: str) -> None:
    """Refuse an address where no Ray listens: Ray itself would try for minutes.

    Ray's servers speak gRPC, which is HTTP/2: whoever does answers its first words with settings.

    Raises:
        UsageError: It is no address.
        OSError: Nobody answers, or not as Ray would.
    """
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdecimal() or "/" in host:
        raise UsageError(
            f"RAY_ADDRESS is {address!r}, which is no address of a cluster",
            "Set it to HOST:PORT, ray://HOST:PORT, auto or local; or unset it, and Ray is started here.",
        )
    with socket.create_connection((host.strip("[]"), int(port)), timeout=KNOCK_SECONDS) as connection:
        if os.environ.get(TLS_VARIABLE, "0").lower() in {"", "0", "false"}:
            connection.sendall(HTTP2_GREETING)
            answer = connection.recv(HTTP2_HEADER, socket.MSG_WAITALL)
            if answer[3:4] != HTTP2_SETTINGS:
                raise ConnectionError("what listens there is no Ray")


def version_fault(error: RuntimeError, version: str) -> SeqcliError:
    """The error of a cluster that cannot be joined: its version, or else a worker that is lost."""
    if "version" in str(error).lower():
        named = re.search(r"Ray: ([\w.]+)", str(error))
        return UsageError(
            f"the cluster's Ray is of another version than this one, {version}: {_words(error)}",
            f"Install the cluster's versions here: pip install 'ray=={named[1] if named else 'VERSION'}'.",
        )
    return WorkerLostError(f"Ray does not start: {_words(error)}", "The same command tries this again.")


def _words(error: BaseException) -> str:
    """The first lines of what a library says."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return " ".join(lines[:6])[:400] or type(error).__name__


def _started(ray: Any) -> Note:
    nodes = [node for node in ray.nodes() if node["Alive"]]
    processors = sum(node["Resources"].get("CPU", 0) for node in nodes)
    return Note(
        subject="ray started",
        values={"version": ray.__version__, "nodes": len(nodes), "processors": int(processors)},
    )


@dataclass
class RayTasks:
    """The tasks of a job: what is on its way, and what came of the rest.

    Attributes:
        job: What is to be trained.
        ray: The module, connected.
        failed: By a run's name what it failed with.
        left: Names of runs that no node can train.
    """

    job: RayJob
    ray: Any
    failed: dict[str, dict[str, object]] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    _waiting: dict[Any, dict[str, Any]] = field(default_factory=dict)
    _unfit: set[str] = field(default_factory=set)
    _data: dict[str, Any] = field(default_factory=dict)
    _damaged: set[str] = field(default_factory=set)

    def send_all(self) -> None:
        """Send every run."""
        for run in self.job.runs:
            self._send(run)

    def _send(self, run: dict[str, Any], **where: Any) -> None:
        function: Callable[..., object] = train_on_node
        if self.job.store is None:
            more: tuple[Any, ...] = (self._data_of(run),)
        else:
            function, more = train_in_store, (self.job.store, self.job.store_id, self.job.lost_after)
        remote = self.ray.remote(function).options(
            num_cpus=self.job.threads, max_retries=RETRIES, retry_exceptions=False, **where
        )
        self._waiting[remote.remote(run, *more)] = run

    def _data_of(self, run: dict[str, Any]) -> Any:
        """The prepared data in the object store, once for all runs on it."""
        folder = str(run["arguments"]["data"])
        if folder not in self._data:
            self._data[folder] = self.ray.put(pack(Path(folder)))
        return self._data[folder]

    def collect(self, should_stop: Callable[[], bool]) -> Iterator[Event]:
        """Take in each run as it comes.

        Raises:
            StoppedError: A stop was asked for.
            UsageError: `strict`, and a node of other numerics.
            RunError: A node sees another store, or none.
        """
        while self._waiting:
            if should_stop():
                self._cancel()
                raise StoppedError(
                    "stopped; what is finished is kept", "The same command continues from here."
                )
            done, _ = self.ray.wait(list(self._waiting), num_returns=1, timeout=WAIT_SECONDS)
            for reference in done:
                yield from self._take(self._waiting.pop(reference), reference)

    def _cancel(self) -> None:
        for reference in self._waiting:
            self.ray.cancel(reference)
        waiting = list(self._waiting)
        self.ray.wait(waiting, num_returns=len(waiting), timeout=STOP_SECONDS, fetch_local=False)

    def _take(self, run: dict[str, Any], reference: Any) -> Iterator[Event]:
        try:
            answer: Mapping[str, Any] = self.ray.get(reference)
        except self.ray.exceptions.RayError as error:
            self._fail(run, WorkerLostError(_words(error), "The same command tries this again."))
            return
        if "unshared" in answer:
            raise RunError(str(answer["unshared"]), answer["hint"])
        if "unfit" in answer:
            yield from self._elsewhere(run, str(answer["unfit"]), str(answer["host"]))
        elif "failed" in answer:
            fault = {name: answer[name] for name in ("message", "hint", "log") if name in answer}
            fault["exit_code"] = answer["failed"]
            self.failed[str(run["name"])] = fault
        else:
            yield from self._arrive(run, answer)

    def _arrive(self, run: dict[str, Any], answer: Mapping[str, Any]) -> Iterator[Event]:
        """Keep a run that came back; one that was damaged on its way is done once more."""
        job = Job(str(run["kind"]), str(run["name"]), run["arguments"])
        place = Path(str(job.arguments["run"]))
        if "files" not in answer:
            event = finished_event(job, place)
            yield from () if event is None else (event,)
            return
        try:
            finished = arrive(answer["files"], place)
        except RunError as error:
            if job.name not in self._damaged:
                self._damaged.add(job.name)
                self._send(run)
                return
            self._fail(run, error)
            return
        leg = Leg(model=str(job.arguments["label"]), seed=int(run["arguments"]["leg"]["seed"]))
        yield LegFinished.of(leg, finished.summary, kept=False)

    def _elsewhere(self, run: dict[str, Any], needs: str, host: str) -> Iterator[Event]:
        """Send a run to another node, whose numbers are those that were planned.

        Raises:
            UsageError: `strict`: no node may be another.
        """
        if self.job.strict:
            raise UsageError(
                f"node {host} gives other numbers than this machine: {needs} was planned",
                "Leave out --strict, and other nodes train what it cannot.",
            )
        if host not in self._unfit:
            self._unfit.add(host)
            yield Note(subject="other numerics", values={"node": host, "runs": 1, "needs": needs})
        nodes = [
            node
            for node in self.ray.nodes()
            if node["Alive"] and node["NodeManagerHostname"] not in self._unfit
        ]
        if not nodes:
            self.left.append(str(run["name"]))
            return
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        node = nodes[len(self._waiting) % len(nodes)]["NodeID"]
        self._send(run, scheduling_strategy=NodeAffinitySchedulingStrategy(node_id=node, soft=True))

    def _fail(self, run: dict[str, Any], error: SeqcliError) -> None:
        fault = {"exit_code": error.exit_code, "message": error.message, "hint": error.hint}
        self.failed[str(run["name"])] = fault


JOB = train_by_ray
