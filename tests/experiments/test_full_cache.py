"""The cache is a convenience: that it takes no more is one note, and the result stands."""

import fcntl
import os
import shutil
import time

import pytest
from making.outcomes import answers_of

from seqcli.data.cache import Cache
from seqcli.errors import StorageError
from seqcli.experiments import translate
from seqcli.experiments.compare import store
from seqcli.experiments.compare.leg_runner import LegRunner
from seqcli.experiments.compare.plan import plan
from seqcli.experiments.compare.store import Store
from seqcli.experiments.config import CompareConfig
from seqcli.launch import engine
from seqcli.launch.job import Failed, Finished
from seqcli.results.events import LegFailed, Note
from seqcli.runs.directory import RunDirectory

LEFT = {
    "legs/x-gru-s0.tmp-0123456789abcdef/model": "a copy that was not finished",
    "data/abc.old-0123456789abcdef/train": "a removal that was not finished",
    "translators/y.tmp-0123456789abcdef/model": "made by halves",
}
FILES = ("baselines", "comparisons", "cost", "legs")
KEPT = ("legs/run/summary.json", "data/my.tmp-files/notes", "cost/1.json", "legs/x.bad-1/DONE")

FULL = f"cannot write: {os.strerror(28)}"


def test_what_killed_processes_left_in_any_folder_of_the_cache_goes_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setenv("SEQCLI_CACHE_DIR", str(tmp_path))
    strays = [f"{name}/.seqcli-0123456789abcdef.tmp" for name in FILES]
    fresh = "legs/z-gru-s1.tmp-0123456789abcdef/model"
    for name in (*LEFT, *strays, *KEPT, fresh):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    yesterday = time.time() - 25 * 3600
    for name in (*LEFT, *KEPT):
        for path in (tmp_path / name, (tmp_path / name).parent):
            os.utime(path, (yesterday, yesterday))
    living = "data/def.old-0123456789abcdef"
    shutil.copytree(tmp_path / "data/abc.old-0123456789abcdef", tmp_path / living)
    held = os.open(tmp_path / living, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        with store.open_store(None, config={}, identity={}, overwrite=False):
            pass
    finally:
        os.close(held)
    left = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {*KEPT, fresh, f"{living}/train"}


@pytest.fixture
def planned(reviews):
    return plan(CompareConfig(models=("rnn", "gru"), data=str(reviews), seeds=2, hidden=4))


@pytest.fixture
def full(tmp_path, monkeypatch):
    """A cache whose disk takes one leg and no more; the workers' part is played here."""
    cache, spare = tmp_path / "cache", tmp_path / "spare"
    monkeypatch.setattr(store, "spare_cache", lambda: Cache(spare / "data"))
    made = []

    class Workers:
        def __init__(self, *_, **__):
            pass

        def run(self, jobs, _should_stop):
            for job in jobs:
                if job.kind == "baseline":
                    yield Finished(job, answers_of([True, False]))
                elif str(cache) in job.arguments["run"] and made:
                    yield Failed(job, StorageError.exit_code, FULL, "")
                else:
                    made.append(job.arguments["run"])
                    yield Finished(job, {})

    monkeypatch.setattr(engine, "LocalWorkers", Workers)
    return cache, spare, made


def test_legs_that_a_full_cache_does_not_take_are_made_elsewhere_and_told_once(planned, full):
    cache, spare, made = full
    keeper = Store(cache)
    runner = LegRunner(planned, keeper, lambda: False)
    failures = None

    def follow():
        nonlocal failures
        failures = yield from runner.run(planned.legs)

    result = list(follow())
    assert failures == []
    assert not any(isinstance(event, LegFailed) for event in result)
    (note,) = [event for event in result if isinstance(event, Note)]
    assert note.subject == "work moved"
    assert str(spare) in note.values["place"]
    assert "No space left" in note.values["reason"]
    assert [str(spare) in folder for folder in made] == [False, True, True, True, True]


def test_what_is_kept_in_either_place_is_found(planned, tmp_path):
    keeper = Store(tmp_path / "cache")
    assert keeper.legs == tmp_path / "cache/legs"
    keeper.move(tmp_path / "spare")
    assert keeper.legs == tmp_path / "spare/legs"
    assert keeper.spare is None, "there is no third place"


def test_a_folder_that_a_person_names_is_not_left_for_another(planned, tmp_path):
    with RunDirectory.create(tmp_path / "cmp", {"model": "gru"}) as run:
        assert Store(run.path, run).spare is None


def test_the_built_in_translator_is_trained_elsewhere_where_the_cache_takes_no_more(monkeypatch, tmp_path):
    planned = translate.built_in_plan(None)
    monkeypatch.setattr(translate, "spare_cache", lambda: Cache(tmp_path / "spare/data"))
    folders = []

    def train(_planned, folder, **_):
        folders.append(folder)
        if "full" in str(folder):
            raise StorageError(FULL)
        yield from ()
        return "trained"

    monkeypatch.setattr(translate, "train", train)
    full = translate.built_in_folder(planned, Cache(tmp_path / "full/data"))
    work = translate.train_built_in(planned, full, lambda: False)
    note = next(work)
    assert note.subject == "translator moved"
    assert "No space left" in note.values["reason"]
    with pytest.raises(StopIteration) as end:
        next(work)
    assert end.value.value == "trained"
    assert folders == [full, tmp_path / "spare/translators" / full.name]
    nowhere = translate.built_in_folder(planned, Cache(tmp_path / "spare/data"))
    assert nowhere.parent.parent == tmp_path / "spare"
