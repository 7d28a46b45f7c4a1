"""`seqcli.run-pruning/1` laid out: a line a run that would go or went, and what that frees."""

from seqcli.reports.draw.sheet import Line, Section, Sheet
from seqcli.reports.numbers import size
from seqcli.results.runs import Pruned, Pruning
from seqcli.results.wording import counted, span


def sheet(result: Pruning) -> Sheet:
    """The sheet of runs that would be removed, or were."""
    going = [run for run in result.runs if run.kept is None]
    verb = "removed" if result.removed else "would go"
    runs = counted(len(going), "run")
    title = f"{runs} {verb}, {size(result.bytes)} freed; {result.spared:,} not asked for"
    advice = () if result.removed or not going else (Line("Nothing was removed. --yes removes them."),)
    sections = (Section("runs", tuple(_line(run, verb) for run in result.runs)), Section("advice", advice))
    return Sheet(
        heading="runs to remove",
        title=(Line(title),),
        columns=(),
        rows=(),
        sections=tuple(section for section in sections if section.lines),
    )


SHEET = sheet


def _line(run: Pruned, verb: str) -> Line:
    if run.kept is not None:
        return Line(f"{run.label}: {run.kept}", lead="kept")
    remains = f"; the folder stays for {', '.join(run.left[:3])}" if run.left else ""
    about = f"{run.status}, {size(run.bytes)}, {span(run.age_seconds)} old{remains}"
    return Line(f"{run.label}: {about}", lead=verb)
