"""Predictions and scores of a network on a whole split."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from seqcli.data.batches import going_on, scoring_order
from seqcli.data.metric import Metric
from seqcli.data.output_rows import OutputRows
from seqcli.data.sequences import SequenceSplit, SignedScore, scored_together
from seqcli.models.learner import Learner
from seqcli.results.train import Score
from seqcli.training.step import load_batch

# Large enough to keep the kernels busy, small enough for any machine: evaluation needs no gradients.
EVALUATION_BATCH = 256


@dataclass(frozen=True)
class Evaluation:
    """A split's score and its outputs, one row an example in the split's own order.

    Outputs are what the kind of task keeps of its answers: a class and its probability (N, 2), numbers
    (N, 1), or ids (N, U) filled up with padding; never logits of all classes, which would fill the memory.
    """

    score: Score
    outputs: NDArray[Any]


class EvaluationStopped(Exception):  # noqa: N818 - nothing is wrong
    """A stop was asked for in the middle of an evaluation, which has changed nothing."""


def never() -> bool:
    """The answer of who never asks for a stop."""
    return False


@torch.no_grad()
def evaluate(
    network: Learner,
    split: SequenceSplit,
    metric: Metric,
    *,
    device: torch.device,
    should_stop: Callable[[], bool] = never,
) -> Evaluation:
    """Score `network` on every example of `split` by `metric`; the mode of the network is restored.

    Raises:
        EvaluationStopped: `should_stop`, asked before each batch, said so.
    """
    was_training = network.training
    network.eval()
    rows = OutputRows()
    before: NDArray[np.int64] | None = None
    loss_sum, metric_sum, terms = 0.0, 0.0, 0
    # Validation between two training steps must not change the state from which the next one starts.
    carried = network.carried
    for indices in scoring_order(split, EVALUATION_BATCH):
        if should_stop():
            network.train(was_training)
            network.carried = carried
            raise EvaluationStopped
        if (follows := going_on(split, before, indices)) is not None:
            network.carry(follows)
        batch = load_batch(split, indices, device)
        judged = network.judge(*batch)
        loss_sum += judged.loss.item()
        terms += judged.terms
        metric_sum += judged.scores.sum().item()
        rows.append(indices, judged.outputs.cpu().numpy())
        before = indices
    network.train(was_training)
    network.carried = carried
    examples = len(split.lengths)
    outputs = rows.done()
    value = scored_together(split, outputs)
    score = Score(
        metric=metric.name,
        value=metric_sum / examples if value is None else value,
        loss=loss_sum / terms,
        examples=examples,
        scale_max=metric.most,
        signature=split.signature if isinstance(split, SignedScore) else "",
    )
    return Evaluation(score, outputs)
