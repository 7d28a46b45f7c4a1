"""Bytes that a step needs: what is accounted for is what an allocator's own trace sees, to the byte."""

import gc

import pytest
import torch
from torch.profiler import ProfilerActivity, profile

from seqcli.models.architecture import DataShape, architecture
from seqcli.models.cell import CELLS
from seqcli.models.config import ModelConfig
from seqcli.models.learner import Learner
from seqcli.models.seq2seq.config import Seq2SeqConfig
from seqcli.training.config import TrainingConfig
from seqcli.training.cost import (
    activation_bytes,
    memory_use,
    optimiser_bytes,
    plain_kernels,
    tensor_bytes,
)
from seqcli.training.step import Batch, make_optimiser, train_step

B, T, V, C = 8, 12, 50, 3
OPTIONS = {
    "plain": {},
    "deep": {"layers": 2, "bidirectional": True},
    "mean": {"pooling": "mean", "dropout": 0.0},
    "max": {"pooling": "max"},
}
SEQ2SEQ = {
    "gru": {"cell": "gru"},
    "lstm": {"cell": "lstm", "attention": "bahdanau", "layers": 2},
    "rnn": {"cell": "rnn", "attention": "none", "feed_context": True},
}


def classifier(cell: str, device: str = "cpu", **settings: object) -> tuple[Learner, Batch]:
    config = ModelConfig(model=cell, **{"hidden": 16, "embedding": 10, **settings})
    shape = DataShape("classify", V, 0, C)
    network = architecture(cell).build(config, shape, torch.Generator().manual_seed(0))
    return network.to(device), batch(torch.randint(0, C, (B,)), device)


def translator(**settings: object) -> tuple[Learner, Batch]:
    config = Seq2SeqConfig(**{"hidden": 16, "embedding": 10, **settings})
    shape = DataShape("translate", V, 0, V, shared_vocabulary=True)
    network = architecture("seq2seq").build(config, shape, torch.Generator().manual_seed(0))
    targets = torch.randint(4, V, (B, 6))
    targets[:, -1] = 3
    return network, batch(targets, "cpu")


def batch(targets: torch.Tensor, device: str) -> Batch:
    lengths = torch.arange(B) % T + 1
    lengths[0] = T
    return Batch(torch.randint(4, V, (B, T)).to(device), lengths, targets.to(device))


def traced(network: Learner, given: Batch) -> int:
    """Bytes that the allocator gave and did not get back between the start and the end of a forward pass."""
    network.train()
    gc.collect()
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as result:
        loss = network.batch_loss(*given)
    events = result.profiler.kineto_results.events()
    total = sum(event.nbytes() for event in events if event.name() == "[memory]")
    return total - loss.untyped_storage().nbytes()


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("cell", CELLS.names())
def test_saved_activations_are_what_the_allocator_still_holds_after_the_forward_pass(cell, options):
    network, given = classifier(cell, **options)
    network.batch_loss(*given)  # what is made once is made
    assert activation_bytes(network, given) == traced(network, given) > 0


def test_the_workspace_of_a_fused_kernel_is_counted_and_goes_with_the_kernel():
    network, given = classifier("lstm")
    network.batch_loss(*given)
    fused = activation_bytes(network, given)
    with plain_kernels():
        plain = activation_bytes(network, given)
        assert plain == traced(network, given)
    assert fused == traced(network, given) > plain


@pytest.mark.parametrize("options", SEQ2SEQ.values(), ids=SEQ2SEQ)
def test_a_translator_is_accounted_for_to_the_byte_too(options):
    network, given = translator(**options)
    network.batch_loss(*given)
    assert activation_bytes(network, given) == traced(network, given) > 0


def test_parameters_and_optimiser_state_are_what_a_first_step_leaves_behind():
    network, given = classifier("gru")
    config = TrainingConfig()
    optimiser = make_optimiser(network, config.lr)
    network.train()
    network.zero_grad(set_to_none=True)
    gc.collect()
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as result:
        train_step(network, optimiser, given, clip_norm=config.clip)
    events = result.profiler.kineto_results.events()
    left = sum(event.nbytes() for event in events if event.name() == "[memory]")
    assert left == tensor_bytes(network.parameters()) + optimiser_bytes(optimiser)  # gradients and Adam's


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("cell", CELLS.names())
def test_on_a_gpu_the_step_s_bytes_are_within_the_allocator_s_peak(cell):
    """The peak has transient buffers too; each block is rounded up to 512 bytes."""
    network, given = classifier(cell, "cuda", hidden=256, embedding=256)
    optimiser = make_optimiser(network, 1e-3)
    train_step(network, optimiser, given, clip_norm=1.0)
    torch.cuda.synchronize()
    before = torch.cuda.memory_allocated()
    network.train()
    loss = network.batch_loss(*given)
    torch.cuda.synchronize()
    held = torch.cuda.memory_allocated() - before
    assert activation_bytes(network, given) == pytest.approx(held, rel=0.02, abs=64 * 512)
    del loss
    torch.cuda.reset_peak_memory_stats()
    use = memory_use(network, [given], TrainingConfig())
    step = 2 * use.parameters + use.optimizer + use.activations
    assert 0.9 * step <= torch.cuda.max_memory_allocated()
