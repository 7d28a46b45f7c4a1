"""The values that settings of a command take as people write them: engines, seeds, protocols, controls."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SerializeAsAny,
)

from seqcli.config.names import Known
from seqcli.config.settings import (
    Allowed,
    NonNegativeInt,
    PositiveInt,
    not_allowed,
)
from seqcli.data.task import TASKS, Task
from seqcli.models.spec import canonical, model_name
from seqcli.registry import Registry

Device = Literal["auto", "cpu", "cuda", "mps"]


PROTOCOL_FILES: Registry[object] = Registry("protocol", "seqcli.experiments.protocols", "PROTOCOL")
"""Their names alone are needed here; `protocol.PROTOCOLS` is the same with what is in the files."""


ENGINE_FILES: Registry[object] = Registry("engine", "seqcli.launch.engines", "ENGINE")
"""Their names alone are needed here; `launch.engine.ENGINES` is the same with what is in the files."""


ADDRESS = re.compile(r"ray://[A-Za-z0-9][A-Za-z0-9.-]{0,252}:[0-9]{1,5}", re.ASCII)
"""Of a cluster that is up: its host and the port of Ray's client server."""


def _engine(value: object) -> object:
    """The engine that a name or an address means.

    Raises:
        PydanticCustomError: There is none of that name.
    """
    names = ENGINE_FILES.names()
    if value in names or (isinstance(value, str) and ADDRESS.fullmatch(value)):
        return value
    near = get_close_matches(value, names, n=1) if isinstance(value, str) else []
    allowed = f"{', '.join(names)}, or ray://HOST:PORT"
    raise not_allowed(allowed, f"did you mean {near[0]}?" if near else "")


EngineName = Annotated[str, BeforeValidator(_engine)]
"""Where training runs: an engine, or the address of a cluster that is up."""


CostMode = Literal["full", "quick", "no"]
"""The care with which cost is measured: in all processes, in those that fit the time of training, or not."""


COST_OF_A_SWITCH: Mapping[object, CostMode] = {True: "full", False: "no"}
"""Cost was a switch once, and YAML reads a bare `no` as one."""


def _cost_mode(value: object) -> object:
    return COST_OF_A_SWITCH[value] if isinstance(value, bool) else value


ChosenCost = Annotated[CostMode, BeforeValidator(_cost_mode)]
"""The care as people write it, an earlier version's switch included."""


def with_controls(models: Sequence[str], controls: Sequence[str]) -> tuple[str, ...]:
    """The models as written and the controls beside them, those that are not there already.

    >>> with_controls(["gru", "lstm"], ["bag", "shuffle"])
    ('gru', 'lstm', 'gru:control=shuffle', 'lstm:control=shuffle', 'bag')
    """
    written = [canonical(text) for text in models]
    ordered = [text for text in written if "control=" not in text and model_name(text) != "bag"]
    controlled = [
        f"{text}{',' if ':' in text else ':'}control={control}"
        for control in ("shuffle", "blank")
        if control in controls
        for text in ordered
    ]
    controlled += ["bag"] if "bag" in controls else []
    return (*written, *(text for text in dict.fromkeys(controlled) if text not in written))


AUTO = "auto"


# A typing error such as 5:50000 is refused before it plans that many legs.
MOST_SEEDS = 1000


SEEDS_ALLOWED = "a number of seeds such as 5, a range such as 5:20, or their list such as 1,2,3"


SEED_RANGE = re.compile(r"(\d{1,18}):(\d{1,18})", re.ASCII)
"""As Python slices: the end is not among them."""


def _seed_list(value: object) -> object:
    """Seeds as people write them: 5 is 0 to 4, '5:20' is 5 to 19, '1,2,3' and [1, 2, 3] are themselves."""
    if isinstance(value, str) and (span := SEED_RANGE.fullmatch(value.strip())):
        first, end = map(int, span.groups())
        if not 1 <= end - first <= MOST_SEEDS:
            raise not_allowed(SEEDS_ALLOWED)
        return tuple(range(first, end))
    if isinstance(value, str):
        parts = [part.strip() for part in value.split(",")]
        if not all(part.isdecimal() and part.isascii() for part in parts):
            raise not_allowed(SEEDS_ALLOWED)
        value = tuple(int(part) for part in parts) if len(parts) > 1 else int(parts[0])
    if isinstance(value, int) and not isinstance(value, bool):
        if not 1 <= value <= MOST_SEEDS:
            raise not_allowed(SEEDS_ALLOWED)
        return tuple(range(value))
    if isinstance(value, tuple) and len(set(value)) != len(value):
        raise not_allowed(SEEDS_ALLOWED + " without repetition")
    return value


def _unless_auto(value: object) -> object:
    return value if value == AUTO else _seed_list(value)


SeedList = Annotated[tuple[NonNegativeInt, ...], Field(min_length=1)]


Seeds = Annotated[SeedList, BeforeValidator(_seed_list), Allowed(SEEDS_ALLOWED)]
"""Several seeds."""


PairedSeeds = Annotated[
    SeedList | Literal["auto"], BeforeValidator(_unless_auto), Allowed(SEEDS_ALLOWED + ", or auto")
]
"""The paired seeds of a comparison; 'auto' adds seeds at declared looks until every pair is decided."""


def _built_in(value: object) -> object:
    """The built-in task that a name means; anything else as it is."""
    return TASKS.get(value) if isinstance(value, str) else value


def _names(value: object) -> object:
    """Names as people write them: 'hidden,params', [hidden, params] or an option given twice."""
    texts = (value,) if isinstance(value, str) else value
    if not isinstance(texts, Sequence) or not all(isinstance(text, str) for text in texts):
        return value
    return tuple(part.strip() for text in texts for part in text.split(","))


def _different(names: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(names)) != len(names):
        raise not_allowed("different names")
    return names


Controls = Annotated[
    tuple[Literal["bag", "shuffle", "blank"], ...],
    BeforeValidator(_names),
    AfterValidator(_different),
    Allowed("bag, shuffle or both with a comma between them; of captions blank"),
]
"""Models that know no order, or see no image, each beside one that does."""


Matches = Annotated[
    tuple[Annotated[str, Known("protocol", PROTOCOL_FILES.names)], ...],
    Field(min_length=1),
    BeforeValidator(_names),
    AfterValidator(_different),
]
"""What is held equal; with several, each is run."""


ChosenTask = Annotated[SerializeAsAny[Task], BeforeValidator(_built_in)]
"""A built-in task with its own settings."""


Threads = Annotated[PositiveInt, Field(le=1_024), Allowed("a whole number from 1 to 1,024")]
"""More than any one machine has cores; OpenMP dies of some larger counts without a word."""


Processes = Annotated[PositiveInt, Field(le=1_024), Allowed("a whole number from 1 to 1,024")]
"""More than any one machine has processors or GPUs."""
