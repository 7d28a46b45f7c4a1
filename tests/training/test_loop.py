"""The training loop: against a loop written by hand, and its rules for the best epoch and for stopping."""

import itertools
import math

import numpy as np
import pytest
import torch
from torch import nn

from seqcli.data.batches import batch_order
from seqcli.data.randomness import stream_seed
from seqcli.errors import DivergedError
from seqcli.results.train import Score
from seqcli.training import loop
from seqcli.training.construction import make_training
from seqcli.training.evaluate import Evaluation, evaluate
from seqcli.training.loop import EpochDone, StepDone
from seqcli.training.step import check_outcome, check_weights


def training_of(plan):
    return make_training(plan.leg.leg, plan.prepared)


class HandClassifier(nn.Module):
    """The same classifier as anybody would write it."""

    def __init__(self, network):
        super().__init__()
        self.embedding = nn.Embedding(*network.embedding.weight.shape, padding_idx=0)
        self.layer = nn.GRU(8, 8, batch_first=True)
        self.linear = nn.Linear(8, network.head.output_size)
        self.embedding.load_state_dict(network.embedding.state_dict())
        self.layer.load_state_dict(network.recurrent.state_dict())
        self.linear.load_state_dict(network.head.linear.state_dict())

    def forward(self, ids, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(
            self.embedding(ids), lengths, batch_first=True, enforce_sorted=False
        )
        return self.linear(self.layer(packed)[1][0])


def test_losses_equal_those_of_a_loop_written_by_hand(planned):
    training = training_of(planned(dropout=0.0, clip=0.5, epochs=1))
    model = HandClassifier(training.network)
    optimiser = torch.optim.Adam(model.parameters(), lr=training.config.lr)
    ours = [item.outcome for item in training.run() if isinstance(item, StepDone)]
    order = batch_order(training.train.lengths, batch_size=16, seed=stream_seed(0, "order"), epoch=1)
    assert len(ours) == len(order) == training.steps_per_epoch
    for outcome, indices in zip(ours, order, strict=True):
        ids, lengths, targets = map(torch.from_numpy, training.train.rows(indices))
        loss = nn.functional.cross_entropy(model(ids, lengths), targets)
        optimiser.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        optimiser.step()
        assert outcome.loss == pytest.approx(loss.item(), abs=2e-5)
        assert outcome.gradient_norm == pytest.approx(norm.item(), abs=2e-4)


def test_sgd_takes_the_steps_of_plain_gradient_descent(planned):
    training = training_of(planned(dropout=0.0, clip=None, epochs=1, optimizer="sgd", lr=0.1))
    before = {name: value.clone() for name, value in training.network.named_parameters()}
    result = training.run()
    next(result)
    for name, parameter in training.network.named_parameters():
        torch.testing.assert_close(parameter, before[name] - 0.1 * parameter.grad)
    assert not training.optimiser.state_dict()["state"]


def test_the_largest_norm_of_a_single_step_is_kept_as_it_was_before_clipping(planned):
    training = training_of(planned(clip=1e-3, epochs=2))
    norms = [item.outcome.gradient_norm for item in training.run() if isinstance(item, StepDone)]
    assert training.position.largest_norm == max(norms) > 1e-3


@pytest.mark.parametrize(("schedule", "max_steps"), [("linear", None), ("linear", 17), ("cosine", None)])
def test_the_learning_rate_of_each_step_is_torchs_schedule_over_the_whole_training(
    planned, schedule, max_steps
):
    training = training_of(planned(schedule=schedule, epochs=3, max_steps=max_steps, lr=0.01))
    values = [
        training.optimiser.param_groups[0]["lr"] for item in training.run() if isinstance(item, StepDone)
    ]
    assert len(values) == (max_steps or 3 * training.steps_per_epoch)
    theirs = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.01)
    falling = {
        "linear": lambda: torch.optim.lr_scheduler.LinearLR(theirs, 1.0, 0.0, total_iters=len(values)),
        "cosine": lambda: torch.optim.lr_scheduler.CosineAnnealingLR(theirs, T_max=len(values)),
    }[schedule]()
    expected = []
    for _ in values:
        expected.append(falling.get_last_lr()[0])
        theirs.step()
        falling.step()
    assert values == pytest.approx(expected, abs=1e-12)


def test_what_is_kept_of_an_epoch_is_the_mean_over_its_examples_and_its_steps(planned):
    """The last batch is smaller than the others: 192 examples by 20."""
    training = training_of(planned(epochs=1, batch_size=20, clip=0.168))
    *steps, last = training.run()
    sizes = [len(indices) for indices in training.order_of(1)]
    assert len(set(sizes)) == 2
    losses, norms = zip(*(step.outcome for step in steps), strict=True)
    record = last.record
    assert record.train_loss == pytest.approx(np.average(losses, weights=sizes))
    assert record.gradient_norm == pytest.approx(np.mean(norms))
    assert record.clipped_share == pytest.approx(np.mean(np.array(norms) > 0.168))
    assert 0 < record.clipped_share < 1


def test_an_epoch_visits_every_example_once(planned):
    training = training_of(planned(epochs=1))
    steps = [item for item in training.run() if isinstance(item, StepDone)]
    assert training.clock.sequences == len(training.train)
    assert training.clock.tokens == training.train.lengths.sum()
    assert [step.step for step in steps] == list(range(1, training.steps_per_epoch + 1))


def scored(monkeypatch, values):
    """Let each epoch's validation give these (metric, loss)."""
    left = iter(values)

    def score(network, split, metric, *, device, should_stop):
        value, loss = next(left)
        return Evaluation(Score(metric="accuracy", value=value, loss=loss, examples=1), None)

    monkeypatch.setattr(loop, "evaluate", score)


@pytest.mark.parametrize(
    ("scores", "best", "epochs", "why"),
    [
        ([(0.5, 1.0), (0.7, 0.9), (0.6, 0.8)], 2, 3, "epochs"),
        ([(0.7, 1.0), (0.6, 0.9), (0.6, 0.8)], 1, 3, "early"),
        ([(0.7, 1.0), (0.7, 0.9), (0.6, 0.1)], 2, 3, "epochs"),
        ([(0.7, 0.9), (0.7, 0.9), (0.7, 0.9)], 1, 3, "early"),
        ([(0.7, 0.9), (0.7, 1.1), (0.8, 2.0)], 3, 3, "epochs"),
    ],
)
def test_the_best_epoch_has_the_highest_metric_then_the_lowest_loss_then_is_the_first(
    planned, monkeypatch, scores, best, epochs, why
):
    scored(monkeypatch, scores)
    training = training_of(planned(epochs=3, patience=2))
    list(training.run())
    assert (training.position.best_epoch, training.position.epoch, training.position.stopped) == (
        best,
        epochs,
        why,
    )


def test_chosen_by_loss_the_best_epoch_has_the_lowest_loss_whatever_its_metric(planned, monkeypatch):
    scored(monkeypatch, [(0.9, 1.0), (0.5, 0.8), (0.7, 0.8)])
    training = training_of(planned(epochs=3, choose_by="loss"))
    list(training.run())
    assert training.position.best_epoch == 2


def test_the_kept_weights_are_those_of_the_best_epoch(planned, monkeypatch):
    scored(monkeypatch, [(0.5, 1.0), (0.9, 1.0), (0.6, 1.0)])
    training = training_of(planned(epochs=3))
    for item in training.run():
        if isinstance(item, EpochDone) and item.improved:
            mapping = {name: value.clone() for name, value in training.network.state_dict().items()}
    assert all(torch.equal(mapping[name], value) for name, value in training.best_weights.items())
    assert any(not torch.equal(mapping[name], value) for name, value in training.network.state_dict().items())


def test_training_stops_after_max_steps_and_scores_what_it_has(planned):
    training = training_of(planned(epochs=5, max_steps=17))
    result = list(training.run())
    assert training.position.step == 17
    assert training.position.stopped == "steps"
    assert isinstance(result[-1], EpochDone)


def test_dropout_is_drawn_anew_at_every_step_and_the_same_again_for_the_same_seed(planned):
    losses = [
        [
            item.outcome.loss
            for item in training_of(planned(epochs=1, dropout=rate)).run()
            if isinstance(item, StepDone)
        ]
        for rate in (0.5, 0.5, 0.1)
    ]
    assert losses[0] == losses[1] != losses[2]


def test_each_epoch_has_an_order_and_each_step_a_dropout_of_its_own_and_both_follow_the_seed(
    planned, monkeypatch
):
    def drawn(seed):
        training, seeds = training_of(planned(epochs=2, seed=seed)), []
        monkeypatch.setattr(loop, "seed_dropout", lambda seed, _: seeds.append(seed))
        list(training.run())
        return training, seeds

    (first, seeds), (other, others) = drawn(0), drawn(1)
    steps = 2 * first.steps_per_epoch
    assert seeds == [stream_seed(0, "dropout", step) for step in range(steps)]
    assert len({*seeds, *others}) == 2 * steps
    orders = [
        [tuple(batch) for batch in training.order_of(epoch)]
        for training in (first, other)
        for epoch in (1, 2)
    ]
    assert all(a != b for a, b in itertools.combinations(orders, 2))
    by_hand = batch_order(first.train.lengths, batch_size=16, seed=stream_seed(0, "order"), epoch=2)
    assert orders[1] == [tuple(batch) for batch in by_hand]


def test_evaluation_does_not_depend_on_how_examples_share_batches(planned, monkeypatch):
    training = training_of(planned())
    whole = evaluate(training.network, training.valid, training.metric, device=torch.device("cpu"))
    monkeypatch.setattr("seqcli.training.evaluate.EVALUATION_BATCH", 1)
    single = evaluate(training.network, training.valid, training.metric, device=torch.device("cpu"))
    assert whole.score.value == single.score.value
    assert whole.score.loss == pytest.approx(single.score.loss, abs=1e-6)
    assert abs(whole.outputs - single.outputs).max() < 1e-5


def test_the_score_is_counted_by_hand(planned):
    training = training_of(planned())
    result = evaluate(training.network, training.valid, training.metric, device=torch.device("cpu"))
    right = result.outputs[:, 0] == training.valid.targets
    assert result.score.value == pytest.approx(right.mean())
    assert result.score.examples == len(training.valid)


@pytest.mark.parametrize(
    ("loss", "norm"), [(math.nan, 1.0), (math.inf, 1.0), (0.5, math.nan), (0.5, math.inf), (2000.0, 1.0)]
)
def test_a_loss_or_gradient_that_is_no_number_or_has_exploded_ends_the_leg(loss, norm):
    with pytest.raises(DivergedError, match=r"step 7 \(epoch 2\)") as caught:
        check_outcome(loop.StepOutcome(loss, norm), step=7, epoch=2, first_loss=0.7, learning_rate=1e-3)
    assert "--lr 0.0001" in caught.value.hint
    assert caught.value.exit_code == 8


def test_a_large_but_sound_loss_does_not_end_the_leg():
    check_outcome(loop.StepOutcome(600.0, 1e6), step=1, epoch=1, first_loss=0.7, learning_rate=1e-3)


def test_a_weight_that_is_not_finite_is_named(planned):
    network = training_of(planned()).network
    with torch.no_grad():
        network.recurrent.weight_hh_l0[0, 0] = math.nan
    with pytest.raises(DivergedError, match=r"recurrent\.weight_hh_l0"):
        check_weights(network, step=3)
