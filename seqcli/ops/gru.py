"""The GRU's recurrence with gradients on a CPU, written out: large products, and what is between in place.

torch's own loop over steps, ATen's, makes a graph of some fifteen nodes a step: on the way back each step
multiplies for the weights' gradients by itself and allocates each result. Here the way back has one product
a step, as the way there has, and the weights' gradients are one product over all steps at the end. Without
gradients the two are equally fast, and torch's has less to do between steps where a batch is a single row.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import FunctionCtx

_ON = ContextVar("scan_on", default=True)

_sigmoid_backward = torch.ops.aten.sigmoid_backward.grad_input
_tanh_backward = torch.ops.aten.tanh_backward.grad_input


def scan_takes(device: torch.device | str, dtype: torch.dtype) -> bool:
    """Return whether the scan trains a GRU there and in this type; torch's kernels do elsewhere."""
    return _ON.get() and torch.device(device).type == "cpu" and dtype in (torch.float32, torch.float64)


@contextmanager
def scan_off() -> Iterator[None]:
    """Torch's own kernels in place of the scan, to compare with."""
    token = _ON.set(False)
    try:
        yield
    finally:
        _ON.reset(token)


def gru_scan(inputs: Tensor, h: Tensor, weights: tuple[Tensor, Tensor, Tensor, Tensor]) -> Tensor:
    """Every step's h, with gradients of the first order; the equations are `seqcli.models.cells.gru`'s.

    Args:
        inputs: (B, T, I); every step counts as real.
        h: (B, H) the first state.
        weights: weight_ih (3H, I), weight_hh (3H, H), bias_ih (3H), bias_hh (3H).

    Returns:
        (B, T, H).

    Raises:
        RuntimeError: On the way back, where a gradient of the gradient is asked for (`create_graph`).
    """
    outputs: Tensor = GRUScan.apply(inputs, h, *weights)  # type: ignore[no-untyped-call]
    return outputs


class _Kept(NamedTuple):
    """The tensors that the forward pass keeps for the backward pass; time comes first."""

    gates: Tensor
    """(T, B, 3H) r, z and n."""
    states: Tensor
    """(T + 1, B, H) the first state, then the one after each step."""
    m: Tensor
    """(T, B, H) W_hn h + b_hn."""


class GRUScan(torch.autograd.Function):
    """Its name is what a profiler shows."""

    @staticmethod
    def forward(ctx: FunctionCtx, inputs: Tensor, h: Tensor, *weights: Tensor) -> Tensor:
        """As `gru_scan`."""
        w_ih, w_hh, b_ih, b_hh = weights
        # Time first, so that each step's rows lie together in memory.
        x = inputs.transpose(0, 1).flatten(0, 1)  # (T·B, I)
        projected = torch.addmm(b_ih, x, w_ih.t()).view(inputs.shape[1], inputs.shape[0], -1)
        saved = _forwards(projected, h, w_hh, b_hh)
        ctx.save_for_backward(x, w_ih, w_hh, *saved)
        return saved.states[1:].transpose(0, 1)

    @staticmethod
    def backward(ctx: FunctionCtx, grad: Tensor) -> tuple[Tensor | None, ...]:
        """The gradients by the inputs, the first state and the four weights, from that by the outputs."""
        if torch.is_grad_enabled():
            raise RuntimeError("the scan has gradients of the first order only: compute these in scan_off()")
        x, w_ih, w_hh, *saved = ctx.saved_tensors  # type: ignore[attr-defined]
        into_inputs, into_h, *_ = ctx.needs_input_grad  # type: ignore[attr-defined]
        forward_values = _Kept(*saved)
        by_sum, by_n, by_h = _backwards(grad, w_hh, forward_values)
        rows, size = by_sum.flatten(0, 1), by_n.shape[2]  # (T·B, 3H)
        grad_w_hh, grad_b_hh = rows.t() @ forward_values.states[:-1].flatten(0, 1), rows.sum(0)
        grad_h = by_h.addmm_(by_sum[0], w_hh) if into_h else None
        # From here on by the projected inputs: the same but for n, which r does not scale there.
        by_sum[:, :, 2 * size :] = by_n
        grad_b_ih = torch.cat([grad_b_hh[: 2 * size], by_n.sum((0, 1))])
        grad_inputs = (rows @ w_ih).view(*by_n.shape[:2], -1).transpose(0, 1) if into_inputs else None
        return grad_inputs, grad_h, rows.t() @ x, grad_w_hh, grad_b_ih, grad_b_hh


def _forwards(gates: Tensor, h: Tensor, w_hh: Tensor, b_hh: Tensor) -> _Kept:
    """Turn the projected inputs (T, B, 3H) into the gates r, z, n in place, step by step."""
    steps, batch, width = gates.shape
    size = h.shape[1]
    states, ms = gates.new_empty(steps + 1, batch, size), gates.new_empty(steps, batch, size)
    states[0] = h
    sums, transposed = gates.new_empty(batch, width), w_hh.t()
    sums_rz, m = sums[:, : 2 * size], sums[:, 2 * size :]
    # Views of all steps at once: a slice within the loop is a call of its own at each step.
    before, after, saved_m = states[:-1].unbind(), states[1:].unbind(), ms.unbind()
    r_z = gates[:, :, : 2 * size].unbind()
    r, z, n = (part.unbind() for part in gates.chunk(3, dim=2))
    for t in range(steps):
        # One product for all three gates: three small ones would each pay their call.
        torch.addmm(b_hh, before[t], transposed, out=sums)
        r_z[t].add_(sums_rz).sigmoid_()
        n[t].addcmul_(r[t], m).tanh_()
        torch.lerp(n[t], before[t], z[t], out=after[t])  # (1 - z) n + z h
        saved_m[t].copy_(m)
    return _Kept(gates, states, ms)


def _backwards(grad: Tensor, w_hh: Tensor, saved: _Kept) -> tuple[Tensor, Tensor, Tensor]:
    """The loss's gradient by what is inside the gates, from its gradient by the outputs (B, T, H).

    Returns:
        By W_hh h + b_hh (T, B, 3H); by what is inside the tanh of n (T, B, H); and by the first state,
        (B, H), without what comes through the first step's W_hh.
    """
    by_sums, by_ns = torch.empty_like(saved.gates), torch.empty_like(saved.m)
    by_sum, by_n, by_output = by_sums.unbind(), by_ns.unbind(), grad.unbind(1)
    by_r, by_z, by_m = (part.unbind() for part in by_sums.chunk(3, dim=2))
    r, z, n = (part.unbind() for part in saved.gates.chunk(3, dim=2))
    m, before = saved.m.unbind(), saved.states.unbind()
    by_h, scratch = by_output[-1].clone(), torch.empty_like(saved.m[0])
    for t in reversed(range(len(m))):
        torch.addcmul(by_h, by_h, z[t], value=-1, out=scratch)
        _tanh_backward(scratch, n[t], grad_input=by_n[t])
        torch.mul(by_n[t], r[t], out=by_m[t])
        torch.mul(by_n[t], m[t], out=scratch)
        _sigmoid_backward(scratch, r[t], grad_input=by_r[t])
        torch.sub(before[t], n[t], out=scratch).mul_(by_h)
        _sigmoid_backward(scratch, z[t], grad_input=by_z[t])
        by_h.mul_(z[t])
        # The first step has no step before it: what comes through its W_hh is the caller's.
        if t:
            by_h.add_(by_output[t - 1]).addmm_(by_sum[t], w_hh)
    return by_sums, by_ns, by_h
