"""`seqcli runs verify`: every committed file is read again and held against its SHA-256."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from seqcli.errors import CHECK_DISK, OutOfMemoryError, RunError, SeqcliError, StorageError
from seqcli.results.runs import RunCheck, RunChecks
from seqcli.runs.directory import RunDirectory
from seqcli.runs.run_layout import BASELINES_FOLDER, COST_FOLDER, find_legs, find_runs
from seqcli.runs.sealed import read_record

UNREAD = (StorageError, OutOfMemoryError)
"""What reading raises where the machine does not give a file now; that proves no damage."""


def verify_runs(folders: Sequence[Path]) -> RunChecks:
    """Reads every file of the runs in these folders, legs included. Changes nothing.

    Raises:
        RunError: A folder is not there, or none of them holds a run.
    """
    run_folders = dict.fromkeys(path for folder in folders for path in find_runs(folder))
    if not run_folders:
        raise RunError(f"there is no run in {', '.join(map(str, folders))}")
    checks = [_check(path) for path in run_folders]
    return RunChecks(runs=checks, damaged=sum(bool(check.problems) for check in checks))


def refuse_damaged(checks: RunChecks) -> None:
    """Ends with the exit code for a damaged run where there is one.

    Raises:
        RunError: Names how many, and the first problem.
        StorageError: None is, as far as the disk could be read.
    """
    if checks.damaged:
        first = next(check.problems[0] for check in checks.runs if check.problems)
        raise RunError(
            f"{checks.damaged} of {len(checks.runs)} runs damaged: {first}",
            "Repeating its command finds and replaces damaged parts; --overwrite starts anew.",
        )

    unread = [fault for check in checks.runs for fault in check.unread]
    if unread:
        raise StorageError(f"not all could be read: {unread[0]}", CHECK_DISK)


def _check(folder: Path) -> RunCheck:
    places = (folder, *find_legs(folder))
    counted = [_count(place) for place in places]
    faults = [fault for place in places for fault in _faults(place)]
    records = list(_records(folder))
    faults += [fault for record in records for fault in _record_faults(record)]
    return RunCheck(
        label=str(folder),
        files=sum(files for files, _ in counted) + len(records),
        bytes=sum(size for _, size in counted) + sum(record.lstat().st_size for record in records),
        problems=[fault.message for fault in faults if not isinstance(fault, UNREAD)],
        unread=[fault.message for fault in faults if isinstance(fault, UNREAD)],
    )


def _count(folder: Path) -> tuple[int, int]:
    try:
        files = RunDirectory.open(folder).manifest.files.values()
    except SeqcliError:
        return 0, 0
    return len(files), sum(file.size for file in files)


def _faults(folder: Path) -> list[SeqcliError]:
    try:
        return RunDirectory.open(folder).faults()
    except SeqcliError as error:
        return [error]


def _records(folder: Path) -> Iterator[Path]:
    """A comparison's baselines and cost blocks, which carry their own hash."""
    for name in (BASELINES_FOLDER, COST_FOLDER):
        yield from sorted((folder / name).glob("*.json"))


def _record_faults(path: Path) -> Iterator[SeqcliError]:
    try:
        read_record(path)
    except SeqcliError as error:
        yield error
