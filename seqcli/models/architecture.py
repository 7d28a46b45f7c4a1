"""The making of whole models: a cell with a head by default, anything else one file in `architectures/`.

Nothing here imports torch at run time, so that names and settings can be checked without it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from seqcli.errors import unknown_name
from seqcli.models.cell import CELLS
from seqcli.models.frames import FrameSize
from seqcli.registry import Registry

if TYPE_CHECKING:
    from torch import Generator

    from seqcli.models.config import ModelConfig
    from seqcli.models.learner import Learner
    from seqcli.models.network import Network


@dataclass(frozen=True)
class DataShape:
    """The shape of the data, as a model's construction needs it.

    Args:
        kind: The kind of task.
        vocab_size: V, how many ids the inputs may hold; 0 where inputs are real vectors.
        input_size: I, the width of real input vectors; 0 where inputs are ids.
        output_size: How many classes, values or target ids an answer chooses from.
        shared_vocabulary: Whether inputs and targets are spelt with the same ids.
        quantiles: Of each number ahead, the quantiles that are answered; none for the number alone.
        frame: The size of the images that steps are; None where they are none.
        letters: How many ids words' letters may have; 0 where they are not read.
    """

    kind: str
    vocab_size: int
    input_size: int
    output_size: int
    shared_vocabulary: bool = False
    quantiles: tuple[float, ...] = ()
    frame: FrameSize | None = None
    letters: int = 0

    @property
    def inputs(self) -> int | FrameSize:
        """I, 0 where inputs are ids; or the size of the images that steps are."""
        return self.input_size if self.frame is None else self.frame


@dataclass(frozen=True)
class Architecture:
    """One way to make a model.

    Args:
        config: The record of its settings.
        kinds: The kinds of task that it learns.
        build: Makes the model with its first weights, a pure function of its arguments.
        defaults: What it prefers for any option that a person and the task leave open.
        instead: What to say to a person whose task is of another kind; `{trained}` is what learns that kind.
        summary: What it is, in a few words; `{model}` is its name.
        compared: What is compared where a person names no model, as written, the simplest first.
        recurrent: Whether each of its layers has a matrix from state to state.
        trained: The one that is trained where a person names none, as written.
    """

    config: type[ModelConfig]
    kinds: tuple[str, ...]
    build: Callable[[Any, DataShape, Generator], Learner]
    defaults: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    instead: str = ""
    summary: str = ""
    compared: Callable[[], tuple[str, ...]] = tuple
    trained: str | None = None
    recurrent: bool = True


ARCHITECTURES: Registry[Architecture] = Registry("model", "seqcli.models.architectures", "ARCHITECTURE")


def model_names() -> tuple[str, ...]:
    """All that can be trained: every cell, and every other architecture."""
    return tuple(sorted({*CELLS.names(), *ARCHITECTURES.names()}))


@cache
def single() -> Architecture:
    """The plain architecture: one recurrence over the input, a head on top; named by its cell."""
    from seqcli.models.config import ModelConfig

    return Architecture(
        config=ModelConfig,
        kinds=Registry("head", "seqcli.models.heads", "HEAD").names(),
        build=_build_single,
        instead="What it learns is written word by word: try {trained}:cell={model}.",
        summary="layers of {model} cells over the input, and a head on top that answers",
        compared=_cells_by_year,
        trained="gru",
    )


def _cells_by_year() -> tuple[str, ...]:
    """The cells in the order in which they were published; what is compared is each plainly built."""
    return tuple(sorted(CELLS.names(), key=lambda name: (CELLS.get(name).year, name)))


def compared_for(kind: str) -> tuple[str, ...]:
    """The models that are compared on a kind of task where a person names none, as written."""
    return tuple(text for entry in _that_learn(kind) for text in entry.compared())


def trained_for(kind: str) -> str | None:
    """The model that is trained on a kind of task where a person names none, as written."""
    # The last one is the most particular: cells learn nearly everything.
    return next((entry.trained for entry in _that_learn(kind)[::-1] if entry.trained is not None), None)


def instead_of(model: str, kind: str) -> str:
    """The sentence for a person whose model does not learn a kind of task."""
    usual = trained_for(kind)
    sentence = architecture(model).instead.format(model=model, trained=usual)
    # What cells learn is in the sentence; of other kinds it may name none that learns them.
    return sentence if usual is None or kind in single().kinds or usual in sentence else f"Try {usual}."


def _that_learn(kind: str) -> list[Architecture]:
    every = [single(), *(ARCHITECTURES.get(name) for name in ARCHITECTURES.names())]
    return [entry for entry in every if kind in entry.kinds]


def _build_single(config: ModelConfig, shape: DataShape, generator: Generator) -> Network:
    """The network that a cell and the task's kind of answer make."""
    from seqcli.models import network
    from seqcli.models.head import HEADS, Head

    head: Callable[..., Head] = HEADS.get(shape.kind)
    return network.build(
        config,
        vocab_size=shape.vocab_size,
        output_size=shape.output_size,
        generator=generator,
        head=partial(head, quantiles=shape.quantiles) if shape.quantiles else head,
        inputs=shape.inputs,
        letters=shape.letters,
    )


def architecture(model: str) -> Architecture:
    """Return the architecture of the model of that name.

    Raises:
        UsageError: No model has that name; the known ones are listed.
    """
    if model in CELLS:
        return single()
    if model not in ARCHITECTURES:
        raise unknown_name("model", model, model_names())
    return ARCHITECTURES.get(model)
