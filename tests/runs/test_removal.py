"""In which order a run goes: killed on the way, what is left is never done and can still be removed."""

from seqcli.runs import removal
from seqcli.runs.directory import RunDirectory
from seqcli.runs.removal import remove_run


def test_the_fence_goes_first_and_the_manifest_last(tmp_path, monkeypatch):
    with RunDirectory.create(tmp_path / "run", {"hidden": 8}) as run:
        run.commit_result({"model.safetensors": b"weights"}, {"score": 1})
    gone, remove_tree = [], removal.remove_tree

    def noted(path):
        gone.append(path.name)
        remove_tree(path)

    monkeypatch.setattr(removal, "remove_tree", noted)
    assert remove_run(tmp_path / "run") == []
    assert (gone[0], gone[-1]) == ("DONE", "manifest.json")
    assert {"config.yaml", "model.safetensors", "summary.json"} <= set(gone[1:-1])
    assert not (tmp_path / "run").exists()
