"""Inspecting files: what each holds, which kind of task it fits, what training will have of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path

from seqcli.config.names import LETTERS, files_of
from seqcli.data.column_roles import likely_values, look_at
from seqcli.data.config import DataConfig
from seqcli.data.facts import DataFacts
from seqcli.data.files import PACKED, Content, ending
from seqcli.data.kind import KINDS, KindFit, fitting_kinds, own_kind
from seqcli.data.lines import read_lines
from seqcli.data.own_data import own_tables
from seqcli.data.prepared import SPLITS, Prepared
from seqcli.data.tables import Table
from seqcli.errors import DataError, SeqcliError
from seqcli.experiments.inspect.folder_look import folder_look
from seqcli.experiments.inspect.inspect_warnings import shared_warnings, warnings_of
from seqcli.experiments.inspect.leaks import labels_in_texts, telling_columns
from seqcli.experiments.inspect.oddities import byte_order_mark, text_oddities
from seqcli.experiments.inspect.suggestion import Tried, first_that_reads, suggested
from seqcli.experiments.inspect.text_rows import LOOKED, cell_text, read_texts, repeats_of, shared_texts
from seqcli.results.inspect import (
    ColumnLook,
    FileLook,
    FittingKind,
    Inspection,
    Problem,
    SeriesLook,
    SizeFacts,
)
from seqcli.results.text_facts import InspectedTexts, Oddity

FORMATS = {
    **dict.fromkeys(LETTERS, "FASTA"),
    ".csv": "CSV",
    ".tsv": "TSV",
    ".tab": "TSV",
    ".jsonl": "JSON lines",
    ".ndjson": "JSON lines",
    ".parquet": "Parquet",
    ".pq": "Parquet",
    ".txt": "text",
    ".text": "text",
}
BINARY = ("Parquet",)


def inspect_data(configs: Sequence[DataConfig], *, order: bool) -> Inspection:
    """Files, or the ready-made splits of one data set, and what several files share.

    Args:
        configs: Where each lies, and what a person said of it.
        order: Whether word pairs are held against single words, which trains two regressions.

    Raises:
        StorageError: The cache cannot be written.
    """
    looks = [look_at_data(config, order=order) for config in configs]
    texts = {}
    for config, look in zip(configs, looks, strict=True):
        if len(configs) > 1 and look.texts is not None:
            table = own_tables(config)["train"]
            texts[look.file] = read_texts(table, look.texts.text_column, "", ()).texts
    shared = shared_texts(texts)
    warnings = [warning for look in looks for warning in warnings_of(look)]
    return Inspection(files=looks, shared=shared, warnings=[*warnings, *shared_warnings(shared)])


def look_at_data(config: DataConfig, *, order: bool) -> FileLook:
    """One file, or the ready-made splits of one data set.

    Args:
        config: Where it lies, and what a person said of it.
        order: Whether word pairs are held against single words, which trains two regressions.

    Raises:
        StorageError: The cache cannot be written.
    """
    look = _opened(config)
    if look.problem is not None:
        return look
    tables, problem = _tables(config)
    columns = list(look_at(tables["train"])) if tables else []
    kinds = _kinds(config, columns)
    look = look.model_copy(
        update={"columns": columns, "kinds": kinds, "rows": max((c.rows for c in columns), default=None)}
    )
    if not kinds:
        return look.model_copy(update={"problem": problem or _of_no_kind(config)})
    extras = _extras(config, kinds[0], tables, columns)
    series = extras.get("series")
    tried = first_that_reads(config, kinds[0], series if isinstance(series, SeriesLook) else None)
    look = look.model_copy(update={**extras, **_outcome(config, kinds[0], tried, columns)})
    if order and tried.prepared is not None and tried.prepared.labels and look.texts:
        from seqcli.experiments.inspect.word_order import word_order

        look = look.model_copy(update={"order": word_order(tried.prepared)})
    return look


def _opened(config: DataConfig) -> FileLook:
    """The file from outside: its format, its size, and why it cannot be opened if so."""
    location = str(config.location)
    files = files_of(location)
    suffix = ending(files[0])
    name = FORMATS.get(suffix, suffix.removeprefix(".").upper())
    look = FileLook(
        file=location,
        format=name,
        packed=location.lower().endswith(PACKED),
        bytes=0,
        encoding="" if name in BINARY else config.encoding,
        rows=None,
        unit="rows",
    )
    try:
        size = sum(Path(file).stat().st_size for file in files if Path(file).exists())
        marks = _marks(config)
        folder = folder_look(location) if Path(location).is_dir() else None
    except SeqcliError as error:
        return look.model_copy(update={"problem": Problem(message=error.message, hint=error.hint)})
    if folder is not None:
        size = folder.bytes
    plain = {"format": "folder", "encoding": ""} if Path(location).is_dir() else {}
    return look.model_copy(update={"bytes": size, "oddities": marks, "folder": folder, **plain})


def _tables(config: DataConfig) -> tuple[dict[str, Table], Problem | None]:
    """The tables that a location holds; none, and why, where it is no table."""
    try:
        return own_tables(config), None
    except SeqcliError as error:
        return {}, Problem(message=error.message, hint=error.hint)


def _kinds(config: DataConfig, columns: Sequence[ColumnLook]) -> list[FittingKind]:
    """The kinds that fit: as a person said, as the file's name says, or by its columns."""
    fits = fitting_kinds(columns)
    named = own_kind(config)
    if config.kind is not None or not KINDS.get(named).usual:
        columns_of = dict(fits.get(named, KindFit({})).columns)
        if config.kind is not None:
            first = FittingKind(name=named, columns=columns_of, by="options")
        elif named in fits:
            first = FittingKind(name=named, columns=columns_of, by="columns")
        else:
            first = FittingKind(name=named, by="file name")
        return [first, *(_fitting(name, fit) for name, fit in fits.items() if name != named)]
    return [_fitting(name, fit) for name, fit in fits.items()]


def _fitting(name: str, fit: KindFit) -> FittingKind:
    return FittingKind(name=name, columns=dict(fit.columns), sure=fit.sure)


def _of_no_kind(config: DataConfig) -> Problem:
    """The problem of a table that holds nothing to learn: the one that training would meet."""
    tried = first_that_reads(config, FittingKind(name=own_kind(config)), None)
    error = tried.error or DataError(f"{config.location}: no kind of task fits its columns")
    return Problem(message=error.message, hint=error.hint)


def _extras(
    config: DataConfig, kind: FittingKind, tables: Mapping[str, Table], columns: Sequence[ColumnLook]
) -> dict[str, object]:
    """The facts of texts or times that preparing the data does not gather."""
    if "time_column" in kind.columns and tables:
        return {"series": _series(config, kind, tables["train"], columns)}
    names = _text_columns(config, kind)
    if not tables or names is None:
        return {"oddities": _line_oddities(config)} if not tables else {}
    parts = {part: read_texts(table, *names, columns) for part, table in tables.items()}
    train = parts["train"]
    oddities = text_oddities(zip(train.rows, train.texts, strict=True))
    leaks = [
        *labels_in_texts(train.texts, train.labels),
        *telling_columns(train.others, train.labels, columns),
    ]
    return {
        "texts": InspectedTexts(text_column=names[0], label_column=names[1], compared=len(train.texts)),
        "repeats": repeats_of(train.texts, train.labels),
        "shared": shared_texts({part: split.texts for part, split in parts.items()}),
        "leaks": leaks if names[1] else [],
        "oddities": [*_marks(config), *oddities],
    }


def _marks(config: DataConfig) -> list[Oddity]:
    texts = [
        file
        for file in files_of(str(config.location))
        if Path(file).is_file() and FORMATS.get(ending(file)) not in BINARY
    ]
    return [mark for file in texts for mark in byte_order_mark(file)]


def _line_oddities(config: DataConfig) -> list[Oddity]:
    """The oddities of a text that is no table, line by line."""
    location = str(config.location)
    if not Path(location).is_file() or ending(location) not in (".txt", ".text"):
        return []
    try:
        lines = islice(read_lines(Content(location), config.encoding), LOOKED)
        odd = text_oddities((number, line) for number, line in lines if line.strip())
    except SeqcliError:
        return []
    return [*byte_order_mark(location), *odd]


def _text_columns(config: DataConfig, kind: FittingKind) -> tuple[str, str] | None:
    """The column of texts, and that of labels or '' where there is none; None of a kind without texts."""
    text = config.text_column or config.source_column
    text = text or kind.columns.get("text_column") or kind.columns.get("source_column")
    if text is None:
        return None
    return text, config.label_column or kind.columns.get("label_column", "")


def _series(config: DataConfig, kind: FittingKind, table: Table, columns: Sequence[ColumnLook]) -> SeriesLook:
    """The times and values of a table of series."""
    from seqcli.experiments.inspect.series_look import series_look

    time = config.time_column or kind.columns["time_column"]
    values = list(config.value_column or [name for name in likely_values(columns) if name != time])
    names = [look.name for look in columns if look.role in ("label", "other", "id", "text")]
    candidates = [config.series_column] if config.series_column else [n for n in names if n not in values]
    column_names = tuple(dict.fromkeys((time, *values, *candidates)))
    cells: dict[str, list[str]] = {name: [] for name in column_names}
    for _, row in table.read(column_names):
        for name, cell in zip(column_names, row, strict=True):
            cells[name].append(cell_text(cell))
    return series_look(cells, time, values, candidates)


def _outcome(
    config: DataConfig, kind: FittingKind, tried: Tried, columns: Sequence[ColumnLook]
) -> dict[str, object]:
    """The result of preparing the data: sizes and the next command, or the problem."""
    if tried.prepared is None:
        error = tried.error or DataError("")
        return {"problem": Problem(message=error.message, hint=error.hint)}
    facts = tried.prepared.facts
    classes = Counter[str]()
    for counts in facts.class_counts.values():
        classes.update({name: count for name, count in counts.items() if name in tried.prepared.labels})
    total = sum(classes.values())
    return {
        "sizes": _sizes(tried.prepared, facts),
        "rows": max((column.rows for column in columns), default=_examples(facts)) or None,
        "unit": "rows" if columns else "characters" if facts.stream else facts.called,
        "classes": dict(classes.most_common()),
        "labels": list(tried.prepared.labels),
        "majority_label": max(classes, key=lambda name: classes[name]) if total else facts.majority_label,
        "majority": max(classes.values()) / total if total else facts.majority_share,
        "cautions": list(facts.warnings),
        "command": suggested(config, kind.name, tried.options),
    }


def _examples(facts: DataFacts) -> int:
    """The examples of what is no table; of one text its characters."""
    return facts.read if facts.stream is None else sum(facts.stream.characters.values())


def _sizes(prepared: Prepared, facts: DataFacts) -> SizeFacts:
    splits = {name: len(split) for name, split in prepared.splits.items()}
    words = facts.vocabulary_total > 0
    return SizeFacts(
        called="characters" if facts.stream is not None else facts.called,
        splits=splits if facts.stream is None else {name: facts.stream.characters[name] for name in SPLITS},
        unit=facts.unit,
        length_mean=facts.length_mean,
        length_p95=facts.length_p95,
        length_max=facts.length_max,
        max_len=facts.max_len,
        cut=facts.cut,
        vocabulary_kept=facts.vocabulary_kept,
        vocabulary_total=facts.vocabulary_total,
        unknown=facts.unknown.get("test") if words else None,
        empty=facts.empty,
        dropped=facts.duplicates,
    )
