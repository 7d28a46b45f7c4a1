"""A run's README.md and timing.json: every figure under its own name, in its own unit."""

from dataclasses import replace

import pytest
import torch

from seqcli.results.train import Score, SolvedCriterion
from seqcli.training.card import inert, model_card
from seqcli.training.construction import make_training
from seqcli.training.leg_outcome import outcome, timing


@pytest.fixture
def finished(planned):
    plan = planned(epochs=2)
    training = make_training(plan.leg.leg, plan.prepared)
    list(training.run())
    return plan, training


def card(finished, **told):
    plan, training = finished
    summary, _ = outcome(plan.leg.leg, plan.prepared, training)
    tested = Score(metric="accuracy", value=0.7314, loss=0.5, examples=1234)
    valid = Score(metric="accuracy", value=0.8256, loss=0.4, examples=321)
    summary = summary.model_copy(update={"test": tested, "valid": valid, "best_epoch": 2, **told})
    leg = plan.leg.leg
    return model_card(model=leg.model, training=leg.training, prepared=plan.prepared, summary=summary)


def test_the_card_tells_each_score_of_its_own_split_as_a_percentage(finished):
    lines = card(finished).splitlines()
    assert "| test accuracy | 73.1 % on 1,234 examples |" in lines
    assert "| validation accuracy | 82.6 % on 321 examples, which chose epoch 2 |" in lines
    majority = finished[0].prepared.facts.majority_share
    assert f"| majority class | {100 * majority:.1f} % |" in lines
    prepared = finished[0].prepared
    assert f"| inputs | at most 10 steps; vocabulary of {prepared.vocab_size:,} |" in lines
    assert "| optimiser | Adam, learning rate 0.002, batch 16, clip 1.0 |" in lines


def test_what_preparing_the_data_lost_is_in_the_card_however_little(finished):
    plan, training = finished
    assert "| lost |" not in card(finished)
    facts = plan.prepared.facts.model_copy(update={"cut": 1, "duplicates": 2})
    card_text = card((replace(plan, prepared=replace(plan.prepared, facts=facts)), training))
    lost = f"1 of {facts.examples:,} texts ({100 / facts.examples:.1f} %) cut at 10 tokens"
    assert (
        f"| lost | {lost}; 2 of {facts.read:,} rows dropped: an earlier row has the same text |" in card_text
    )


def test_gradients_that_adam_hid_are_a_caution_on_the_card(finished):
    assert "Caution" not in card(finished, largest_gradient_norm=9.9e5)
    card_text = card(finished, largest_gradient_norm=2e12)
    assert "- Caution: the gradient norm reached 10¹² before clipping, which Adam hides" in card_text


def test_where_a_criterion_says_when_the_task_is_solved_it_stands_in_the_majority_s_place(finished):
    card_text = card(finished, solved=SolvedCriterion(solved=False, criterion="MSE < 0.01"))
    assert "| solved (MSE < 0.01) | no |" in card_text
    assert "majority" not in card_text


def test_speed_counts_real_tokens_and_sequences_over_the_same_seconds(finished):
    _, training = finished
    result = timing(training, torch.device("cpu"))
    tokens, sequences = 2 * training.train.lengths.sum(), 2 * len(training.train)
    speed = result.train_speed
    assert speed.tokens_per_second / speed.mean == pytest.approx(tokens / sequences)
    assert speed.mean * training.clock.train_seconds == pytest.approx(sequences)
    assert result.seconds >= training.clock.train_seconds
    assert result.epoch_seconds == training.clock.epoch_seconds
    ends, best = [*result.epoch_seconds, result.seconds], training.position.best_epoch
    assert ends[best - 1] <= result.seconds_to_best <= ends[best]


def test_a_label_is_text_in_the_card_whatever_it_holds():
    assert inert("a|b <i>") == "a\\|b &lt;i&gt;"
    result = inert("\x1b[31m\u202e<script>[x](http://y)\n# h")
    assert result.isprintable()
    assert "<" not in result
    assert "](" not in result
    assert "\x1b" not in result
    assert inert("\ud55c\uad6d\uc5b4 naïve") == "한국어 naïve"
