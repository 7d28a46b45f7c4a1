"""The columns of texts and labels: as named, or guessed where only one can be meant; doubtful headers."""

import difflib
import itertools
import json
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seqcli.data import data_words
from seqcli.data.config import DataConfig
from seqcli.data.data_words import LABELLED_SERIES, OFFER, SERIES
from seqcli.data.kind import KindFit
from seqcli.data.tables import Table, quoted
from seqcli.errors import ColumnsError, DataError, UsageError, first_names

if TYPE_CHECKING:
    from seqcli.results.inspect import ColumnLook

_PEEKED = 200
"""Rows in which a name is looked for among the values: a class of a usual file occurs there by then."""

_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")
_STATEMENT = re.compile(r"(?s).*[.!…。！]['\"”»)\]]*")
_LONGEST_NAME = 60
"""Characters; beyond this a name is a text. The questions of a survey are names of any length."""

_LONGEST_VALUE = 200
"""Characters; a longer value is no twin of a name, and among its many words any name's may be found."""


def header_doubt(table: Table) -> str | None:
    """Return the reason why a table's column names look like data, as a sentence; None where they do not.

    Names that are numbers, statements or longer than any name; that occur as a value of their own column; or
    that are, in two columns, made of words of their columns' values, as a row of a word list is.
    """
    odd = [name for name in table.columns if _odd(name)]
    if odd:
        return data_words.doubtful_header(table.name, value=odd[0])
    values = _first_values(table)
    repeated = [name for name, own in values.items() if name in own]
    if repeated:
        return data_words.doubtful_header(table.name, repeated=repeated[0])
    composed = [name for name, own in values.items() if _made_of_words(name, own)]
    if len(composed) > 1 and any(len(name.split()) > 1 for name in composed):
        return data_words.doubtful_header(table.name, composed=composed[:2])
    return None


def _odd(name: str) -> bool:
    """Return whether a name is a number, a statement, or longer than any name."""
    statement = _STATEMENT.fullmatch(name) or (len(name) > _LONGEST_NAME and not name.endswith(("?", "？")))
    return bool(_NUMBER.fullmatch(name) or statement)


def _made_of_words(name: str, values: set[str]) -> bool:
    """Return whether each word of a name, between blanks, is a word of one of the values."""
    words = {word for value in values for word in value.split()}
    return bool(name.split()) and words.issuperset(name.split())


def _first_values(table: Table) -> dict[str, set[str]]:
    """Each column's short texts near the beginning, by its name, up to the first bad row."""
    texts: dict[str, set[str]] = {name: set() for name in table.columns}
    try:
        for _, cells in itertools.islice(table.read(table.columns), _PEEKED):
            for name, cell in zip(table.columns, cells, strict=True):
                if isinstance(cell, str) and len(cell) <= _LONGEST_VALUE:
                    texts[name].add(cell.strip())
    except DataError:
        pass  # whoever reads the table tells it
    return texts


_TEXT = "text|sentence|review|message|comment|document|tweet|post|utterance|query|question"
_LABEL = "label|class|classe|category|target|sentiment|intent|topic|emotion|star|rating"
_TEXT_NAME = re.compile(rf"(?:{_TEXT})s?|content|body|sms", re.IGNORECASE)
_HEADER = 1000
"""A header is looked for in so many characters."""
_LABEL_NAME = re.compile(rf"(?:{_LABEL})s?|categories|polarity", re.IGNORECASE)


@dataclass(frozen=True)
class Columns:
    """The two columns that a classification reads.

    Args:
        text: The texts' column.
        label: The labels' column.
        guessed: The options that were not given and whose column was guessed.
        group: The column that names each row's group; None where rows belong to none.
    """

    text: str
    label: str
    guessed: tuple[str, ...] = ()
    group: str | None = None


def choose_columns(table: Table, config: DataConfig) -> Columns:
    """The text and label columns of a table.

    A column is guessed by its name when exactly one bears a usual one; of two columns the other is then the
    other. Where names leave it open the content tells: the column of long text, the column of few values that
    repeat. Anything else is asked for.

    Raises:
        DataError: A column named is not there, or which one is meant cannot be told.
    """
    named = {"--text-column": config.text_column, "--label-column": config.label_column}
    check_columns(table, {**named, "--group-column": config.group_column})
    text = config.text_column or _only(table, _TEXT_NAME, config.label_column)
    label = config.label_column or _only(table, _LABEL_NAME, config.text_column)
    if len(table.columns) == 2:
        text = text or _other(table, label)
        label = label or _other(table, text)
    if text is None or label is None or text == label:
        text, label = _by_content(table, config, text, label)
    guessed = tuple(option for option, name in named.items() if name is None)
    return Columns(text, label, guessed, config.group_column)


def _by_content(table: Table, config: DataConfig, text: str | None, label: str | None) -> tuple[str, str]:
    """The columns of texts and labels, what names leave open told by the values.

    A table whose first row may be data is not guessed at: one row of it would be lost unseen.

    Args:
        table: The table.
        config: The columns that a person named.
        text: The column of texts as names tell it, if they do.
        label: The column of labels likewise; the same column where names contradict each other.

    Raises:
        DataError: Several columns can be meant, or none.
    """
    # Loaded where values are looked at: data that a task ships has its columns named.
    from seqcli.data.column_roles import likely_labels, likely_texts, look_at

    if text == label:
        text, label = config.text_column, config.label_column
    looks = look_at(table)
    labels = _narrowed(likely_labels(looks), _LABEL_NAME, {text, config.group_column})
    texts = _narrowed(likely_texts(looks), _TEXT_NAME, {label, config.group_column})
    found_label = label or (labels[0] if len(labels) == 1 else None)
    found_text = text or (texts[0] if len(texts) == 1 else None)
    if len(table.columns) == 2:
        found_text = found_text or _other(table, found_label)
    if found_text is None or found_label is None or found_text == found_label or table.doubt:
        raise _ambiguous(table, (text, label), (texts, labels))
    return found_text, found_label


def fits_classes(looks: "Sequence[ColumnLook]") -> KindFit | None:
    """The columns of texts and labels of a table, the likeliest ones; None where it lacks one."""
    from seqcli.data.column_roles import likely_labels, likely_texts

    labels = _narrowed(likely_labels(looks), _LABEL_NAME, set())
    texts = _narrowed(likely_texts(looks), _TEXT_NAME, set())
    if not labels or not texts:
        return None
    columns = {"text_column": texts[0], "label_column": labels[0]}
    return KindFit(columns, sure=len(labels) == len(texts) == 1)


def _narrowed(columns: list[str], usual: re.Pattern[str], taken: set[str | None]) -> list[str]:
    """Columns without those that are taken; only those with a usual name, where there are any."""
    left = [column for column in columns if column not in taken]
    return [column for column in left if usual.fullmatch(column)] or left


def choose_text_column(table: Table, config: DataConfig) -> str:
    """The column of texts of a table that needs no labels: as said, or the one that can be meant.

    Raises:
        DataError: The column named is not there, or which one is meant cannot be told.
    """
    check_columns(table, {"--text-column": config.text_column})
    only = table.columns[0] if len(table.columns) == 1 else None
    column = config.text_column or _only(table, _TEXT_NAME, None) or only
    if column is not None:
        return column
    from seqcli.data.column_roles import likely_texts, look_at

    texts = _narrowed(likely_texts(look_at(table)), _TEXT_NAME, set())
    if len(texts) == 1 and not table.doubt:
        return texts[0]
    raise ColumnsError(
        f"{table.name}: cannot tell which column holds the texts. Its columns: {listed(table)}.",
        f"Say it with {_options((None, ''), (texts, []))}.",
    )


def as_typed(option: str, column: str) -> str:
    """An option and a column as a person types them: `--text-column '고객 의견'`."""
    plain = re.fullmatch(r"[\w.:@%+=,/-]+", column) and not column.startswith("-")
    return f"{option} {column if plain else shlex.quote(column)}"


def looks_like_a_table(line: str) -> bool:
    """Return whether a line seems to be a table's first: a header with a usual name, or a JSON object."""
    if line.lstrip().startswith("{"):
        try:
            return isinstance(json.loads(line), dict)
        except (ValueError, RecursionError):
            return False
    cells = [cell.strip().strip('"') for cell in re.split(r"[,;\t|]", line[:_HEADER])]
    names = [cell for cell in cells if _TEXT_NAME.fullmatch(cell) or _LABEL_NAME.fullmatch(cell)]
    return bool(names) and (len(cells) > 1 or line.strip() == "text")


COLUMN_SETTINGS = ("id_column", "step_column", "value_column", "label_column", "group_column")
"""The settings that name columns of a table of sequences."""


def refuse_columns(config: DataConfig, reason: str, advice: str = "Leave it out.") -> None:
    """Refuse the name of a column for data that has none.

    Args:
        config: What may name one.
        reason: The rest of the message, behind the option.
        advice: What to do instead.

    Raises:
        UsageError: One is named.
    """
    for name in COLUMN_SETTINGS:
        if getattr(config, name) is not None:
            raise UsageError(f"--{name.replace('_', '-')}{reason}", advice)


def check_columns(table: Table, named: Mapping[str, str | None]) -> None:
    """Check that a table has the columns that are named, each by its option; None names none.

    Raises:
        DataError: It lacks one of them.
    """
    for option, name in named.items():
        if name is not None and name not in table.columns:
            raise _missing(table, option, name)


def _only(table: Table, usual: re.Pattern[str], other: str | None) -> str | None:
    """The one column that bears a usual name, if there is exactly one."""
    bearing = [column for column in table.columns if usual.fullmatch(column) and column != other]
    return bearing[0] if len(bearing) == 1 else None


def _other(table: Table, known: str | None) -> str | None:
    """Of two columns the one that is not the known one."""
    others = [column for column in table.columns if column != known]
    return others[0] if len(others) == 1 else None


def listed(table: Table) -> str:
    """The columns of a table for messages, at most twenty."""
    shown = [
        column if column.isprintable() and len(column) < 60 else quoted(column) for column in table.columns
    ]
    return first_names(shown)


def _missing(table: Table, option: str, name: str) -> DataError:
    """The error for a column that is not there: lists those that are, and suggests the nearest."""
    folded = {column.casefold(): column for column in reversed(table.columns)}
    near = difflib.get_close_matches(name.casefold(), folded, n=1)
    hint = f"Did you mean {option} {folded[near[0]]}?" if near else f"Name one of them with {option}."
    if not near and (table.doubt or (table.headed and name.isdecimal())):
        hint += f" {OFFER}"
    return DataError(f"{table.name} has no column {quoted(name)}. Its columns: {listed(table)}.", hint)


def _ambiguous(
    table: Table, known: tuple[str | None, str | None], likely: tuple[list[str], list[str]]
) -> DataError:
    """The error that asks for columns, with the options that name the likeliest ones.

    Args:
        table: The table.
        known: The columns of texts and labels, as far as they are known.
        likely: Those that may hold texts and labels, the likeliest first.
    """
    if len(table.columns) == 1:
        return ColumnsError(
            f"{table.name} has one column, {listed(table)}; texts and labels need one each",
            "If another character separates its columns, say which: --sep ';'.",
        )
    both = "holds the texts and which the labels"
    single = {(True, False): "holds the texts", (False, True): "holds the labels"}
    what = single.get((known[0] is None, known[1] is None), both)
    from seqcli.data.cells import TIME_NAMES

    timed = f" {SERIES}" if any(column.casefold() in TIME_NAMES for column in table.columns) else ""
    numbers = [own for own in _first_values(table).values() if own and all(map(_NUMBER.fullmatch, own))]
    timed += f" {LABELLED_SERIES}" if len(numbers) > 1 else ""
    return ColumnsError(
        f"{table.name}: cannot tell which column {what}. Its columns: {listed(table)}.",
        f"Say it with {_options(known, likely)}.{timed}" + (f" {OFFER}" if table.doubt else ""),
    )


def _options(known: tuple[str | None, str | None], likely: tuple[list[str], list[str]]) -> str:
    """The options that are open, each with the likeliest column; without any where none is likely."""
    options = ("--text-column", "--label-column")
    open_ones = [n for n in (0, 1) if known[n] is None] or [0, 1]
    taken = [likely[n][0] for n in open_ones if likely[n]]
    if len(taken) < len(open_ones) or len(set(taken)) < len(taken):
        return " and ".join(options[n] for n in open_ones)
    words = [as_typed(options[n], likely[n][0]) for n in open_ones]
    others = [name for n in open_ones for name in likely[n][1:6]]
    return " ".join(words) + (f" (or another: {first_names(others)})" if others else "")
