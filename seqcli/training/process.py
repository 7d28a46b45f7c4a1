"""The settings of a process that trains: its threads, and the return of freed memory."""

import ctypes
import platform
from functools import cache

import torch

# malloc.h: M_TRIM_THRESHOLD and M_MMAP_THRESHOLD, and the greatest value that the second one takes.
_TRIM, _MMAP, _MOST = -1, -3, 32 * 2**20


def settle_process(threads: int) -> None:
    """Compute with so many threads, and keep freed memory for the next step of training.

    Left to itself, glibc gives the large tensors of a step back to the kernel at its end, and each page of
    theirs faults anew in the next: some 4% of a GRU's time on the sentiment task. Results are the same.
    """
    torch.set_num_threads(threads)
    _keep_freed_memory()


@cache
def _keep_freed_memory() -> None:
    """Tell glibc, once a process."""
    if platform.libc_ver()[0] == "glibc":
        libc = ctypes.CDLL(None)
        libc.mallopt(_MMAP, _MOST)
        # Memory at the top of the heap goes back to the kernel only where more than a GiB of it is free.
        libc.mallopt(_TRIM, 2**30)
