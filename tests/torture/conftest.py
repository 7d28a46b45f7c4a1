"""Real training in forked processes that are killed, stopped and starved; torch is imported once for all."""

import os
import random
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

OF_TIME = {"timing.json", "DONE", "manifest.json"}
"""Files that tell of time, and those that hold the hashes of such files."""
TINY = ("--hidden", "8", "--embedding", "8", "--batch-size", "16", "--epochs", "2", "--dropout", "0.3",
        "--checkpoint-every", "0.001s")  # fmt: skip
ENDING = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
PAIRS = [(f"{a} {b}", f"{b.upper()} {a.upper()}") for a in "abcdefgh" for b in "stuvw"]


@dataclass
class Victim:
    """A forked process that runs something, its output in a file."""

    pid: int
    log: Path

    def send(self, number: int) -> None:
        os.kill(self.pid, number)

    def end(self) -> int:
        """Its exit code, negative for a signal, once it has ended."""
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def stopped(self) -> bool:
        """Whether it was stopped, by SIGSTOP, once that or its end has come."""
        result = os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        return result is not None and result.si_code == os.CLD_STOPPED

    def ended(self) -> bool:
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def end_after(self, seconds: float, number: int = signal.SIGKILL) -> int:
        """Its exit code once the signal was sent after so long, unless it ended before by itself."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not self.ended():
            time.sleep(0.0005)
        if not self.ended():
            self.send(number)
        return self.end()

    @property
    def told(self) -> str:
        return self.log.read_text(errors="replace")


def fork(action: Callable[[], int], log: Path) -> Victim:
    """Runs an action in a process of its own, from which nothing returns into pytest.

    Signals that end wait there until the action takes them.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # other tests' threads; the child uses none
        pid = os.fork()
    if pid:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
        return Victim(pid, log)
    code = 70
    try:
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115 - of the child, until it ends
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115
        code = action()
    except BaseException:  # noqa: BLE001 - told in the log
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


@pytest.fixture
def tmp_path():
    """A folder in memory where there is one: thousands of small files are made and removed here."""
    memory = Path("/dev/shm")  # noqa: S108 - the name is random
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def commands(reviews, tmp_path_factory):
    """The training command of each model, without `--out`."""
    pairs = tmp_path_factory.mktemp("pairs") / "pairs.tsv"
    pairs.write_text("".join(f"{a}\t{b}\n" for a, b in [("source", "target"), *PAIRS]), encoding="utf-8")
    mapping = {model: ("train", model, "--data", str(reviews), *TINY) for model in ("rnn", "lstm", "gru")}
    return {**mapping, "seq2seq": ("train", "seq2seq", "--data", str(pairs), "--tokenizer", "char", *TINY)}


@pytest.fixture(scope="session")
def _imported(commands, tmp_path_factory):
    """What training imports and makes ready is there before any process is forked."""
    import torch

    import seqcli.cli.commands.train
    import seqcli.experiments.train
    import seqcli.training.leg
    import seqcli.training.translator  # noqa: F401

    torch.set_num_threads(1)
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    from seqcli.cli.main import execute

    assert execute([*commands["gru"], "-q", "--out", str(tmp_path_factory.mktemp("first") / "run")]) == 0
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def start(tmp_path, _imported):
    """Starts a command line in a forked process; `before` runs in it first."""
    count = iter(range(10**9))

    def begin(*arguments: object, before: Callable[[], object] = lambda: None) -> Victim:
        def action() -> int:
            from seqcli.cli.main import execute
            from seqcli.cli.signals import end_at_signals

            end_at_signals()
            signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
            before()
            return execute([str(argument) for argument in arguments])

        return fork(action, tmp_path / f"log-{next(count)}")

    return begin


@pytest.fixture
def results():
    """Every file of a run that must be the same however often it was interrupted."""

    def read(folder: Path) -> dict[str, bytes]:
        return {
            str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.name not in OF_TIME
        }

    return read


@pytest.fixture
def uninterrupted(start, commands, results, tmp_path):
    """The results of a model's training that nothing disturbed, and the seconds it took."""

    def train(model: str) -> tuple[dict[str, bytes], float]:
        began = time.monotonic()
        victim = start(*commands[model], "--out", tmp_path / f"whole-{model}")
        assert victim.end() == 0, victim.told
        return results(tmp_path / f"whole-{model}"), time.monotonic() - began

    return train


@pytest.fixture
def chance():
    """Random instants: other ones each time under `make torture`, since time itself is never the same."""
    return random.Random(0)
