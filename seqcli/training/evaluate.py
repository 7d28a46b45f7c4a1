"""Predictions and scores of a network on a whole split."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from seqcli.data.batches import evaluation_batches
from seqcli.data.sequences import SequenceSplit
from seqcli.models.network import Network
from seqcli.results.train import Score
from seqcli.training.batch import load_batch

# Large enough to keep the kernels busy, small enough for any machine: evaluation needs no gradients.
EVALUATION_BATCH = 256


@dataclass(frozen=True)
class Evaluation:
    """A split's score and its outputs, one row an example in the split's own order."""

    score: Score
    outputs: NDArray[np.float32]


@torch.no_grad()
def evaluate(network: Network, split: SequenceSplit, *, device: torch.device) -> Evaluation:
    """Score `network` on every example of `split`; the mode of the network is restored."""
    was_training = network.training
    network.eval()
    rows: list[NDArray[np.float32]] = []
    order: list[NDArray[np.int64]] = []
    loss_sum, metric_sum = 0.0, 0.0
    for indices in evaluation_batches(split.lengths, EVALUATION_BATCH):
        batch = load_batch(split, indices, device)
        outputs = network(batch.inputs, batch.lengths)
        loss_sum += network.loss(outputs, batch.targets).item() * batch.sequences
        metric_sum += network.head.score(outputs, batch.targets).sum().item()
        rows.append(outputs.float().cpu().numpy())
        order.append(indices)
    network.train(was_training)
    examples = len(split.lengths)
    score = Score(
        metric=network.head.metric, value=metric_sum / examples, loss=loss_sum / examples, examples=examples
    )
    return Evaluation(score, np.concatenate(rows)[np.argsort(np.concatenate(order))])
