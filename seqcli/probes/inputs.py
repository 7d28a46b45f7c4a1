"""The inputs of a probed system: repeatable, stretch by stretch, at any length."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from seqcli.ops.padding import mask

BLOCK = 4096
"""Steps of noise that are drawn together, so that a stretch can be drawn again without those before it."""


class Inputs(ABC):
    """A batch of sequences that all end at step T; read twice, forwards and backwards, in stretches."""

    steps: int
    """T."""
    batch_size: int
    """B."""
    width: int
    """I."""

    @abstractmethod
    def stretch(self, start: int, stop: int) -> Tensor:
        """The inputs of steps start to stop - 1, (B, n, I) in float64."""

    def real(self, start: int, stop: int) -> Tensor | None:  # noqa: ARG002
        """(B, n) whether a row has begun by each step; None when all have."""
        return None

    def head(self, rows: int) -> "Inputs":
        """The same sequences but only the first rows of the batch."""
        return FirstRows(self, rows)


class FirstRows(Inputs):
    """The first rows of other inputs.

    Args:
        whole: The other inputs.
        rows: How many of their rows.
    """

    def __init__(self, whole: Inputs, rows: int) -> None:
        self.whole = whole
        self.steps, self.batch_size, self.width = whole.steps, rows, whole.width

    def stretch(self, start: int, stop: int) -> Tensor:
        """(B, n, I)."""
        return self.whole.stretch(start, stop)[: self.batch_size]

    def real(self, start: int, stop: int) -> Tensor | None:
        """(B, n), or None."""
        real = self.whole.real(start, stop)
        return None if real is None else real[: self.batch_size]


class AddingInputs(Inputs):
    """The adding problem: a value uniform in [0, 1] and a marker, 1 at two steps and 0 elsewhere.

    One marker falls in the first half of the sequence and one in the second; the answer is the sum of the two
    marked values. A sequence of one step has its only value marked.

    Args:
        steps: T.
        batch_size: B.
        seed: Decides values and markers.

    Source: Hochreiter & Schmidhuber, 1997; in this form Arjovsky et al., 2016.
    """

    width = 2

    def __init__(self, steps: int, batch_size: int, *, seed: int) -> None:
        self.steps, self.batch_size, self.seed = steps, batch_size, seed
        generator = torch.Generator().manual_seed(seed)
        half = max(1, steps // 2)
        first = torch.randint(0, half, (batch_size,), generator=generator)
        second = torch.randint(half, max(steps, half + 1), (batch_size,), generator=generator)
        self.markers = torch.stack([first, second.clamp(max=steps - 1)], dim=1)  # (B, 2)
        self._values = lru_cache(maxsize=2)(self._draw)

    def stretch(self, start: int, stop: int) -> Tensor:
        """Values and markers, (B, n, 2)."""
        first, last = start // BLOCK, (stop - 1) // BLOCK
        drawn = torch.cat([self._values(block) for block in range(first, last + 1)], dim=1)
        values = drawn[:, start - first * BLOCK : stop - first * BLOCK]
        steps = torch.arange(start, stop)
        marks = (steps == self.markers.unsqueeze(-1)).any(1).to(values)
        return torch.stack([values, marks], dim=-1)

    def answers(self) -> Tensor:
        """The sum of each row's marked values, (B)."""
        rows = []
        for row, places in enumerate(self.markers.tolist()):
            rows.append(sum(float(self.stretch(place, place + 1)[row, 0, 0]) for place in set(places)))
        return torch.tensor(rows, dtype=torch.float64)

    def _draw(self, block: int) -> Tensor:
        """One block of values, (B, BLOCK): it depends on the seed and its own number only."""
        # A prime apart, so that seeds share no block below it; torch takes 63 bits.
        generator = torch.Generator().manual_seed(((self.seed + 1) * 1_000_003 + block) % 2**63)
        return torch.rand(self.batch_size, BLOCK, generator=generator, dtype=torch.float64)


@dataclass
class HeldInputs(Inputs):
    """Sequences held in memory, shifted so that the last real step of every row is step T.

    Args:
        values: (B, T, I), each row's real steps at the end.
        lengths: (B) real steps of each row.
    """

    values: Tensor
    lengths: Tensor

    def __post_init__(self) -> None:
        self.batch_size, self.steps, self.width = self.values.shape

    def stretch(self, start: int, stop: int) -> Tensor:
        """(B, n, I)."""
        return self.values[:, start:stop]

    def real(self, start: int, stop: int) -> Tensor | None:
        """(B, n): False before a row's first step."""
        waiting = self.steps - self.lengths
        if int(waiting.max()) <= start:
            return None
        return torch.arange(start, stop) >= waiting.unsqueeze(1)


def ending_together(values: Tensor, lengths: Tensor) -> Tensor:
    """Right-padded rows (B, T, …) shifted so that their last real steps stand at T; zeros before them."""
    order = _shift(values, lengths)
    shifted = values.gather(1, order)
    real = mask(lengths, values.shape[1]).flip(1)
    return shifted.masked_fill(~real.view(*real.shape, *[1] * (values.dim() - 2)), 0)


def starting_together(values: Tensor, lengths: Tensor) -> Tensor:
    """The opposite of `ending_together`: rows right-padded with zeros."""
    return ending_together(values.flip(1), lengths).flip(1)


def _shift(values: Tensor, lengths: Tensor) -> Tensor:
    """For each place the step that comes to stand there, in the shape of the values."""
    steps = values.shape[1]
    source = (torch.arange(steps) - (steps - lengths).unsqueeze(1)).clamp(min=0)  # (B, T)
    return source.view(*source.shape, *[1] * (values.dim() - 2)).expand(values.shape)
