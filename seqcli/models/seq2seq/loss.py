"""Cross-entropy of an output layer over many words, with label smoothing.

The logits of a batch are its largest tensor by far. They are made and used up a few rows at a time, the
gradient with them, so that they are never all in memory and rarely leave the processor's cache.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, linear

AT_ONCE = 2**20
"""Logits made at once (4 MiB in float32)."""


def smoothed_cross_entropy(
    features: Tensor, targets: Tensor, weight: Tensor, bias: Tensor, *, smoothing: float
) -> Tensor:
    """The mean cross-entropy against (1 - ε) · target + ε · uniform, in nats; equal to `plain` below.

    Args:
        features: (N, E) of the real tokens.
        targets: (N) their ids.
        weight: (V, E); the logits are W f + b.
        bias: (V).
        smoothing: ε, 0 for none.
    """
    loss: Tensor = _OutputLayer.apply(features, targets, weight, bias, smoothing)  # type: ignore[no-untyped-call]
    return loss


def plain(features: Tensor, targets: Tensor, weight: Tensor, bias: Tensor, *, smoothing: float) -> Tensor:
    """The same, as torch spells it."""
    return cross_entropy(linear(features, weight, bias), targets, label_smoothing=smoothing)


class _OutputLayer(torch.autograd.Function):
    """The loss and its gradients in one pass: ∂L/∂logits = (softmax - target distribution) / N."""

    @staticmethod
    def forward(  # noqa: PLR0917 autograd passes what a function depends on one by one
        ctx: Any, features: Tensor, targets: Tensor, weight: Tensor, bias: Tensor, smoothing: float
    ) -> Tensor:
        count, words = features.shape[0], weight.shape[0]
        needs_gradient = any(ctx.needs_input_grad)
        losses = features.new_empty(count)
        grads = (
            [torch.empty_like(features), torch.zeros_like(weight), torch.zeros_like(bias)]
            if needs_gradient
            else []
        )
        rows = max(AT_ONCE // words, 1)
        for start in range(0, count, rows):
            piece = slice(start, start + rows)
            logits = torch.addmm(bias, features[piece], weight.t())
            losses[piece] = _losses(logits, targets[piece], smoothing)
            if needs_gradient:
                # After the losses: the slopes take the logits' memory.
                slopes = _slopes(logits, targets[piece], smoothing).div_(count)
                torch.mm(slopes, weight, out=grads[0][piece])
                grads[1].addmm_(slopes.t(), features[piece])
                grads[2] += slopes.sum(dim=0)
        ctx.save_for_backward(*grads)
        return losses.mean()

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        # The gradient came with the loss; what is left is the chain rule's one factor.
        of_features, of_weight, of_bias = (part * grad for part in ctx.saved_tensors)
        return of_features, None, of_weight, of_bias, None


def _losses(logits: Tensor, targets: Tensor, smoothing: float) -> Tensor:
    """Log Σ exp(logits) - (1 - ε) logit_y - ε mean(logits), (N)."""
    of_target = logits.gather(1, targets.unsqueeze(1)).squeeze(1)
    losses = torch.logsumexp(logits, dim=1) - (1 - smoothing) * of_target
    return losses - smoothing * logits.mean(dim=1) if smoothing else losses


def _slopes(logits: Tensor, targets: Tensor, smoothing: float) -> Tensor:
    """Softmax - (1 - ε) · target - ε / V, (N, V), in the memory of the logits."""
    torch.softmax(logits, dim=1, out=logits)
    if smoothing:
        logits -= smoothing / logits.shape[1]
    rows = torch.arange(len(targets), device=targets.device)
    logits[rows, targets] -= 1 - smoothing
    return logits
