"""`seqcli.look/1`: a run seen from inside while it reads one text."""

from typing import Literal

from pydantic import Field

from seqcli.results.record import Record
from seqcli.results.shown_record import ShownRecord


class Nearest(Record):
    """A training text near to what was read: the cosine of the states at which both end."""

    text: str
    label: str | None
    similarity: float


class LookedStep(Record):
    """One word, and what it did.

    `change` is the length of the change of h, the top layer's first direction, |h_t − h_(t−1)|, and `state`
    that of h itself. `leaning` is what the run would answer if the text ended here, or what it answers at
    this word, `probability` how sure it is. `gates` are the means over units, 0 shut to 1 open. `to_first`
    and `to_last` are the cosines of h with that after the first and after the last word.
    """

    token: str
    known: bool
    change: float
    state: float
    leaning: str | None
    probability: float | None
    gates: dict[str, float]
    nearest: Nearest | None
    to_first: float
    to_last: float


class WeightShares(Record):
    """The trained numbers by what they do: U from inputs to state, V from state to state, W to the answer."""

    total: int
    embedding: int
    input: int
    recurrent: int
    bias: int
    output: int


class LayerOfRun(Record):
    """A layer is its weights, the same numbers at every step; its state is what changes."""

    layer: int
    direction: Literal["forward", "backward"]
    weights: int
    state: int
    changes: list[float]
    gates: dict[str, list[float]]


class Look(ShownRecord):
    """A run from inside: what its hidden state, its gates and its answer do word by word."""

    schema_: Literal["seqcli.look/1"] = Field(default="seqcli.look/1", alias="schema")
    run: str
    model: str
    cell: str
    task: str
    kind: str
    text: str
    steps: list[LookedStep]
    layers: list[LayerOfRun]
    shares: WeightShares
    nearest: list[Nearest] = Field(default_factory=list)
    nearest_missing: str = ""
    written: str | None = None
    answers_each_step: bool = False
    keeps: str | None = None
