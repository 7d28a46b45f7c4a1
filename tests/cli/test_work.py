"""`seqcli work` and `compare --store`: a folder that machines share gives one machine's result."""

import pytest

TINY = ("--hidden", 4, "--embedding", 4, "--epochs", 1, "--jobs", 1, "--no-cost", "-q")


def facts(comparison):
    """A comparison's JSON without what a clock says."""
    mapping = {name: comparison[name] for name in ("task", "models", "pairs", "baselines", "status", "guide")}
    for model in mapping["models"]:
        del model["seconds_to_best"]
    return mapping


@pytest.fixture
def line(reviews):
    return ("compare", "rnn", "gru", "--data", reviews, "--seeds", 2, *TINY, "--format", "json")


@pytest.mark.usefixtures("_own_signals")
def test_a_plan_is_worked_off_by_a_worker_and_concluded_by_the_same_command(seqcli, line, tmp_path):
    alone = seqcli(*line)
    store = tmp_path / "store"
    planned = seqcli(*line, "--store", store, "--plan-only")
    assert (planned.code, planned.json["waiting"], planned.json["done"]) == (0, 4, 0)
    assert seqcli("work", store, "--state", "--format", "json").json["waiting"] == 4
    worked = seqcli("work", store, "--jobs", 1, "--idle", "0.1", "-q", "--format", "json")
    assert (worked.code, worked.json["here"], worked.json["waiting"]) == (0, 4, 0)
    assert [worker["state"] for worker in worked.json["workers"]] == []
    before = sorted(path.stat().st_mtime_ns for path in (store / "legs").rglob("*"))
    concluded = seqcli(*line, "--store", store)
    assert facts(concluded.json) == facts(alone.json)
    after = sorted(path.stat().st_mtime_ns for path in (store / "legs").rglob("*"))
    assert before == after, "nothing was trained again"
    ran = seqcli(*line, "--store", store, "-o", tmp_path / "kept")
    assert facts(ran.json) == facts(alone.json)
    assert not (tmp_path / "kept" / "legs").exists()
    assert "4 training runs finished" in " ".join(seqcli("work", store, "--state").out.split())


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("work",), 2, "work needs the folder of a store"),
        (("work", "nowhere"), 4, "there is no store"),
        (("work", "nowhere", "--state"), 4, "there is no store"),
        (("work", "nowhere", "--idle", "soon"), 2, "idle"),
        (
            ("compare", "rnn", "gru", "--task", "adding", "--plan-only"),
            2,
            "--plan-only writes a plan into a store",
        ),
    ],
)
def test_what_is_wrong_with_the_command_is_said(seqcli, tmp_path, monkeypatch, arguments, code, says):
    monkeypatch.chdir(tmp_path)
    ran = seqcli(*arguments)
    assert ran.code == code
    assert says in ran.err
    assert [*tmp_path.iterdir()] == []
