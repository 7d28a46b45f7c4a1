"""`seqcli.runs/1` laid out: a row a run, the newest first."""

from seqcli.reports.draw.sheet import Column, Line, Row, Section, Sheet, SheetCell
from seqcli.reports.numbers import fixed, size, unit_of
from seqcli.results.runs import LegCounts, RunList, RunRow, RunScore
from seqcli.results.wording import counted, span

HEADINGS = ("status", "model", "task", "score", "size", "age")
SPARE = {"size": 3, "task": 2, "model": 1}
"""What goes first where the page is narrow: a run's name mostly says its task and its model."""


def sheet(result: RunList) -> Sheet:
    """The runs as a sheet with a column a fact."""
    count = len(result.runs)
    folders = ", ".join(result.folders)
    title = f"{counted(count, 'run')} in {folders}, {size(result.bytes)}"
    return Sheet(
        heading=f"runs in {folders}",
        title=(Line(title),),
        columns=tuple(Column(name, spare=SPARE.get(name, 0)) for name in HEADINGS) if count else (),
        rows=tuple(Row(row.label, cells(row)) for row in result.runs),
        sections=tuple(section for section in (_reasons(result),) if section.lines),
        corner="run" if count else "",
    )


SHEET = sheet


def cells(row: RunRow) -> tuple[SheetCell, ...]:
    """Return the cells of a run's row; what cannot be used is told in red too."""
    status, *others = facts(row)
    broken = row.status in ("failed", "damaged")
    return SheetCell(status, broken=broken), *map(SheetCell, others)


def facts(row: RunRow) -> tuple[str, ...]:
    """Return the facts under the headings."""
    legs = "" if row.legs is None else f" {legs_done(row.legs)}"
    return (
        row.status + legs,
        row.model,
        row.task,
        score_text(row.score),
        size(row.bytes),
        span(row.age_seconds),
    )


def legs_done(legs: LegCounts) -> str:
    """Return how many legs are done, of how many: '10/10'."""
    begun = sum(count for name, count in legs.model_dump().items() if name != "planned")
    return f"{legs.done}/{max(begun, legs.planned)}"


def score_text(score: RunScore | None) -> str:
    """A score in its metric's unit, and whose or on what it is where that is not plain: 'valid 0.75'."""
    if score is None:
        return ""
    unit = unit_of(score.metric)
    decimals = 3 if unit.top is None else 1
    value = f"{fixed(score.value * unit.factor, decimals)}{unit.suffix}"
    text = f"valid {value}" if score.split == "valid" else value
    return text if score.model is None else f"{score.model} {text}"


def _reasons(result: RunList) -> Section:
    """Return the reasons of failed or damaged runs, and the processes that work in running ones."""
    lines = [Line(f"{row.label}: {row.reason}", lead=row.status) for row in result.runs if row.reason]
    return Section("reasons", tuple(lines))
