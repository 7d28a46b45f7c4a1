"""The engines that training runs on: chosen by name, and refused with what is missing."""

import importlib.util
import os
import shutil
import signal

import pytest

from seqcli.cli.signals import StopSignals
from seqcli.errors import StoppedError
from seqcli.launch.engine import ENGINES, Engine, EngineElsewhere, Placement
from seqcli.launch.job import Finished, Job
from seqcli.launch.local import LocalWorkers

LINE = ("compare", "rnn", "gru", "--task", "adding")


@pytest.mark.parametrize("name", ENGINES.names())
def test_every_engine_keeps_the_same_contract(name):
    engine: Engine = ENGINES.get(name)
    assert engine.check.__annotations__.keys() == {"placement", "return"}
    assert [*engine.run.__annotations__] == ["jobs", "placement", "should_stop", "return"]
    assert list(engine.run([], Placement(store=None), lambda: False)) == []


class _Elsewhere(EngineElsewhere):
    """It trains in no time at all."""

    def check(self, placement):
        """Everything suits it."""

    def train(self, runs, _placement, _should_stop):
        yield from (Finished(run, {"where": "elsewhere"}) for run in runs)


def test_what_is_no_training_run_is_done_on_this_machine_and_first(monkeypatch):
    def run(_workers, jobs, _should_stop):
        yield from (Finished(job, {"where": "here"}) for job in jobs)

    monkeypatch.setattr(LocalWorkers, "run", run)
    jobs = [Job("leg", "gru 0", {}), Job("baseline", "bow", {}), Job("leg", "gru 1", {})]
    ended = list(_Elsewhere().run(jobs, Placement(jobs=1), lambda: False))
    assert [(each.job.name, each.result["where"]) for each in ended] == [
        ("bow", "here"),
        ("gru 0", "elsewhere"),
        ("gru 1", "elsewhere"),
    ]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (
            ("--on", "slrum"),
            "must be local, ray, slurm, work, or ray://HOST:PORT, got 'slrum' (did you mean slurm?)",
        ),
        (("--on", "slurm://head:1"), "must be local, ray, slurm, work"),
        (("--on", "ray://nowhere"), "or ray://HOST:PORT"),
        (("--on", "work"), "--on work needs a folder that all machines see"),
        (("--on", "slurm"), "--on slurm needs a folder that all machines see"),
        (("--on", "local", "--store", "s"), "Drop one of the two, or take --on work."),
        (
            ("--set", "slurm.partitoin=short"),
            "unknown setting slurm.partitoin; did you mean slurm.partition?",
        ),
        (("--set", "slurm.time=soon"), "slurm.time must be a duration"),
    ],
)
def test_an_engine_that_cannot_be_meant_is_refused_before_anything_is_prepared(
    seqcli, options, says, tmp_path
):
    ran = seqcli(*LINE, *options)
    assert ran.code == 2
    assert says in " ".join(ran.err.split())
    assert not (tmp_path / "s" / "data").exists()


@pytest.mark.parametrize("name", ["slurm", "ray"])
def test_an_engine_without_its_extra_tells_the_line_that_installs_it(seqcli, name, monkeypatch):
    find_spec = importlib.util.find_spec
    missing = {"submitit", "ray"}
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name in missing else find_spec(name, *rest)
    )
    ran = seqcli(*LINE, "--on", name, "--store", "s")
    assert ran.code == 2
    assert f"--on {name} needs the extra '{name}'" in ran.err
    assert f"pip install 'seqcli[{name}]'" in ran.err


def test_slurm_without_its_programs_is_told(seqcli, monkeypatch):
    monkeypatch.setattr("seqcli.launch.engines.slurm.need_package", lambda *_: None)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    ran = seqcli(*LINE, "--on", "slurm", "--store", "s")
    assert (ran.code, "needs the program sbatch" in ran.err) == (2, True)


def test_the_signal_before_a_time_limit_stops_a_command_as_max_time_does():
    mapping = {number: signal.getsignal(number) for number in (signal.SIGUSR2, *ENDING)}
    try:
        stop = StopSignals()
        assert not stop()
        os.kill(os.getpid(), signal.SIGUSR2)
        assert stop()
        assert stop.exit_code(StoppedError.exit_code) == 75
    finally:
        for number, handler in mapping.items():
            signal.signal(number, handler)


ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
