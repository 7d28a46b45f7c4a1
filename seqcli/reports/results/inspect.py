"""`seqcli.inspect/1` laid out: columns and what they look like, then facts, warnings, the next command."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rich.cells import cell_len

from seqcli.reports.draw.placement import GAP, wrap
from seqcli.reports.draw.sheet import Line, Section, Sheet
from seqcli.reports.numbers import fixed, size
from seqcli.reports.words.inspect_words import (
    broken_words,
    class_words,
    column_reason,
    dropped_words,
    form_words,
    kind_words,
    label_words,
    leak_words,
    length_words,
    order_words,
    repeat_words,
    series_words,
    stationarity_words,
    time_faults,
    title_words,
    vocabulary_words,
    warning_words,
)
from seqcli.results.inspect import ColumnLook, FileLook, Inspection, InspectWarning
from seqcli.results.wording import counted

SCREEN_LINES, SCREEN_COLUMNS = 23, 80
"""The screen that the brief sheet fits, one line left for the prompt."""
SHOWN_COLUMNS, SHOWN_WARNINGS = 8, 4  # where all stand in `SCREEN_LINES` beside the facts
MOST_COLUMNS, MOST_WARNINGS = 200, 100
"""Columns and warnings on the screen, and in all; JSON has every one."""
SHOWN_VALUE = 50  # letters: what a line of 80 leaves beside a column's name and role
UNTESTED = "not tested: pip install 'seqcli[series]'"


def sheet(result: Inspection) -> Sheet:
    """Each file: what it is, what to look at, what to do next; the brief one fits a terminal's screen."""
    full = _laid_out(result, columns=MOST_COLUMNS, warnings=MOST_WARNINGS, plain=True)
    if len(result.files) > 1:
        return full
    for warnings in (SHOWN_WARNINGS, 2, 1):
        for columns in range(SHOWN_COLUMNS, 1, -1):
            brief = _laid_out(result, columns=columns, warnings=warnings, plain=False)
            if _height(brief) <= SCREEN_LINES:
                return replace(full, brief=brief)
    return replace(full, brief=brief)


SHEET = sheet


def _laid_out(result: Inspection, *, columns: int, warnings: int, plain: bool) -> Sheet:
    """The inspection with at most so many columns and warnings of each file.

    Args:
        result: The inspection.
        columns: The most columns of a file that are shown.
        warnings: The most warnings.
        plain: Whether facts are shown that say only that nothing is the matter.
    """
    sections: list[Section] = []
    for look in result.files:
        if len(result.files) > 1:
            title = f"{look.file}   {title_words(look, size(look.bytes))}"
            sections.append(Section("file", (Line(title, role="strong"),)))
        if look.columns:
            sections.append(Section("columns", tuple(_columns(look.columns, columns))))
        facts = tuple(Line(text, lead=lead) for lead, text in _facts(look, plain=plain) if text)
        sections += [Section("facts", facts)] if facts else []
        warned = [warning for warning in result.warnings if warning.file == look.file]
        doubts = (*_warnings(warned, warnings), *_cautions(look))
        sections += [Section("warnings", doubts)] if doubts else []
        sections.append(Section("next", tuple(_next(look))))
    first = result.files[0]
    names = ", ".join(look.file for look in result.files)
    title = f"{first.file}   {title_words(first, size(first.bytes))}" if len(result.files) == 1 else names
    return Sheet(
        heading=f"inspect {names}",
        title=(Line(title),),
        columns=(),
        rows=(),
        sections=tuple(sections),
    )


def _height(laid: Sheet) -> int:
    """The lines that a sheet takes on a screen of usual width."""
    height = sum(len(wrap(line.text, SCREEN_COLUMNS)) for line in laid.title)
    for section in laid.sections:
        margin = max((cell_len(line.lead) + GAP for line in section.lines if line.lead), default=0)
        height += 1 + sum(len(wrap(line.text, SCREEN_COLUMNS - margin)) for line in section.lines)
    return height


def _warnings(warned: Sequence[InspectWarning], most: int) -> Iterator[Line]:
    for warning in warned[:most]:
        yield Line(warning_words(warning), mark="failed")
    if len(warned) > most:
        yield Line(f"and {counted(len(warned) - most, 'more warning')} (-v)", role="quiet")


def _cautions(look: FileLook) -> Iterator[Line]:
    """The cautions of training on numbers or images; those on texts are warnings of their own here."""
    if look.texts is None:
        yield from (Line(caution, mark="failed") for caution in look.cautions)


def _columns(columns: Sequence[ColumnLook], most: int) -> Iterator[Line]:
    name = max(len(look.role) for look in columns[:most])
    for look in columns[:most]:
        reason = " ".join(column_reason(look).split())
        missing = look.rows - look.filled
        empty = f", {missing:,} empty" if missing and look.role != "empty" else ""
        short = reason if len(reason) <= SHOWN_VALUE else f"{reason[: SHOWN_VALUE - 1]}…"
        yield Line(f"{look.role:<{name}}  {short}{empty}", lead=_short(look.name))
    if len(columns) > most:
        yield Line(f"and {counted(len(columns) - most, 'more column')} (-v)", role="quiet")


def _short(name: str) -> str:
    return name if len(name) <= 20 else f"{name[:19]}…"


def _facts(look: FileLook, *, plain: bool) -> Iterator[tuple[str, str]]:
    """The name of each fact and what it is; '' where there is nothing to say."""
    yield "kind", ", or ".join(kind_words(kind) for kind in look.kinds[:3])
    if look.folder is not None:
        yield ("images" if look.folder.images else "recordings"), form_words(look.folder)
        yield "broken", broken_words(look.folder)
    if look.series is not None:
        yield "series", series_words(look.series)
        yield "times", time_faults(look.series)
        yield "autocorrelation", _autocorrelations(look)
        yield "stationarity", stationarity_words(look.series) or (UNTESTED if plain else "")
    if look.sizes is not None:
        splits = " / ".join(f"{count:,} {name}" for name, count in look.sizes.splits.items())
        yield "split", f"{splits} {look.sizes.called}"
        if look.series is None:
            yield "lengths", length_words(look.sizes)
            yield "vocabulary", vocabulary_words(look.sizes)
        if look.repeats is None:
            yield "repeated", dropped_words(look.sizes)
    yield "classes", class_words(look.classes) if look.classes else label_words(look)
    yield from _text_facts(look, plain=plain)


def _text_facts(look: FileLook, *, plain: bool) -> Iterator[tuple[str, str]]:
    if look.repeats is not None and look.texts is not None:
        if plain or look.repeats.folded or look.repeats.near:
            yield "repeated", repeat_words(look.repeats, labelled=bool(look.texts.label_column))
        if look.texts.label_column and (plain or look.leaks):
            yield "leaks", "; ".join(map(leak_words, look.leaks)) or "none seen"
    if look.order is not None:
        yield "word order", order_words(look.order)


def _autocorrelations(look: FileLook) -> str:
    """The autocorrelation of the first columns of values."""
    if look.series is None:
        return ""
    lines = []
    for channel in look.series.channels[:3]:
        if channel.next_step is not None:
            season = "" if channel.season is None else f", {fixed(channel.season, 2)} a season apart"
            lines.append(f"{channel.name} {fixed(channel.next_step, 2)} to the next step{season}")
    rest = "; …" if len(look.series.channels) > 3 else ""
    return "; ".join(lines) + rest if lines else ""


def _next(look: FileLook) -> Iterator[Line]:
    if look.problem is not None:
        yield Line(look.problem.message, lead="cannot be used")
        if look.problem.hint:
            yield Line(look.problem.hint)
        return
    yield Line(look.command, lead="next")
