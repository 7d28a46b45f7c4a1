"""The kernel of a recurrence, and cuDNN's demands on its weights."""

from types import ModuleType
from typing import Literal

import torch
from torch.backends import cudnn, mkldnn
from torch.backends.cudnn import rnn as cudnn_rnn

from seqcli.ops.gru import scan_takes
from seqcli.ops.recurrence import FusedMode, Weights

Kernel = Literal["oneDNN", "ATen loop", "cuDNN", "Metal", "seqcli scan", "seqcli step", "matrix product"]


def kernel_name(
    cell_name: str, *, device: torch.device | str, dtype: torch.dtype, path: Literal["fused", "step"]
) -> Kernel:
    """The kernel that a cell's recurrence is trained on, named for people.

    On CPU torch runs an LSTM on oneDNN (in float32, and in bfloat16 where the processor has it) and has no
    such kernel for the GRU and the simple recurrence, which run on ATen's C++ loop over steps; in training
    a GRU runs on seqcli's own scan. A test compares this with what the profiler sees. The names for GPUs
    follow torch's dispatch, untested.

    Args:
        cell_name: 'lstm', 'gru', 'rnn'.
        device: Where the tensors are.
        dtype: Their type.
        path: 'step' when the cell's own step runs, from Python.
    """
    if path == "step":
        return "seqcli step"
    kind = torch.device(device).type
    if kind == "cuda" and _usable(cudnn):
        return "cuDNN"
    # Metal has a kernel for the LSTM alone.
    if kind == "mps" and cell_name == "lstm":
        return "Metal"
    if cell_name == "gru" and scan_takes(device, dtype):
        return "seqcli scan"
    return "oneDNN" if kind == "cpu" and cell_name == "lstm" and _onednn_takes(dtype) else "ATen loop"


def _onednn_takes(dtype: torch.dtype) -> bool:
    """Return whether torch hands an LSTM of this type to oneDNN on this processor."""
    if not _usable(mkldnn):
        return False
    if dtype == torch.bfloat16:
        return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())  # noqa: SLF001 there is no public one
    return dtype == torch.float32


def _usable(backend: ModuleType) -> bool:
    """Return whether this torch was built with the backend and nobody has turned it off."""
    return bool(backend.is_available() and backend.enabled)


def flatten_weights(mode: FusedMode, weights: Weights) -> None:
    """Lay one layer's weights out in one piece of GPU memory, in place, as torch.nn.RNNBase does.

    Without it cuDNN copies them at every call and warns. Nothing happens off CUDA.

    Args:
        mode: The fused layer.
        weights: Its four weights; their storage is moved, their values stay.
    """
    first = weights[0]
    if not first.is_cuda or not _acceptable(weights):
        return
    with torch.cuda.device(first.device), torch.no_grad():
        torch._cudnn_rnn_flatten_weight(  # noqa: SLF001 the only way in, and torch.nn.RNNBase's own
            weights,
            len(weights),
            first.shape[1],
            cudnn_rnn.get_cudnn_mode(mode),  # type: ignore[no-untyped-call]
            weights[1].shape[1],
            0,
            1,
            batch_first=True,
            bidirectional=False,
        )


def _acceptable(weights: Weights) -> bool:
    """Return whether cuDNN takes these weights and none of them shares its memory with another."""
    return len({w.data_ptr() for w in weights}) == len(weights) and all(map(cudnn.is_acceptable, weights))
