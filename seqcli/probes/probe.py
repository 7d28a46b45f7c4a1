"""One way forwards and one way back through a batch, with every probe looking on."""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field

import torch
from torch import Tensor

from seqcli.probes.activity import Activity, DirectPath, GateActivity
from seqcli.probes.inputs import Inputs
from seqcli.probes.loss_gradient import Direct, LossGradient
from seqcli.probes.lyapunov import Lyapunov
from seqcli.probes.state_jacobian import JacobianByVectors, JacobianCurve, StateJacobian
from seqcli.probes.system import Stack, System
from seqcli.probes.trajectory import MEMORY, Trajectory


@dataclass(frozen=True)
class Findings:
    """All probes of one system.

    Curves are decimal logarithms of norms at the lags, -inf where a norm is exactly 0.

    Args:
        lags: Steps back from the last, increasing from 0.
        state_jacobian: ‖∂s_T/∂s_{T-k}‖₂.
        by_state: The same for a change of one state tensor alone, by its name.
        direct_path: The largest product of the keeping gate; None for a cell without one.
        loss_gradient: ‖∂L/∂h_{T-k}‖₂, its logarithm's mean over the batch; None where it was not asked for.
        exponents: Lyapunov exponents, greatest first, natural logarithms a step.
        exponent_errors: Their standard errors over time.
        gates: Each gate's activity.
        spectral_radius: The greatest |eigenvalue| of each block of W_hh over the layers, by what it computes.
        probe_vectors: How many vectors stand for the whole product; None where it is exact.
    """

    lags: list[int]
    state_jacobian: list[float]
    by_state: dict[str, list[float]]
    direct_path: list[float] | None = None
    loss_gradient: list[float] | None = None
    exponents: list[float] = field(default_factory=list)
    exponent_errors: list[float] = field(default_factory=list)
    gates: dict[str, GateActivity] = field(default_factory=dict)
    spectral_radius: dict[str, float] = field(default_factory=dict)
    probe_vectors: int | None = None


WIDEST = 384
"""The widest state (L·S·H) whose full product is taken; wider ones are probed by vectors."""

VECTORS = 32
"""How many Lyapunov exponents, and probe vectors of a wide state."""

ProbeSteps = Generator[int, None, Findings]
"""Yields how many of the 2 T steps are done; returns what was found."""


@dataclass(frozen=True)
class ProbeSettings:
    """The settings of a probe.

    Args:
        lags: Where norms are taken, increasing from 0.
        all_probes: Lyapunov exponents, gates and spectral radii too, not only the norms.
        widest: The widest state whose full product is taken.
        memory: Bytes that one stretch of the way may take.
    """

    lags: list[int]
    all_probes: bool = True
    widest: int = WIDEST
    memory: int = MEMORY


Tell = Callable[[Tensor], Direct]
"""From the top layer's outputs, (B, T, H) ending together, or (B, 1, H) the last, to the loss's words."""


@dataclass(frozen=True)
class Loss:
    """The loss to follow back.

    Args:
        tell: What it says about the outputs.
        hears_all: Whether `tell` needs all outputs or only the last.
        keep_inputs: Whether the gradient at the inputs is wanted.
    """

    tell: Tell
    uses_all_outputs: bool = False
    keep_inputs: bool = False


class Passage:
    """One system on its way through one batch.

    Args:
        system: The system.
        inputs: What it reads.
        outlook: What to look at.
        loss: The loss to follow back; None leaves it out, and then one sequence is enough.
        first: The state before the first step, (B, S, H) a layer; zeros by default.
    """

    def __init__(
        self,
        system: System,
        inputs: Inputs,
        outlook: ProbeSettings,
        loss: Loss | None = None,
        *,
        first: Stack | None = None,
    ) -> None:
        self.system, self.outlook, self.loss = system, outlook, loss
        self.inputs = inputs if loss else inputs.head(1)
        begun = None if first is None else [part[: self.inputs.batch_size] for part in first]
        self._trajectory = Trajectory(system, self.inputs, memory=outlook.memory, first=begun)
        self._wide = system.state_size > outlook.widest
        self._lyapunov = Lyapunov(system, count=VECTORS, steps=inputs.steps)
        self._activity = Activity(system, first=inputs.steps - outlook.lags[-1], steps=inputs.steps)
        self._gradient: LossGradient | None = None

    @property
    def at_inputs(self) -> Tensor | None:
        """(B, T, I) the loss gradient at the inputs, after the way back, if it was wanted."""
        return self._gradient.at_inputs if self._gradient else None

    @torch.no_grad()
    def go(self) -> ProbeSteps:
        """Probe.

        Raises:
            DivergedError: A state or a product leaves the range of float64.
        """
        outputs = yield from self._forwards()
        self._gradient = self._begin_gradient(outputs)
        return (yield from self._backwards())

    def _forwards(self) -> Generator[int, None, list[Tensor]]:
        """Returns the outputs that the loss hears, in stretches (B, n, H)."""
        outputs: list[Tensor] = []
        for stretch in self._trajectory.forwards():
            if self._wide or self.outlook.all_probes:
                self._lyapunov.forward(stretch)
            if self.outlook.all_probes:
                self._activity.forward(stretch)
            if self.loss:
                top = stretch.states[-1][1:, :, 0].transpose(0, 1)
                outputs = [*outputs, top] if self.loss.uses_all_outputs else [top[:, -1:]]
            yield stretch.stop
        return outputs

    def _begin_gradient(self, outputs: list[Tensor]) -> LossGradient | None:
        if self.loss is None:
            return None
        direct = self.loss.tell(torch.cat(outputs, dim=1))
        return LossGradient(
            self.system, self.inputs, direct, lags=self.outlook.lags, keep_inputs=self.loss.keep_inputs
        )

    def _backwards(self) -> ProbeSteps:
        lags = self.outlook.lags
        product: StateJacobian | JacobianByVectors
        if self._wide:
            product = JacobianByVectors(self.system, lags, self._lyapunov.directions())
        else:
            product = StateJacobian(self.system, lags)
        path = DirectPath(self.system, lags) if self.system.cell.keeps else None
        for stretch in self._trajectory.backwards():
            for probe in (product, path, self._gradient):
                if probe is not None:
                    probe.backward(stretch)
            yield 2 * self.inputs.steps - stretch.start
            if self.inputs.steps - stretch.start > lags[-1] and self.at_inputs is None:
                break
        return self._findings(product.curve, path)

    def _findings(self, curve: JacobianCurve, path: DirectPath | None) -> Findings:
        lags, complete = self.outlook.lags, self.outlook.all_probes
        exponents, errors = self._lyapunov.exponents() if complete else ([], [])
        gradient = self._gradient.curve if self._gradient else None
        return Findings(
            lags=list(lags),
            state_jacobian=[curve.whole[lag] for lag in lags],
            by_state={name: [at[lag] for lag in lags] for name, at in curve.by_state.items()},
            direct_path=None if path is None else [path.curve[lag] for lag in lags],
            loss_gradient=None if gradient is None else [float(gradient[lag].mean()) for lag in lags],
            exponents=exponents,
            exponent_errors=errors,
            gates=self._activity.findings() if complete else {},
            spectral_radius=spectral_radii(self.system) if complete else {},
            probe_vectors=VECTORS if self._wide else None,
        )


def spectral_radii(system: System) -> dict[str, float]:
    """The greatest |eigenvalue| of each block of W_hh, over the layers, by what the block computes."""
    radii: dict[str, float] = {}
    for _, weight_hh, _, _ in system.layers:
        for name, block in zip(system.cell.chunk_names, weight_hh.chunk(system.cell.chunks), strict=True):
            radius = float(torch.linalg.eigvals(block).abs().max())
            radii[name] = max(radius, radii.get(name, 0.0))
    return radii
