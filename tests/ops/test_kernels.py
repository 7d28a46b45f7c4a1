"""The profiler is the judge of which kernel ran."""

import pytest
import torch
from torch.profiler import ProfilerActivity, profile

from seqcli.models.cell import CELLS
from seqcli.models.recurrent import Recurrent
from seqcli.ops.kernels import flatten_weights, kernel_name


def seen_by_profiler(recurrent: Recurrent, dtype: torch.dtype) -> str:
    with profile(activities=[ProfilerActivity.CPU]) as record:
        recurrent(torch.randn(2, 3, 4, dtype=dtype), torch.tensor([3, 1]))
    distinct = {event.key for event in record.key_averages()}
    if "aten::mkldnn_rnn_layer" in distinct:
        return "oneDNN"
    if "GRUScan" in distinct:
        return "seqcli scan"
    return "ATen loop" if distinct & {"aten::lstm", "aten::gru", "aten::rnn_tanh"} else "seqcli step"


@pytest.mark.parametrize("path", ["fused", "step"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16], ids=str)
@pytest.mark.parametrize("name", CELLS.names())
def test_the_named_kernel_is_the_one_the_profiler_sees(name: str, dtype: torch.dtype, path: str) -> None:
    recurrent = Recurrent(CELLS.get(name)(), 4, 4).to(dtype)
    recurrent.path = path
    assert recurrent.kernel == seen_by_profiler(recurrent, dtype)


def test_on_cpu_in_float32_lstm_runs_on_onednn_and_gru_on_our_own_scan() -> None:
    where = {"device": "cpu", "dtype": torch.float32, "path": "fused"}
    assert kernel_name("lstm", **where) == "oneDNN"
    assert kernel_name("gru", **where) == "seqcli scan"
    assert kernel_name("rnn", **where) == "ATen loop"


def test_turning_onednn_off_changes_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.mkldnn, "enabled", False)
    recurrent = Recurrent(CELLS.get("lstm")(), 4, 4)
    assert recurrent.kernel == seen_by_profiler(recurrent, torch.float32) == "ATen loop"


def test_flattening_changes_nothing_off_cuda() -> None:
    recurrent = Recurrent(CELLS.get("gru")(), 4, 4)
    weights = recurrent.weights("_l0")
    places = [weight.data_ptr() for weight in weights]
    flatten_weights("GRU", weights)
    assert [weight.data_ptr() for weight in weights] == places
