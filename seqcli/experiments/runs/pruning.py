"""`seqcli runs prune`: which runs may go, and their removal."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path

from seqcli.errors import RunError, SeqcliError
from seqcli.experiments.runs.listing import describe, list_runs
from seqcli.results.runs import Pruned, Pruning, RunRow, RunStatus
from seqcli.runs.removal import check_removable, remove_remains, remove_run
from seqcli.runs.run_layout import find_remains, is_run

UNASKED: tuple[RunStatus, ...] = ("stopped", "failed", "damaged")
"""What goes when nothing is said; finished runs go only when they are asked for."""


def prune_runs(
    folders: Sequence[Path], statuses: Collection[RunStatus], *, older_than: float, remove: bool
) -> Pruning:
    """Tell which runs would go, or remove them; a run that a process works in never goes.

    Args:
        folders: Where to look.
        statuses: Which runs; none stands for stopped, failed and damaged ones.
        older_than: Seconds since the last change below which a run stays.
        remove: Whether to remove them.

    Raises:
        RunError: A folder is not there.
    """
    rows = list_runs(folders).runs
    chosen = [row for row in rows if _may_go(row, statuses or UNASKED, older_than)]
    pruned = [_remove(row) if remove else _candidate(row) for row in chosen]
    if remove:
        _sweep(folders)
    return Pruning(
        removed=remove,
        runs=pruned,
        bytes=sum(run.bytes for run in pruned if run.kept is None),
        spared=len(rows) - len(chosen),
    )


def remove_named(runs: Sequence[Path], *, remove: bool) -> Pruning:
    """Tell whether these runs may go, finished ones too, or remove them.

    Args:
        runs: Run directories.
        remove: Whether to remove them.

    Raises:
        RunError: One is no run directory.
    """
    for folder in runs:
        if not is_run(folder):
            raise RunError(f"{folder} is not a run directory", "`seqcli runs list` shows which there are.")
    rows = [describe(folder) for folder in dict.fromkeys(runs)]
    pruned = [_busy(row) if _works(row) else _remove(row) if remove else _candidate(row) for row in rows]
    freed = sum(run.bytes for run in pruned if run.kept is None)
    return Pruning(removed=remove, runs=pruned, bytes=freed, spared=0)


def _busy(row: RunRow) -> Pruned:
    return _pruned(row).model_copy(update={"kept": row.reason or "it is running"})


def _works(row: RunRow) -> bool:
    return row.status == "running" or (row.legs is not None and row.legs.running > 0)


def _may_go(row: RunRow, statuses: Collection[RunStatus], older_than: float) -> bool:
    return not _works(row) and row.status in statuses and row.age_seconds >= older_than


def _candidate(row: RunRow) -> Pruned:
    """Return the candidate's fate."""
    try:
        check_removable(Path(row.label))
    except SeqcliError as error:
        return _pruned(row).model_copy(update={"kept": error.message})
    return _pruned(row)


def _remove(row: RunRow) -> Pruned:
    try:
        remains = remove_run(Path(row.label))
    except SeqcliError as error:
        return _pruned(row).model_copy(update={"kept": error.message})
    return _pruned(row).model_copy(update={"left": [path.name for path in remains]})


def _sweep(folders: Sequence[Path]) -> None:
    """Take away what a removal left whose disk failed at its last steps; nothing of it can be used."""
    for folder in folders:
        for remains in find_remains(folder) if folder.is_dir() else ():
            with suppress(SeqcliError):
                remove_remains(remains)


def _pruned(row: RunRow) -> Pruned:
    return Pruned(label=row.label, status=row.status, bytes=row.bytes, age_seconds=row.age_seconds)
