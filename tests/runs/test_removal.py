"""In which order a run goes: killed on the way, what is left is never done and can still be removed."""

import shutil
from pathlib import Path

import pytest

from seqcli.errors import RunError
from seqcli.runs import removal
from seqcli.runs.directory import RunDirectory
from seqcli.runs.removal import remove_run
from seqcli.runs.sealed import write_record
from seqcli.runs.temporary import set_aside


def test_the_fence_goes_first_and_the_manifest_last(tmp_path, monkeypatch):
    with RunDirectory.create(tmp_path / "run", {"hidden": 8}) as run:
        run.commit_result({"model.safetensors": b"weights"}, {"score": 1})
    gone, remove_file = [], removal.remove_file

    def noted(path):
        gone.append(path.name)
        remove_file(path)

    monkeypatch.setattr(removal, "remove_file", noted)
    assert remove_run(tmp_path / "run") == []
    assert (gone[0], gone[-1]) == ("DONE", "manifest.json")
    assert {"config.yaml", "model.safetensors", "summary.json"} <= set(gone[1:-1])
    assert not (tmp_path / "run").exists()


def make_everything(folder):
    """A comparison with a finished and a half trained leg, a checkpoint set aside, a record, temporaries."""
    with RunDirectory.create(folder, {"models": ["gru"]}):
        with RunDirectory.create(folder / "legs/a", {"seed": 0}) as leg:
            leg.commit_result({"model.safetensors": b"weights"}, {"score": 1})
        with RunDirectory.create(folder / "legs/b", {"seed": 1}) as leg:
            for step in (1, 2):
                leg.checkpoints.commit(step, state={}, files={"weights.safetensors": b"w"})
        set_aside(folder / "legs/b/checkpoints/step-1")
        (folder / "legs/b/result.tmp-0123456789abcdef").mkdir()
        (folder / "cost").mkdir()
        write_record(folder / "cost/1.json", {"a": 1})
        (folder / "cost/.seqcli-0123456789abcdef.tmp").write_bytes(b"half")
    return folder


def test_all_that_seqcli_makes_goes_and_the_folder_with_it(tmp_path):
    assert remove_run(make_everything(tmp_path / "run")) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "place",
    ["notes.txt", "README.md", "thesis/chapter.tex", "legs/notes.txt", "legs/a/notes.txt", "legs/mine/x",
     "legs/b/checkpoints/notes.txt", "legs/b/checkpoints/step-2/notes.txt", "cost/2.json", "checkpoints/x/y"],
)  # fmt: skip
def test_a_run_with_a_foreign_file_anywhere_in_it_is_not_touched(tmp_path, place):
    run = make_everything(tmp_path / "run")
    (run / place).parent.mkdir(parents=True, exist_ok=True)
    (run / place).write_text("mine")
    before = tree(tmp_path)
    with pytest.raises(RunError) as caught:
        remove_run(run)
    assert Path(place).parts[0] in caught.value.message
    assert tree(tmp_path) == before


@pytest.mark.parametrize("place", ["metrics.jsonl", "legs/x", "cost", "legs/b/checkpoints/step-2/state.json"])
def test_links_are_foreign_and_lead_nowhere(tmp_path, place):
    run = make_everything(tmp_path / "run")
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs/x").write_text("theirs")
    if (run / place).is_dir():
        shutil.rmtree(run / place)
    else:
        (run / place).unlink(missing_ok=True)
    (run / place).symlink_to(tmp_path / "theirs")
    before = tree(tmp_path)
    with pytest.raises(RunError):
        remove_run(run)
    (tmp_path / "link").symlink_to(run)
    with pytest.raises(RunError):
        remove_run(tmp_path / "link")
    (tmp_path / "link").unlink()
    assert tree(tmp_path) == before


@pytest.mark.parametrize("manifest", [b"{}", b'{"schema": "seqcli.run/1", "files": {}}', b"{", None])
def test_without_a_manifest_that_verifies_nothing_proves_who_made_it(tmp_path, manifest):
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / "config.yaml").write_text("lr: 0.1")
    (folder / "DONE").write_text("yes")
    if manifest is not None:
        (folder / "manifest.json").write_bytes(manifest)
    before = tree(tmp_path)
    with pytest.raises(RunError):
        remove_run(folder)
    assert tree(tmp_path) == before


def tree(folder):
    return sorted((str(path), path.is_file() and path.read_bytes()) for path in folder.rglob("*"))
