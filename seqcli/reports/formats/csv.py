"""Comma-separated values as a table that pandas and spreadsheets open: a row a model.

    compare      a row a model, and one more for each further protocol of `--match`
    --vary       a row a model and value; the value's column is called as the setting is
    gradprobe    a row a model
    train        one row
    runs         a row a run; `runs diff` a row a change
    inspect      a row a file
    work         a row a worker

A column is called as the number is in the JSON document: quality.mean, train_speed.median. An interval is two
of them: quality.ci95.low and quality.ci95.high. The columns are those of the kind of result, so that one that
was not measured is there and empty; lists are in `--format tidy` and `json`. With `--per-seed` a row is a
model and seed, and a column what belongs to one seed: quality, quality.valid, epochs_to_best. Numbers are
unrounded and in the record's own unit (accuracy as a share, memory in bytes). Texts are those of `tidy`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import UnionType
from typing import TYPE_CHECKING, Union, cast, get_args, get_origin

from seqcli.reports.draw.markup import spreadsheet_text
from seqcli.reports.draw.page import Page
from seqcli.reports.draw.sheet import Result
from seqcli.reports.report import Report
from seqcli.results.compare import Comparison, ModelResult
from seqcli.results.inspect import FileLook, Inspection
from seqcli.results.record import Record
from seqcli.results.sweep import Sweep

if TYPE_CHECKING:
    from pandas import DataFrame

ROWS = (
    "models",
    "runs",
    "changes",
    "claims",
    "designs",
    "curves",
    "differing",
    "entries",
    "facts",
    "parts",
    "workers",
)
"""The list whose items are the rows, of results that have one; any other result is one row."""
NAMES = ("name", "label", "model")
"""What tells of which model a row of one seed is."""
PER_SEED = re.compile(r"[._]per_seed$|(?<=epochs_to_best)$|(?<=seconds_to_best)$")
ROW_ENDS = re.compile(r'("(?:[^"]|"")*")|\r\n')

Values = dict[str, object]


@dataclass(frozen=True)
class RecordTable:
    """Records of one kind, each with the values that stand before its own, and the seeds of their lists."""

    kind: type[Record]
    rows: Sequence[tuple[Values, Record]]
    seeds: Sequence[int] = ()

    def wide(self) -> "DataFrame":
        """A row a record; lists are left out."""
        columns = [name for name, value in _columns(None, self.kind) if not isinstance(value, list)]
        rows = [
            {**first, **{name: value for name, value in _columns(row) if not isinstance(value, list)}}
            for first, row in self.rows
        ]
        return _frame(rows, columns)

    def by_seed(self) -> "DataFrame":
        """A row a record and seed, of what each seed has a value of; a table without seeds as it is."""
        if not self.seeds or not self.rows:
            return self.wide()
        rows = [({**first, **_names_of(row)}, self._of_seeds(row)) for first, row in self.rows]
        spread = list(dict.fromkeys(name for _, lists in rows for name in lists))
        absent: Values = dict.fromkeys(spread, [None] * len(self.seeds))
        return _frame({**first, **absent, **lists} for first, lists in rows).explode(
            spread, ignore_index=True
        )

    def _of_seeds(self, record: Record) -> Values:
        lists = {
            PER_SEED.sub("", name): self._one_each(value)
            for name, value in _columns(record)
            if PER_SEED.search(name) and not _nested(value)
        }
        return {"seed": list(self.seeds), **lists}

    def _one_each(self, value: object) -> list[object]:
        known = list(value) if isinstance(value, list) else []
        return (known + [None] * len(self.seeds))[: len(self.seeds)]


@dataclass(frozen=True)
class Csv(Report):
    """A result as a table; with `seeds`, a row for each of a model's seeds."""

    seeds: bool = False

    def per_seed(self) -> Report:
        """The same with a row a model and seed."""
        return Csv(seeds=True)

    def render(self, result: Result, page: Page) -> str:
        """The table with a header line; every line ends with a line feed."""
        table = table_of(cast("Record", result))
        frame = _inert(table.by_seed() if self.seeds else table.wide(), page)
        # The line ends of the RFC first, since only those are quoted within a cell.
        return ROW_ENDS.sub(lambda end: end[1] or "\n", frame.to_csv(index=False, lineterminator="\r\n"))


REPORT = Csv()


def table_of(result: Record) -> RecordTable:
    """The rows of a result, and what they are rows of."""
    if isinstance(result, Sweep):
        points = zip(result.values, result.points, strict=True)
        rows = [
            ({result.setting: value, **first}, model)
            for value, point in points
            for first, model in _models(point)
        ]
        return RecordTable(ModelResult, rows, result.points[0].protocol.seeds if result.points else ())
    if isinstance(result, Comparison):
        return RecordTable(ModelResult, list(_models(result)), result.protocol.seeds)
    if isinstance(result, Inspection):
        return RecordTable(FileLook, [({}, file) for file in result.files], ())
    for name in ROWS:
        kind = _listed_kind(type(result), name)
        if kind is not None:
            return RecordTable(
                kind, [({}, row) for row in getattr(result, name)], getattr(result, "seeds", ())
            )
    return RecordTable(type(result), [({}, result)])


def _listed_kind(kind: type[Record], name: str) -> type[Record] | None:
    """Return the class of the records in such a list; None where there is no such list of records."""
    field = kind.model_fields.get(name)
    items = get_args(field.annotation) if field else ()
    return items[0] if items and isinstance(items[0], type) and issubclass(items[0], Record) else None


def _names_of(record: Record) -> Values:
    return {name: value for name, value in _columns(record) if name in NAMES}


def _models(result: Comparison) -> Iterator[tuple[Values, ModelResult]]:
    """Every model under every protocol, with the task and what was held equal."""
    protocols = [(result.protocol.match, result.models)]
    protocols += [(other.match, other.models) for other in result.alternatives]
    for match, models in protocols:
        for model in models:
            yield {"task": result.task.name, "match": match}, model


def _frame(rows: Iterable[Values], columns: Sequence[str] = ()) -> "DataFrame":
    """Rows as they are: without `object`, a column of whole numbers with a gap becomes one of fractions."""
    import pandas as pd

    listed = list(rows)
    return pd.DataFrame(listed, dtype=object) if listed else pd.DataFrame(columns=list(columns))


def _inert(frame: "DataFrame", page: Page) -> "DataFrame":
    """The table with texts and names of columns that neither a terminal nor a spreadsheet obeys."""
    import pandas as pd

    # No `frame.map`, which makes fractions of a column of whole numbers with a gap.
    rows = [
        [spreadsheet_text(cell, page) if isinstance(cell, str) else cell for cell in row]
        for row in frame.itertuples(index=False, name=None)
    ]
    return pd.DataFrame(rows, columns=[spreadsheet_text(name, page) for name in frame.columns], dtype=object)


def _columns(
    record: Record | None, kind: type[Record] | None = None, prefix: str = ""
) -> Iterator[tuple[str, object]]:
    """The names and values of a record, of what it holds as well; of a kind alone the same names, empty."""
    kind = kind or type(cast("Record", record))
    for name, field in kind.model_fields.items():
        if name != "schema_":
            value = None if record is None else getattr(record, name)
            yield from _column(f"{prefix}{field.alias or name}", value, field.annotation)


def _column(name: str, value: object, annotation: object) -> Iterator[tuple[str, object]]:
    either = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    record_type = next((part for part in either if isinstance(part, type) and issubclass(part, Record)), None)
    if record_type is not None:
        yield from _columns(cast("Record | None", value), record_type, f"{name}.")
    elif any(get_origin(part) is tuple for part in either):
        low, high = cast("tuple[object, object]", value or (None, None))
        yield from ((f"{name}.low", low), (f"{name}.high", high))
    elif any(get_origin(part) is list for part in either):
        yield name, [] if value is None else value
    elif isinstance(value, Mapping):
        yield from _entries(name, value)
    else:
        yield name, value


def _entries(name: str, values: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """Of a mapping, such as a model's own settings: a column an entry."""
    for key, value in values.items():
        if isinstance(value, Record):
            yield from _columns(value, prefix=f"{name}.{key}.")
        elif isinstance(value, Mapping):
            yield from _entries(f"{name}.{key}", value)
        else:
            yield f"{name}.{key}", list(value) if isinstance(value, tuple) else value


def _nested(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(item, list) for item in value)
