"""`seqcli.work/1` laid out: what is done and what waits in a store, and a row for each worker."""

from seqcli.reports.draw.sheet import Column, Line, Row, Section, Sheet, SheetCell
from seqcli.results.wording import counted
from seqcli.results.work import WorkerFacts, WorkResult

HEADINGS = ("state", "trains", "done", "failed")


def sheet(result: WorkResult) -> Sheet:
    """The store in a line, and its workers."""
    workers = [worker for worker in result.workers if worker.state != "ended" or worker.done or worker.failed]
    return Sheet(
        heading=f"store {result.store}",
        title=(Line(_summary(result)),),
        columns=tuple(Column(name) for name in HEADINGS) if workers else (),
        rows=tuple(Row(f"{worker.host} {worker.pid}", _cells(worker)) for worker in workers),
        sections=tuple(section for section in (Section("advice", _advice(result)),) if section.lines),
        corner="worker" if workers else "",
    )


SHEET = sheet


def _summary(result: WorkResult) -> str:
    """Return how far the store is, in a line."""
    counts = (
        (result.running, "in training"),
        (result.waiting, "waiting"),
        (result.failed, "failed"),
    )
    further = "".join(f", {count:,} {noun}" for count, noun in counts if count)
    share = f" ({result.here:,} of them here)" if result.here else ""
    return f"{result.store}: {counted(result.done, 'training run')} finished{share}{further}"


def _cells(worker: WorkerFacts) -> tuple[SheetCell, ...]:
    trains = ", ".join(f"{leg.name} {leg.doing}".strip() for leg in worker.running)
    state = SheetCell(worker.state, broken=worker.state == "lost")
    return state, *map(SheetCell, (trains, f"{worker.done:,}", f"{worker.failed:,}"))


def _advice(result: WorkResult) -> tuple[Line, ...]:
    lines = []
    if result.elsewhere:
        count = counted(result.elsewhere, "training run")
        wait = "waits" if result.elsewhere == 1 else "wait"
        lines.append(
            Line(
                f"{count} {wait} for a machine like the one of the plan: another processor or another torch"
                " gives other numbers."
            )
        )
    if result.failed:
        lines.append(Line("The compare that planned them says what failed, and tries it again."))
    if result.waiting and not any(worker.state == "working" for worker in result.workers):
        lines.append(Line(f"Nobody works here now: seqcli work {result.store}"))
    return tuple(lines)
