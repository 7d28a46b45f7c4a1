"""Workers under SLURM, whose programs are played: submitted once, found again, kept off bad nodes."""

import pytest

from seqcli.errors import RunError, UsageError, WorkerLostError
from seqcli.launch import slurm_array
from seqcli.launch.engine import Placement
from seqcli.launch.job import Job
from seqcli.launch.shared_store import SharedStore
from seqcli.launch.slurm_array import WorkerArray, parameters, refusal, worker_command
from seqcli.launch.slurm_settings import SlurmSettings
from seqcli.results.work import WorkerFacts


class Controller:
    """SLURM's programs: which tasks it knows, and what it was asked to do."""

    def __init__(self):
        self.tasks = {}
        self.asked = []
        self.silent = False

    def ask(self, *command):
        if self.silent:
            raise WorkerLostError("SLURM does not answer")
        self.asked.append(command)
        if command[0] != "squeue":
            return ""
        array = next(word for word in command if word.startswith("--jobs=")).removeprefix("--jobs=")
        return "\n".join(
            f"{task}|{state}|None" for task, state in self.tasks.items() if task.startswith(f"{array}_")
        )

    def submit(self, array, count):
        number = str(len({task.partition("_")[0] for task in self.tasks}) + 1)
        self.tasks.update({f"{number}_{task}": "PENDING" for task in range(count)})
        array.arrays.append(number)
        array.write_record()
        return number

    def end_all(self):
        self.tasks = dict.fromkeys(self.tasks, "FAILED")


def submitted_by(played):
    def submit(array, count):
        return played.submit(array, count)

    return submit


@pytest.fixture
def controller(monkeypatch):
    played = Controller()
    monkeypatch.setattr(slurm_array, "ask", played.ask)
    monkeypatch.setattr(WorkerArray, "submit", submitted_by(played))
    monkeypatch.setattr(slurm_array, "POLL_SECONDS", 0.0)
    return played


@pytest.fixture
def folder(tmp_path):
    store = SharedStore.open(tmp_path / "store", lost_after=60.0, make=True)
    (store.folder / "data" / "d").mkdir(parents=True)
    (store.folder / "slurm").mkdir()
    for seed in range(6):
        arguments = {"leg": {}, "data": str(store.folder / "data" / "d"), "run": f"leg-{seed}"}
        store.publish(Job("leg", f"GRU seed {seed}", arguments))
    return store.folder


def array_of(folder, **settings):
    store = SharedStore.open(folder, lost_after=60.0, make=False)
    return WorkerArray(store, Placement(store=folder, slurm=SlurmSettings(**settings)))


def worker(folder, name, **facts):
    """A worker on a machine whose clock is a year late."""
    values = {"host": "h", "pid": 1, "started": "2025-01-01T00:00:00+00:00", **facts}
    store = SharedStore.open(folder, lost_after=60.0, make=False)
    store.me = WorkerFacts(id=name, **values)
    store.beat()


def told(array):
    return [note.subject for note in array.attend()]


def test_workers_are_submitted_once_and_found_again_by_the_same_command(folder, controller):
    first = array_of(folder, workers=3)
    assert told(first) == ["slurm submitted"]
    assert told(first) == []
    again = array_of(folder, workers=3)
    assert told(again) == ["slurm attached"]
    assert set(controller.tasks) == {"1_0", "1_1", "1_2"}


def test_there_are_no_more_workers_than_runs_that_wait(folder, controller):
    told(array_of(folder, workers=50))
    assert len(controller.tasks) == 6


def test_a_worker_that_is_gone_is_replaced_while_there_is_work(folder, controller):
    array = array_of(folder, workers=3)
    told(array)
    controller.tasks["1_1"] = "NODE_FAIL"
    assert told(array) == ["slurm submitted"]
    assert [task for task, state in controller.tasks.items() if state == "PENDING"] == ["1_0", "1_2", "2_0"]


def test_workers_that_end_and_finish_nothing_are_a_lost_cluster(folder, controller):
    array = array_of(folder, workers=2)
    for _ in range(slurm_array.SUBMISSIONS):
        told(array)
        worker(folder, "short", node="node1", state="ended")
        controller.end_all()
    with pytest.raises(WorkerLostError, match="3 arrays of workers"):
        told(array)


def test_workers_that_leave_no_trace_in_the_store_do_not_see_it(folder, controller):
    array = array_of(folder, workers=2)
    for _ in range(slurm_array.SUBMISSIONS):
        told(array)
        controller.end_all()
    with pytest.raises(RunError, match="another folder of that name") as unshared:
        told(array)
    assert "all machines mount" in unshared.value.hint


def test_a_node_on_which_two_workers_failed_is_excluded_by_name_and_one_on_which_one_did_is_not(
    folder, controller
):
    array = array_of(folder, workers=2, exclude="old[1-3]")
    told(array)
    for name, node in (("a", "bad"), ("b", "bad"), ("c", "unlucky")):
        worker(folder, name, node=node, state="ended", sick=True)
    worker(folder, "d", node="good", state="ended")
    assert told(array) == ["node excluded"]
    assert told(array) == []
    assert ("scontrol", "update", "JobId=1", "ExcNodeList=old[1-3],bad") in controller.asked


def test_workers_of_an_earlier_comparison_exclude_no_node_and_those_found_again_do(folder, controller):
    for name in ("a", "b"):
        worker(folder, name, node="mended", sick=True, state="ended")
    told(array_of(folder, workers=2))
    for name in ("c", "d"):
        worker(folder, name, node="bad", sick=True, state="ended")
    again = array_of(folder, workers=2)
    assert told(again) == ["node excluded", "slurm attached"]
    assert again.excluded == ["bad"]


def test_a_controller_that_is_silent_for_a_while_costs_nothing_and_one_that_stays_so_is_lost(
    folder, controller, monkeypatch
):
    array = array_of(folder)
    told(array)
    controller.silent = True
    assert told(array) == []
    monkeypatch.setattr(slurm_array, "PATIENCE", 0.0)
    with pytest.raises(WorkerLostError, match="SLURM does not answer"):
        told(array)


def test_nodes_of_other_numerics_are_told_and_refused_where_no_other_can_do_it(folder, controller):
    array = array_of(folder)
    told(array)
    worker(folder, "a", node="old1", unfit=6, needs="cpu x86_64 avx512f", state="ended")
    worker(folder, "b", node="new1")
    assert told(array) == ["other numerics"]
    refusal_of_it = r"node old1 gives other numbers .* cpu x86_64 avx512f was planned"
    store = SharedStore.open(folder, lost_after=60.0, make=False)
    with pytest.raises(UsageError, match=refusal_of_it):
        told(WorkerArray(store, Placement(store=folder, strict=True)))
    worker(folder, "b", node="new1", unfit=6, needs="cpu", state="ended")
    with pytest.raises(UsageError, match=refusal_of_it):
        told(array)


@pytest.mark.parametrize(
    ("said", "error", "message"),
    [
        (
            "sbatch: error: invalid partition specified: foo\nsbatch: error: Batch job submission failed",
            UsageError,
            "SLURM refused: invalid partition specified: foo; Batch job submission failed",
        ),
        (
            "squeue: error: Unable to contact slurm controller (connect failure)",
            WorkerLostError,
            "SLURM does not answer: Unable to contact slurm controller (connect failure)",
        ),
        ("", UsageError, "SLURM refused: no reason was given"),
    ],
)
def test_slurms_refusal_is_told_in_its_own_words(said, error, message):
    refused = refusal(said)
    assert type(refused) is error
    assert refused.message == message


def test_what_the_section_says_is_what_slurm_is_asked_for(tmp_path):
    section = SlurmSettings(
        partition="short", account="lab", time="90m", memory="8G", array_limit=2, workers=5,
        setup="module load python", options=("reservation=deep", "overcommit"), signal_before="2m",
    )  # fmt: skip
    asked = parameters(Placement(jobs=2, threads=3, slurm=section), ["bad1", "bad2"], 5)
    expected = {
        "partition": "short", "account": "lab", "time": 90, "mem": "8G", "array_parallelism": 2,
        "cpus_per_task": 6, "exclude": "bad1,bad2", "signal_delay_s": 120, "setup": ["module load python"],
    }  # fmt: skip
    assert expected.items() <= asked.items()
    assert asked["additional_parameters"] == {"requeue": True, "reservation": "deep", "overcommit": True}
    store = SharedStore.open(tmp_path, lost_after=90.0, make=True)
    command = worker_command(store, Placement(jobs=2, threads=3, lost_after=90.0))
    assert command[3:] == [
        "seqcli", "work", str(tmp_path), "--jobs", "2",
        "--threads", "3", "--idle", "30s", "--lost-after", "90s", "--store-id", store.id,
    ]  # fmt: skip


def test_the_script_is_an_array_that_queues_itself_again_when_the_time_is_over(folder):
    """By submitit's own mocked scheduler; no pickle is written, which a worker would have to trust."""
    pytest.importorskip("submitit")
    from submitit.slurm.test_slurm import mocked_slurm

    array = array_of(folder, workers=3, partition="short", time="1h", setup="module load python")
    with mocked_slurm():
        assert array.submit(3) == "12"
    script = (folder / "slurm" / "12_submission.sh").read_text()
    asked = [line for line in script.splitlines() if line.startswith("#SBATCH")]
    assert {
        "#SBATCH --array=0-2%3", "#SBATCH --partition=short", "#SBATCH --time=60", "#SBATCH --requeue",
        "#SBATCH --signal=USR2@90",
    } <= set(asked)  # fmt: skip
    assert "module load python" in script
    assert f"-m seqcli work {folder}" in script
    assert 'scontrol requeue "$SLURM_JOB_ID"' in script
    assert list((folder / "slurm").glob("*.pkl")) == []
    assert array_of(folder).arrays == ["12"]
