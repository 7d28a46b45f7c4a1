"""The loss gradient ‖∂L/∂h_{T-k}‖₂: how much training hears of each step, all paths included.

It is the whole derivative, as autograd would give it for each h: in a stack also through the layers above at
the same step. It starts from the gradients of the loss at the recurrence's outputs, which a head gives.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection

import torch
from torch import Tensor

from seqcli.models.head import Head
from seqcli.probes.inputs import Inputs
from seqcli.probes.state_jacobian import ScaledRows, true_log10
from seqcli.probes.system import Stack, System, passed_down
from seqcli.probes.trajectory import Stretch


class Direct:
    """The direct gradient at each output: ∂L/∂(output of step t) with all later steps held.

    Args:
        last: (B, H) at the last step.
        every: (B, T, H) at every step, or None when only the last step is heard.
        state: (B, S, H) a layer, what the last state is told besides, as by a decoder that starts from it.
    """

    def __init__(self, last: Tensor, every: Tensor | None = None, state: Stack | None = None) -> None:
        self.last, self.every, self.state = last, every, state

    def at(self, step: int) -> Tensor | None:
        """(B, 1, H) at a step before the last; None when there is nothing."""
        return None if self.every is None else self.every[:, step : step + 1]


class LossGradient:
    """Follows each sequence's own loss back; the norms are over h of all layers.

    Args:
        system: The system.
        inputs: What it reads.
        direct: What the loss tells the top layer's outputs.
        lags: Where the norm is taken.
        keep_inputs: Whether the gradient at every input is kept, in `at_inputs` (B, T, I), for a layer below.
    """

    def __init__(
        self,
        system: System,
        inputs: Inputs,
        direct: Direct,
        *,
        lags: Collection[int],
        keep_inputs: bool = False,
    ) -> None:
        self.direct, self.lags = direct, frozenset(lags)
        rows = [part.unsqueeze(1) for part in system.first_state(inputs.batch_size)]
        rows[-1][:, 0, 0] = direct.last
        for layer, state in zip(rows, direct.state or (), strict=False):
            layer[:, 0] += state
        scale = torch.zeros(inputs.batch_size, dtype=torch.float64)
        self._gradient = ScaledRows(rows, scale, want_inputs=keep_inputs)
        self._gradient.rescale()
        self.at_inputs: Tensor | None = None
        if keep_inputs:
            self.at_inputs = torch.zeros(inputs.batch_size, inputs.steps, inputs.width, dtype=torch.float64)
        self.steps = inputs.steps
        self._curve: dict[int, Tensor] = {}
        self._passed: list[tuple[int, Tensor, Tensor]] = []

    @property
    def curve(self) -> dict[int, Tensor]:
        """log10 of the norm of each sequence, (B), by lag; -inf where it is zero."""
        return self._curve

    def backward(self, stretch: Stretch) -> None:
        """Go back through one stretch."""
        for t in reversed(range(stretch.start, stretch.stop)):
            step = stretch.steps[t - stretch.start]
            lag = self.steps - t - 1
            if lag in self.lags:
                self._pass(passed_down(step, self._gradient.rows), lag)
            self._gradient.pull(step)
            if self.at_inputs is not None and self._gradient.at_inputs is not None:
                self.at_inputs[:, t] = (
                    self._gradient.at_inputs[:, 0] * self._gradient.log_scale.exp()[:, None]
                )
            direct = self.direct.at(t - 1) if t > 0 else None
            if direct is not None:
                self._gradient.add(direct)
        if stretch.start == 0 and self.steps in self.lags:
            self._pass(self._gradient.rows, self.steps)
        self._measure()

    def _pass(self, rows: Stack, lag: int) -> None:
        h = torch.cat([part[:, 0, 0] for part in rows], dim=-1) if len(rows) > 1 else rows[0][:, 0, 0]
        self._passed.append((lag, h, self._gradient.log_scale))

    def _measure(self) -> None:
        """The norms at all lags that were passed since the last time, together: one by one is slow."""
        if self._passed:
            lags, gradients, scales = zip(*self._passed, strict=True)
            norms = torch.linalg.vector_norm(torch.stack(gradients), dim=-1)  # (n, B)
            self._curve.update(zip(lags, true_log10(norms, torch.stack(scales)), strict=True))
            self._passed.clear()


class Objective(ABC):
    """A loss over the outputs of a batch; each sequence has its own, not a share in a mean."""

    uses_all_outputs: bool
    """Whether outputs before the last can matter; the others need not be kept then."""

    @abstractmethod
    def direct(self, outputs: Tensor) -> Tensor:
        """∂L/∂outputs with all else held.

        Args:
            outputs: (B, T, D·H) each row's real steps first and then padding; (B, 1, D·H) each direction's
                last output alone unless `uses_all_outputs`.

        Returns:
            The same shape.
        """

    def at_last(self, suffix: str) -> Tensor | None:  # noqa: ARG002 most hear outputs alone
        """∂L/∂(last state) of the layer and direction of that suffix past its outputs, (B, S, H), or None."""
        return None


class AddingReadout(Objective):
    """The squared error of a linear readout of the last output, as people solve the adding problem.

    Args:
        weight: (D·H) the readout.
        answers: (B) what it should give.
    """

    uses_all_outputs = False

    def __init__(self, weight: Tensor, answers: Tensor) -> None:
        self.weight, self.answers = weight, answers

    def direct(self, outputs: Tensor) -> Tensor:
        """(B, 1, D·H)."""
        errors = outputs[:, 0] @ self.weight - self.answers
        return (2 * errors)[:, None, None] * self.weight


class HeadObjective(Objective):
    """A task's own loss through its head, summed over all that a sequence has to answer.

    Args:
        head: In float64 and evaluation mode.
        targets: (B, …).
        lengths: (B).
    """

    uses_all_outputs = True

    def __init__(self, head: Head, targets: Tensor, lengths: Tensor) -> None:
        self.head, self.targets, self.lengths = head, targets, lengths

    def direct(self, outputs: Tensor) -> Tensor:
        """(B, T, D·H)."""
        leaves = outputs.detach().requires_grad_()
        with torch.enable_grad():
            mean = self.head.loss(self.head(leaves, self.lengths), self.targets)
            (gradient,) = torch.autograd.grad(mean * self.head.terms(self.targets), leaves)
        return gradient
