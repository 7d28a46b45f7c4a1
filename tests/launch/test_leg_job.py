"""The job of a leg: one folder may be wanted by two comparisons at once, and is trained once."""

import pytest

from seqcli.errors import StoppedError
from seqcli.experiments.config import TrainConfig
from seqcli.experiments.train import plan_training
from seqcli.launch.jobs.leg import train_leg
from seqcli.results.events import LegFinished, LegStarted, Note
from seqcli.runs.directory import RunDirectory
from seqcli.runs.lock import RunLock


@pytest.fixture
def arguments(reviews, tmp_path):
    config = TrainConfig(model="gru", data=str(reviews), hidden=4, embedding=4, epochs=1)
    return plan_training(config).leg.job(tmp_path, {}).arguments


@pytest.fixture
def folder(arguments, tmp_path):
    """The leg's run directory, which nobody has trained in."""
    made = tmp_path / arguments["run"]
    made.mkdir()
    return made


def never():
    return False


def told(arguments, should_stop=never):
    return list(train_leg(arguments, should_stop))


def test_a_leg_that_another_process_holds_waits_for_it_and_goes_on(arguments, folder):
    holder = RunLock.acquire(folder)
    events = train_leg(arguments, never)
    waits = next(events)
    assert isinstance(waits, Note)
    assert waits.text.startswith("gru seed 0 waits: ")
    assert "is in use by process" in waits.text
    holder.release()
    assert isinstance(list(events)[-1], LegFinished)
    assert RunDirectory.open(folder).status().state == "done"


def test_a_leg_that_another_comparison_finished_meanwhile_is_not_run_again(arguments, folder):
    told(arguments)
    done = (folder / "DONE").read_bytes()
    (result,) = told(arguments)
    assert isinstance(result, LegFinished)
    assert result.kept
    assert (folder / "DONE").read_bytes() == done


def test_a_result_that_cannot_be_used_is_made_anew_once(arguments, folder):
    told(arguments)
    (folder / "predictions.jsonl").write_text("changed")
    spoilt = {**arguments, "replace": True}
    holder = RunLock.acquire(folder)
    waiting = train_leg(spoilt, never)
    assert isinstance(next(waiting), Note)
    holder.release()
    assert isinstance(told(spoilt)[0], LegStarted)
    assert RunDirectory.open(folder).verify() == []
    (value,) = waiting
    assert value.kept, "its holder made it anew"


def test_a_leg_that_waits_can_be_stopped(arguments, folder):
    with RunLock.acquire(folder), pytest.raises(StoppedError, match="in use by process"):
        told(arguments, should_stop=lambda: True)
