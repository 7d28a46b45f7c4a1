"""`seqcli runs verify`: every committed file is read again and held against its SHA-256."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from seqcli.errors import RunError, SeqcliError
from seqcli.results.runs import RunCheck, RunChecks
from seqcli.runs.directory import RunDirectory
from seqcli.runs.finding import find_legs, find_runs
from seqcli.runs.layout import BASELINES_FOLDER, COST_FOLDER
from seqcli.runs.record import read_record


def verify_runs(folders: Sequence[Path]) -> RunChecks:
    """Reads every file of the runs in these folders, legs included. Changes nothing.

    Raises:
        RunError: A folder is not there, or none of them holds a run.
    """
    found = dict.fromkeys(path for folder in folders for path in find_runs(folder))
    if not found:
        raise RunError(f"there is no run in {', '.join(map(str, folders))}")
    checks = [_check(path) for path in found]
    return RunChecks(runs=checks, damaged=sum(bool(check.problems) for check in checks))


def refuse_damaged(checks: RunChecks) -> None:
    """Ends with the exit code for a damaged run where there is one.

    Raises:
        RunError: Names how many, and the first problem.
    """
    if checks.damaged:
        first = next(check.problems[0] for check in checks.runs if check.problems)
        raise RunError(
            f"{checks.damaged} of {len(checks.runs)} runs damaged: {first}",
            "Its own command finds and replaces damaged parts; --overwrite starts anew.",
        )


def _check(folder: Path) -> RunCheck:
    places = (folder, *find_legs(folder))
    counted = [_count(place) for place in places]
    problems = [problem for place in places for problem in _problems(place)]
    records = list(_records(folder))
    problems += [problem for record in records for problem in _record_problems(record)]
    return RunCheck(
        label=str(folder),
        files=sum(files for files, _ in counted) + len(records),
        bytes=sum(size for _, size in counted) + sum(record.lstat().st_size for record in records),
        problems=problems,
    )


def _count(folder: Path) -> tuple[int, int]:
    try:
        files = RunDirectory.open(folder).manifest.files.values()
    except SeqcliError:
        return 0, 0
    return len(files), sum(file.size for file in files)


def _problems(folder: Path) -> list[str]:
    try:
        return RunDirectory.open(folder).verify()
    except SeqcliError as error:
        return [error.message]


def _records(folder: Path) -> Iterator[Path]:
    """A comparison's baselines and cost blocks, which carry their own hash."""
    for name in (BASELINES_FOLDER, COST_FOLDER):
        yield from sorted((folder / name).glob("*.json"))


def _record_problems(path: Path) -> Iterator[str]:
    try:
        read_record(path)
    except SeqcliError as error:
        yield error.message
