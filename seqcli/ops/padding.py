"""Right-padded batches: which steps are real, where each row ends, and rows read backwards.

Sequences of different lengths lie in one tensor, each from step 0 on, the rest is padding whose content
means nothing. `lengths` (B) holds at least 1 and at most T for every row.
"""

import torch
from torch import Tensor


def mask(lengths: Tensor, steps: int) -> Tensor:
    """True where a step is real.

    Args:
        lengths: (B) number of real steps of each row.
        steps: T, the padded length.

    Returns:
        (B, T) booleans.
    """
    return torch.arange(steps, device=lengths.device) < lengths.unsqueeze(1)


def last_real(values: Tensor, lengths: Tensor) -> Tensor:
    """The values at each row's last real step.

    Args:
        values: (B, T, ...) one value a step.
        lengths: (B) number of real steps of each row.

    Returns:
        (B, ...) `values[b, lengths[b] - 1]`.
    """
    rows = torch.arange(values.shape[0], device=values.device)
    return values[rows, lengths - 1]


def mean_real(values: Tensor, lengths: Tensor | None) -> Tensor:
    """The mean over each row's real steps.

    Args:
        values: (B, T, ...) one value a step.
        lengths: (B) number of real steps of each row; None means that all T are real.

    Returns:
        (B, ...).
    """
    if lengths is None:
        return values.mean(dim=1)
    shape = (*values.shape[:1], *[1] * (values.dim() - 2))
    beyond = ~mask(lengths, values.shape[1]).view(*values.shape[:2], *shape[1:])
    # Filled and not multiplied: padding may hold NaN or infinity, which times 0 is NaN.
    return values.masked_fill(beyond, 0).sum(dim=1) / lengths.view(shape)


def reverse_by_length(values: Tensor, lengths: Tensor | None) -> Tensor:
    """Each row's real steps in reverse order; its padding stays where it is. Twice is the identity.

    Args:
        values: (B, T, ...) one value a step.
        lengths: (B) number of real steps of each row; None means that all T are real.

    Returns:
        (B, T, ...) with `result[b, t] = values[b, lengths[b] - 1 - t]` for real t.
    """
    if lengths is None:
        return values.flip(1)
    batch, steps = values.shape[:2]
    time = torch.arange(steps, device=values.device)
    # Padding keeps its place, so that the order is its own inverse and one function serves both ways.
    mirrored = torch.where(mask(lengths, steps), lengths.unsqueeze(1) - 1 - time, time)
    rows = torch.arange(batch, device=values.device).unsqueeze(1)
    order = (rows * steps + mirrored).flatten()
    reversed_rows: Tensor = _Involution.apply(values.reshape(batch * steps, -1), order)  # type: ignore[no-untyped-call]
    return reversed_rows.view(values.shape)


def moved(values: Tensor, places: Tensor) -> Tensor:
    """Each row's steps in another order.

    Args:
        values: (B, T, ...) one value a step.
        places: (B, T) int64, the step that comes to stand at each place.

    Returns:
        (B, T, ...) with `result[b, t] = values[b, places[b, t]]`.
    """
    rows = torch.arange(values.shape[0], device=values.device).unsqueeze(1)
    return values[rows, places]


class _Involution(torch.autograd.Function):
    """Rows in an order that is its own inverse, so that the gradient takes the same cheap path back."""

    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, rows: Tensor, order: Tensor) -> Tensor:
        ctx.save_for_backward(order)
        return rows.index_select(0, order)

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, grad: Tensor) -> tuple[Tensor, None]:
        (order,) = ctx.saved_tensors  # type: ignore[attr-defined]
        return _Involution.apply(grad, order), None  # type: ignore[no-untyped-call]
