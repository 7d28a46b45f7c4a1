"""`seqcli.run-difference/1` laid out: a row a difference, a column a run."""

import re

from seqcli.reports.draw.sheet import Column, Line, Row, Section, Sheet, SheetCell
from seqcli.results.runs import RunChange, RunDifference
from seqcli.results.wording import counted

# Two values stand side by side in 80 columns.
_LONGEST = 24
_FRACTION = re.compile(r"-?\d+\.\d{7,}")


def sheet(result: RunDifference) -> Sheet:
    """The sheet of the differences between two runs; nothing else."""
    count = len(result.changes)
    until = result.same_metrics_until
    epochs = () if until is None else (Line(_epochs(until), lead="metrics"),)
    return Sheet(
        heading=f"{result.a} against {result.b}",
        title=(Line(result.a, lead="A"), Line(result.b, lead="B"), Line(counted(count, "difference"))),
        columns=(Column("A"), Column("B")) if count else (),
        rows=tuple(_row(change) for change in result.changes),
        sections=(Section("metrics", epochs),) if epochs else (),
    )


SHEET = sheet


def _row(change: RunChange) -> Row:
    return Row(f"{change.part}  {change.name}", (SheetCell(_value(change.a)), SheetCell(_value(change.b))))


def _value(value: str | None) -> str:
    """A value as short as it can be told; the JSON form has it whole."""
    if value is None:
        return "not set"
    if _FRACTION.fullmatch(value):
        return f"{float(value):.6g}"
    return value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…"


def _epochs(until: int) -> str:
    if not until:
        return "they differ from the first epoch on"
    return f"the same for {counted(until, 'epoch')} from the start"
