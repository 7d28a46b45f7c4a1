"""The contract of a recurrent cell; each cell is one file in `cells/`.

Nothing here imports torch at run time, and a cell's own file only within its equations: names and settings
are checked, and a comparison is planned and concluded, without it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from seqcli.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from seqcli.ops.recurrence import FusedMode, State


class StepDerivative(NamedTuple):
    """The derivative of one step without its matrix products: what W_ih, W_hh and the old state meet.

    With m = W_hh h + b_hh, a cell's step is element-wise in the chunks of x and m and in the old state, so
    its derivative is these vectors and the two weight matrices. s' counts new, s old state tensors.
    """

    by_input: Tensor
    """(B, S, G, H): ∂s'/∂x of each chunk."""
    by_sum: Tensor
    """(B, S, G, H): ∂s'/∂m of each chunk."""
    by_state: Tensor
    """(B, S, S, H): [b, s', s] = ∂s'/∂s where the old state enters by itself."""


@dataclass(frozen=True)
class Cell(ABC):
    """One step of a recurrence: its equations, and all that is particular to it.

    Shapes: B batch, I input, H hidden, G number of chunks, S number of state tensors. A cell holds no
    weights: they are passed in, laid out as torch.nn's. Subclasses are frozen dataclasses whose fields are
    their settings.
    """

    name: ClassVar[str]
    """The file's name."""
    year: ClassVar[int]
    """When it was published: cells are listed from the oldest to the newest."""
    gates: ClassVar[tuple[str, ...]]
    """Names of the gates, each in (0, 1)."""
    state_names: ClassVar[tuple[str, ...]]
    """Names of the state tensors; the first is h."""
    chunk_names: ClassVar[tuple[str, ...]]
    """What each block of H rows of `weight_ih` and `weight_hh` computes, in torch's order."""
    keeps: ClassVar[str | None] = None
    """The chunk whose gate holds the state when open, if any: where a 'forget bias' goes."""
    writes: ClassVar[str | None] = None
    """The chunk whose gate lets the new value in, if it is not just one minus `keeps`."""

    @classmethod
    def settings(cls) -> frozenset[str]:
        """The names of the cell's own settings: the fields of its dataclass."""
        return frozenset(field.name for field in fields(cls))

    @property
    def chunks(self) -> int:
        """G, the number of blocks of H rows in a weight matrix."""
        return len(self.chunk_names)

    @property
    def fused(self) -> FusedMode | None:
        """The name torch gives the fused layer with these equations, or None when there is none."""
        return None

    @abstractmethod
    def activations(
        self, x: Tensor, state: State, weight_hh: Tensor, bias_hh: Tensor
    ) -> Mapping[str, Tensor]:
        """The gates and other inner values of one step by their letters in the equations, (B, H) each."""

    @abstractmethod
    def step(self, x: Tensor, state: State, weight_hh: Tensor, bias_hh: Tensor) -> State:
        """One step of the equations.

        Args:
            x: (B, G·H) the input already projected: weight_ih x + bias_ih.
            state: S tensors (B, H), h first.
            weight_hh: (G·H, H).
            bias_hh: (G·H).

        Returns:
            The next state, S tensors (B, H).
        """

    @abstractmethod
    def slopes(self, x: Tensor, state: State, weight_hh: Tensor, bias_hh: Tensor) -> StepDerivative:
        """The derivative of `step` in parts; arguments as for `step`."""

    def step_jacobian(self, x: Tensor, state: State, weight_hh: Tensor, bias_hh: Tensor) -> Tensor:
        """∂s'/∂s of one step, s being the state tensors side by side; arguments as for `step`.

        Returns:
            (B, S·H, S·H), with [b, j, k] = ∂s'_j/∂s_k for row b.
        """
        _, by_sum, by_state = self.slopes(x, state, weight_hh, bias_hh)
        batch, parts, chunks, size = by_sum.shape
        blocks = weight_hh.view(chunks, size, size)
        jacobian = by_sum.new_zeros(batch, parts, size, parts, size)
        jacobian[:, :, :, 0] = (by_sum.unsqueeze(4) * blocks).sum(2)
        jacobian.diagonal(dim1=2, dim2=4).add_(by_state)
        return jacobian.view(batch, parts * size, parts * size)

    @abstractmethod
    def flops_per_step(self, input_size: int, hidden_size: int) -> int:
        """Floating-point operations of one step of one sequence, forward.

        A product's multiply and add count 2; a bias, an element-wise operation and a σ or tanh count 1.
        """

    def initial_state(self, batch_size: int, hidden_size: int, *, like: Tensor) -> State:
        """Zeros: S tensors (B, H) of the dtype and device of `like`."""
        return tuple(like.new_zeros(batch_size, hidden_size) for _ in self.state_names)


CELLS: Registry[type[Cell]] = Registry("cell", "seqcli.models.cells", "CELL")
