"""A comparison's folder goes on with more models or seeds: what it has stays, only what is new is run."""

import hashlib
import json

import pytest

from seqcli.experiments.compare import sitting
from seqcli.experiments.compare.cost_records import Block, BlockMemory, MeasuredSitting, TimedSteps
from seqcli.experiments.compare.study import is_growth
from seqcli.experiments.config import CompareConfig
from seqcli.launch.machine import this_machine
from seqcli.runs import result as results
from seqcli.runs.directory import RunDirectory

TINY = ("--hidden", 4, "--embedding", 4, "--epochs", 1, "--jobs", 1, "--no-cost", "-q")


def files_under(folder):
    return {
        path.relative_to(folder): (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


@pytest.mark.usefixtures("_own_signals")
def test_one_model_more_trains_its_legs_only_and_replaces_the_result(seqcli, reviews, tmp_path):
    folder = tmp_path / "made"
    line = ("--data", reviews, "--seeds", 1, *TINY, "--out", folder, "--format", "json")
    two = seqcli("compare", "rnn", "gru", *line)
    before = files_under(folder / "legs")
    three = seqcli("compare", "rnn", "gru", "lstm", *line)
    assert (two.code, three.code) == (0, 0), three.err
    after = files_under(folder / "legs")
    assert {name: after[name] for name in before} == before
    assert {name.parts[0].split("-")[1] for name in after.keys() - before.keys()} == {"lstm"}
    assert [model["label"] for model in three.json["models"]] == ["rnn", "gru", "lstm"]
    result = RunDirectory.open(folder)
    assert (result.verify(), result.status().state, result.config["models"]) == (
        [],
        "done",
        ["rnn", "gru", "lstm"],
    )
    assert json.loads(result.read("summary.json"))["signature"] == three.json["signature"]
    whole = files_under(folder)
    again = seqcli("compare", "rnn", "gru", "lstm", *line)
    assert (again.code, again.out, files_under(folder)) == (0, three.out, whole)
    refused = seqcli("compare", "rnn", "gru", "lstm", "lstm:hidden=5", *line, "--lr", 0.5)
    fewer = seqcli("compare", "rnn", "gru", *line)
    assert (refused.code, fewer.code) != (0, 0)
    assert "other settings" in fewer.err


@pytest.fixture
def quick_sittings(monkeypatch):
    """Every sitting is one faked process of each model, each sitting a little faster than the one before."""

    def measure(legs, should_stop, *, seed, allowance):
        yield from ()
        steps = TimedSteps(seconds=[1.0], sequences=[100 + seed], tokens=[1])
        memory = BlockMemory(parameters=1, optimizer=1, activations=1, peak=1)
        block = Block(parameters=1, kernel="plain", steps=steps, predictions=[0.001], memory=memory)
        blocks = {leg.label: [block] for leg in legs}
        return MeasuredSitting(date=f"day {seed}", machine=this_machine("cpu", 1), blocks=blocks)

    monkeypatch.setattr(sitting, "measure_sitting", measure)


@pytest.mark.usefixtures("_own_signals", "quick_sittings")
def test_a_finished_folder_tells_of_the_sitting_that_was_added_to_it(seqcli, reviews, tmp_path):
    folder = tmp_path / "made"
    tiny = [word for word in TINY if word != "--no-cost"]
    line = ("rnn", "gru", "--data", reviews, "--seeds", 1, *tiny, "--out", folder, "--format", "json")
    assert seqcli("compare", *line).code == 0
    added = seqcli("compare", *line, "--measure-again")
    assert added.code == 0, added.err
    result = RunDirectory.open(folder)
    summary = json.loads(result.read("summary.json"))
    assert [item["date"] for item in summary["sittings"]] == ["day 0", "day 1"]
    assert summary["models"] == added.json["models"]
    assert summary["models"][0]["train_speed"]["per_sitting"] == pytest.approx([100, 101])
    assert result.verify() == []
    whole = files_under(folder)
    again = seqcli("compare", *line)
    assert (again.code, again.out, files_under(folder)) == (0, added.out, whole)


def spelt(**settings):
    config = CompareConfig(**{"models": ("rnn", "gru"), "seeds": 2, **settings})
    return config.model_dump(mode="json")


@pytest.mark.parametrize(
    "more",
    [
        {"models": ("rnn", "gru", "lstm")},
        {"models": ("lstm", "rnn", "gru")},
        {"seeds": 3},
        {"seeds": 3, "data": "moved.csv"},
        {"seeds": (5, 1, 0)},
        {"models": ("gru", "rnn", "lstm"), "seeds": 4},
    ],
)
def test_more_models_and_seeds_are_growth(more):
    assert is_growth(spelt(), spelt(**more))


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"data": "moved.csv"},
        {"models": ("rnn", "lstm")},
        {"seeds": 1},
        {"seeds": (7, 8, 9)},
        {"seeds": "auto"},
        {"models": ("rnn", "gru", "lstm"), "lr": 0.5},
    ],
)
def test_another_comparison_is_none(other):
    assert not is_growth(spelt(), spelt(**other))


@pytest.mark.parametrize(
    ("match", "models", "reference", "grows"),
    [
        (("params",), ("rnn", "gru", "lstm"), None, True),
        (("params",), ("lstm", "rnn", "gru"), None, False),
        (("params",), ("lstm", "rnn", "gru"), "gru", True),
        (("time",), ("rnn", "gru", "lstm"), None, False),
        (("hidden", "time"), ("rnn", "gru", "lstm"), None, False),
    ],
)
def test_models_made_equal_to_another_or_by_the_clock_are_other_models(match, models, reference, grows):
    shared = {"match": match} if reference is None else {"match": match, "reference": reference}
    assert is_growth(spelt(**shared), spelt(**shared, models=models)) is grows


SMALL, LARGE = {"models": ["a"]}, {"models": ["a", "b"]}


def grown(folder):
    return RunDirectory.create(folder, LARGE, growth=lambda _before, _now: True)


def test_until_the_larger_result_is_there_the_smaller_one_is(tmp_path):
    with RunDirectory.create(tmp_path / "run", SMALL) as run:
        run.commit_result({}, {"of": 1})
    with grown(tmp_path / "run"):
        result = RunDirectory.open(tmp_path / "run")
        assert (result.config, json.loads(result.read("summary.json"))) == (SMALL, {"of": 1})
    assert RunDirectory.open(tmp_path / "run").verify() == []


@pytest.mark.parametrize("moved", [0, 1, 2, 3])
def test_a_death_while_the_larger_result_is_put_in_place_leaves_the_larger_one(tmp_path, monkeypatch, moved):
    with RunDirectory.create(tmp_path / "run", SMALL) as run:
        run.commit_result({}, {"of": 1})

    def die_midway(folder, staged):
        for name in ("config.yaml", "summary.json", "manifest.json")[:moved]:
            (staged / name).replace(folder / name)
        raise KeyboardInterrupt

    with grown(tmp_path / "run") as run, monkeypatch.context() as patched:
        patched.setattr(results, "put_in_place", die_midway)
        with pytest.raises(KeyboardInterrupt):
            run.commit_result({}, {"of": 2})
    result = RunDirectory.open(tmp_path / "run")
    assert (result.config, json.loads(result.read("summary.json")), result.verify()) == (LARGE, {"of": 2}, [])
