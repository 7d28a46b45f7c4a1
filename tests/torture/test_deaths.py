"""Real training killed and signalled at random instants ends in the same bytes (promises 1 to 4 and 14)."""

import os
import re
import signal
import subprocess
import sys
import time

import pytest

from seqcli.runs.checkpoints import Checkpoints
from seqcli.runs.directory import RunDirectory

MODELS = ["rnn", "lstm", "gru", "seq2seq"]
CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}


def check_what_is_left(folder):
    """Every checkpoint that a death leaves is whole, and nothing else is taken for one."""
    if (folder / "manifest.json").exists():
        run = RunDirectory.open(folder)
        assert run.verify() == [], run.verify()


def kill_and_go_on(start, command, folder, instants):
    """Kills the command at each instant, then lets it end; how often it was alive when it was killed."""
    killed = 0
    for instant in instants:
        killed += start(*command, "--out", folder).end_after(instant) == -signal.SIGKILL
        check_what_is_left(folder)
    last = start(*command, "--out", folder)
    assert last.end() == 0, last.told
    assert "Traceback" not in last.told
    return killed


def check_death_at_a_random_instant(start, command, folder, *, instant, whole, results):
    """Kills one training once, then lets the same command end."""
    killed = kill_and_go_on(start, command, folder, [instant])
    assert results(folder) == whole, f"killed after {instant} s"
    assert list(folder.glob(".seqcli-*")) == [], "no temporary is left after the next start"
    return killed


@pytest.mark.parametrize(
    "model", ["gru", *(pytest.param(item, marks=pytest.mark.torture) for item in MODELS[:2])]
)
def test_a_few_kills_of_one_training_end_in_the_same_bytes(
    start, commands, results, uninterrupted, chance, tmp_path, model
):
    whole, seconds = uninterrupted(model)
    instants = [seconds * chance.uniform(0.2, 0.9) for _ in range(2)]
    kill_and_go_on(start, commands[model], tmp_path / "run", instants)
    assert results(tmp_path / "run") == whole


@pytest.mark.torture
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("model", MODELS)
def test_fifty_kills_at_random_instants_of_fifty_trainings_end_in_the_same_bytes(
    start, commands, results, uninterrupted, chance, tmp_path, model
):
    """Four models, two hundred deaths."""
    whole, seconds = uninterrupted(model)
    killed = number = 0
    while killed < 50:
        number += 1
        killed += check_death_at_a_random_instant(
            start, commands[model], tmp_path / str(number),
            instant=chance.uniform(0, seconds), whole=whole, results=results,
        )  # fmt: skip
        assert number < 200, "it ends before it can be killed"


@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_a_storm_of_fifty_kills_in_one_run_ends_in_the_same_bytes(
    start, commands, results, uninterrupted, chance, tmp_path
):
    """Resume, sweeping and retention are struck as often as training itself."""
    whole, seconds = uninterrupted("gru")
    instants = [chance.uniform(0, seconds / 3) for _ in range(50)]
    kill_and_go_on(start, commands["gru"], tmp_path / "run", instants)
    assert results(tmp_path / "run") == whole


def signal_and_go_on(start, command, folder, *, instant, number):
    """One signal at an instant: a saved state or a finished run, the right code, no traceback."""
    victim = start(*command, "--out", folder)
    code = victim.end_after(instant, number)
    assert code in {0, CODES[number]}, victim.told
    assert "Traceback" not in victim.told
    check_what_is_left(folder)
    return code != 0


@pytest.mark.parametrize(
    "number", [15, pytest.param(1, marks=pytest.mark.torture), pytest.param(2, marks=pytest.mark.torture)]
)
def test_a_signal_saves_the_state_and_the_same_command_goes_on_to_the_same_bytes(
    start, commands, results, uninterrupted, chance, tmp_path, number
):
    whole, seconds = uninterrupted("gru")
    folder = tmp_path / "run"
    for _ in range(2):
        signal_and_go_on(
            start, commands["gru"], folder, instant=chance.uniform(0.2, 0.8) * seconds, number=number
        )
    assert start(*commands["gru"], "--out", folder).end() == 0
    assert results(folder) == whole


@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_two_hundred_signals_at_random_instants_end_with_their_code_and_the_same_bytes(
    start, commands, results, uninterrupted, chance, tmp_path
):
    """Loading, training, evaluation, saving: wherever they strike."""
    whole, seconds = uninterrupted("lstm")
    sent = number = 0
    while sent < 200:
        number += 1
        folder = tmp_path / str(number // 10)  # ten to a run
        sent += signal_and_go_on(
            start, commands["lstm"], folder,
            instant=chance.uniform(0, seconds), number=chance.choice(list(CODES)),
        )  # fmt: skip
        assert number < 800
    for folder in [tmp_path / str(group) for group in range(number // 10 + 1)]:
        assert start(*commands["lstm"], "--out", folder).end() == 0
        assert results(folder) == whole


def interrupt_while_it_starts(arguments, instant, number):
    """The whole program from its first instruction; its exit code and what it said."""
    program = subprocess.Popen(
        [sys.executable, "-m", "seqcli", *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    # Python itself answers a signal in its own way until the program's first line is reached.
    while not re.search(r"^SigCgt:.*[4-7c-f]...$", status_of(program.pid), re.MULTILINE):
        if program.poll() is not None:
            break
        time.sleep(0.001)
    time.sleep(instant)
    if program.poll() is None:
        os.kill(program.pid, number)
    _, err = program.communicate(timeout=120)
    return program.returncode, err


def status_of(pid):
    """What the kernel says of a process; SIGTERM is the fourteenth caught bit from the right, and a half."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as file:  # noqa: PTH123
            return file.read()
    except OSError:
        return ""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize(
    "count", [2, pytest.param(60, marks=[pytest.mark.torture, pytest.mark.timeout(3600)])]
)
def test_a_signal_during_the_imports_ends_with_its_code_and_without_a_traceback(
    commands, chance, tmp_path, count
):
    for number in range(count):
        which = chance.choice(list(CODES))
        instant = chance.uniform(0, 1.5)
        arguments = (*commands["gru"], "--out", tmp_path / str(number))
        code, result = interrupt_while_it_starts(arguments, instant, which)
        assert code in {0, CODES[which]}, (instant, result)
        assert "Traceback" not in result, (instant, result)


@pytest.mark.torture
def test_the_checkpoint_before_stays_until_the_new_one_is_whole(
    start, commands, uninterrupted, chance, tmp_path
):
    """Promise 3: after the first commit there is always one that verifies."""
    _, seconds = uninterrupted("rnn")
    folder = tmp_path / "run"
    committed = 0
    for _ in range(4):
        start(*commands["rnn"], "--out", folder).end_after(chance.uniform(0.2, 0.6) * seconds)
        checkpoint = Checkpoints(folder / "checkpoints").latest_verified()
        if (folder / "DONE").exists():
            break
        assert checkpoint is not None or committed == 0
        assert (checkpoint.step if checkpoint else 0) >= committed, "no committed step is lost"
        committed = checkpoint.step if checkpoint else 0
