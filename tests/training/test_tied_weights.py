"""Weights that stand under two names: saved, read back, still one."""

import torch

from seqcli.models.architecture import DataShape, architecture
from seqcli.models.seq2seq.config import Seq2SeqConfig
from seqcli.training.state import from_bytes, load_weights, to_bytes


def test_tied_embeddings_go_through_a_checkpoint_and_stay_tied():
    shape = DataShape("translate", 9, 0, 9, shared_vocabulary=True)
    build = architecture("seq2seq").build
    first, other = (
        build(Seq2SeqConfig(hidden=4, embedding=4), shape, torch.Generator().manual_seed(seed))
        for seed in (0, 1)
    )
    result = to_bytes(first.state_dict())
    assert result == to_bytes(first.state_dict())
    load_weights(other, from_bytes(result, "x"), "x")
    assert other.encoder.embedding.weight is other.decoder.embedding.weight
    assert torch.equal(other.words, first.words)
