"""The speed at which this machine multiplies matrices: the yardstick of a recurrence's speed."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import torch
from torch import Tensor

from seqcli.training.cost import synchronise

FIRST_SIZE, LARGEST_SIZE = 256, 8192
"""Rows of the square matrices, doubled until a product takes long enough: 8192 of float32 are 256 MiB."""
ENOUGH_SECONDS = 0.02
"""A product that takes this long is long beside the clock and the call."""
WARM_UP, TIMED = 2, 7
"""Products before the clock counts, which make room and choose a kernel; then the median of seven."""


@dataclass(frozen=True)
class MatrixFlops:
    """Floating-point operations a second of products of square matrices of `size`."""

    flops_per_second: float
    size: int


def matrix_flops(
    device: torch.device, seconds_of: Callable[[Tensor, Tensor], float] | None = None
) -> MatrixFlops:
    """The median over several products N × N in float32, N doubled until one product takes long enough.

    On a GPU the products may use TF32, as cuDNN's recurrent layers do by torch's default.

    Args:
        device: Where to multiply.
        seconds_of: The time that one product takes, by the clock where it is None.
    """
    timed = seconds_of or product_seconds
    if device.type == "cuda":
        torch.set_float32_matmul_precision("high")
    size = FIRST_SIZE
    while True:
        a, b = (torch.randn(size, size, device=device) for _ in range(2))
        seconds = [timed(a, b) for _ in range(WARM_UP)]
        if seconds[-1] >= ENOUGH_SECONDS or size >= LARGEST_SIZE:
            break
        size *= 2
    typical = median(timed(a, b) for _ in range(TIMED))
    return MatrixFlops(2 * size**3 / typical, size)


def product_seconds(a: Tensor, b: Tensor) -> float:
    """Seconds of one matrix product, from an idle device to an idle device."""
    synchronise(a.device)
    began = time.perf_counter()
    torch.mm(a, b)
    synchronise(a.device)
    return time.perf_counter() - began
