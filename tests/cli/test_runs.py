"""`seqcli runs`: what is on the disk, told, checked, removed and compared; no run here needs torch."""

import csv
import errno
import hashlib
import io
import json
import os
import shlex
import time
from pathlib import Path

import pytest
from making.outcomes import epoch_record

from seqcli.cli.main import execute
from seqcli.reports.draw import terminal
from seqcli.reports.draw.printable import printable
from seqcli.results.measurements import Parameters
from seqcli.results.runs import RunList
from seqcli.results.train import Score, TrainSummary
from seqcli.runs.directory import RunDirectory
from seqcli.runs.lock import RunLock
from seqcli.runs.metrics import MetricsLog

EVIL = "\x1b]0;owned\x07\x1b[31m\u202e[bold]\x9b2J\n"
TINY_RUN = ("--hidden", "8", "--embedding", "8", "--epochs", "1")
IDENTITY = {"prepared_sha256": "a" * 64, "torch": "2.0", "device": "cpu", "seqcli": "0.1.0", "seed": 0}


def summary(accuracy=0.75, task="spam", model="gru"):
    score = Score(metric="accuracy", value=accuracy, loss=0.5, examples=100)
    return TrainSummary(
        model=model, task=task, seed=0, epochs=3, best_epoch=2, stopped="epochs", valid=score, test=score,
        parameters=Parameters(total=10, embedding=4, recurrent=4, head=2), signature="s",
    ).to_json()  # fmt: skip


def make(folder, state="done", *, task="spam", model="gru", **config):
    """A run that is done, stopped or failed, of a model that nobody trained."""
    values = {"model": model, "task": task, "hidden": 128, "seed": 0, **config}
    with RunDirectory.create(folder, values, identity={**IDENTITY, "task": task}) as run:
        with MetricsLog.open(run.metrics_path, None) as log:
            for epoch in (1, 2):
                record = epoch_record(epoch, train_loss=1 / epoch, valid_loss=0.7)
                log.append(record.to_json())
            run.checkpoints.commit(20, state={"metrics": log.mark()}, files={"w.safetensors": b"weights"})
        if state == "failed":
            run.fail("the loss is not finite at step 20", exit_code=8)
        if state == "done":
            run.commit_result({"model.safetensors": b"weights"}, summary(task=task, model=model))
    return folder


def make_comparison(folder, legs=("done", "done")):
    """A comparison that waits for some of its legs."""
    values = {"models": ["gru", "lstm"], "task": "spam", "seeds": [0, 1]}
    with RunDirectory.create(folder, values, identity=IDENTITY):
        for number, state in enumerate(legs):
            make(folder / "legs" / f"leg-{number}", state)
    return folder


@pytest.fixture
def listed(seqcli):
    """The rows that `seqcli runs` tells, by label."""

    def rows(*folders):
        ran = seqcli("runs", *folders, "--format", "json")
        assert ran.code == 0, ran.err
        return {row.label: row for row in RunList.from_json(json.loads(ran.out)).runs}

    return rows


def test_each_run_is_told_with_where_it_stands_what_it_is_and_what_it_reached(listed, tmp_path):
    for state in ("done", "stopped", "failed"):
        make(tmp_path / "runs" / state, state)
    rows = listed()
    assert {label: row.status for label, row in rows.items()} == {
        f"runs/{state}": state for state in ("done", "stopped", "failed")
    }
    done, stopped, failed = (rows[f"runs/{state}"] for state in ("done", "stopped", "failed"))
    assert (done.command, done.model, done.task, done.seed) == ("train", "gru", "spam", 0)
    assert (done.score.metric, done.score.value, done.score.split) == ("accuracy", 0.75, "test")
    assert (stopped.score.value, stopped.score.split) == (0.5, "valid")
    assert (failed.exit_code, failed.reason) == (8, "the loss is not finite at step 20")
    files = [path for path in (tmp_path / "runs/done").rglob("*") if path.is_file()]
    assert done.bytes == sum(path.stat().st_size for path in files)


def test_the_newest_comes_first(listed, tmp_path):
    for age, name in enumerate(("new", "old", "older")):
        for path in (make(tmp_path / "runs" / name), *(tmp_path / "runs" / name).iterdir()):
            os.utime(path, (time.time() - 3600 * age,) * 2)
    assert list(listed()) == ["runs/new", "runs/old", "runs/older"]


def test_a_running_one_names_who_works_in_it(listed, tmp_path):
    with RunLock.acquire(make(tmp_path / "runs/x", "stopped")):
        (row,) = listed().values()
    assert row.status == "running"
    assert f"process {os.getpid()}" in row.reason


def test_a_comparison_is_one_row_that_counts_its_legs(listed, tmp_path):
    make_comparison(tmp_path / "runs/c", ("done", "stopped"))
    make_comparison(tmp_path / "runs/d", ("done", "failed", "stopped"))
    rows = listed()
    assert (rows["runs/c"].status, rows["runs/d"].status) == ("stopped", "failed")
    assert rows["runs/c"].model == "gru lstm"
    assert rows["runs/c"].legs.model_dump() == {
        "planned": 4,  # two models on two seeds
        "done": 1,
        "stopped": 1,
        **dict.fromkeys(("running", "failed", "damaged", "foreign"), 0),
    }
    assert set(listed("runs/c/legs")) == {"runs/c/legs/leg-0", "runs/c/legs/leg-1"}


def test_folders_of_others_are_no_runs_and_links_are_not_followed(listed, tmp_path):
    other = tmp_path / "runs/website"
    other.mkdir(parents=True)
    (other / "manifest.json").write_text('{"name": "a web page"}')
    (tmp_path / "runs/link").symlink_to(make(tmp_path / "elsewhere"))
    make(other / "deep/run")
    assert list(listed()) == ["runs/website/deep/run"]


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda run: (run / "model.safetensors").unlink(), "model.safetensors is missing"),
        (lambda run: (run / "model.safetensors").write_bytes(b""), "model.safetensors has 0 bytes"),
        (lambda run: (run / "manifest.json").write_bytes(b"{"), "manifest.json is damaged"),
        (lambda run: (run / "manifest.json").unlink(), "no manifest.json"),
        (lambda run: (run / "config.yaml").write_text("model: x\n"), "config.yaml"),
        (lambda run: (run / "DONE").unlink(), "without its DONE"),
    ],
)  # fmt: skip
def test_a_damaged_run_is_listed_as_such_and_names_the_file(listed, tmp_path, damage, says):
    damage(make(tmp_path / "runs/x"))
    (row,) = listed().values()
    assert row.status == "damaged"
    assert says in row.reason


def test_show_tells_everything_and_the_command_that_repeats_it(seqcli, tmp_path):
    make(tmp_path / "runs/x", hidden=64, lr=0.01, epochs=3)
    ran = seqcli("runs", "show", "runs/x")
    assert ran.code == 0, ran.err
    for text in ("done", "75.0 %", "a" * 64, "epoch 2", "hidden=64", "summary.json"):
        assert text in ran.out
    page = json.loads(seqcli("runs", "show", "runs/x", "--format", "json").out)
    assert page["again"] == "seqcli train gru --task spam --hidden 64 --lr 0.01 --epochs 3 --out runs/x"
    assert [line["epoch"] for line in page["metrics"]] == [1, 2]


def test_the_command_that_is_told_makes_the_same_configuration(seqcli, reviews, tmp_path):
    """The real program takes its own words: it finds the run, with nothing changed, and goes on."""
    first = ("train", "lstm:forget_bias=2.0", "--data", reviews, "--no-bidirectional", "--clip", "null",
             "--pooling", "mean", "--epochs", 1, "--hidden", 4, "--embedding", 4, "--seed", 3)  # fmt: skip
    assert seqcli(*first, "--out", "runs/a b").code == 0
    page = json.loads(seqcli("runs", "show", "runs/a b", "--format", "json").out)
    words = shlex.split(page["again"])
    assert words[0] == "seqcli"
    assert "--bidirectional" not in words, "a default is not told"
    again = seqcli(*words[1:])
    assert again.code == 0, again.err
    assert "epoch 1" not in again.err, "it was found finished"


def test_several_values_of_one_option_are_told_as_one(seqcli, tmp_path):
    values = {
        "models": ["gru", "lstm"],
        "task": {"name": "spam"},
        "match": ["hidden", "params"],
        "seeds": [7],
    }
    with RunDirectory.create(tmp_path / "c", values, identity=IDENTITY):
        pass
    words = shlex.split(json.loads(seqcli("runs", "show", "c", "--format", "json").out)["again"])
    assert words[words.index("--match") + 1] == "hidden,params"
    read = seqcli(*words[1:], "--print-config", "--format", "json")
    mapping = {row["setting"]: row["value"] for row in read.json}
    assert (mapping["match"], mapping["seeds"]) == (["hidden", "params"], [7])


def test_verify_reads_every_byte_and_names_the_changed_file(seqcli, tmp_path):
    make(tmp_path / "runs/good")
    leg = make_comparison(tmp_path / "runs/c") / "legs/leg-1/model.safetensors"
    assert seqcli("runs", "verify").code == 0
    content = bytearray(leg.read_bytes())
    content[0] ^= 1
    leg.write_bytes(content)
    ran = seqcli("runs", "verify")
    assert ran.code == 4
    assert "runs/c/legs/leg-1/model.safetensors" in ran.out.replace("\n", "").replace("         ", "")
    assert "model.safetensors" in ran.err
    assert seqcli("runs", "verify", "runs/good").code == 0


def test_a_run_of_a_newer_seqcli_or_an_unshowable_name_is_foreign_and_never_pruned(seqcli, listed, tmp_path):
    manifest = make(tmp_path / "runs/newer") / "manifest.json"
    manifest.write_text(manifest.read_text().replace("seqcli.run/1", "seqcli.run/2"))
    (make(tmp_path / "runs/x")).rename(tmp_path / "runs/red \x1b[31m")
    rows = listed().values()
    assert [row.status for row in rows] == ["foreign", "foreign"]
    reasons = " ".join(row.reason for row in rows)
    assert "this seqcli reads seqcli.run/1" in reasons
    assert "cannot be shown" in reasons
    every = ("--done", "--stopped", "--failed", "--damaged")
    for chosen in ((), every):
        assert seqcli("runs", "prune", *chosen, "--yes").code == 0
        assert left(tmp_path) == ["newer", "red \x1b[31m"]


def test_prune_tells_first_and_removes_only_what_it_was_asked_for(seqcli, tmp_path):
    for state in ("done", "stopped", "failed"):
        make(tmp_path / "runs" / state, state)
    (make(tmp_path / "runs/damaged") / "manifest.json").write_bytes(b"{")
    before = sorted((tmp_path / "runs").rglob("*"))
    document = json.loads(seqcli("runs", "prune", "--format", "json").out)
    assert {run["status"] for run in document["runs"]} == {"stopped", "failed", "damaged"}
    going = [entry for entry in document["runs"] if entry["kept"] is None]
    assert {element["status"] for element in going} == {"stopped", "failed"}
    assert document["bytes"] == sum(item["bytes"] for item in going) > 0
    assert sorted((tmp_path / "runs").rglob("*")) == before, "nothing goes without --yes"
    assert seqcli("runs", "prune", "--failed", "--yes").code == 0
    assert left(tmp_path) == ["damaged", "done", "stopped"]
    assert seqcli("runs", "prune", "--yes").code == 0
    assert left(tmp_path) == ["damaged", "done"], "a cut manifest proves nothing"
    (tmp_path / "runs/damaged").rename(tmp_path / "damaged")
    assert seqcli("runs", "prune", "--done", "--older-than", "1h", "--yes").code == 0
    assert left(tmp_path) == ["done"], "it is younger"
    assert seqcli("runs", "prune", "--done", "--yes").code == 0
    assert left(tmp_path) == []


def left(folder):
    return sorted(path.name for path in (folder / "runs").iterdir())


def test_prune_never_removes_a_run_that_somebody_works_in(seqcli, tmp_path):
    run = make(tmp_path / "runs/x", "stopped")
    leg = make_comparison(tmp_path / "runs/c", ("stopped",)) / "legs/leg-0"
    with RunLock.acquire(run), RunLock.acquire(leg):
        assert seqcli("runs", "prune", "--yes", "--done", "--stopped", "--failed", "--damaged").code == 0
    assert left(tmp_path) == ["c", "x"]


def test_a_run_that_begins_while_prune_is_on_its_way_stays(seqcli, tmp_path, monkeypatch):
    """The list says stopped; by the time of the removal a process holds it."""
    from seqcli.experiments.runs import pruning

    run = make(tmp_path / "runs/x", "stopped")
    real = pruning.remove_run

    def begin_then_remove(folder):
        with RunLock.acquire(run):
            return real(folder)

    monkeypatch.setattr(pruning, "remove_run", begin_then_remove)
    document = json.loads(seqcli("runs", "prune", "--yes", "--format", "json").out)
    assert "in use" in document["runs"][0]["kept"]
    assert document["bytes"] == 0
    assert RunDirectory.open(run).verify() == []


ADDING = ("--task", "adding", "--set", "task.examples=40", "--set", "task.held_out=20")
TINY = ("--hidden", 2, "--embedding", 2, "--epochs", 1, "--seeds", 2, "--jobs", 1, "--no-cost")


def test_a_finished_sweep_is_a_comparison_that_is_done_and_prune_leaves_it(seqcli, listed, tmp_path):
    made = seqcli("compare", "rnn", "gru", *ADDING, *TINY, "--vary", "length=4,6", "--out", "runs/sw")
    assert made.code == 0, made.err
    row = listed()["runs/sw"]
    assert (row.status, row.reason, row.command, row.model) == ("done", None, "compare", "rnn gru")
    assert (row.task, row.score, row.legs.done) == ("adding", None, 8)
    assert seqcli("runs", "prune", "--yes").code == 0
    assert left(tmp_path) == ["sw"]


def test_a_finished_guide_is_done_and_stays_what_it_is(seqcli, listed, tmp_path):
    first = seqcli("guide", 13, 1, 1, "--out", "runs/g", "--format", "json")
    assert first.code == 0, first.err
    row = listed()["runs/g"]
    assert (row.status, row.reason, row.command, row.score) == ("done", None, "guide", None)
    assert seqcli("runs", "prune", "--yes").code == 0
    assert left(tmp_path) == ["g"]
    value = json.loads(seqcli("runs", "show", "runs/g", "--format", "json").out)["again"]
    assert value == "seqcli guide 1 13 --out runs/g"
    again = seqcli(*shlex.split(value)[1:], "--format", "json")
    assert (again.out, "part 1" in again.err) == (first.out, False), "it was found finished"
    assert seqcli("guide", 1, "--out", "runs/g").code == 4
    assert seqcli("guide", 1, "--out", "runs/g", "--overwrite").code == 0


def test_a_result_in_another_versions_words_is_no_damage(seqcli, listed, tmp_path):
    """Its files are as they were committed: only what it reached cannot be told."""
    for name, text in (("new-field", {**summary(), "later": 1}), ("new-kind", {"schema": "seqcli.later/1"})):
        with RunDirectory.create(tmp_path / "runs" / name, {"model": "gru"}, identity=IDENTITY) as run:
            run.commit_result({}, text)
    assert {row.status for row in listed().values()} == {"done"}
    assert {row.score for row in listed().values()} == {None}
    assert seqcli("runs", "prune", "--yes").code == 0
    assert left(tmp_path) == ["new-field", "new-kind"]


def test_other_peoples_files_survive_a_pruned_run(seqcli, tmp_path):
    (make(tmp_path / "runs/x", "stopped") / "notes.txt").write_text("mine")
    before = sorted((tmp_path / "runs").rglob("*"))
    for yes in ((), ("--yes",)):
        ran = seqcli("runs", "prune", *yes)
        assert "notes.txt" in ran.out
        assert "0 runs" in ran.out
    assert sorted((tmp_path / "runs").rglob("*")) == before


def test_a_stranger_s_folder_with_files_of_our_names_is_no_run(seqcli, listed, tmp_path):
    for name, content in (("manifest.json", "{}"), ("DONE", "")):
        (tmp_path / "runs" / name).mkdir(parents=True)
        (tmp_path / "runs" / name / name).write_text(content)
        (tmp_path / "runs" / name / "config.yaml").write_text("lr: 0.1")
    before = sorted((tmp_path / "runs").rglob("*"))
    assert listed() == {}
    every = ("--done", "--stopped", "--failed", "--damaged")
    assert seqcli("runs", "prune", *every, "--yes").code == 0
    assert sorted((tmp_path / "runs").rglob("*")) == before


def test_a_removal_killed_at_any_call_leaves_a_run_that_can_be_removed(tmp_path):
    from seqcli.experiments.runs.pruning import prune_runs
    from seqcli.runs import removal

    class KilledError(Exception):
        pass

    for call in range(1, 30):
        folder = tmp_path / str(call)
        make(folder / "x")
        with pytest.MonkeyPatch.context() as patch:
            count = iter(range(1, call + 1))

            def counted(path, count=count, call=call, real=removal.remove_file):
                if next(count, None) == call:
                    raise KilledError
                real(path)

            patch.setattr(removal, "remove_file", counted)
            try:
                prune_runs([folder], ["done"], older_than=0, remove=True)
                break
            except KilledError:
                pass
        prune_runs([folder], ["done", "damaged", "stopped"], older_than=0, remove=True)
        assert list(folder.iterdir()) == []
    assert call > 5


def test_a_lock_that_a_failing_disk_did_not_give_up_goes_with_its_folder_at_the_next_prune(
    seqcli, tmp_path, monkeypatch
):
    make(tmp_path / "runs/x")
    real = Path.unlink

    def unlink(self, missing_ok=False):
        if self.name == ".lock":
            raise OSError(errno.EMLINK, "Too many links")
        real(self, missing_ok)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", unlink)
        assert seqcli("runs", "prune", "runs", "--done", "--yes").code == 0
    assert [path.name for path in (tmp_path / "runs").rglob("*")] == ["x", ".lock"]
    assert seqcli("runs", "prune", "runs", "--done").code == 0  # without --yes nothing goes
    assert (tmp_path / "runs/x/.lock").exists()
    assert seqcli("runs", "prune", "runs", "--done", "--yes").code == 0
    assert list((tmp_path / "runs").rglob("*")) == []


@pytest.mark.parametrize("content", ["", "theirs", '{"pid": 1}', "[]"])
def test_a_stranger_s_lock_file_alone_in_a_folder_stays_as_it_is(seqcli, tmp_path, content):
    (tmp_path / "runs/x").mkdir(parents=True)
    (tmp_path / "runs/x/.lock").write_text(content)
    assert seqcli("runs", "prune", "runs", "--done", "--yes").code == 0
    assert (tmp_path / "runs/x/.lock").read_text() == content


def test_diff_tells_each_change_once(seqcli, tmp_path):
    make(tmp_path / "a", hidden=64)
    make(tmp_path / "b", hidden=128, extra="x")
    document = json.loads(seqcli("runs", "diff", "a", "b", "--format", "json").out)
    assert [(change["part"], change["name"], change["a"], change["b"]) for change in document["changes"]] == [
        ("setting", "extra", None, '"x"'),
        ("setting", "hidden", "64", "128"),
    ]
    assert document["same_metrics_until"] == 2
    assert json.loads(seqcli("runs", "diff", "a", "a", "--format", "json").out)["changes"] == []


def test_a_setting_that_the_identity_repeats_is_told_once(tmp_path):
    runs = []
    for name, width in (("a", 8), ("b", 16)):
        identity = {"model": {"hidden": width}, "torch": f"2.{width}"}
        with RunDirectory.create(tmp_path / name, {"hidden": width}, identity=identity) as run:
            runs.append(run)
    assert [item.key for item in runs[0].compare(runs[1])] == ["hidden", "torch"]


@pytest.mark.parametrize(
    ("line", "code", "says"),
    [
        (("missing",), 4, "there is no folder missing"),
        ((), 4, "there is no folder runs"),
        (("show",), 2, "seqcli runs show RUN"),
        (("show", "."), 4, "not a run directory"),
        (("diff", "."), 2, "diff A B"),
        (("verify", "."), 4, "there is no run"),
        (("--yes", "."), 2, "--yes belongs to"),
        (("prune", ".", "--older-than", "soon"), 2, "'soon'"),
    ],
)
def test_bad_input_ends_with_its_code_and_one_message(seqcli, line, code, says):
    ran = seqcli("runs", *line)
    assert ran.code == code
    assert says in ran.err
    assert "Traceback" not in ran.err


PROSE = ("table", "json", "jsonl", "markdown", "latex", "github")
LINES_OF_ALL = (
    (),
    ("show", "runs/a"),
    ("show", "runs/b"),
    ("verify",),
    ("prune",),
    ("diff", "runs/a", "runs/b"),
)


@pytest.fixture
def strangers(tmp_path):
    """Runs whose names of models, tasks, settings and reasons would command a terminal."""
    folder = tmp_path / "runs"
    make(folder / "a", model=EVIL, task=EVIL, extra=EVIL)
    with RunDirectory.create(folder / "b", {EVIL: EVIL, "model": "gru"}, identity={EVIL: EVIL}) as run:
        run.fail(EVIL, exit_code=1)
    make(folder / "c")
    (folder / "c" / "model.safetensors").write_bytes(b"x")


@pytest.mark.usefixtures("strangers")
@pytest.mark.parametrize(
    ("form", "place"),
    [*((form, "terminal") for form in (*PROSE, "csv", "tidy")), *((form, "pipe") for form in PROSE)],
)
def test_escape_sequences_in_any_field_never_reach_the_terminal(seqcli, monkeypatch, form, place):
    """Promise 22. Prose has none in a pipe either; CSV is machines', who get texts as they are."""
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(terminal, "is_terminal", lambda _stream: place == "terminal")
    for line in LINES_OF_ALL:
        ran = seqcli("runs", *line, "--format", form)
        assert ran.code in {0, 4}, ran.err
        for text in (ran.out, ran.err):
            assert text == printable(text, keep="\n"), line


@pytest.mark.usefixtures("strangers")
@pytest.mark.parametrize("form", ["csv", "tidy"])
def test_csv_in_a_pipe_has_texts_as_they_are_and_stderr_has_them_escaped(seqcli, form):
    for line in ((), ("show", "runs/a"), ("diff", "runs/a", "runs/b")):
        ran = seqcli("runs", *line, "--format", form)
        assert EVIL in {cell for row in csv.reader(io.StringIO(ran.out)) for cell in row}, line
        assert ran.err == printable(ran.err, keep="\n")


def test_a_thousand_runs_are_listed_without_reading_their_weights(tmp_path, monkeypatch):
    """The list looks at sizes; only `verify` reads large files."""
    from seqcli.experiments.runs.listing import list_runs
    from seqcli.runs import manifest

    make(tmp_path / "runs/x")
    read = []
    real = manifest.read_parts
    monkeypatch.setattr(
        manifest, "read_parts", lambda path, at_most: read.append(path.name) or real(path, at_most=at_most)
    )
    list_runs([tmp_path / "runs"])
    assert read
    assert set(read) <= {"config.yaml", "summary.json"}


def test_the_help_lists_what_runs_can_do(capsys):
    assert execute(["runs", "--help"]) == 0
    out = capsys.readouterr().out
    assert all(word in out for word in ("show", "verify", "prune", "diff", "--yes", "--older-than"))


def test_a_stopped_comparison_counts_the_legs_that_it_has_not_begun(seqcli, tmp_path):
    make_comparison(tmp_path / "runs/c", ("done",))
    assert "1/4" in seqcli("runs").out


def test_the_hash_of_prepared_data_and_that_of_its_file_have_different_names(seqcli, reviews, tmp_path):
    assert seqcli("train", "gru", "--data", reviews, *TINY_RUN, "--out", "r").code == 0
    of_file = hashlib.sha256(Path(reviews).read_bytes()).hexdigest()
    card = (tmp_path / "r" / "README.md").read_text()
    page = seqcli("runs", "show", "r").out
    prepared = RunDirectory.open(tmp_path / "r").identity["prepared_sha256"]
    assert f"sha256 `{of_file}`" in card
    assert json.loads((tmp_path / "r" / "task.json").read_bytes())["data_sha256"] == of_file
    assert prepared != of_file
    assert "prepared data sha256" in page
    assert prepared[:20] in page


def test_list_and_ls_are_the_list(seqcli, tmp_path):
    make(tmp_path / "runs/a")
    values = [
        json.loads(seqcli("runs", *words, "--format", "json").out) for words in ((), ("list",), ("ls",))
    ]
    assert [[run["label"] for run in item["runs"]] for item in values] == [["runs/a"]] * 3
    assert seqcli("runs", "list", "elsewhere").code == 4


def test_rm_removes_the_one_run_that_is_named_and_only_when_told(seqcli, tmp_path):
    """A finished run too, by its name in ./runs; where nobody can be asked, nothing goes without --yes."""
    make(tmp_path / "runs/a")
    make(tmp_path / "runs/b", "failed")
    untold = seqcli("runs", "rm", "a")
    assert "Nothing was removed. --yes removes them." in untold.out
    assert (tmp_path / "runs/a").is_dir()
    gone = json.loads(seqcli("runs", "rm", "a", "--yes", "--format", "json").out)
    assert (gone["removed"], [run["label"] for run in gone["runs"]]) == (True, ["runs/a"])
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["b"]
    assert seqcli("runs", "rm", "runs", "--yes").code == 4
    assert seqcli("runs", "rm").code == 2
    assert seqcli("runs", "rm", "b", "--failed").code == 2


@pytest.mark.parametrize(("answer", "stays"), [(True, False), (False, True)])
def test_rm_asks_a_person_at_a_terminal(seqcli, tmp_path, monkeypatch, answer, stays):
    make(tmp_path / "runs/a")
    asked = []
    monkeypatch.setattr("sys.stdin", io.StringIO())
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.confirm", lambda text, err: asked.append((text, err)) or answer)
    assert seqcli("runs", "rm", "runs/a").code == 0
    assert asked == [("Remove runs/a?", True)]
    assert (tmp_path / "runs/a").is_dir() == stays


def test_rm_leaves_a_run_that_a_process_works_in(seqcli, tmp_path):
    make(tmp_path / "runs/a", "stopped")
    with RunLock.acquire(tmp_path / "runs/a"):
        ran = seqcli("runs", "rm", "runs/a", "--yes")
    assert (tmp_path / "runs/a").is_dir()
    assert "kept" in ran.out
