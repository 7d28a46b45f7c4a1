"""The settings of encoder and decoder, checked before torch is loaded."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from seqcli.config.names import Known
from seqcli.config.settings import Allowed, Share, clash
from seqcli.models.attention import ATTENTIONS
from seqcli.models.cell import CELLS
from seqcli.models.config import ModelConfig, Size


def _attentions() -> tuple[str, ...]:
    """The attentions, and 'none'."""
    return (*ATTENTIONS.names(), "none")


def _none_is_a_name(value: object) -> object:
    """YAML, which also types the values of `--set`, keeps 'none' as text but reads 'null' as nothing."""
    return "none" if value is None else value


AttentionName = Annotated[str, BeforeValidator(_none_is_a_name), Known("attention", _attentions)]
"""An attention, or 'none'."""

Ratio = Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False), Allowed("a number from 0 to 1")]
"""A part of a whole, both ends included."""


class DecoderConfig(ModelConfig):
    """A decoder of one cell, which writes a sequence word by word, whatever was read before."""

    cell: Annotated[str, Known("cell", CELLS.names)] = "gru"
    """The cell of encoder and decoder."""
    hidden: Size = 256
    """H, the width of the states, and so of the context vector."""
    embedding: Size = 256
    """E, the width of the token vectors and of what the decoder's words are compared with."""
    dropout: Share = 0.15
    """On the embeddings, between layers and on what the output layer reads."""
    attention: AttentionName = "luong"
    """How the decoder looks back at the encoder's outputs; 'none': it knows only the last state."""
    input_feeding: bool = False
    """Whether each step also reads what the last one made of its attention (Luong et al., 2015)."""
    feed_context: bool = False
    """Whether each step also reads the context vector (Cho et al., 2014), not only the first."""
    tied: bool = True
    """Whether the output layer's words are the target's vectors, and the source's where they share ids."""
    label_smoothing: Share = 0.1
    """The share of the probability that training spreads over all words (Szegedy et al., 2016)."""
    teacher_forcing: Ratio = 1.0
    """How often training feeds the right word, not the model's own (Bengio et al., 2015)."""

    @property
    def cell_name(self) -> str:
        """The cell, by name."""
        return self.cell

    def decoder_flops(self) -> int:
        """Operations of the decoder's recurrence for one token, forward."""
        decoder = CELLS.get(self.cell)()
        inputs = self.embedding + self.embedding * self.input_feeding + self.hidden * self.feed_context
        widths = [inputs, *[self.hidden] * (self.layers - 1)]
        return sum(decoder.flops_per_step(width, self.hidden) for width in widths)

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        if self.input_feeding and self.attention == "none":
            raise clash(
                "input_feeding feeds what attention found: choose an attention, or drop it",
                "input_feeding",
                "attention",
            )
        return self


class Seq2SeqConfig(DecoderConfig):
    """Encoder and decoder of one cell, with or without attention.

    Every field is a setting after the colon: `seq2seq:cell=lstm,attention=none`.
    """

    model: Literal["seq2seq"] = "seq2seq"
    """What it is called."""
    bidirectional: bool = True
    """Whether the encoder also reads backwards; a bridge then brings its states to the decoder's width."""
    pooling: Literal["last", "mean", "max"] = "last"
    """Changes nothing here: the decoder starts from the last states."""

    def flops_per_step(self, input_size: int = 0) -> int:  # noqa: ARG002 it always reads ids
        """Operations for one source and one target token in the recurrences, forward."""
        return super().flops_per_step() + self.decoder_flops()

    def flops(self, inputs: int, tokens: int, *, input_size: int = 0) -> int:  # noqa: ARG002 it always reads ids
        """Operations of encoder and decoder over the sources' and the targets' real tokens, forward."""
        return inputs * super().flops_per_step() + tokens * self.decoder_flops()
