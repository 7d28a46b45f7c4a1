"""What might help: the same model with one thing changed (`--what-if`)."""

from collections.abc import Iterator
from dataclasses import dataclass

from seqcli.models.cell import CELLS
from seqcli.models.config import ModelConfig

GATED = "lstm"
"""What stands in for a cell that has no gate to change."""


@dataclass(frozen=True)
class Change:
    """A model to probe in another's place.

    Args:
        name: What is changed, in words.
        model: The changed model.
        normalised: Whether layer normalisation is put in.
    """

    name: str
    model: ModelConfig
    normalised: bool = False


def cures(model: ModelConfig, steps: int) -> list[Change]:
    """The two changes that the guide's claim 9 is about, without what the model already has."""
    return [*_forget_bias(model, 1.0), *_chrono(model, steps)]


def changes(model: ModelConfig, steps: int) -> list[Change]:
    """Every change that `--what-if` shows but clipping, which changes no path through time."""
    return [
        *_forget_bias(model, 1.0),
        *_forget_bias(model, 3.0),
        *_unless_same(model, "orthogonal", init="orthogonal", forget_bias=None, gain=1.0),
        *_chrono(model, steps),
        Change("layer norm", model, normalised=True),
    ]


def gated(model: ModelConfig) -> ModelConfig:
    """The model itself if it has a gate that keeps, else an LSTM of its shape."""
    if CELLS.get(model.model).keeps is not None:
        return model
    return changed(model, model=GATED, activation=None)


def changed(base: ModelConfig, **settings: object) -> ModelConfig:
    """The model with other settings, checked again."""
    return ModelConfig.model_validate({**base.model_dump(), **settings})


def _forget_bias(model: ModelConfig, bias: float) -> Iterator[Change]:
    """The gate that keeps begins open; on top of torch's weights where chrono would set it itself."""
    init = "torch" if model.init == "chrono" else model.init
    already = model.init == "tuned" and model.forget_bias is None and bias == 1.0
    if not (already and gated(model) is model):
        yield from _unless_same(model, f"forget bias {bias:g}", gated(model), init=init, forget_bias=bias)


def _chrono(model: ModelConfig, steps: int) -> Iterator[Change]:
    length = max(3, steps)
    yield from _unless_same(
        model,
        f"chrono ({length:,})",
        gated(model),
        init="chrono",
        chrono_length=length,
        forget_bias=None,
        gain=1.0,
    )


def _unless_same(
    model: ModelConfig, name: str, base: ModelConfig | None = None, **settings: object
) -> Iterator[Change]:
    """The change, unless it would change nothing; an LSTM in another cell's place is named."""
    base = base or model
    other = changed(base, **settings)
    if other != model:
        swapped = f"{base.model}, " if base.model != model.model else ""
        yield Change(swapped + name, other)
