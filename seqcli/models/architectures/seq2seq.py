"""Encoder and decoder: sequences to sequences of another length (Sutskever et al., Cho et al., 2014)."""

from types import MappingProxyType

from seqcli.errors import either
from seqcli.models.architecture import Architecture
from seqcli.models.cell import CELLS
from seqcli.models.seq2seq.config import Seq2SeqConfig
from seqcli.registry import later

ARCHITECTURE = Architecture(
    config=Seq2SeqConfig,
    kinds=("translate",),
    build=later("seqcli.models.seq2seq.seq2seq_network", "build"),
    defaults=MappingProxyType(
        {
            **Seq2SeqConfig.other_shape(),
            "tokenizer": "bpe",
            "vocab_size": 4000,
            "epochs": 4,
            "batch_size": 32,
            "schedule": "linear",
        }
    ),
    instead=f"This task is not a translation: try {either(CELLS.names())}.",
    summary="an encoder that reads the source, a decoder that writes the target, with or without attention",
    compared=lambda: ("seq2seq:attention=none", "seq2seq:attention=bahdanau"),
    trained="seq2seq",
)
