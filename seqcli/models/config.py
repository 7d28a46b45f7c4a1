"""The settings of a model, checked before torch is loaded."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from seqcli.config.names import Known
from seqcli.config.settings import Allowed, FiniteFloat, PositiveFloat, PositiveInt, Settings, Share, clash
from seqcli.models.cell import CELLS

Size = Annotated[PositiveInt, Field(le=65_536), Allowed("a whole number from 1 to 65,536")]
"""A width; beyond this a single weight matrix would not fit a machine."""

Layers = Annotated[PositiveInt, Field(le=64), Allowed("a whole number from 1 to 64")]
"""A depth."""

Span = Annotated[PositiveInt, Field(ge=3), Allowed("a whole number of at least 3")]
"""A number of steps in which something can be remembered."""


class ModelShape(Settings):
    """The shape that the models of one command share: embedding, layers, pooling, initialisation.

    Every field is also a setting after the colon in `gru:hidden=148,layers=2`.
    """

    hidden: Size = 128
    """H, the width of the state."""
    layers: Layers = 1
    """L, recurrent layers one above the other."""
    embedding: Size = 128
    """Width of the token vectors."""
    bidirectional: bool = False
    """Whether each layer also reads backwards."""
    dropout: Share = 0.3
    """On the embeddings, between layers and on what the head reads."""
    pooling: Literal["last", "mean", "max"] = "last"
    """How a text's states become one vector."""
    activation: Literal["tanh", "relu", "identity"] | None = None
    """Of cells that have a choice (rnn); null is the cell's own."""
    crf: bool | None = None
    """Whether a tagger's labels are one path, each likely or not after the one before (CRF); null is no."""
    frame_encoder: Literal["convolution", "flat"] | None = None
    """What reads each frame of a film: a convolution (null), or nothing: its pixels are the vector."""
    init: Literal["tuned", "torch", "orthogonal", "chrono", "gaussian"] = "tuned"
    """How the recurrence is initialised."""
    gain: PositiveFloat = 1.0
    """Scale of the recurrent weights under tuned, orthogonal and gaussian."""
    forget_bias: FiniteFloat | None = None
    """Bias of the gate that keeps the state (LSTM's f, GRU's z); null leaves it to `init`."""
    chrono_length: Span = 200
    """The longest dependency expected, in steps, under chrono."""

    @classmethod
    def other_shape(cls) -> dict[str, object]:
        """The defaults of a shape that this kind of model has instead of the common ones."""
        common = ModelShape.model_fields
        own = {name: field.default for name, field in cls.model_fields.items() if name in common}
        return {name: default for name, default in own.items() if default != common[name].default}


class ModelConfig(ModelShape):
    """A recurrent model: its cell and its shape."""

    model: Annotated[str, Known("model", CELLS.names)]
    """What it is called: its cell's name."""
    control: Literal["none", "shuffle"] = "none"
    """Whether it reads each example's steps in another order, to see what their order is worth."""

    @property
    def cell_name(self) -> str:
        """The cell that the model is made of, by name."""
        return self.model

    @property
    def gate_names(self) -> tuple[str, ...]:
        """The gates of its cell, by name."""
        return CELLS.get(self.cell_name).gates

    def flops_per_step(self, input_size: int = 0) -> int:
        """Floating-point operations of all layers and directions for one step of one sequence, forward.

        Args:
            input_size: I, where inputs are real vectors and not ids.
        """
        cell = CELLS.get(self.cell_name)()
        directions = 2 if self.bidirectional else 1
        widths = [input_size or self.embedding, *[self.hidden * directions] * (self.layers - 1)]
        return directions * sum(cell.flops_per_step(width, self.hidden) for width in widths)

    def flops(self, inputs: int, tokens: int, *, input_size: int = 0) -> int:  # noqa: ARG002 seq2seq needs both
        """Operations of all recurrent layers over real steps, forward.

        Args:
            inputs: Real steps of the inputs, all sequences together.
            tokens: Real tokens as speed counts them.
            input_size: I, where inputs are real vectors and not ids.
        """
        return inputs * self.flops_per_step(input_size)

    @model_serializer(mode="wrap")
    def _without_later_defaults(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """The settings without one that came later and was not set: kept training runs keep their names."""
        values: dict[str, Any] = handler(self)
        for name, unset in (("control", "none"), ("crf", None), ("frame_encoder", None)):
            if name in values and values[name] == unset:
                del values[name]
        return values

    @model_validator(mode="after")
    def _settings_fit_the_cell(self) -> Self:
        """Only a setting that few cells have, or need, makes the cell's file (and torch) load."""
        if self.activation is not None and "activation" not in CELLS.get(self.cell_name).settings():
            raise clash(f"{self.cell_name} has no choice of activation: leave activation out", "activation")
        if self.init == "chrono" and self.forget_bias is not None:
            raise clash("chrono sets the forget bias itself: leave forget_bias out", "init", "forget_bias")
        if self.gain != 1.0 and self.init in ("torch", "chrono"):
            raise clash(f"{self.init} has no gain: choose tuned, orthogonal or gaussian", "init", "gain")
        needs_gate = {"init": self.init == "chrono", "forget_bias": self.forget_bias is not None}
        for setting, needs in needs_gate.items():
            if needs and CELLS.get(self.cell_name).keeps is None:
                raise clash(f"{self.cell_name} has no gate that keeps its state: change {setting}", setting)
        return self


class FeedForwardConfig(ModelConfig):
    """A plain network that knows no order: over the mean of a sequence's steps, or over a single step.

    Every field is a setting after the colon; those of a recurrence (`init` and its numbers) change nothing.
    """

    model: Literal["bag", "mlp"] = "bag"
    """What it is called."""
    control: Literal["none"] = "none"
    """It knows no order that could be shuffled."""
    pooling: Literal["last", "mean", "max"] = "mean"
    """Changes nothing here: all steps are averaged before the first layer."""

    @property
    def gate_names(self) -> tuple[str, ...]:
        """It has none."""
        return ()

    def flops_per_step(self, input_size: int = 0) -> int:
        """Operations of the layers for one answer, forward; the mean over steps is left out.

        Args:
            input_size: I, where inputs are real vectors and not ids.
        """
        size = self.hidden * (1 + self.bidirectional)
        widths = [input_size or self.embedding, *[size] * (self.layers - 1)]
        return sum(2 * width * size + 2 * size for width in widths)

    @model_validator(mode="after")
    def _settings_fit_the_cell(self) -> Self:
        """Settings of a recurrence that all models of a comparison share change nothing here."""
        return self


class MLPConfig(FeedForwardConfig):
    """A plain network over rows of numbers, each for itself."""

    model: Literal["bag", "mlp"] = "mlp"
    """What it is called."""
