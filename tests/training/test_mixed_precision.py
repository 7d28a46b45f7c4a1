"""`--precision bf16`: products of a training step in bfloat16, all that is kept in float32."""

import json

import pytest
import torch

from seqcli.errors import UsageError
from seqcli.experiments.train import train
from seqcli.models.kernel_proof import prove_kernels, recurrences
from seqcli.results.events import drive
from seqcli.runs.directory import RunDirectory
from seqcli.runs.finished_run import FinishedRun
from seqcli.training.construction import make_training
from seqcli.training.step import load_batch

ROUNDING = 2**-8
"""Half a unit in the last of bfloat16's 8 bits, relative."""


def of(planned, model, precision):
    plan = planned(model, precision=precision, dropout=0.0)
    return make_training(plan.leg.leg, plan.prepared)


@pytest.mark.parametrize("model", ["rnn", "lstm", "gru:layers=2,bidirectional=true"])
def test_losses_and_gradients_are_float32s_within_bfloat16s_rounding(planned, model):
    mixed, full = (of(planned, model, precision) for precision in ("bf16", "float32"))
    batch = load_batch(full.train, full.order_of(1)[0], full.device)
    losses = []
    for training in (mixed, full):
        with training.products():
            loss = training.network.batch_loss(*batch)
        loss.backward()
        losses.append(loss.item())
    assert losses[0] == pytest.approx(losses[1], rel=4 * ROUNDING)
    assert losses[0] != losses[1]
    own, true = (
        torch.cat([weight.grad.flatten() for weight in training.network.parameters()])
        for training in (mixed, full)
    )
    assert own.dtype == torch.float32
    # Roundings of some ten products in a row, of either sign.
    assert torch.linalg.vector_norm(own - true) < 10 * ROUNDING * torch.linalg.vector_norm(true)


@pytest.mark.parametrize("precision", ["bf16", "float32"])
def test_a_step_of_training_takes_its_products_in_the_precision_asked_for(planned, precision):
    stepping, looking = (of(planned, "gru", precision) for _ in range(2))
    batch = load_batch(looking.train, looking.order_of(1)[0], looking.device)
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bf16"):
        expected = looking.network.batch_loss(*batch).item()
    assert stepping.step(batch).loss == expected


def test_a_run_says_its_precision_and_keeps_float32(planned, tmp_path):
    plan = planned("gru", precision="bf16", epochs=1)
    result = drive(train(plan, tmp_path / "run", overwrite=False, should_stop=lambda: False))
    assert result.signature.endswith("· bf16")
    run = FinishedRun(RunDirectory.open(tmp_path / "run"))
    header = run.run.read("model.safetensors")
    size = int.from_bytes(header[:8], "little")
    document = json.loads(header[8 : 8 + size])
    assert {entry["dtype"] for name, entry in document.items() if name != "__metadata__"} == {"F32"}
    assert run.run.config["precision"] == "bf16"


def test_a_runs_identity_names_its_precision_only_where_it_is_mixed(planned):
    plain = planned("gru", precision="float32").leg
    assert "precision" not in plain.leg.model_dump(mode="json")
    assert "precision" not in plain.config
    assert planned("gru", precision="bf16").leg.digest != plain.digest


def test_a_model_without_one_recurrence_is_refused(planned):
    with pytest.raises(UsageError, match="bag is another model"):
        planned("bag", precision="bf16")


def test_a_kernel_that_mixes_is_proved_within_bfloat16s_tolerance(planned):
    """ATen's loop of a simple recurrence mixes on any processor."""
    training = of(planned, "rnn", "float32")
    (stack,) = recurrences(training.network)
    prove_kernels(training.network, mixed=True)
    assert stack.refused is None
