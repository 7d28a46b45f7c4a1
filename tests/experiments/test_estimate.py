"""What a dry run says of time: as many steps as the legs would really take, those for tuning among them."""

import os
from dataclasses import replace
from datetime import timedelta

import pytest
import torch

from seqcli.cli.run import print_lines
from seqcli.data.cache import cache_folder
from seqcli.experiments import estimate, model_checks, step_timings
from seqcli.experiments.compare.plan import plan
from seqcli.experiments.compare.store import Store
from seqcli.experiments.config import CompareConfig, TrainConfig
from seqcli.experiments.estimate import estimate_models, estimate_training, estimates_of
from seqcli.experiments.step_timings import KEPT_FOR, KeptTiming, ModelPace, kept_timing, model_paces
from seqcli.experiments.train import plan_training
from seqcli.models.cell import CELLS
from seqcli.reports.words.estimate_words import estimate_line
from seqcli.training.construction import build_network, make_training
from seqcli.training.cost import PACE_SECONDS, PACE_STEPS, StepPace, pace


def estimate_lines(planned, models):
    """The estimates of a plan as a person reads them."""
    return map(estimate_line, estimates_of(planned, models))


SECONDS = {"lstm": 0.010, "gru": 0.004}
"""Of a training step."""


@pytest.fixture
def store(tmp_path):
    """An empty one."""
    return Store(tmp_path)


@pytest.fixture
def estimated(reviews, store, monkeypatch):
    """A plan, and its estimate where steps take `SECONDS`."""

    def at(**settings):
        defaults = {"hidden": 8, "embedding": 8, "seeds": 3, "epochs": 4, "batch_size": 16}
        planned = plan(CompareConfig(models=tuple(SECONDS), data=str(reviews), **{**defaults, **settings}))
        planted(monkeypatch)
        return planned, estimate_models(planned, store, lambda: False)

    return at


def planted(monkeypatch):
    """Models of 500 parameters: steps take `SECONDS`, predictions a millisecond, starting a process 2 s."""

    def paces(legs, *_):
        blocks = {leg.label: StepPace(500, SECONDS[leg.label], 0.001).block_seconds for leg in legs}
        return [
            ModelPace(parameters=500, step_seconds=SECONDS[label], block_seconds=block)
            for label, block in blocks.items()
        ]

    monkeypatch.setattr(estimate, "model_paces", paces)
    monkeypatch.setattr(estimate, "process_start_seconds", lambda: 2.0)


@pytest.mark.parametrize(
    "settings", [{}, {"train_size": 0.1}, {"max_steps": 7}, {"train_size": 0.1, "max_steps": 7}]
)
def test_a_leg_takes_the_steps_that_training_takes(estimated, settings):
    planned, models = estimated(**settings)
    for model in models:
        training = make_training(planned.of_model(model.label)[0].leg, planned.prepared)
        steps = min(4 * training.steps_per_epoch, settings.get("max_steps", 10**9))
        assert model.leg_seconds == pytest.approx(steps * SECONDS[model.label])


def test_pairs_are_cut_into_batches_of_like_size_in_tokens(monkeypatch, tmp_path, store):
    rows = [f"{'a b c '[: 2 * (1 + n % 3)].strip()} {n}\tx" for n in range(300)]
    (tmp_path / "p.tsv").write_text("\n".join(["source\ttarget", *rows]) + "\n", encoding="utf-8")
    config = {"data": str(tmp_path / "p.tsv"), "hidden": 4, "embedding": 4, "batch_size": 16, "epochs": 2}
    planned = plan(CompareConfig(models=("seq2seq",), source_column="source", seeds=1, **config))
    monkeypatch.setitem(SECONDS, "seq2seq", 1.0)
    planted(monkeypatch)
    (model,) = estimate_models(planned, store, lambda: False)
    training = make_training(planned.legs[0].leg, planned.prepared)
    assert model.leg_seconds == 2 * training.steps_per_epoch


def test_equal_time_takes_as_long_for_every_model(estimated):
    planned, (lstm, gru) = estimated(match="time")
    training = make_training(planned.legs[0].leg, planned.prepared)
    assert lstm.leg_seconds == pytest.approx(4 * training.steps_per_epoch * SECONDS["lstm"])
    assert gru.leg_seconds == pytest.approx(lstm.leg_seconds, rel=0.02)


def test_legs_that_tune_are_legs_too(estimated):
    planned, models = estimated(tune_lr=True, jobs=1)
    assert [(model.legs, model.tuning) for model in models] == [(3, 10), (3, 10)]
    assert [model.seconds for model in models] == [pytest.approx(13 * item.leg_seconds) for item in models]
    lines = list(estimate_lines(planned, models))
    assert lines[0].startswith("lstm: 3 training runs and 10 to tune it of 500 parameters, 10.0 ms a step")
    assert lines[-2].startswith("26 training runs, 1 side by side: at most")


def test_one_leg_is_told_as_one(estimated):
    first, *_ = estimate_lines(*estimated(seeds=1))
    assert first.startswith("lstm: 1 training run of 500 parameters, 10.0 ms a step, at most ")


def test_finished_legs_take_no_more_time(estimated, store, monkeypatch):
    monkeypatch.setattr(Store, "outcome", lambda _, leg: leg.leg.seed == 0 or None)
    planned, models = estimated()
    assert [(model.kept, model.to_run) for model in models] == [(1, 2), (1, 2)]
    lines = list(estimate_lines(planned, models))
    assert lines[0].startswith("lstm: 3 training runs (1 finished) of 500 parameters")
    assert lines[2].startswith("4 training runs, ")


def test_cost_is_estimated_by_the_processes_that_will_run(estimated):
    """Each a start of 2 s, then 23 steps and 110 predictions, on the model's own path and on torch's."""
    a_round = sum(2 + 2 * (23 * step + 110 * 0.001) for step in SECONDS.values())

    def last(**settings):
        return list(estimate_lines(*estimated(**settings)))[-1]

    assert last(cost="full").startswith(
        f"10 processes for cost, one after the other: about {5 * a_round:.0f} s"
    )
    assert last().startswith(f"2 processes for cost, one after the other: about {a_round:.0f} s")
    assert last(epochs=400, jobs=1).startswith("10 processes for cost")
    for no in ("no", False):
        assert "cost" not in " ".join(estimate_lines(*estimated(cost=no)))


def test_a_run_that_is_to_be_trained_takes_its_steps(reviews, monkeypatch):
    settings = {"hidden": 8, "embedding": 8, "epochs": 50, "batch_size": 1, "max_steps": 250}
    planned = plan_training(TrainConfig(model="lstm", data=str(reviews), **settings))
    planted(monkeypatch)
    line = estimate_line(estimate_training(planned, lambda: False))
    assert line.startswith("lstm: 500 parameters, 10.0 ms a step, at most 250 steps and 2 s")


class Counted:
    """A network that takes a second a step by a clock of its own, and counts steps and predictions."""

    def __init__(self, network, clock):
        self.network, self.clock, self.steps, self.answers = network, clock, 0, 0

    def __getattr__(self, name):
        return getattr(self.network, name)

    def batch_loss(self, *batch):
        self.clock.now, self.steps = self.clock.now + self.clock.step, self.steps + 1
        return self.network.batch_loss(*batch)

    def predict(self, *inputs):
        self.answers += 1
        return self.network.predict(*inputs)


@pytest.mark.parametrize(("step", "steps"), [(PACE_SECONDS / 100, 1 + PACE_STEPS), (10 * PACE_SECONDS, 2)])
def test_a_step_is_timed_a_few_times_and_slow_ones_once_after_a_first(reviews, monkeypatch, step, steps):
    """A dry run of many parts is to answer in seconds, also where a step takes one."""

    class StoppedClock:
        now = 0.0

    StoppedClock.step = step
    planned = plan(
        CompareConfig(models=("gru",), data=str(reviews), hidden=8, embedding=8, seeds=1, batch_size=2)
    )
    leg = planned.legs[0].leg
    network = Counted(build_network(leg, planned.prepared), StoppedClock)
    monkeypatch.setattr("seqcli.training.cost.time.perf_counter", lambda: StoppedClock.now)
    result = pace(network, planned.prepared.splits, leg.training, torch.device("cpu"))
    assert network.steps == steps
    assert result.step_seconds == pytest.approx(step)
    assert network.answers == 1 + PACE_STEPS


def test_a_dry_run_starts_no_process_for_a_model(reviews, store, monkeypatch):
    monkeypatch.setattr("seqcli.launch.local.LocalWorkers.run", lambda *_: pytest.fail("a worker"))
    settings = {"hidden": 8, "embedding": 8, "seeds": 2, "cost": False}
    planned = plan(CompareConfig(models=("rnn", "gru"), data=str(reviews), **settings))
    models = estimate_models(planned, store, lambda: False)
    assert [model.label for model in models] == ["rnn", "gru"]
    assert all(model.step_seconds > 0 for model in models)


def test_a_dry_run_tells_each_part_as_soon_as_it_is_known(capsys):
    def lines():
        yield "one"
        assert capsys.readouterr().out == "one\n"
        yield "two"

    print_lines(lines())
    assert capsys.readouterr().out == "two\n"


@pytest.fixture
def timed(reviews, monkeypatch, tmp_path):
    """The paces of a comparison with some settings, and the models whose steps were really timed."""
    measured = []
    monkeypatch.setenv("SEQCLI_CACHE_DIR", str(tmp_path / "cache"))

    def times(leg, prepared):
        measured.append(leg.label)
        return {"parameters": 500, "step_seconds": 0.5, "block_seconds": 2.0}

    monkeypatch.setattr(step_timings, "time_step", times)

    def at(**settings):
        defaults = {"hidden": 8, "embedding": 8, "seeds": 2, "batch_size": 16, "cost": False}
        planned = plan(CompareConfig(models=("rnn", "gru"), data=str(reviews), **{**defaults, **settings}))
        measured.clear()
        legs = [planned.leg(contender, planned.seeds[0]) for contender in planned.contenders]
        return model_paces(legs, planned.prepared, lambda: False), list(measured)

    return at


def test_a_second_dry_run_times_no_step(timed):
    first, measured = timed()
    assert measured == ["rnn", "gru"]
    assert [pace.age for pace in first] == [None, None]
    second, measured = timed(seeds=5, epochs=50, lr=0.1, patience=9)
    assert measured == []
    assert [pace.model_copy(update={"age": None}) for pace in second] == first
    assert all(0 <= pace.age < 60 for pace in second)


@pytest.mark.parametrize("change", [{"hidden": 9}, {"batch_size": 8}, {"threads": 2}, {"max_len": 3}])
def test_what_a_step_depends_on_is_timed_anew(timed, change):
    timed()
    assert timed(**change)[1] == ["rnn", "gru"]


def test_another_machine_or_torch_times_its_own_steps(timed, monkeypatch):
    timed()
    here = step_timings.this_machine
    monkeypatch.setattr(
        step_timings, "this_machine", lambda *of: here(*of).model_copy(update={"torch": "9.9"})
    )
    assert timed()[1] == ["rnn", "gru"]


def test_old_damaged_and_unkept_times_are_taken_anew(timed, monkeypatch):
    timed()
    (path, *_) = sorted((cache_folder() / "timings").iterdir())
    path.write_bytes(path.read_bytes().replace(b"0.5", b"0.6"))
    assert len(timed()[1]) == 1
    monkeypatch.setattr(KeptTiming, "age", KEPT_FOR + timedelta(seconds=1))
    assert len(timed()[1]) == 2
    monkeypatch.setattr(KeptTiming, "age", timedelta(seconds=-1))
    assert len(timed()[1]) == 2
    assert not any(pace.age for pace in timed()[0])


def test_a_cache_that_takes_nothing_times_every_time(monkeypatch):
    def full(*_):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(step_timings, "write_record", full)
    for _ in range(2):
        timing, result = kept_timing(["cpu", 1, "x"], lambda: {"seconds": 1.0})
        assert (timing.values, result) == ({"seconds": 1.0}, False)


def test_a_kept_time_says_when_it_was_taken(estimated):
    planned, models = estimated()
    aged = [*estimate_lines(planned, [replace(models[0], age=180.0), models[1]])]
    assert "10.0 ms a step (timed 3 min ago), at most" in aged[0]
    assert "4.0 ms a step, at most" in aged[1]


def test_every_cell_has_at_most_so_many_gates_as_the_quick_check_of_memory_assumes():
    assert max(len(CELLS.get(name).gates) for name in CELLS.names()) <= model_checks.MANY_GATES
