"""`--batch-seeds`: seeds that are trained as one batch have the numbers of seeds by themselves."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from seqcli.data.randomness import stream_seed
from seqcli.errors import DivergedError, SeqcliError
from seqcli.experiments.config import TrainConfig
from seqcli.experiments.train import plan_training, train
from seqcli.launch.jobs.leg_batch import train_batch
from seqcli.results.events import drive
from seqcli.runs.directory import RunDirectory
from seqcli.runs.finished_run import FinishedRun
from seqcli.training import loop
from seqcli.training.batched_seeds import BatchSizes, losses_together, step_together
from seqcli.training.construction import make_training
from seqcli.training.loop import StepWanted, seed_dropout
from seqcli.training.step import load_batch, train_step

SEEDS = (0, 1, 5)
SMALL = {"hidden": 8, "embedding": 8, "batch_size": 16}
SHORT = {"patience": 1, "epochs": 4}
MODELS = ["rnn", "lstm:bidirectional=true", "gru:layers=2"]


def trainings(planned, model, **settings):
    """A training of each seed, in float64, at its first step."""
    made = []
    for seed in SEEDS:
        plan = planned(model, seed=seed, **settings)
        training = make_training(plan.leg.batched_with(SEEDS).leg, plan.prepared)
        training.network.double()
        made.append(training)
    return made, BatchSizes(plan.prepared.splits["train"], plan.leg.leg.training, SEEDS)


def batch_of(training):
    """The batch at which a training is, of its own order."""
    order = training.order_of(training.position.epoch)
    return load_batch(training.train, order[training.position.batch], training.device)


@pytest.mark.parametrize("model", MODELS)
def test_each_seeds_loss_and_gradients_are_its_own_in_float64(planned, model):
    """Batches of other lengths and other sizes: the last, smaller one of an epoch comes at another step."""
    batched, sizes = trainings(planned, model, batch_size=48)
    alone, _ = trainings(planned, model, batch_size=48)
    for step in range(len(batched[0].order_of(1))):
        for training in (*batched, *alone):
            training.position.batch = training.position.step = step
        batches = [batch_of(training) for training in batched]
        losses = losses_together(batched, batches, sizes.at(1, step))
        torch.autograd.backward(losses)
        for single, batch, loss, together in zip(alone, batches, losses, batched, strict=True):
            seed_dropout(stream_seed(single.seed, "dropout", step), single.device)
            own = single.network.batch_loss(*batch)
            own.backward()
            assert loss.item() == pytest.approx(own.item(), rel=1e-12)
            pairs = zip(single.network.parameters(), together.network.parameters(), strict=True)
            for weight, other in pairs:
                torch.testing.assert_close(other.grad, weight.grad, rtol=1e-9, atol=1e-12)
        for training in (*batched, *alone):
            training.network.zero_grad()


def test_many_steps_keep_each_seed_within_1e_5_of_itself_in_float64(planned):
    batched, sizes = trainings(planned, "gru")
    alone, _ = trainings(planned, "gru")
    for step in range(12):
        for training in (*batched, *alone):
            training.position.batch, training.position.step = step % 4, step
        step_together([StepWanted(t, batch_of(t)) for t in batched], sizes.at(1, step % 4))
        for single, together in zip(alone, batched, strict=True):
            seed_dropout(stream_seed(single.seed, "dropout", step), single.device)
            outcome = train_step(
                single.network, single.optimiser, batch_of(single), clip_norm=single.config.clip
            )
            assert together.outcome.loss == pytest.approx(outcome.loss, rel=1e-5)
            assert together.outcome.gradient_norm == pytest.approx(outcome.gradient_norm, rel=1e-5)


def jobs(planned, folder, **settings):
    """The arguments of one batch of runs, and their folders."""
    legs = [planned("gru", seed=seed, **settings).leg.batched_with(SEEDS) for seed in SEEDS]
    arguments = [leg.job(folder, {}).arguments for leg in legs]
    return {"legs": arguments, "names": [leg.name for leg in legs]}, [
        Path(argument["run"]) for argument in arguments
    ]


def trained(arguments, should_stop=lambda: False):
    return drive(train_batch(arguments, should_stop))


@pytest.fixture(scope="module")
def whole(reviews, tmp_path_factory):
    """The folders of a batch that was trained in one go."""

    def plan(model, **settings):
        return plan_training(TrainConfig(model=model, data=str(reviews), **SMALL, **settings))

    arguments, folders = jobs(plan, tmp_path_factory.mktemp("whole"), **SHORT)
    assert trained(arguments) == {"failed": []}
    return folders


def test_every_seed_has_a_run_of_its_own_that_ends_when_it_has_learnt_enough(whole, planned, tmp_path):
    for folder, seed in zip(whole, SEEDS, strict=True):
        run = FinishedRun(RunDirectory.open(folder)).summary
        plan = planned("gru", seed=seed, **SHORT)
        alone = drive(train(plan, tmp_path / f"alone-{seed}", overwrite=False, should_stop=lambda: False))
        assert (run.epochs, run.best_epoch, run.stopped) == (alone.epochs, alone.best_epoch, alone.stopped)
        # float32: sums in another order, over some hundred steps of Adam
        assert run.test.loss == pytest.approx(alone.test.loss, rel=1e-3)
        assert run.signature.endswith("3 seeds batched")


def test_a_stopped_batch_goes_on_to_the_same_bytes_whoever_was_ahead(whole, planned, tmp_path):
    arguments, folders = jobs(planned, tmp_path / "stopped", **SHORT)
    questions = iter(range(37))
    with pytest.raises(SeqcliError, match="saved"):
        trained(arguments, lambda: next(questions, None) is None)
    assert trained(arguments) == {"failed": []}
    for folder, other in zip(folders, whole, strict=True):
        for name in ("metrics.jsonl", "model.safetensors", "summary.json"):
            assert RunDirectory.open(folder).read(name) == RunDirectory.open(other).read(name), name


def test_a_seed_that_diverges_costs_the_others_nothing(whole, planned, tmp_path, monkeypatch):
    checked = loop.check_outcome

    def check(outcome, *, step, **known):
        checked(outcome, step=step, **known)
        if step == 3 and not failed:
            failed.append(step)
            raise DivergedError("training diverged")

    failed = []
    monkeypatch.setattr(loop, "check_outcome", check)
    arguments, folders = jobs(planned, tmp_path / "diverged", **SHORT)
    (failure,) = trained(arguments)["failed"]
    assert (failure["name"], failure["exit_code"]) == ("gru seed 0", 8)
    for places in zip(folders[1:], whole[1:], strict=True):
        own, other = (RunDirectory.open(place).read("metrics.jsonl") for place in places)
        assert own == other


def test_a_seed_that_is_batched_is_another_run_than_the_seed_by_itself(planned):
    alone = planned("gru").leg
    assert "batched" not in alone.leg.model_dump(mode="json")
    together = alone.batched_with(SEEDS)
    assert together.leg.model_dump(mode="json")["batched"] == list(SEEDS)
    assert together.digest != alone.digest != replace(alone).batched_with((0,)).digest
