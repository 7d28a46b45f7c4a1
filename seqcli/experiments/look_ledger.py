"""The ledger of looks: the seeds at which a comparison has been judged, and the level of each.

Legs are kept, so that a comparison of more seeds goes on with those that a verdict was drawn from: a further
look at the same data, whatever the command says. The ledger stands beside the legs, in the cache and in the
folder of `--out`, under the name of all that decides a leg but models and seeds; margins, references and
costs, which change no leg, make no other data of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from pydantic import Field

from seqcli.data.cache import default_cache
from seqcli.errors import RunError, StorageError
from seqcli.experiments.compare.store import Store
from seqcli.results.compare import Comparison
from seqcli.results.events import Note
from seqcli.results.record import Record
from seqcli.results.sweep import Sweep
from seqcli.runs import strict_json
from seqcli.runs.configuration import WHERE_TO_LOOK
from seqcli.runs.run_layout import LOOKS_FOLDER
from seqcli.runs.sealed import read_record
from seqcli.statistics.looks import AUTO, POCOCK_ALPHA, TakenLook

NO_OTHER_DATA = WHERE_TO_LOOK | {"models", "seeds", "margin", "reference", "target", "cost"}
"""Settings that do not tell one ledger from another."""


class KeptLook(Record):
    """A look that was taken: at which models, from which seeds, at which level."""

    models: list[str]
    seeds: list[int]
    alpha: float


class KeptLooks(Record):
    """The looks of one ledger, in the order in which they were taken."""

    looks: list[KeptLook] = Field(default_factory=list)


class LookLedger:
    """The looks that were taken of one comparison's models and data.

    Args:
        store: Where the legs are kept.
        config: All settings that decide the result.
        identity: What else does: data and numerics.
    """

    def __init__(self, store: Store, config: Mapping[str, object], identity: Mapping[str, object]) -> None:
        self.store = store
        self.models = [str(model) for model in _listed(config.get("models"))]
        deciding = {name: value for name, value in config.items() if name not in NO_OTHER_DATA}
        name = f"{strict_json.digest([deciding, identity])[:16]}.json"
        folders = dict.fromkeys((store.folder, default_cache().root.parent))
        self.files = [folder / LOOKS_FOLDER / name for folder in folders]

    def taken(self) -> list[TakenLook]:
        """The looks that compared two of these models (or the one that there is)."""
        shared = min(2, len(self.models))
        return [
            TakenLook(tuple(look.seeds), look.alpha)
            for look in self._all()
            if len({*look.models} & {*self.models}) >= shared
        ]

    def add(self, result: Comparison) -> Iterator[Note]:
        """Remember the looks that a result was drawn from; those that are known already stay as they are."""
        if len(result.protocol.seeds) < 2:  # nothing can be concluded from one
            return
        known = self._all()
        for look in _looks_of(result, self.models):
            if not any(
                sorted(earlier.seeds) == sorted(look.seeds) and _covers(earlier, look) for earlier in known
            ):
                known.append(look)
        for path in self.files:
            if known != _read(path):
                yield from self.store.keep_record(path, KeptLooks(looks=known).to_json())

    def _all(self) -> list[KeptLook]:
        looks: list[KeptLook] = []
        for path in self.files:
            looks += [look for look in _read(path) if look not in looks]
        return looks


def looks_before(result: Comparison | Sweep) -> list[TakenLook]:
    """The looks that a result knew of when it was judged."""
    point = result if isinstance(result, Comparison) else result.points[-1]
    return [TakenLook(tuple(look.seeds), look.alpha) for look in point.protocol.earlier_looks]


def _looks_of(result: Comparison, models: Sequence[str]) -> list[KeptLook]:
    """The one look of fixed seeds; of declared looks all up to the last that was needed."""
    seeds, alpha = result.protocol.seeds, result.protocol.alpha
    declared = alpha == POCOCK_ALPHA and seeds == list(range(len(seeds))) and len(seeds) in AUTO.counts
    counts = [count for count in AUTO.counts if count <= len(seeds)] if declared else [len(seeds)]
    return [KeptLook(models=list(models), seeds=seeds[:count], alpha=alpha) for count in counts]


def _covers(look: KeptLook, other: KeptLook) -> bool:
    return {*other.models} <= {*look.models}


def _read(path: Path) -> list[KeptLook]:
    """The looks that a file tells of; none where there is none, or it was changed."""
    with suppress(RunError, StorageError, ValueError):
        return KeptLooks.from_json(read_record(path)).looks
    return []


def _listed(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else []
