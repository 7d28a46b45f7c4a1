"""`--class-weights balanced`: errors of rare classes count more in training, and in no score."""

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from seqcli.models.config import ModelConfig
from seqcli.models.head import HEADS
from seqcli.training.config import TrainingConfig
from seqcli.training.construction import balanced_weights

LOGITS = torch.tensor([[2.0, 0.0], [0.0, 1.0], [1.0, 1.5]])
TARGETS = torch.tensor([0, 0, 1])


def test_each_class_weighs_the_examples_over_classes_times_its_own() -> None:
    """6 of 8 are of class 0: 8 / (2 · 6) and 8 / (2 · 2)."""
    assert balanced_weights(np.array([0] * 6 + [1] * 2), 2).tolist() == pytest.approx([8 / 12, 2.0])


def test_a_class_without_examples_weighs_nothing_and_takes_no_weight_from_the_others() -> None:
    assert balanced_weights(np.array([0, 0, 2, 2]), 3).tolist() == [1.0, 0.0, 1.0]


def test_training_is_weighted_by_class_and_the_loss_that_is_told_is_not() -> None:
    """−log p: .126928, 1.313262, .474077; weights 1, 1, 4 make (1.440190 + 4 · .474077) / 6."""
    head = HEADS.get("classify")(ModelConfig(model="gru", hidden=2), 2)
    plain = head.loss(LOGITS, TARGETS)
    assert head.training_loss(LOGITS, TARGETS) == plain
    head.class_weights = torch.tensor([1.0, 4.0])
    assert head.training_loss(LOGITS, TARGETS).item() == pytest.approx(
        (1.440190 + 4 * 0.474077) / 6, abs=1e-5
    )
    assert head.loss(LOGITS, TARGETS) == plain == cross_entropy(LOGITS, TARGETS)


def test_the_setting_is_in_a_runs_identity_only_where_it_was_set() -> None:
    assert "class_weights" not in TrainingConfig().model_dump(mode="json")
    assert "class_weights" not in TrainingConfig(class_weights="none").model_dump(mode="json")
    assert TrainingConfig(class_weights="balanced").model_dump(mode="json")["class_weights"] == "balanced"
    assert TrainingConfig.model_validate_json("{}").class_weights == "none"
