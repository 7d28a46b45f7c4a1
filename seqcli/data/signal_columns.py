"""The columns of a long table of signals: as named, guessed by usual names, or proposed by what they hold."""

import itertools
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from seqcli.data.cells import TIME_NAMES
from seqcli.data.columns import as_typed, check_columns, listed
from seqcli.data.config import DataConfig
from seqcli.data.kind import KindFit
from seqcli.data.signal_tables import Scope, SignalColumns, number_in
from seqcli.data.tables import ABSENT, CellValue, Table, quoted
from seqcli.errors import ColumnsError, DataError, SeqcliError, UsageError
from seqcli.results.inspect import ColumnLook

PEEKED = 5_000
"""Rows by which columns are proposed: several sequences of a usual table end by then."""

_OF = "sequence|series|seq|sample|case|recording|record|trial|segment|window|session|episode|example"
ID_NAME = re.compile(
    rf"id|(?:{_OF})|(?:{_OF}|gesture|measurement|run|file)[ _.-]?(?:id|no|nr|number|name)", re.IGNORECASE
)
STEP_NAME = re.compile(
    r"(?:" + "|".join(TIME_NAMES) + r"|t|step|frame|tick|time[ _-]?step|time[ _-]?stamp|seconds|ms"
    r"|(?:time|elapsed)[ _.(\[-]+\w+[)\]]?)",
    re.IGNORECASE,
)
LABEL_NAME = re.compile(
    r"label|class|category|target|activity|gesture|movement|state|diagnosis|outcome|"
    r"(?:gesture|activity|class)[ _-]?(?:label|name)",
    re.IGNORECASE,
)
"""The usual names of a column of labels."""


def choose_signal_columns(
    table: Table, config: DataConfig, scope: Scope
) -> tuple[SignalColumns, tuple[str, ...]]:
    """The columns of sequences, steps and labels, and those that may be channels.

    A column is guessed where exactly one bears a usual name; what cannot be told is proposed by what the rows
    hold, and asked for.

    Raises:
        DataError: A column named is not there, or which one is meant cannot be told.
        UsageError: One column is named for two things.
    """
    named = {
        "--id-column": config.id_column,
        "--step-column": config.step_column,
        "--label-column": config.label_column if scope.labels else None,
    }
    group = config.group_column if scope.labels else None
    check_columns(
        table,
        {
            option: name
            for option, name in {**named, "--group-column": group}.items()
            if not _missing_id(option, name, table, scope)
        },
    )
    _refuse_twice(named)
    values = said_values(table, config)
    columns = _by_names(table, named, set(values), scope)
    if (not columns.id and not scope.lone) or (not columns.label and scope.labels):
        raise _untold(table, columns, scope)
    columns = replace(columns, group=group or "")
    taken = {columns.id, columns.step, columns.label, columns.group, config.label_column or ""}
    return columns, values or tuple(name for name in table.columns if name not in taken)


def _missing_id(option: str, name: str | None, table: Table, scope: Scope) -> bool:
    """Return whether a run's own column of ids may be missing in a table that holds one sequence."""
    return scope.lone and option == "--id-column" and name not in table.columns


def _refuse_twice(named: Mapping[str, str | None]) -> None:
    """Refuse one column for two things.

    Raises:
        UsageError: So it is.
    """
    options: dict[str, str] = {}
    for option, name in named.items():
        if name is not None and options.setdefault(name, option) != option:
            raise UsageError(
                f"{options[name]} and {option} both name column {quoted(name)}",
                "Sequences, steps and labels stand in columns of their own.",
            )


def said_values(table: Table, config: DataConfig) -> tuple[str, ...]:
    """The columns of values that were named, in their order; commas part several.

    Raises:
        DataError: One is not there.
        UsageError: One is named twice, or for something else too.
    """
    values: list[str] = []
    for name in config.value_column or ():
        values += [name] if name in table.columns else [part.strip() for part in name.split(",")]
    other = {config.id_column, config.step_column, config.label_column, config.group_column}
    for name in values:
        check_columns(table, {"--value-column": name})
        if values.count(name) > 1 or name in other:
            raise UsageError(
                f"--value-column names column {quoted(name)}, which is named already",
                "Sequences, steps, labels and each channel stand in columns of their own.",
            )
    return tuple(values)


def _by_names(table: Table, named: Mapping[str, str | None], values: set[str], scope: Scope) -> SignalColumns:
    """The columns as said, the others by their names where exactly one bears a usual one."""
    usual = {"--id-column": ID_NAME, "--label-column": LABEL_NAME, "--step-column": STEP_NAME}
    guessable = {
        "--id-column": not scope.lone,
        "--label-column": scope.labels,
        "--step-column": scope.guess,
    }
    chosen: dict[str, str] = {
        option: name for option, name in named.items() if name in table.columns and name
    }
    guessed = []
    for option, pattern in usual.items():
        if option in chosen or not guessable[option]:
            continue
        taken = {*chosen.values(), *values}
        bearing = [name for name in table.columns if pattern.fullmatch(name) and name not in taken]
        if len(bearing) == 1:
            chosen[option] = bearing[0]
            guessed.append(option)
    return SignalColumns(
        id=chosen.get("--id-column", ""),
        step=chosen.get("--step-column", ""),
        label=chosen.get("--label-column", ""),
        guessed=tuple(guessed),
    )


def _untold(table: Table, columns: SignalColumns, scope: Scope) -> DataError:
    """The error for columns that cannot be told by their names, with a proposal by what they hold."""
    what = " and ".join(
        [
            *([] if columns.id or scope.lone else ["names the sequences"]),
            *([] if columns.label or not scope.labels else ["holds their labels"]),
        ]
    )
    proposal = proposed(table, columns)
    if columns.label and not columns.id and not proposal:
        return ColumnsError(
            f"{table.name}: no column names sequences within which {quoted(columns.label)} stays the same."
            f" Its columns: {listed(table)}.",
            "Add a column that numbers the recordings (1, 1, 1, 2, 2, …) and name it with --id-column. One"
            " file for each recording: --data FOLDER, with a folder in it for each class. Where rows have"
            " labels of their own: --kind signal-tag --id-column NAME.",
        )
    return ColumnsError(
        f"{table.name}: cannot tell which column {what}. Its columns: {listed(table)}.",
        f"By its rows it may be: {proposal}."
        if proposal
        else "Say it with --id-column, --label-column, and --step-column where rows are to be sorted. Rows "
        "of one id are one sequence. One file for each sequence: --data FOLDER, with a folder in it for each "
        "class.",
    )


def choose_list_columns(
    table: Table, config: DataConfig, scope: Scope, lists: Sequence[str]
) -> tuple[SignalColumns, tuple[str, ...]]:
    """The columns of names and labels, and the channels, of a table with a row a sequence.

    Args:
        table: The table.
        config: Which columns are meant.
        scope: What is of use.
        lists: Its columns of lists of numbers: the channels, unless some are named.

    Raises:
        DataError: A column named is not there, a channel is no list, or the labels' column cannot be told.
        UsageError: One column is named for two things.
    """
    named = {
        "--id-column": config.id_column,
        "--step-column": None,
        "--label-column": config.label_column if scope.labels else None,
    }
    group = {"--group-column": config.group_column if scope.labels else None}
    check_columns(
        table, {**named, **group} if not scope.lone else {"--label-column": named["--label-column"]}
    )
    _refuse_twice(named)
    values = said_values(table, config) or tuple(lists)
    for name in values:
        if name not in lists:
            raise DataError(
                f"{table.name}: column {quoted(name)} holds no lists of numbers, and others do",
                f"Its columns of lists: {', '.join(lists)}.",
            )
    columns = _by_names(table, named, set(lists), replace(scope, guess=False))
    others = [name for name in table.columns if name not in (*lists, columns.id, config.group_column)]
    if not columns.label and scope.labels and len(others) == 1:
        columns = replace(columns, label=others[0], guessed=(*columns.guessed, "--label-column"))
    if not columns.label and scope.labels:
        raise ColumnsError(
            f"{table.name}: cannot tell which column holds the labels. Its columns: {listed(table)}.",
            "Say it with --label-column.",
        )
    return replace(columns, group=config.group_column or "" if scope.labels else ""), values


@dataclass(frozen=True)
class _Peek:
    """The first rows of a table, column by column, as texts without blanks around them."""

    cells: Mapping[str, Sequence[str]]

    @classmethod
    def at(cls, table: Table) -> "_Peek":
        rows = [row for _, row in itertools.islice(table.read(table.columns), PEEKED)]
        return cls(
            {
                name: ["" if cell is None or cell is ABSENT else str(cell).strip() for cell in column]
                for name, column in zip(table.columns, zip(*rows, strict=True), strict=True)
            }
            if rows
            else {}
        )

    def groups(self, name: str) -> dict[str, list[int]]:
        """The places of each value's rows."""
        places: dict[str, list[int]] = {}
        for place, cell in enumerate(self.cells[name]):
            places.setdefault(cell, []).append(place)
        return places

    def numeric(self, name: str) -> bool:
        """Return whether most cells are numbers or missing, and one at least is a number."""
        return mostly_numbers(self.cells[name])

    def names_sequences(self, name: str) -> bool:
        """Return whether values look like names of sequences: several, each of several rows, none missing."""
        groups = self.groups(name)
        whole = all(cell.lstrip("-").isdigit() for cell in groups) or not self.numeric(name)
        return whole and "" not in groups and 2 <= len(groups) <= len(self.cells[name]) / 2

    def constant_in(self, name: str, groups: Iterable[Sequence[int]]) -> bool:
        """Return whether a column says one thing in each sequence."""
        cells = self.cells[name]
        return all(len({cells[place] for place in places}) == 1 for places in groups)

    def changing(self, name: str, groups: Iterable[Sequence[int]]) -> int:
        """Count the sequences in which a column says more than one thing; a missing cell says none."""
        cells = self.cells[name]
        return sum(len({cells[place] for place in places} - {""}) > 1 for places in groups)

    def measured(self, names: Sequence[str], groups: Iterable[Sequence[int]]) -> bool:
        """Return whether columns hold measurements: numbers, but for what says one thing of each sequence."""
        words = [name for name in names if not self.numeric(name)]
        return len(words) < len(names) and all(self.constant_in(name, groups) for name in words)

    def rises_in(self, name: str, groups: Iterable[Sequence[int]]) -> bool:
        """Return whether a column's numbers rise in each sequence."""
        if not self.numeric(name):
            return False
        for places in groups:
            numbers = [number_in(self.cells[name][place]) for place in places]
            known = [math.nan if number is None else number for number in numbers]
            if not all(before < other for before, other in itertools.pairwise(known)):
                return False
        return True


def mostly_numbers(cells: Sequence[CellValue]) -> bool:
    """Return whether more than half of the cells that say anything are numbers: a wrong one is then told."""
    numbers = [number_in(cell) for cell in cells]
    filled = [number for number in numbers if number is None or not math.isnan(number)]
    return sum(number is not None for number in filled) * 2 > len(filled) > 0


def proposed(table: Table, columns: SignalColumns) -> str:
    """Return the options that the rows favour, as they are typed; '' where they favour none."""
    try:
        peek = _Peek.at(table)
    except SeqcliError:
        return ""  # whoever reads the table tells it
    if not peek.cells:
        return ""
    picked = _picked(table, peek, columns)
    if picked is None:
        return ""
    options = {"--id-column": picked.id, "--step-column": picked.step, "--label-column": picked.label}
    return " ".join(as_typed(option, name) for option, name in options.items() if name)


def _picked(table: Table, peek: _Peek, columns: SignalColumns) -> SignalColumns | None:
    """The finest naming of sequences within which another column of several classes never changes."""
    free = [name for name in table.columns if name != columns.label and peek.names_sequences(name)]
    ids = [columns.id] if columns.id else free
    best: tuple[int, SignalColumns] | None = None
    for name in ids:
        groups = peek.groups(name)
        labels = [columns.label] if columns.label else _classes(table, peek, name, groups)
        constant = all(peek.constant_in(label, groups.values()) for label in labels)
        if not labels or not constant or (best is not None and best[0] >= len(groups)):
            continue
        steps = [
            other
            for other in table.columns
            if other not in (name, labels[0]) and peek.rises_in(other, groups.values())
        ]
        step = columns.step or (steps[0] if steps else "")
        best = (len(groups), replace(columns, id=name, label=labels[0], step=step))
    return best[1] if best else None


def _classes(table: Table, peek: _Peek, name: str, groups: Mapping[str, Sequence[int]]) -> list[str]:
    """The columns that may hold the sequences' classes, words before numbers and few before many."""
    counts = {
        other: len(set(peek.cells[other]))
        for other in table.columns
        if other != name and peek.constant_in(other, groups.values())
    }
    multiple = [other for other, count in counts.items() if 2 <= count <= len(groups)]
    return sorted(multiple, key=lambda other: (peek.numeric(other), counts[other]))


def fits_signals(looks: Sequence[ColumnLook]) -> KindFit | None:
    """The columns of a table that may hold signals: ids that repeat, labels, and numbers beside them."""
    names = [look.name for look in looks]
    repeated = [look.name for look in looks if 2 <= look.distinct <= look.rows / 3]
    ids = [name for name in names if ID_NAME.fullmatch(name) and name in repeated]
    labels = [name for name in names if LABEL_NAME.fullmatch(name) and name in repeated and name not in ids]
    numbers = [look.name for look in looks if look.role == "number" and look.name not in (*ids, *labels)]
    if len(ids) != 1 or len(labels) != 1 or not numbers or any(look.role == "text" for look in looks):
        return None
    return KindFit({"id_column": ids[0], "label_column": labels[0]})


MOST_STEP_CLASSES = 50
"""Classes of steps up to which a column that changes within sequences is taken for one of labels."""


def labels_change(table: Table, config: DataConfig) -> bool:
    """Return whether a table's labels change within its sequences, so that each step has its own.

    They do so in a third of the sequences or more: in fewer, a label was misspelt. They are few, and no
    fractions: those are measurements.
    """
    named = {
        "--id-column": config.id_column,
        "--step-column": config.step_column,
        "--label-column": config.label_column,
    }
    columns = _by_names(table, named, set(), Scope())
    if not columns.id or not columns.label:
        return False
    peek = _Peek.at(table)
    if not peek.cells:
        return False
    labels = peek.cells[columns.label]
    classes = {label for label in labels if label}
    if len(classes) > min(MOST_STEP_CLASSES, len(labels) / 3) or not all(map(_names_a_class, classes)):
        return False
    groups = [places for places in peek.groups(columns.id).values() if len(places) > 1]
    changing = peek.changing(columns.label, groups)
    others = [name for name in table.columns if name not in (columns.id, columns.step, columns.label)]
    measured = config.id_column is not None or peek.measured(others, groups)
    return 0 < len(groups) <= 3 * changing and measured


def _names_a_class(label: str) -> bool:
    """Return whether a cell may name a class: a word or a whole number."""
    number = number_in(label)
    return number is None or (math.isfinite(number) and number.is_integer())


def unmistakable(table: Table) -> bool:
    """Return whether a table can be nothing but signals, by its names and by its first rows.

    One column names sequences of several rows each, one holds a class that never changes in them, and all
    else but a step is numbers, or says one thing of each sequence, as a wearer's name does.
    """
    named = {"--id-column": None, "--step-column": None, "--label-column": None}
    columns = _by_names(table, named, set(), Scope())
    if not columns.id or not columns.label:
        return False
    peek = _Peek.at(table)
    if not peek.cells or not peek.names_sequences(columns.id):
        return False
    groups = peek.groups(columns.id).values()
    others = [name for name in table.columns if name not in (columns.id, columns.step, columns.label)]
    return (
        peek.changing(columns.label, groups) * 3
        < len(groups)  # a label that was misspelt is told with its row
        and peek.measured(others, groups)
        and len(groups) * 3 <= sum(map(len, groups))
    )
