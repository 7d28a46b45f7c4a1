"""What is kept under one name is of one thing: cost files, baselines, and a study's configuration."""

import errno
import os

import pytest
from making.outcomes import answers_of
from pydantic import ValidationError

from seqcli.data.config import DataConfig
from seqcli.errors import StorageError
from seqcli.experiments.compare import store
from seqcli.experiments.compare.comparison import measured_elsewhere
from seqcli.experiments.compare.leg_runner import kept_baselines
from seqcli.experiments.compare.plan import plan
from seqcli.experiments.compare.signature import digest_of, recollection, remember, signed
from seqcli.experiments.compare.sitting import keep_blocks
from seqcli.experiments.compare.store import Store
from seqcli.experiments.compare.study import is_growth
from seqcli.experiments.config import CompareConfig
from seqcli.experiments.studies import study_of
from seqcli.launch.machine import this_machine
from seqcli.reports.words.notes import note_text
from seqcli.results.measurements import Machine
from seqcli.runs.directory import RunDirectory


@pytest.fixture
def config(reviews):
    def configured(**settings):
        return CompareConfig(**{"models": ("rnn", "gru"), "data": str(reviews), "seeds": 2, **settings})

    return configured


@pytest.mark.parametrize(
    "change",
    [
        {"batch_size": 8},
        {"hidden": 9},
        {"threads": 2},
        {"clip": None},
        {"max_len": 3},
        {"models": ("rnn", "lstm")},
        {"models": ("gru", "rnn")},
    ],
)
def test_cost_is_measured_anew_for_anything_that_could_change_it(config, tmp_path, change):
    def file(**settings):
        return Store(tmp_path).cost_file(plan(config(**settings)).legs[:2])

    assert file() == file(jobs=3, margin=2.0)
    assert file() != file(**change)


@pytest.mark.parametrize("field", sorted(Machine.model_fields))
def test_cost_of_another_machine_is_never_taken_for_this_one_s(config, tmp_path, monkeypatch, field):
    legs = plan(config()).legs[:2]
    here = Store(tmp_path).cost_file(legs)
    machine = this_machine("cpu", 1)
    other = machine.model_copy(update={field: 9 if field == "threads" else "another"})
    monkeypatch.setattr(store, "this_machine", lambda *_: other)
    assert Store(tmp_path).cost_file(legs) != here


def test_the_cost_of_a_named_machine_is_one_file_on_every_machine_and_never_measured_on_another(
    config, tmp_path, monkeypatch
):
    legs = plan(config()).legs[:2]
    named = Store(tmp_path).cost_file(legs, host="big")
    other = this_machine("cpu", 1).model_copy(update={"host": "small", "cpu": "another"})
    monkeypatch.setattr(store, "this_machine", lambda *_: other)
    assert Store(tmp_path).cost_file(legs, host="big") == named
    assert Store(tmp_path).cost_file(legs, host="small") != named
    events = measured_elsewhere(named, "big")
    assert note_text(next(events)).startswith("cost is measured on big alone: give the same command there")
    with pytest.raises(StopIteration) as ended:
        next(events)
    assert ended.value.value is None


@pytest.mark.parametrize("excluded", [{"cost": "no"}, {"match": ("time",)}])
def test_a_machine_is_named_for_cost_only_where_cost_is_measured(config, excluded):
    with pytest.raises(ValidationError, match="drop one"):
        config(cost_on="big", **excluded)


def test_the_steps_that_decide_equal_time_are_kept_apart_from_sittings_of_cost(config, tmp_path):
    legs = plan(config()).legs[:2]
    assert Store(tmp_path).cost_file(legs, "steps") != Store(tmp_path).cost_file(legs)


def test_baselines_learnt_from_parts_of_the_data_have_files_of_their_own(config):
    shares = (1.0, 0.5, 0.25)
    names = [
        tuple(kept_baseline.file for kept_baseline in kept_baselines(plan(config(train_size=share))))
        for share in shares
    ]
    assert len({name for item in names for name in item}) == sum(map(len, names)) == 6


@pytest.mark.parametrize(
    "change",
    [
        {"margin": 2.0},
        {"reference": "rnn"},
        {"tune_lr": True},
        {"target": 0.75},
        {"seeds": 3},
        {"match": ("params",)},
        {"lr": 0.5},
        {"split_seed": 1},
        {"threads": 2},
        {"cost": False},
    ],
)
def test_a_study_with_anything_else_that_decides_its_result_is_another_study(config, change):
    assert study_of(config(**change)).kept_config != study_of(config()).kept_config


def test_a_study_may_grow_by_measuring_cost_with_more_care_and_never_with_less(config):
    def grows(before, now):
        was, asked = (study_of(config(cost=cost)).kept_config for cost in (before, now))
        return is_growth(was, asked)

    assert all(grows(*step) for step in [("no", "quick"), ("no", "full"), ("quick", "full"), (None, "full")])
    assert not any(
        grows(*step) for step in [("full", "quick"), ("full", "no"), ("quick", "no"), ("full", None)]
    )


def test_where_and_how_fast_a_study_runs_makes_no_other_of_it(config, tmp_path):
    other = config(
        jobs=3, out=tmp_path, max_time=60.0, max_leg_time=5.0, checkpoint_every=1.0, measure_again=True
    )
    assert study_of(other).kept_config == study_of(config()).kept_config


def test_a_result_is_named_by_its_configuration_and_by_its_data_and_numerics(planted):
    result = planted(lstm=[0.7, 0.8], gru=[0.7, 0.8])
    names = {
        digest_of(signed(result, remaining, identity).signature)
        for remaining, identity in (
            ({"lr": 0.1}, {"torch": "2.10", "prepared_sha256": "a"}),
            ({"lr": 0.2}, {"torch": "2.10", "prepared_sha256": "a"}),
            ({"lr": 0.1}, {"torch": "2.11", "prepared_sha256": "a"}),
            ({"lr": 0.1}, {"torch": "2.10", "prepared_sha256": "b"}),
        )
    }
    assert None not in names
    assert len(names) == 4


def test_the_name_of_a_result_stays_the_same_from_version_to_version(planted):
    """`printf '[{"a": [1, 2.5], "lr": 0.1}, {"torch": "2.10"}]' | sha256sum | cut -c-10`."""
    result = signed(planted(lstm=[0.7, 0.8], gru=[0.7, 0.8]), {"lr": 0.1, "a": (1, 2.5)}, {"torch": "2.10"})
    assert digest_of(result.signature) == "de952b120b"


@pytest.mark.parametrize(
    "change",
    [
        {"max_len": 3},
        {"vocab_size": 20},
        {"tokenizer": "char"},
        {"split_seed": 1},
    ],
)
def test_data_prepared_otherwise_is_other_data(config, change):
    assert set(change) <= set(DataConfig.model_fields)
    first, other = (plan(config(**settings)).prepared for settings in ({}, change))
    assert first.folder != other.folder
    assert first.sha256 != other.sha256
    assert plan(config()).prepared.folder == first.folder


SMALL = ("--task", "adding", "--set", "task.examples=40", "--set", "task.held_out=20", "--length", 5,
         "--hidden", 2, "--epochs", 1, "--seeds", 1, "--jobs", 1, "--no-cost",
         "--format", "json")  # fmt: skip


def refuse_records(monkeypatch, code):
    """The disk takes no record: no baseline, no cost block, nothing to remember."""
    from seqcli.runs import sealed

    def refuse(path, content):
        raise OSError(code, os.strerror(code), str(path))

    monkeypatch.setattr(sealed, "write_bytes", refuse)


@pytest.mark.parametrize(
    "code", [errno.ENOSPC, errno.EROFS, errno.EMFILE, errno.ENOMEM], ids=errno.errorcode.get
)
def test_what_cannot_be_kept_is_told_once_and_used_all_the_same(config, tmp_path, monkeypatch, code):
    planned, store = plan(config()), Store(tmp_path)
    refuse_records(monkeypatch, code)
    mapping = {"majority": answers_of([True, False]), "bag-of-words": answers_of([True, True])}
    values = [
        note for name, item in mapping.items() for note in store.keep_baseline(name, planned.prepared, item)
    ]
    assert len(values) == 1
    for name, answers in mapping.items():
        assert store.baseline(name, planned.prepared).to_json() == answers
    assert len(list(keep_blocks(tmp_path / "cost/1.json", {"gru": []}))) == 1


def test_scores_without_answers_as_earlier_versions_kept_them_are_made_anew(config, tmp_path):
    from seqcli.runs.sealed import write_record

    planned, store = plan(config()), Store(tmp_path)
    path = store.baseline_file("bow", planned.prepared)
    path.parent.mkdir()
    write_record(path, {"valid": 0.5, "test": 0.75})
    assert store.baseline("bow", planned.prepared) is None
    write_record(path, answers_of([True, False]) | {"format": 2})
    assert store.baseline("bow", planned.prepared) is None
    write_record(path, answers_of([True, False]))
    assert store.baseline("bow", planned.prepared).test == 0.5


def test_a_full_cache_costs_a_comparison_nothing_of_its_result(seqcli, tmp_path, monkeypatch):
    first = seqcli("compare", "gru", "rnn", *SMALL, "--out", tmp_path / "a")
    assert first.code == 0, first.err
    refuse_records(monkeypatch, errno.ENOSPC)
    second = seqcli("compare", "gru", "rnn", *SMALL, "--out", tmp_path / "b")
    assert second.code == 0, second.err
    assert "defect" not in second.err
    assert second.json["models"][0]["quality"] == first.json["models"][0]["quality"]


@pytest.mark.parametrize("name", ["DONE", "manifest.json"])
def test_a_changed_byte_in_what_marks_a_kept_leg_is_healed_by_the_same_command(
    seqcli, tmp_path, monkeypatch, name
):
    monkeypatch.setenv("SEQCLI_CACHE_DIR", str(tmp_path / "cache"))
    first = seqcli("compare", "gru", "rnn", *SMALL)
    leg = min((tmp_path / "cache/legs").iterdir())
    before = (leg / "predictions.jsonl").read_bytes()
    content = bytearray((leg / name).read_bytes())
    content[len(content) // 2] ^= 1
    (leg / name).write_bytes(content)
    healed = seqcli("compare", "gru", "rnn", *SMALL)
    assert healed.code == 0, healed.err
    assert healed.json["models"][0]["quality"] == first.json["models"][0]["quality"]
    assert (leg / "predictions.jsonl").read_bytes() == before
    assert RunDirectory.open(leg).verify() == []
    assert leg.with_name(f"{leg.name}.bad-1").is_dir()


def test_a_disk_that_does_not_give_a_kept_leg_now_makes_no_other_of_it(config, tmp_path, monkeypatch):
    store, leg = Store(tmp_path), plan(config()).legs[0]
    with RunDirectory.create(store.legs / leg.folder_name, {}) as run:
        run.commit_result({}, {"a": 1})
    real = os.open

    def refuse(path, *arguments, **places):
        if "legs" in str(path):
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        return real(path, *arguments, **places)

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refuse)
        for ask in (store.outcome, store.is_spoilt):
            with pytest.raises(StorageError):
                ask(leg)


def test_what_the_cache_remembers_carries_its_hash(planted, tmp_path, monkeypatch):
    monkeypatch.setenv("SEQCLI_CACHE_DIR", str(tmp_path))
    result = signed(planted(lstm=[0.7, 0.8], gru=[0.7, 0.8]), {"lr": 0.1}, {"torch": "2.10"})
    result = result.model_copy(update={"status": "complete"})
    (tmp_path / "comparisons").mkdir()
    (tmp_path / "comparisons/.seqcli-0123456789abcdef.tmp").write_bytes(b"half")
    remember(result)
    digest = digest_of(result.signature)
    assert recollection(digest).result == result.to_json()
    (outcome,) = (tmp_path / "comparisons").iterdir()
    outcome.write_text(outcome.read_text().replace("0.7", "0.9", 1))
    assert recollection(digest) is None
    remember(result)
    assert recollection(digest).result == result.to_json()


def test_a_baseline_that_is_a_pipe_is_refused_and_not_waited_for(seqcli, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    ran = seqcli("compare", "gru", "rnn", *SMALL, "--baseline", tmp_path / "pipe")
    assert ran.code == 2
    assert "pipe" in ran.err
