"""The findings from one network on one batch, as plain numbers."""

from dataclasses import dataclass, field

from seqcli.probes.activity import GateActivity


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
