"""Dropout over sequences, and of single values; both draw for a whole batch where a part is computed."""

import torch
from torch import Tensor, nn

from seqcli.ops.batch_part import BatchPart, current_part, drawn_rows


class LockedDropout(nn.Module):
    """Zeroes the same features at every step of a sequence, each sequence its own.

    One random number serves a whole row of T steps: on CPU, where drawing them takes about a tenth of a
    training step, that is T times cheaper than dropping each element by itself.

    Args:
        probability: Of a feature being zeroed, at least 0 and below 1.

    Source: Gal & Ghahramani, 'A theoretically grounded application of dropout in recurrent neural networks',
        2016; the name: Merity et al., 2017.
    """

    def __init__(self, probability: float) -> None:
        super().__init__()
        if not 0 <= probability < 1:
            raise ValueError(f"probability must be at least 0 and below 1, got {probability}")
        self.probability = probability

    def forward(self, values: Tensor) -> Tensor:
        """The values with features zeroed and the rest scaled to keep the mean, in training only.

        Args:
            values: (B, T, F).
        """
        if not self.training or self.probability == 0:
            return values
        keep_probability = 1 - self.probability
        # Comparing uniform numbers takes a third of the time that torch's bernoulli_ does.
        width, device = values.shape[2], values.device
        uniform = drawn_rows(lambda rows: torch.rand(rows, 1, width, device=device), values.shape[0])
        return values * (uniform < keep_probability).to(values.dtype).div_(keep_probability)


class ValueDropout(nn.Dropout):
    """Zeroes each value by itself, as torch's does, which it is where batches are whole."""

    def forward(self, values: Tensor) -> Tensor:
        """The values with some zeroed and the rest scaled to keep the mean, in training only.

        Args:
            values: (B, …).
        """
        part = current_part()
        if part is None or not self.training or self.p == 0:
            return super().forward(values)
        return values * super().forward(_whole_batch(values, part))[part.rows]


def _whole_batch(values: Tensor, part: BatchPart) -> Tensor:
    """Ones for the whole batch (B, …), laid out in memory as the part is: torch draws in that order."""
    strides = values.stride()
    # A single row of what is laid out time first has the same stride as its steps.
    axes = sorted(range(values.dim()), key=lambda axis: (-strides[axis], axis == 0))
    sizes = [part.batch if axis == 0 else values.shape[axis] for axis in axes]
    places = [axes.index(axis) for axis in range(values.dim())]
    return values.new_ones(sizes).permute(places)
