"""Comma-separated values in the long form, one number or word a row: every number of the result, unrounded.

    part      the list or object of the JSON document: models, baselines, pairs, task, protocol, …
    model     the model's label; of a pair, a
    against   of a pair, b
    quantity  the name in the JSON document: quality.mean, quality.ci95.low, train_speed.samples
    seed      of a value that belongs to one seed
    item      of any other value in a list, its position from 0; of a learning curve, the epoch from 0
    value     the number, in the record's own unit (accuracy as a share, memory in bytes)
    text      the word, where the value is none: a verdict, a kernel's name
    at        of a sweep, the value of the setting; of an alternative, what was held equal

So `rows[rows.quantity == "quality.per_seed"].pivot(index="seed", columns="model", values="value")` is the
table of seeds. The comparisons within a sweep and a comparison's alternatives have parts of their own, as
`points.models`. Absent values have no row. Truth values are 0 and 1. Texts are unchanged in a file or a pipe,
and a terminal gets escapes; one that a spreadsheet would run as a formula (`=…`, `+…`, `-…`, `@…`) has a '
before it.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import StringIO

from seqcli.reports.draw.markup import spreadsheet_text
from seqcli.reports.draw.page import Page
from seqcli.reports.draw.sheet import Result
from seqcli.reports.report import Report

HEADER = ("part", "model", "against", "quantity", "seed", "item", "value", "text", "at")
BY_SEED = {"per_seed", "valid_per_seed", "solved_per_seed", "epochs_to_best", "seconds_to_best", "learning"}
BY_VALUE = {"mean", "ci95", "per_seed", "solved"}
INTERVALS = {"ci95", "ci90", "peak"}


class Tidy(Report):
    """The JSON document's leaves, one a row."""

    def render(self, result: Result, page: Page) -> str:
        """The result as CSV with a header line."""
        rows = (leaf.cells() for leaf in _leaves_of(result.to_json()))
        return _line(HEADER) + "".join(_line([_cell(cell, page) for cell in row]) for row in rows)


REPORT = Tidy()


def _line(cells: Iterable[object]) -> str:
    """A row; written with the line ends of the RFC first, since only those are quoted within a cell."""
    stream = StringIO(newline="")
    csv.writer(stream).writerow(cells)
    return stream.getvalue().removesuffix("\r\n") + "\n"


def _cell(cell: object, page: Page) -> str:
    return spreadsheet_text(cell, page) if isinstance(cell, str) else str(cell)


@dataclass(frozen=True)
class _Leaf:
    """One value and where it stands."""

    part: str
    model: object = ""
    against: object = ""
    quantity: str = ""
    seed: object = ""
    item: object = ""
    at: object = ""
    value: object = None

    def cells(self) -> tuple[object, ...]:
        place = (self.part, self.model, self.against, self.quantity, self.seed, self.item)
        if isinstance(self.value, str):
            return (*place, "", self.value, self.at)
        return (*place, int(self.value) if isinstance(self.value, bool) else self.value, "", self.at)


@dataclass(frozen=True)
class _Axes:
    """The meanings of positions in lists: the seeds, and the values of a sweep's setting."""

    seeds: Sequence[object] = ()
    values: Sequence[object] = ()


def _leaves_of(
    values: Mapping[str, object], parent: _Leaf | None = None, axes: _Axes | None = None
) -> Iterator[_Leaf]:
    parent = parent or _Leaf("")
    axes = _Axes(_seeds(values) or (axes.seeds if axes else ()), _listed(values.get("values")))
    for name, value in values.items():
        part = f"{parent.part}.{name}" if parent.part else name
        if isinstance(value, list):
            for position, item in enumerate(value):
                place = _place(part, position, item)
                if isinstance(item, dict) and "models" in item:
                    at = item.get("match") or (axes.values[position] if axes.values else position)
                    yield from _leaves_of(item, _Leaf(part, at=at), axes)
                else:
                    yield from _leaves(item, replace(place, at=parent.at), axes)
        else:
            yield from _leaves(value, _Leaf(part, model=values.get("model", ""), at=parent.at), axes)


def _seeds(values: Mapping[str, object]) -> Sequence[object]:
    """The seeds of a comparison; a sweep's are those of its first point."""
    points = _listed(values.get("points"))
    first = points[0] if points else values
    protocol = first.get("protocol") if isinstance(first, Mapping) else None
    return _listed(protocol.get("seeds")) if isinstance(protocol, Mapping) else ()


def _listed(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()


def _place(part: str, position: int, item: object) -> _Leaf:
    """The row of an item: models and baselines by their label, pairs by both, anything else by position."""
    if not isinstance(item, dict):
        return _Leaf(part, item=position)
    if "a" in item and "b" in item and "name" not in item:  # the a and b of what has a name are values
        return _Leaf(part, model=item["a"], against=item["b"])
    name = item.get("label", item.get("model"))
    return _Leaf(part, item=position) if name is None else _Leaf(part, model=name)


def _leaves(value: object, place: _Leaf, axes: _Axes) -> Iterator[_Leaf]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            quantity = f"{place.quantity}.{name}" if place.quantity else str(name)
            yield from _leaves(inner, replace(place, quantity=quantity), axes)
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from _leaves(inner, _within(place, position, axes), axes)
    elif value is not None:
        yield replace(place, value=value)


def _within(place: _Leaf, position: int, axes: _Axes) -> _Leaf:
    """The row of a value in a list: by value or seed, by which end of an interval it is, or by position."""
    name = place.quantity.rsplit(".", 1)[-1]
    if place.part == "curves" and name in BY_VALUE and place.at == "" and position < len(axes.values):
        return replace(place, at=axes.values[position])
    if name in BY_SEED and place.seed == "" and position < len(axes.seeds):
        return replace(place, seed=axes.seeds[position])
    if name in INTERVALS or name.endswith("_ci95"):
        return replace(place, quantity=f"{place.quantity}.{'high' if position else 'low'}")
    return replace(place, item=position)
