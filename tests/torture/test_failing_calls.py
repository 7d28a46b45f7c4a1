"""Every file operation fails once, or from some call on, under every command (promises 7, 27 and 35).

A library in C, built here and preloaded, fails the n-th call of one operation below one folder.
"""

import errno
import itertools
import json
import os
import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from seqcli.errors import STORAGE_ERRNOS

HERE = Path(__file__).parent
COMPILER = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
pytestmark = [
    pytest.mark.skipif(COMPILER is None, reason="no C compiler"),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="preloads a library of Linux"),
]

OPERATIONS = (
    "open", "read", "write", "fsync", "close", "stat", "rename", "unlink", "rmdir", "mkdir", "link",
    "flock", "ftruncate",
)  # fmt: skip
# These are answers about a file, not faults of a disk: what follows from them is another matter.
ANSWERS = {errno.ENOENT, errno.ENOTDIR, errno.EISDIR}
ERRNOS = [*sorted(set(STORAGE_ERRNOS) - ANSWERS), errno.ENOMEM]
REFUSALS = {errno.EACCES, errno.EPERM, errno.ELOOP}
USAGE, NO_RUN, BUSY, STORAGE, MEMORY, LEGS_FAILED, WORKER_LOST = 2, 4, 5, 6, 7, 9, 10
SECONDS = 60


@dataclass(frozen=True)
class Fault:
    """One call that fails: which, how, and whether those after it fail too."""

    operation: str
    call: int
    code: int
    from_then_on: bool

    def __str__(self) -> str:
        more = " and all after it" if self.from_then_on else ""
        return f"{self.operation} {self.call}{more}: {errno.errorcode[self.code]}"


@dataclass(frozen=True)
class Subject:
    """A command under test.

    Args:
        words: Its command line; DISK stands for the folder below which calls fail.
        needs: What is on that disk before, by name in the folder of what was made.
        result: What must be the same in the end, from the folder that holds the disk.
    """

    words: tuple[str, ...]
    needs: tuple[str, ...]
    result: Callable[[Path], object]


@dataclass
class FaultServer:
    """The process that forks commands."""

    process: subprocess.Popen
    asked: int = 0

    def run(self, folder: Path, subject: Subject, fault: Fault | None = None) -> dict:
        disk = folder / "disk"
        request = {
            "arguments": [word.replace("DISK", str(disk)) for word in subject.words],
            "folder": str(folder), "cache": str(disk / "cache"), "below": str(disk), "seconds": SECONDS,
            "count": OPERATIONS,
        }  # fmt: skip
        if fault:
            request |= {
                "operation": fault.operation,
                "call": fault.call,
                "errno": fault.code,
                "from_then_on": fault.from_then_on,
            }
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        self.asked += 1
        return json.loads(self.process.stdout.readline())


@pytest.fixture(scope="module")
def made(commands, tmp_path_factory):
    return tmp_path_factory.mktemp("made")


@pytest.fixture(scope="module")
def server(commands, made, tmp_path_factory):
    library = tmp_path_factory.mktemp("shim") / "failing_calls.so"
    subprocess.run(
        [COMPILER, "-shared", "-fPIC", "-O1", "-o", library, HERE / "failing_calls.c", "-ldl"], check=True
    )
    first = [
        [*commands["gru"], "-q", "--out", "RUN"],
        [*commands["seq2seq"], "-q", "--out", "RUN-pairs"],
        ["predict", "RUN", "good"],
        ["translate", "RUN-pairs", "a s"],
        ["runs", "verify", "RUN"],
    ]
    process = subprocess.Popen(
        [sys.executable, str(HERE / "failing_disk.py"), str(made), json.dumps(first)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "LD_PRELOAD": str(library), "TOKENIZERS_PARALLELISM": "false"},
    )  # fmt: skip
    for words in first:
        assert json.loads(process.stdout.readline()) == {"first": words[0], "code": 0}
    yield FaultServer(process)
    process.stdin.close()
    ended = process.wait(timeout=30)
    process.stdout.close()
    assert ended == 0


RESULTS = ("model.safetensors", "metrics.jsonl", "predictions.jsonl", "tokenizer.json", "summary.json")


def files_below(folder: Path) -> dict[str, bytes]:
    """What a run came to, by path; where its data was kept in the end is told elsewhere in it."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.name in RESULTS and ".bad-" not in str(path)
    }


def figures(folder: Path) -> object:
    """The legs' files, and each model's figures in the comparison's own result."""
    summary = json.loads((folder / "disk" / "out" / "summary.json").read_text())
    scores = [(model["label"], model["quality"]["per_seed"]) for model in summary["models"]]
    return scores, files_below(folder / "disk" / "out" / "legs")


@pytest.fixture(scope="module")
def subjects(commands) -> dict[str, Subject]:
    training = commands["gru"]
    legs = [word for word in training[2:] if word not in ("--checkpoint-every", "0.001s")]
    return {
        "train": Subject((*training, "-q", "--out", "DISK/out"), (), lambda f: files_below(f / "disk/out")),
        "compare": Subject(
            ("compare", "rnn", "gru", *legs, "--seeds", "2", "--no-cost", "--jobs", "1", "-q",
             "-o", "DISK/out"),
            (), figures,
        ),
        "predict": Subject(
            ("predict", "DISK/run", "a good film", "bad", "-o", "DISK/answers"), ("run", "cache"),
            lambda f: (f / "disk/answers").read_bytes(),
        ),
        "translate": Subject(
            ("translate", "DISK/run-pairs", "a s", "b t", "-o", "DISK/answers"), ("run-pairs", "cache"),
            lambda f: (f / "disk/answers").read_bytes(),
        ),
        "runs verify": Subject(
            ("runs", "verify", "DISK/run"), ("run",), lambda f: (f / "stdout").read_text().count("intact")
        ),
        # Half removed, it is no finished run any more: the command names every status.
        "runs prune": Subject(
            ("runs", "prune", "DISK", "--done", "--stopped", "--failed", "--damaged", "--yes"), ("run",),
            lambda f: [path for path in (f / "disk").rglob("*") if path.is_file()],
        ),
    }  # fmt: skip


@dataclass
class Sweep:
    """Faults of one command, and what came of them."""

    server: FaultServer
    subject: Subject
    made: Path
    place: Path
    number: Iterator[int] = field(default_factory=itertools.count)
    ended: Counter = field(default_factory=Counter)

    def fresh(self) -> Path:
        folder = self.place / str(next(self.number))
        (folder / "disk").mkdir(parents=True)
        for name in self.subject.needs:
            shutil.copytree(self.made / name, folder / "disk" / name)
        return folder

    def undisturbed(self) -> tuple[object, dict[str, int]]:
        """The command's result, and how many calls of each operation it makes."""
        folder = self.fresh()
        result = self.server.run(folder, self.subject)
        assert result["code"] == 0, (folder / "stderr").read_text()
        return self.subject.result(folder), result["calls"]

    def strike(self, faults: Sequence[Fault], whole: object) -> list[str]:
        """What is wrong with how the command bore faults, one after the other on one disk.

        Nothing where each ended as documented, and the command then in the same result.
        """
        folder = self.fresh()
        values = [self.bear(folder, fault) for fault in faults]
        again = self.server.run(folder, self.subject)
        if again["code"] != 0:
            values.append(f"afterwards exit {again['code']}: {(folder / 'stderr').read_text()[-300:]}")
        elif self.subject.result(folder) != whole:
            values.append("afterwards other bytes")
        shutil.rmtree(folder, ignore_errors=True)
        wrong = "; ".join(filter(None, values))
        return [f"{', '.join(map(str, faults))}: {wrong}"] if wrong else []

    def bear(self, folder: Path, fault: Fault) -> str:
        """What is wrong with how the command ends that meets a fault."""
        ended = self.server.run(folder, self.subject, fault)
        value = (folder / "stdout").read_text() + (folder / "stderr").read_text()
        self.ended[ended["code"] if ended["failed"] else "not met"] += 1
        wrong = [] if ended["code"] in allowed(fault, self.subject) else [f"exit {ended['code']}"]
        wrong += [words for words in ("a defect of seqcli", "Traceback", "panicked") if words in value]
        return f"{fault}: {'; '.join(wrong)}: {value[-600:]}" if wrong else ""


def allowed(fault: Fault, subject: Subject) -> set[int]:
    """The documented exit codes: done, storage, memory; a leg or worker that met it; a lock of another's.

    What listing may not read is passed over, so that there may be no run in the folder that was named; a run
    whose own name goes in circles is none either, and no folder for `-o`.
    """
    busy = {BUSY} if fault.operation == "flock" and fault.code == errno.EAGAIN else set()
    hidden = {NO_RUN} if subject.words[0] == "runs" and fault.code in REFUSALS else set()
    if fault.operation == "stat" and fault.code == errno.ELOOP:
        hidden = {NO_RUN, USAGE}
    return {0, STORAGE, MEMORY, LEGS_FAILED, WORKER_LOST} | busy | hidden


def strike_all(
    sweep: Sweep,
    *,
    per_operation: int,
    chance: random.Random,
    operations: Sequence[str] = OPERATIONS,
    on_one_disk: bool = False,
) -> int:
    """So many calls of each operation at most, the errnos and both manners in turn; how many struck.

    `on_one_disk`: all in a row, and then the command undisturbed once, for what is to be quick.
    """
    whole, calls_of = sweep.undisturbed()
    errnos = itertools.cycle(chance.sample(ERRNOS, len(ERRNOS)))
    faults = []
    for operation in operations:
        calls = range(1, calls_of[operation] + 1)
        picked = sorted(chance.sample(calls, min(per_operation, len(calls))))
        for place, call in enumerate(picked):
            faults.append(Fault(operation, call, next(errnos), from_then_on=place % 2 == 1))
    rounds = [faults] if on_one_disk else [[fault] for fault in faults]
    wrong = [item for together in rounds for item in sweep.strike(together, whole)]
    text = f"{' '.join(sweep.subject.words[:2])}: {sum(sweep.ended.values())} faults, {dict(sweep.ended)}"
    print(f"\n{text} by exit code")  # noqa: T201 - the counts are the result
    assert not wrong, f"{len(wrong)} of {sum(sweep.ended.values())}:\n" + "\n".join(wrong)
    return sum(sweep.ended.values())


READING = ("predict", "translate", "runs verify")
"""They change nothing on the disk, so that a fault leaves no trace that the next one could hide."""
CHEAP = ("train", "predict", "translate", "runs verify", "runs prune")
FEW = ("write", "rename", "open", "stat")


@pytest.mark.parametrize("name", CHEAP)
def test_a_call_that_fails_is_told_by_its_code_and_the_same_command_then_ends_in_the_same_bytes(
    server, subjects, made, tmp_path, chance, name
):
    sweep = Sweep(server, subjects[name], made, tmp_path)
    assert strike_all(sweep, per_operation=1, chance=chance, on_one_disk=name in READING) > 0


def test_a_comparison_bears_a_call_that_fails_and_then_ends_in_the_same_bytes(
    server, subjects, made, tmp_path, chance
):
    sweep = Sweep(server, subjects["compare"], made, tmp_path)
    assert strike_all(sweep, per_operation=1, chance=chance, operations=FEW) > 0


@pytest.mark.torture
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("name", [*CHEAP, "compare"])
def test_up_to_a_hundred_and_fifty_calls_of_each_operation_fail_one_by_one(
    server, subjects, made, tmp_path, chance, name
):
    """Each ends with a documented code, and the same command then in the same bytes."""
    sweep = Sweep(server, subjects[name], made, tmp_path)
    assert strike_all(sweep, per_operation=150, chance=chance) > 0
