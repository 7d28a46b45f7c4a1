"""Training runs as Ray's tasks, with Ray played: what is lost, damaged, cancelled, or another machine's."""

import socket
import threading
from contextlib import ExitStack
from types import SimpleNamespace

import pytest

from seqcli.errors import StoppedError, UsageError, WorkerLostError
from seqcli.launch.jobs.ray import RayJob, RayTasks, connect, knock, version_fault
from seqcli.launch.ray_node import train_on_node
from seqcli.runs.directory import RunDirectory
from seqcli.runs.finished_run import FinishedRun
from seqcli.runs.packed_run import pack


class RayError(Exception):
    pass


class PlayedRay:
    """Ray's core calls: each task is answered by the next of these answers, an exception is raised."""

    exceptions = SimpleNamespace(RayError=RayError)

    def __init__(self, *answers, hosts=("here",)):
        self.answers = list(answers)
        self.sent, self.cancelled = [], []
        self.hosts = hosts

    def remote(self, function):
        return SimpleNamespace(
            options=lambda **options: SimpleNamespace(
                remote=lambda run, *_: self._send(function, run, options)
            )
        )

    def _send(self, function, run, options):
        self.sent.append((function, run["name"], options))
        return f"task {len(self.sent)}"

    def put(self, value):
        return value

    def wait(self, references, **_):
        return references[:1], references[1:]

    def get(self, _):
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def cancel(self, reference):
        self.cancelled.append(reference)

    def nodes(self):
        return [{"Alive": True, "NodeManagerHostname": host, "NodeID": f"id {host}"} for host in self.hosts]


@pytest.fixture
def run(tmp_path):
    (tmp_path / "data").mkdir()
    arguments = {
        "leg": {"seed": 0},
        "label": "GRU",
        "data": str(tmp_path / "data"),
        "run": str(tmp_path / "r"),
    }
    return {"kind": "leg", "name": "GRU seed 0", "arguments": arguments}


@pytest.fixture
def committed(tmp_path):
    """A finished run folder as the bytes that a task returns."""
    with RunDirectory.create(tmp_path / "made", {"seed": 0}) as made:
        made.commit_result({}, {"seed": 0})
    return pack(tmp_path / "made")


def tasks(run, ray, **settings):
    sent = RayTasks(RayJob(runs=(run,), threads=2, **settings), ray)
    sent.send_all()
    return sent


def never():
    return False


def collected(sent):
    return [getattr(event, "subject", None) for event in sent.collect(never)]


def test_only_lost_workers_and_nodes_are_retried_and_that_a_few_times(run):
    ray = PlayedRay()
    tasks(run, ray)
    (function, _, options) = ray.sent[0]
    assert function is train_on_node
    assert options == {"num_cpus": 2, "max_retries": 3, "retry_exceptions": False}


def test_a_run_whose_node_was_lost_again_and_again_has_failed_with_ten(run):
    sent = tasks(run, PlayedRay(RayError("The node died")))
    assert collected(sent) == []
    assert sent.failed["GRU seed 0"]["exit_code"] == WorkerLostError.exit_code
    assert sent.failed["GRU seed 0"]["message"] == "The node died"


def test_a_run_that_failed_by_itself_keeps_its_own_code(run):
    sent = tasks(run, PlayedRay({"failed": 8, "message": "a loss without a number", "hint": None}))
    assert collected(sent) == []
    assert sent.failed == {"GRU seed 0": {"exit_code": 8, "message": "a loss without a number", "hint": None}}


def test_a_run_that_was_damaged_on_its_way_is_found_by_its_manifest_and_done_once_more(
    run, committed, tmp_path
):
    flipped = {name: bytes([content[0] ^ 1]) + content[1:] for name, content in committed.items()}
    ray = PlayedRay({"files": flipped}, {"files": flipped})
    sent = tasks(run, ray)
    assert collected(sent) == []
    assert len(ray.sent) == 2
    assert sent.failed["GRU seed 0"]["exit_code"] == 4
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "made"]


def test_what_arrives_whole_takes_its_place_and_what_would_leave_it_is_refused(committed, tmp_path):
    from seqcli.errors import RunError
    from seqcli.runs.packed_run import arrive, unpack

    assert arrive(committed, tmp_path / "r").result == {"seed": 0}
    assert pack(tmp_path / "r") == committed
    assert FinishedRun.open(tmp_path / "r").result == {"seed": 0}
    for name in ("../x", "/x", "a/../../x", ""):
        with pytest.raises(RunError, match="would leave its folder"):
            unpack({name: b"x"}, tmp_path / "into")
    assert not (tmp_path / "x").exists()


def test_a_node_of_other_numerics_is_told_and_the_run_goes_to_another(run):
    other = {"unfit": "cpu x86_64 avx512f", "host": "old"}
    ray = PlayedRay(other, {"failed": 8, "message": "m", "hint": None}, hosts=("old", "new"))
    sent = tasks(run, ray)
    assert collected(sent) == ["other numerics"]
    assert ray.sent[1][2]["scheduling_strategy"] == "id new"


@pytest.fixture(autouse=True)
def _strategies(monkeypatch):
    """Of Ray's own module, which may not be installed, the one name that is used."""
    import sys

    module = SimpleNamespace(NodeAffinitySchedulingStrategy=lambda node_id, **_: node_id)
    for name in ("ray", "ray.util"):
        monkeypatch.setitem(sys.modules, name, SimpleNamespace())
    monkeypatch.setitem(sys.modules, "ray.util.scheduling_strategies", module)


def test_a_run_that_no_node_can_train_is_left_to_this_machine_and_refused_where_that_is_asked(run):
    other = {"unfit": "cpu x86_64 avx512f", "host": "old"}
    sent = tasks(run, PlayedRay(other, hosts=("old",)))
    assert collected(sent) == ["other numerics"]
    assert (sent.left, sent.failed) == (["GRU seed 0"], {})
    with pytest.raises(UsageError, match="node old gives other numbers"):
        collected(tasks(run, PlayedRay(other, hosts=("old", "new")), strict=True))


def test_an_address_where_nobody_listens_is_a_lost_cluster_at_once():
    with pytest.raises(WorkerLostError, match=r"no Ray answers at 127\.0\.0\.1:1"):
        connect(RayJob(runs=(), address="127.0.0.1:1"))


@pytest.fixture
def listening():
    """A function that starts a listener, which answers with these bytes, and returns its address."""
    with ExitStack() as ends:

        def start(answer):
            server = ends.enter_context(socket.create_server(("127.0.0.1", 0)))

            def serve():
                connection, _ = server.accept()
                with connection:
                    connection.recv(100)
                    connection.sendall(answer)

            threading.Thread(target=serve, daemon=True).start()
            return f"127.0.0.1:{server.getsockname()[1]}"

        yield start


def test_what_listens_and_is_no_ray_is_told_at_once_and_what_speaks_as_ray_does_is_let_in(listening):
    with pytest.raises(ConnectionError, match="is no Ray"):
        knock(listening(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
    with pytest.raises(ConnectionError, match="is no Ray"):
        knock(listening(b""))
    knock(f"ray://{listening(bytes((0, 0, 0, 4, 0, 0, 0, 0, 0)))}")


def test_what_listens_and_says_nothing_is_given_up(monkeypatch):
    monkeypatch.setattr("seqcli.launch.jobs.ray.KNOCK_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(TimeoutError):
        knock(f"127.0.0.1:{server.getsockname()[1]}")


@pytest.mark.parametrize("address", ["rubbish", "http://127.0.0.1:8265", "head:port", ":6379"])
def test_what_is_no_address_is_the_variables_mistake(address, monkeypatch):
    monkeypatch.setenv("RAY_ADDRESS", address)
    with pytest.raises(UsageError, match=f"RAY_ADDRESS is .{address}.") as refused:
        connect(RayJob(runs=()))
    assert "HOST:PORT" in refused.value.hint


def test_a_node_that_sees_another_store_ends_the_command(run, tmp_path):
    from seqcli.errors import RunError
    from seqcli.launch.ray_node import train_in_store
    from seqcli.launch.shared_store import SharedStore

    store = SharedStore.open(tmp_path / "store", lost_after=9.0, make=True)
    answer = train_in_store(run, str(tmp_path / "store"), "another", 9.0)
    ray = PlayedRay(answer)
    sent = tasks(run, ray, store=str(store.folder), store_id=store.id)
    with pytest.raises(RunError, match=f"another folder than the store .* its id is {store.id}, not another"):
        collected(sent)


def test_a_stop_cancels_what_is_on_its_way(run):
    ray = PlayedRay()
    with pytest.raises(StoppedError):
        list(tasks(run, ray).collect(lambda: True))
    assert ray.cancelled == ["task 1"]


def test_ray_of_another_version_is_told_apart_from_one_that_does_not_start():
    error = RuntimeError(
        "Version mismatch: The cluster was started with:\n    Ray: 2.9.0\n    Python: 3.11.7"
    )
    result = version_fault(error, "2.60.0")
    assert isinstance(result, UsageError)
    assert "another version than this one, 2.60.0" in result.message
    assert "Ray: 2.9.0" in result.message
    assert "pip install 'ray==2.9.0'" in result.hint
    assert isinstance(version_fault(RuntimeError("no space"), "2.60.0"), WorkerLostError)
