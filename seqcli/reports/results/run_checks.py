"""`seqcli.run-checks/1` laid out: a line a run, what is wrong below it."""

from seqcli.reports.draw.sheet import Line, Section, Sheet
from seqcli.reports.numbers import size
from seqcli.results.runs import RunCheck, RunChecks
from seqcli.results.wording import counted


def sheet(result: RunChecks) -> Sheet:
    """The sheet of runs: those that are as they were committed, and the others."""
    lines = [line for check in result.runs for line in _lines(check)]
    return Sheet(
        heading="runs read again",
        title=(Line(f"{len(result.runs):,} read again, {result.damaged:,} damaged"),),
        columns=(),
        rows=(),
        sections=(Section("runs", tuple(lines)),),
    )


SHEET = sheet


def _lines(check: RunCheck) -> list[Line]:
    if not check.problems and not check.unread:
        checked = f"{check.label}: {counted(check.files, 'file')}, {size(check.bytes)}"
        return [Line(checked, lead="intact")]
    kinds = (("damaged", check.problems), ("unread", check.unread))
    return [Line(f"{check.label}: {fault}", lead=lead) for lead, faults in kinds for fault in faults]
