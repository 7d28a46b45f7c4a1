"""From a split's numpy rows to tensors on the device."""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from seqcli.data.sequences import SequenceSplit


class Batch(NamedTuple):
    """Right-padded inputs (B, T, …), their lengths (B) on the CPU, and targets."""

    inputs: Tensor
    lengths: Tensor
    targets: Tensor

    @property
    def sequences(self) -> int:
        """B."""
        return self.lengths.shape[0]


def load_batch(split: SequenceSplit, indices: NDArray[np.int64], device: torch.device) -> Batch:
    """The examples at `indices`, padded to the longest of them."""
    inputs, lengths, targets = split.rows(indices)
    return Batch(
        torch.from_numpy(inputs).to(device),
        torch.from_numpy(lengths),
        torch.from_numpy(targets).to(device),
    )
