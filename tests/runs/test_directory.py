import errno
import itertools
import os
import re
import shutil
import stat
from contextlib import suppress
from pathlib import Path

import pytest

from seqcli import __version__
from seqcli.errors import BusyError, RunError, StorageError, UsageError
from seqcli.runs import result, run_layout
from seqcli.runs.directory import RunDirectory
from seqcli.runs.lock import RunLock
from seqcli.runs.metrics import MetricsLog
from seqcli.runs.run_layout import is_run
from seqcli.runs.temporary import temporary_file, temporary_folder

CONFIG = {"model": "gru", "hidden": 128, "task": {"name": "sentiment"}}
IDENTITY = {"prepared_sha256": "d4ac", "torch": "2.13"}
FILES = {"model.safetensors": b"weights", "predictions.jsonl": b"{}\n", "README.md": b"# card\n"}
SUMMARY = {"score": 0.75}


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "runs" / "x"


@pytest.fixture
def run(folder):
    with RunDirectory.create(folder, CONFIG, identity=IDENTITY) as run:
        yield run


@pytest.fixture
def done(folder):
    with RunDirectory.create(folder, CONFIG, identity=IDENTITY) as run:
        with MetricsLog.open(run.metrics_path, None) as log:
            log.append({"step": 1, "loss": 0.5})
        run.commit_result(FILES, SUMMARY)
    return folder


def names(folder):
    return {path.name for path in folder.iterdir()}


def commit_checkpoint(run, step=1):
    run.checkpoints.commit(step, state={}, files={"model.safetensors": b"weights"})


# Making one


def test_a_new_run_keeps_its_configuration_and_identity(run, folder):
    assert run.path == folder
    assert names(folder) == {".lock", "config.yaml", "manifest.json"}
    outcome = RunDirectory.open(folder)
    assert outcome.config == CONFIG
    assert outcome.identity == IDENTITY
    assert outcome.verify() == []


def test_an_empty_folder_is_as_good_as_none(folder):
    folder.mkdir(parents=True)
    with RunDirectory.create(folder, CONFIG) as run:
        assert run.status().state == "new"


def test_a_moved_run_is_the_same_run(done, tmp_path):
    done.rename(tmp_path / "moved")
    run = RunDirectory.open(tmp_path / "moved")
    assert (run.status().state, run.verify(), run.read("model.safetensors")) == ("done", [], b"weights")


@pytest.mark.parametrize(
    "content", ["notes.txt", "manifest.json", "config.yaml", "DONE", "model.safetensors", ".git/"]
)
def test_a_folder_that_holds_other_peoples_files_is_refused_and_left_alone(folder, tree, content):
    folder.mkdir(parents=True)
    if content.endswith("/"):
        (folder / content).mkdir()
    else:
        (folder / content).write_text('{"name": "a web app"}')
    before = tree(folder)
    for overwrite in (False, True):
        with pytest.raises(RunError, match="is not a run directory") as caught:
            RunDirectory.create(folder, CONFIG, overwrite=overwrite)
        assert caught.value.exit_code == 4
        assert "--out" in caught.value.hint
        assert tree(folder) == before


def test_what_cannot_be_a_run_directory_is_refused_and_nothing_is_made(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    (tmp_path / "file").write_text("x")
    refused = {Path("/"): 4, tmp_path / "home": 4, tmp_path / "file": 4, tmp_path / "file" / "x": 4}
    unusable = {tmp_path / "a\nb": 2, tmp_path / "a\x1b[2J": 2, tmp_path / ("x" * 300): 2}
    for path, code in {**refused, **unusable}.items():
        with pytest.raises((RunError, UsageError)) as caught:
            RunDirectory.create(path, CONFIG)
        assert caught.value.exit_code == code
    assert names(tmp_path) == {"home", "file"}
    assert names(tmp_path / "home") == set()


def test_a_run_may_be_made_through_a_link_to_a_larger_disk(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "runs").symlink_to("disk")
    with RunDirectory.create(tmp_path / "runs" / "x", CONFIG) as run:
        assert run.path == tmp_path / "disk" / "x"


def test_permissions_follow_the_umask(folder):
    before = os.umask(0o077)
    try:
        with RunDirectory.create(folder, CONFIG) as run:
            commit_checkpoint(run)
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*")}
    finally:
        os.umask(before)
    assert set(modes.values()) == {0o600, 0o700}
    assert modes["config.yaml"] == 0o600
    assert modes["step-1"] == 0o700


def test_a_read_only_disk_is_a_storage_error(folder, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(os, "mkdir", refuse)
    with pytest.raises(StorageError, match="Read-only file system") as caught:
        RunDirectory.create(folder, CONFIG)
    assert caught.value.exit_code == 6


def test_a_disk_full_at_any_call_frees_the_lock_and_the_same_command_works_later(
    folder, faulty_disk, monkeypatch
):
    for call in itertools.count(1):
        disk = faulty_disk(call)
        with suppress(StorageError):
            RunDirectory.create(folder, CONFIG).release()
        monkeypatch.undo()
        RunDirectory.create(folder, CONFIG).release()
        assert names(folder) == {"config.yaml", "manifest.json"}
        if len(disk.calls) < call:
            break
        shutil.rmtree(folder.parent)
    assert call > 10


# Two at once


def test_the_second_process_is_told_who_works_there(run, folder, in_child):
    def second():
        with pytest.raises(BusyError, match=f"process {os.getppid()} on"):
            RunDirectory.create(folder, CONFIG)
        status = RunDirectory.open(folder).status()
        assert (status.state, status.holder.pid) == ("running", os.getppid())

    assert in_child(second) == 0


def test_of_two_attempts_at_the_same_time_one_commits(folder, monkeypatch):
    """Even where the lock does not work: what the fence is for."""
    monkeypatch.setattr("seqcli.runs.lock.try_lock", lambda path: os.open(path, os.O_RDWR | os.O_CREAT))
    attempts = [RunDirectory.create(folder, CONFIG) for _ in range(2)]
    attempts[0].commit_result({"model.safetensors": b"first"}, {"score": 1})
    with pytest.raises(RunError, match="another attempt has committed"):
        attempts[1].commit_result({"model.safetensors": b"second"}, {"score": 2})
    outcome = RunDirectory.open(folder)
    assert outcome.read("model.safetensors") == b"first"
    assert outcome.verify() == []
    assert not list(folder.glob("result*"))


def test_who_only_reads_cannot_write(done):
    run = RunDirectory.open(done)
    for write in (
        lambda: run.commit_result({}, {}),
        lambda: run.fail("x", exit_code=8),
        run.clear_failure,
    ):
        with pytest.raises(RuntimeError, match="opened for reading"):
            write()


def test_after_the_lock_is_given_back_nothing_is_written(folder):
    run = RunDirectory.create(folder, CONFIG)
    run.release()
    with pytest.raises(RuntimeError, match="opened for reading"):
        run.fail("x", exit_code=8)


# Where it stands


def test_a_run_goes_from_new_to_partial_to_failed_to_done(run, folder):
    assert run.status().state == "new"
    commit_checkpoint(run)
    assert run.status().state == "partial"
    run.fail("loss is nan at step 3; try a smaller --lr", exit_code=8)
    status = run.status()
    assert (status.state, status.exit_code) == ("failed", 8)
    assert status.reason == "loss is nan at step 3; try a smaller --lr"
    run.clear_failure()
    assert run.status().state == "partial"
    run.fail("again", exit_code=7)
    run.commit_result(FILES, SUMMARY)
    assert run.status().state == "done"
    assert names(folder) == {".lock", "DONE", "config.yaml", "manifest.json", "summary.json", *FILES}


def test_a_comparison_with_legs_has_begun(run, folder):
    (folder / "legs" / "gru").mkdir(parents=True)
    assert run.status().state == "partial"


def test_a_damaged_note_of_a_failure_is_named(run, folder):
    (folder / "failed.json").write_text("{}")
    with pytest.raises(RunError, match=r"failed\.json is damaged"):
        run.status()


# Going on


def test_the_same_command_goes_on_with_what_is_there(folder):
    with RunDirectory.create(folder, CONFIG, identity=IDENTITY) as run:
        commit_checkpoint(run, 5)
    with RunDirectory.create(folder, CONFIG, identity=IDENTITY) as run:
        assert run.status().state == "partial"
        assert run.checkpoints.latest_verified().step == 5


def test_the_same_command_on_a_finished_run_finds_it_done(done, tree):
    before = tree(done)
    with RunDirectory.create(done, CONFIG, identity=IDENTITY) as run:
        assert run.status().state == "done"
        assert run.read("summary.json") == b'{\n  "score": 0.75\n}\n'
    assert tree(done) == before


def test_another_configuration_is_refused_with_what_differs(done, tree):
    before = tree(done)
    now = {"model": "gru", "hidden": 64, "task": {"name": "sentiment"}, "dropout": 0.1}
    with pytest.raises(RunError) as caught:
        RunDirectory.create(done, now, identity=IDENTITY)
    assert all(name in caught.value.message for name in ("dropout: ", "hidden: 128"))
    assert "--overwrite" in caught.value.hint
    assert tree(done) == before


def test_other_data_or_another_fingerprint_is_refused(done):
    with pytest.raises(RunError, match=r'torch: "2\.13" in the run, "2\.14" now'):
        RunDirectory.create(done, CONFIG, identity={**IDENTITY, "torch": "2.14"})


def test_two_runs_can_be_compared(done, tmp_path):
    with RunDirectory.create(tmp_path / "y", {**CONFIG, "hidden": 64}, identity=IDENTITY) as other:
        (change,) = RunDirectory.open(done).compare(other)
        assert str(change).startswith("hidden: 128")


def test_starting_anew_removes_the_run_and_spares_other_peoples_files(done):
    (done / "notes.txt").write_text("mine")
    for name in ("checkpoints", "legs", "baselines", "cost"):
        (done / name).mkdir()
    half = temporary_folder(done / "checkpoints" / "step-1")
    half.mkdir()
    (half / "model.safetensors").touch()
    for name in ("checkpoints", "cost"):
        (done / name / "thesis.tex").write_text("mine")
    with RunDirectory.create(done, {"model": "lstm"}, overwrite=True) as run:
        assert run.status().state == "new"
        assert run.config == {"model": "lstm"}
        assert run.identity == {}
    assert names(done) == {"config.yaml", "manifest.json", "notes.txt", "checkpoints", "cost"}
    assert names(done / "checkpoints") == names(done / "cost") == {"thesis.tex"}


def test_starting_anew_where_nothing_is_starts(folder):
    with RunDirectory.create(folder, CONFIG, overwrite=True) as run:
        assert run.status().state == "new"


def test_temporaries_of_dead_writers_are_gone_after_the_next_start(folder):
    RunDirectory.create(folder, CONFIG).release()
    (folder / "cost").mkdir()
    strays = [temporary_file(folder), temporary_file(folder / "cost"), temporary_folder(folder / "result")]
    for stray in strays[:2]:
        stray.touch()
    strays[2].mkdir()
    RunDirectory.create(folder, CONFIG).release()
    assert not [stray for stray in strays if stray.exists()]


# What was committed


def test_a_committed_file_is_checked_when_it_is_read(done):
    (done / "model.safetensors").write_bytes(b"w3ights")
    run = RunDirectory.open(done)
    with pytest.raises(RunError, match=r"model\.safetensors was changed or cut"):
        run.read("model.safetensors")
    assert run.read("README.md") == FILES["README.md"]


def test_a_file_that_was_never_committed_is_not_read(done):
    (done / "model.pt").write_bytes(b"cos\nsystem\n(S'exit 1'\ntR.")
    with pytest.raises(RunError, match=r"has no model\.pt") as caught:
        RunDirectory.open(done).read("model.pt")
    assert "model.safetensors" in caught.value.hint
    assert RunDirectory.open(done).verify() == []


def test_the_metrics_are_part_of_the_result(done):
    assert RunDirectory.open(done).read("metrics.jsonl") == b'{"loss": 0.5, "step": 1}\n'


def test_every_changed_byte_of_a_finished_run_is_found(done, tree):
    for name, content in tree(done).items():
        for place in range(len(content)):
            changed = bytes([content[place] ^ (1 << place % 8)])
            (done / name).write_bytes(content[:place] + changed + content[place + 1 :])
            try:
                problems = RunDirectory.open(done).verify()
            except RunError as error:
                problems = [error.message]
            assert problems, (name, place)
        (done / name).write_bytes(content)
    assert RunDirectory.open(done).verify() == []


def test_every_cut_of_a_finished_run_is_found(done, tree):
    for name, content in tree(done).items():
        for damage in [*(content[:size] for size in range(len(content))), None]:
            (done / name).unlink() if damage is None else (done / name).write_bytes(damage)
            try:
                problems = RunDirectory.open(done).verify()
            except RunError as error:
                problems = [error.message]
            assert problems, (name, damage)
            (done / name).write_bytes(content)


def test_a_damaged_finished_run_can_be_started_anew(done):
    (done / "DONE").write_text("garbage")
    (done / "config.yaml").unlink()
    with pytest.raises(RunError, match="do not belong together"):
        RunDirectory.create(done, CONFIG, identity=IDENTITY)
    with RunDirectory.create(done, CONFIG, identity=IDENTITY, overwrite=True) as run:
        assert run.status().state == "new"


def test_a_bad_checkpoint_is_among_the_problems(run):
    commit_checkpoint(run)
    (run.path / "checkpoints" / "step-1" / "model.safetensors").write_bytes(b"")
    (problem,) = run.verify()
    assert "step-1/model.safetensors was changed or cut" in problem


def test_a_run_of_a_newer_seqcli_names_the_version_it_needs(done):
    path = done / "manifest.json"
    newer = path.read_text().replace("seqcli.run/1", "seqcli.run/12").replace(__version__, "4.5.6")
    path.write_text(newer)
    for use in (RunDirectory.open, lambda folder: RunDirectory.create(folder, CONFIG)):
        with pytest.raises(
            RunError, match=r"seqcli 4\.5\.6 as seqcli\.run/12; .* reads seqcli\.run/1"
        ) as caught:
            use(done)
        assert caught.value.hint == "Install seqcli 4.5.6 or newer."
    assert path.read_text() == newer


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", '{"schema": 3}', '{"schema": "other/1"}', "\0" * 99]
)
def test_a_damaged_manifest_is_refused_and_left_alone(run, content):
    (run.path / "manifest.json").write_text(content)
    with pytest.raises(RunError, match=r"is damaged or not seqcli's|is not a run directory"):
        RunDirectory.open(run.path)


@pytest.mark.parametrize(
    "name",
    ["config.yaml", "manifest.json", "metrics.jsonl", "model.safetensors", "DONE", "checkpoints", "cost"],
)
@pytest.mark.parametrize("target", ["outside", "inside"])
def test_a_link_in_one_of_our_places_is_refused_and_not_followed(done, tmp_path, name, target):
    place = (tmp_path if target == "outside" else done) / "elsewhere"
    if name in {"checkpoints", "cost"}:
        place.mkdir()
    else:
        (done / name).rename(place)
    (done / name).symlink_to(place)
    for use in (RunDirectory.open, lambda folder: RunDirectory.create(folder, CONFIG, overwrite=True)):
        with pytest.raises(RunError, match=f"{name} is a symbolic link"):
            use(done)
    assert place.exists()


def test_a_dangling_link_for_a_manifest_is_refused(folder):
    folder.mkdir(parents=True)
    (folder / "manifest.json").symlink_to("/nowhere")
    with pytest.raises(RunError, match="is not a run directory"):
        RunDirectory.create(folder, CONFIG)


@pytest.mark.parametrize("name", ["metrics.jsonl", "checkpoints", "DONE"])
def test_a_pipe_in_one_of_our_places_does_not_hang(done, name):
    (done / name).unlink(missing_ok=True)
    os.mkfifo(done / name)
    with pytest.raises(RunError, match=f"{name} is not what seqcli puts there"):
        RunDirectory.open(done)


@pytest.mark.parametrize("path", ["missing", "file", "empty", "loop"])
def test_opening_what_is_no_run_names_what_it_is(tmp_path, path):
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(RunError) as caught:
        RunDirectory.open(tmp_path / path)
    assert str(tmp_path / path) in caught.value.message
    assert names(tmp_path / "empty") == set()


# Committing


@pytest.mark.parametrize("name", ["summary.json", "manifest.json", "config.yaml", "DONE", "checkpoints"])
def test_a_file_with_the_name_of_ours_is_a_defect(run, name):
    with pytest.raises((ValueError, UsageError)):
        run.commit_result({name: b""}, SUMMARY)
    assert run.status().state == "new"


def test_a_file_name_that_leads_elsewhere_is_refused(run, tmp_path):
    with pytest.raises(UsageError):
        run.commit_result({"../../evil": b""}, SUMMARY)
    assert not (tmp_path / "evil").exists()


def test_a_summary_that_is_not_a_number_is_a_defect_and_nothing_is_committed(run, folder):
    with pytest.raises(ValueError, match="JSON"):
        run.commit_result(FILES, {"score": float("nan")})
    assert names(folder) == {".lock", "config.yaml", "manifest.json"}


def test_a_disk_full_at_any_call_commits_all_or_nothing(folder, faulty_disk, monkeypatch):
    for call in itertools.count(1):
        with RunDirectory.create(folder, CONFIG) as run:
            commit_checkpoint(run)
            disk = faulty_disk(call)
            with suppress(StorageError):
                run.commit_result(FILES, SUMMARY)
            monkeypatch.undo()
        with RunDirectory.create(folder, CONFIG) as run:
            assert run.status().state in {"partial", "done"}
            if run.status().state == "partial":
                assert run.checkpoints.latest_verified() is not None
                run.commit_result(FILES, SUMMARY)
            assert run.verify() == []
        assert names(folder) == {"DONE", "config.yaml", "manifest.json", "summary.json", *FILES}
        if len(disk.calls) < call:
            break
        shutil.rmtree(folder)
    assert call > 25


def test_a_reader_puts_a_result_in_its_place_that_a_dead_attempt_committed(folder, killed_at):
    for call in itertools.count(1):
        killed_at(lambda: RunDirectory.create(folder, CONFIG).commit_result(FILES, SUMMARY), call)
        if (folder / "DONE").exists() and not (folder / "model.safetensors").exists():
            break
        shutil.rmtree(folder, ignore_errors=True)
    run = RunDirectory.open(folder)
    assert run.status().state == "done"
    assert run.read("model.safetensors") == b"weights"
    assert run.verify() == []


def test_a_reader_waits_for_a_result_that_is_being_put_in_its_place(folder, monkeypatch):
    with RunDirectory.create(folder, CONFIG) as run:
        with monkeypatch.context() as patch:
            patch.setattr(result, "put_in_place", lambda *_args: None)
            patch.setattr(RunDirectory, "remove_what_the_result_replaces", lambda _self: None)
            run.commit_result(FILES, SUMMARY)
        calls = []
        real = RunLock.acquire.__func__

        def acquire(cls, path, *, patience=1.0):
            calls.append(path)
            if len(calls) == 3:
                result.finish(path)
            return real(cls, path, patience=patience)

        monkeypatch.setattr(RunLock, "acquire", classmethod(acquire))
        assert RunDirectory.open(folder).read("model.safetensors") == b"weights"
        assert len(calls) == 3


def test_a_fence_left_empty_by_a_dead_writer_does_not_block_the_next(run, folder):
    """On a disk without hard links a writer can die between making the fence and filling it."""
    (folder / "DONE").touch()
    run.release()
    with RunDirectory.create(folder, CONFIG, identity=IDENTITY) as again:
        assert again.status().state == "new"
        again.commit_result(FILES, SUMMARY)
        assert again.status().state == "done"


def test_the_names_of_a_run_s_files_are_spelt_in_one_module():
    spelt = re.compile(
        "|".join(f"[\"']{re.escape(name)}[\"']" for name in run_layout.NAMES - run_layout.FOLDERS)
    )
    package = Path(run_layout.__file__).parents[1]
    floors = ("runs", "training", "launch", "experiments", "cli")
    values = [
        f"{path.relative_to(package)}: {match[0]}"
        for floor in floors
        for path in sorted((package / floor).rglob("*.py"))
        if path != Path(run_layout.__file__)
        for match in spelt.finditer(path.read_text())
    ]
    assert values == []


def test_a_disk_that_has_nothing_to_give_now_makes_no_folder_a_strangers(tmp_path, monkeypatch):
    with RunDirectory.create(tmp_path / "run", {"hidden": 8}) as run:
        run.commit_result({}, {"score": 1})

    def read(*_):
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    assert is_run(tmp_path / "run")
    monkeypatch.setattr(os, "read", read)
    with pytest.raises(StorageError):
        is_run(tmp_path / "run")
