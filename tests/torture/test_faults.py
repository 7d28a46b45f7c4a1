"""Disks, numbers and neighbours that fail in the middle of real training (promises 5 to 8, 12 and 18)."""

import errno
import os
import re
import resource
import signal

import psutil
import pytest
import safetensors.torch
import torch

from seqcli.runs import storage
from seqcli.runs.checkpoints import Checkpoints
from seqcli.runs.directory import RunDirectory
from seqcli.training import loop

FULL = [errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS]


def failing_writes(monkeypatch, at, code):
    """The write number `at` of this process fails, as do those after it, until the patch is undone."""
    result = iter(range(1, 10**9))
    real = os.write

    def write(descriptor, content):
        if next(result) >= at:
            raise OSError(code, os.strerror(code))
        return real(descriptor, content)

    monkeypatch.setattr(storage.os, "write", write)


def starve(start, command, folder, *, at, code):
    """Training on a disk whose write number `at` fails; whether it came so far."""
    victim = start(*command, "--out", folder, before=lambda: failing_writes(pytest.MonkeyPatch(), at, code))
    ended = victim.end()
    assert ended in {0, 6}, victim.told
    if ended:
        assert os.strerror(code) in victim.told
        assert str(folder) in victim.told
        assert "bytes needed" in victim.told
    return ended == 6


@pytest.mark.parametrize(
    "writes",
    [(3, 40), pytest.param(range(1, 120), marks=[pytest.mark.torture, pytest.mark.timeout(3600)])],
    ids=["two", "each"],
)
def test_a_disk_full_at_any_write_is_told_and_with_room_again_the_same_bytes_come(
    start, commands, results, uninterrupted, tmp_path, writes
):
    """Promise 7: the checkpoint before is intact, and the same command goes on from it."""
    whole, _ = uninterrupted("gru")
    for at in writes:
        folder = tmp_path / str(at)
        starved = starve(start, commands["gru"], folder, at=at, code=FULL[at % len(FULL)])
        if (folder / "checkpoints").is_dir():
            assert list(Checkpoints(folder / "checkpoints").problems()) == []
        assert start(*commands["gru"], "--out", folder).end() == 0
        assert results(folder) == whole, f"write {at}"
        if not starved:
            break


@pytest.mark.parametrize("room", [2_000, pytest.param(20_000, marks=pytest.mark.torture)])
def test_a_limit_of_the_system_on_file_sizes_is_a_full_disk(
    start, commands, results, uninterrupted, tmp_path, room
):
    """`ulimit -f`: the kernel itself refuses."""
    whole, _ = uninterrupted("gru")
    limited = start(
        *commands["gru"], "--out", tmp_path / "run",
        before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY)),
    )  # fmt: skip
    code = limited.end()
    assert code in {0, 6}, limited.told
    assert code == 6 or room > 2_000
    assert "Traceback" not in limited.told
    assert start(*commands["gru"], "--out", tmp_path / "run").end() == 0
    assert results(tmp_path / "run") == whole


def poison(monkeypatch, what, step):
    """At one step the loss, the gradient or a weight is no number."""
    real = loop.train_step
    result = iter(range(1, 10**9))

    def poisoned(network, optimiser, batch, **settings):
        outcome = real(network, optimiser, batch, **settings)
        if next(result) != step:
            return outcome
        if what == "weight":
            with torch.no_grad():
                next(iter(network.parameters())).view(-1)[0] = float("nan")
            return outcome
        changed = {"loss": {"loss": float("nan")}, "gradient": {"gradient_norm": float("inf")}}[what]
        return outcome._replace(**changed)

    monkeypatch.setattr(loop, "train_step", poisoned)


@pytest.mark.parametrize(
    ("what", "steps"),
    [
        ("loss", (1, 20)),
        ("weight", (13,)),
        *(
            pytest.param(what, range(1, 25), marks=[pytest.mark.torture, pytest.mark.timeout(3600)])
            for what in ("loss", "gradient", "weight")
        ),
    ],
)
def test_what_is_no_number_stops_the_leg_before_a_checkpoint_holds_it(
    start, commands, results, uninterrupted, tmp_path, what, steps
):
    """Promise 18, and the run goes on to the right bytes once the cause is gone."""
    whole, _ = uninterrupted("gru")
    for step in steps:
        folder = tmp_path / f"{what}-{step}"
        victim = start(
            *commands["gru"], "--out", folder,
            before=lambda step=step: poison(pytest.MonkeyPatch(), what, step),
        )  # fmt: skip
        assert victim.end() == 8, victim.told
        assert "Traceback" not in victim.told
        status = RunDirectory.open(folder).status()
        assert (status.state, status.exit_code) == ("failed", 8)
        for checkpoint in Checkpoints(folder / "checkpoints").saved():
            assert checkpoint.step < step + (what == "weight")
            weights = safetensors.torch.load(checkpoint.files["weights.safetensors"])
            assert all(torch.isfinite(weight).all() for weight in weights.values())
        assert start(*commands["gru"], "--out", folder).end() == 0
        assert results(folder) == whole, f"{what} at step {step}"


@pytest.mark.parametrize(
    "times", [1, pytest.param(30, marks=[pytest.mark.torture, pytest.mark.timeout(3600)])]
)
def test_of_two_that_start_at_once_one_trains_and_the_other_is_told_who(
    start, commands, results, uninterrupted, tmp_path, times
):
    """Promise 12; the second may also come when the first has finished, and find it done."""
    whole, _ = uninterrupted("gru")
    for number in range(times):
        folder = tmp_path / str(number)
        read, write = os.pipe()
        both = [
            start(*commands["gru"], "--out", folder, before=lambda read=read: os.read(read, 1))
            for _ in range(2)
        ]
        os.write(write, b"go")
        codes = [victim.end() for victim in both]
        assert 0 in codes
        assert set(codes) <= {0, 5}, [victim.told for victim in both]
        for victim, code in zip(both, codes, strict=True):
            if code == 5:
                (other,) = [item for item in both if item is not victim]
                assert f"process {other.pid} on" in victim.told
        assert results(folder) == whole
        os.close(read)
        os.close(write)


def stopped_by_its_checkpoint(monkeypatch, number=1):
    """This process stops when it has committed so many checkpoints."""
    real, left = Checkpoints.commit, iter(range(number - 1, -1, -1))

    def commit(self, *arguments, **contents):
        real(self, *arguments, **contents)
        if next(left, None) == 0:
            os.kill(os.getpid(), signal.SIGSTOP)

    monkeypatch.setattr(Checkpoints, "commit", commit)


def test_a_stopped_holder_still_holds_and_a_dead_one_frees_at_once(
    start, commands, results, uninterrupted, tmp_path
):
    whole, _ = uninterrupted("gru")
    folder = tmp_path / "run"
    patch = pytest.MonkeyPatch()
    holder = start(*commands["gru"], "--out", folder, before=lambda: stopped_by_its_checkpoint(patch))
    assert holder.stopped(), holder.told
    second = start(*commands["gru"], "--out", folder)
    assert second.end() == 5, second.told
    assert f"process {holder.pid} on" in second.told
    holder.send(signal.SIGKILL)
    assert holder.end() == -signal.SIGKILL
    assert start(*commands["gru"], "--out", folder).end() == 0
    assert results(folder) == whole


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_start_after_an_attempt_that_was_killed_tells_so_with_its_memory_and_after_a_stop_does_not(
    start, commands, results, uninterrupted, tmp_path, number
):
    whole, _ = uninterrupted("gru")
    folder = tmp_path / "run"
    patch = pytest.MonkeyPatch()
    first = start(*commands["gru"], "--out", folder, before=lambda: stopped_by_its_checkpoint(patch, 2))
    assert first.stopped(), first.told
    first.send(number)
    first.send(signal.SIGCONT)
    assert first.end() == {signal.SIGKILL: -signal.SIGKILL, signal.SIGTERM: 128 + signal.SIGTERM}[number]
    again = start(*commands["gru"], "--out", folder)
    assert again.end() == 0, again.told
    matches = re.findall("note: the last attempt at gru, seed 0, ended without a word.*", again.told)
    if number == signal.SIGTERM:
        assert matches == []
    else:
        (line,) = matches
        used, limit = re.search(r"it had used ([\d.]+) of ([\d,.]+) GiB when it last saved", line).groups()
        assert 0 < float(used) < float(limit.replace(",", "")) <= psutil.virtual_memory().total / 2**30 + 0.1
    assert results(folder) == whole
    third = start(*commands["gru"], "--out", folder)
    assert third.end() == 0
    assert "without a word" not in third.told


def test_too_little_memory_ends_with_its_code_and_is_noted(start, commands, tmp_path):
    """Promise 8: RLIMIT_AS leaves a little more than what is in use."""

    def little_memory():
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
            pages = int(file.read().split()[0])
        limit = pages * resource.getpagesize() + (64 << 20)
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    victim = start(
        *commands["gru"], "--hidden", "3000", "--embedding", "3000", "--out", tmp_path / "run",
        before=little_memory,
    )  # fmt: skip
    assert victim.end() == 7, victim.told
    assert "out of memory" in victim.told
    assert "--hidden" in victim.told
    status = RunDirectory.open(tmp_path / "run").status()
    assert (status.state, status.exit_code) == ("failed", 7)
