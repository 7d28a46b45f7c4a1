"""`seqcli runs` and `runs show`: the runs below some folders, each as a row, and one of them in full."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from seqcli.data.cache import cache_folder
from seqcli.errors import (
    OtherVersionError,
    OutOfMemoryError,
    RunError,
    SeqcliError,
    StorageError,
    UsageError,
)
from seqcli.results.compare import Comparison
from seqcli.results.runs import LegCounts, RunFile, RunList, RunPage, RunRow, RunScore, RunStatus
from seqcli.results.train import EpochRecord, TrainSummary
from seqcli.results.wording import counted
from seqcli.runs.directory import RunDirectory
from seqcli.runs.finished_run import FinishedRun, TaskRecord
from seqcli.runs.metrics import read_metrics
from seqcli.runs.result import RunState, Status
from seqcli.runs.run_layout import LEGS_FOLDER, TASK_FILE, find_legs, find_runs, is_run, last_change, size_of
from seqcli.runs.storage import foreign_values
from seqcli.statistics.looks import AUTO

STATUSES: Mapping[RunState, RunStatus] = {
    "new": "stopped",
    "partial": "stopped",
    "running": "running",
    "failed": "failed",
    "done": "done",
}

FOREIGN = (OtherVersionError, UsageError, StorageError, OutOfMemoryError)
"""What opening a folder raises that may well be a healthy run: another layout, a name refused, a disk that
does not give it now."""


def describe(folder: Path) -> RunRow:
    """A run's row; whatever is wrong with it is told in the row. Changes nothing but what a dead one left."""
    try:
        run = RunDirectory.open(folder)
        check_sizes(run)
        status, config = run.status(), run.config
        legs = count_legs(folder, config)
        return _row(folder, _whole(status, legs), about=_about(run, config, status), legs=legs)
    except (SeqcliError, ValidationError, KeyError, ValueError) as error:
        fault = error if isinstance(error, SeqcliError) else RunError(f"{folder} holds values of no run")
        standing: RunStatus = "foreign" if isinstance(error, FOREIGN) else "damaged"
        about = {"command": "", "model": "", "task": "", "seed": None, "score": None}
        return _row(folder, (standing, fault.message, _code(fault)), about=about, legs=None)


def _code(error: Exception) -> int:
    """The machine's own code where it was the machine that failed."""
    return error.exit_code if isinstance(error, StorageError | OutOfMemoryError) else RunError.exit_code


def check_sizes(run: RunDirectory) -> None:
    """The quick look at a run's files; `verify` reads them.

    Raises:
        RunError: A committed file is missing or has another size; names it.
    """
    for name, record in sorted(run.manifest.files.items()):
        path = run.path / name
        if not path.is_file():
            raise RunError(f"{path} is missing")
        if path.stat().st_size != record.size:
            raise RunError(f"{path} has {path.stat().st_size:,} bytes; {record.size:,} were committed")


def count_legs(folder: Path, config: Mapping[str, Any]) -> LegCounts | None:
    """Return how many legs of a comparison are in each status, and planned; None for a run without legs."""
    legs = find_legs(folder)
    counts = Counter(str(quick_status(leg)) for leg in legs)
    return LegCounts.from_json({**counts, "planned": planned_legs(config)}) if legs else None


def planned_legs(config: Mapping[str, Any]) -> int:
    """Return how many legs a comparison runs by its configuration, tuning aside; 0 where it does not say."""
    models, seeds, match = (config.get(name) for name in ("models", "seeds", "match"))
    if not isinstance(models, list):
        return 0
    each = len(seeds) if isinstance(seeds, list) else AUTO.counts[0]
    values = str(config.get("vary") or "").partition("=")[2].split(",")
    return len(models) * each * (len(match) if isinstance(match, list) else 1) * len(values)


def quick_status(folder: Path) -> RunStatus:
    """A run's status alone."""
    try:
        run = RunDirectory.open(folder)
        check_sizes(run)
        return STATUSES[run.status().state]
    except FOREIGN:
        return "foreign"
    except SeqcliError:
        return "damaged"


def task_name(config: Mapping[str, object], identity: Mapping[str, object]) -> str:
    """Return the name of a run's data, by its configuration where nothing better is known."""
    named, task = identity.get("task"), config.get("task")
    if isinstance(task, Mapping):
        task = task.get("name")
    data = config.get("data")
    return str(named or task or (Path(str(data)).stem if data else ""))


def _whole(status: Status, legs: LegCounts | None) -> tuple[RunStatus, str | None, int | None]:
    """Status, reason and exit code; a comparison that waits for failed legs has failed."""
    state = STATUSES[status.state]
    if status.holder is not None:
        return state, str(status.holder), None
    if state == "stopped" and legs is not None and legs.failed:
        return "failed", f"{counted(legs.failed, 'training run')} failed", None
    return state, status.reason, status.exit_code


def _row(
    folder: Path,
    standing: tuple[RunStatus, str | None, int | None],
    *,
    about: dict[str, Any],
    legs: LegCounts | None,
) -> RunRow:
    changed = last_change(folder)
    status, reason, exit_code = standing
    return RunRow(
        label=str(folder),
        status=status,
        reason=reason,
        exit_code=exit_code,
        legs=legs,
        bytes=size_of(folder),
        changed=datetime.fromtimestamp(changed, UTC).isoformat(timespec="seconds"),
        age_seconds=max(0.0, round(time.time() - changed, 1)),
        **about,
    )


def _about(run: RunDirectory, config: Mapping[str, Any], status: Status) -> dict[str, Any]:
    models = config.get("models")
    is_list = isinstance(models, list)
    is_finished = status.state == "done"
    return {
        "command": command_of(config),
        "model": " ".join(map(str, models)) if isinstance(models, list) else str(config.get("model", "")),
        "task": task_name(config, run.identity),
        "seed": config.get("seed") if not is_list else None,
        "score": _score(FinishedRun(run).result) if is_finished else _last_valid(run),
    }


def command_of(config: Mapping[str, object]) -> str:
    """The command that made a run, by its configuration."""
    return str(config.get("command") or ("compare" if "models" in config else "train"))


def _score(summary: Mapping[str, Any]) -> RunScore | None:
    """Return the score of a finished run; None of a kind without one score, or of another version's."""
    read = SCORES.get(str(summary.get("schema", "")))
    with suppress(ValidationError):
        return read(summary) if read else None
    return None


def _of_leg(summary: Mapping[str, Any]) -> RunScore:
    read = TrainSummary.from_json(summary)
    score, split = (read.valid, "valid") if read.test is None else (read.test, "test")
    return RunScore(metric=score.metric, value=score.value, split=split)


def _of_best_model(summary: Mapping[str, Any]) -> RunScore | None:
    result = Comparison.from_json(summary)
    means = [(model.quality.mean, model.label) for model in result.models]
    scored = [(mean, label) for mean, label in means if mean is not None]
    if not scored:
        return None
    best, label = max(scored) if result.task.higher_is_better else min(scored)
    return RunScore(metric=result.task.metric, value=best, split="test", model=label)


SCORES: Mapping[str, Callable[[Mapping[str, Any]], RunScore | None]] = {
    "": _of_leg,
    "seqcli.compare/1": _of_best_model,
}
"""How a score is read from a summary, by its schema; a leg's names none."""


def _last_valid(run: RunDirectory) -> RunScore | None:
    """The last validation score in `metrics.jsonl`, in the metric that the newest checkpoint names."""
    if not run.metrics_path.is_file():
        return None
    with suppress(SeqcliError, ValidationError):
        lines = read_metrics(run.metrics_path)
        if lines:
            last = EpochRecord.from_json(lines[-1])
            return RunScore(metric=_metric_of(run), value=last.valid_metric, split="valid")
    return None


def _metric_of(run: RunDirectory) -> str:
    """The metric of a run that is not finished; '' where no checkpoint says it."""
    task = run.checkpoints.newest_file(TASK_FILE)
    with suppress(ValidationError):
        return "" if task is None else TaskRecord.model_validate_json(task).metric
    return ""


USUAL = Path("runs")
"""Where `train` puts its runs unless told otherwise."""


def cached_runs() -> Path:
    """The folder of the runs of comparisons made without --out.

    Raises:
        StorageError: No folder can be used as a cache.
    """
    return cache_folder() / LEGS_FOLDER


def run_called(word: str) -> Path:
    """The folder that a person means: as it is named, or the run of that name in ./runs or in the cache."""
    if Path(word).exists() or Path(word).name != word:
        return Path(word)
    with suppress(StorageError):
        for folder in (USUAL, cached_runs()):
            if (folder / word).is_dir():
                return folder / word
    return Path(word)


def list_runs(folders: Sequence[Path]) -> RunList:
    """The runs in these folders, the one that changed last first.

    Raises:
        RunError: A folder is not there.
    """
    run_folders = dict.fromkeys(path for folder in folders for path in find_runs(folder))
    rows = sorted((describe(path) for path in run_folders), key=lambda row: (row.age_seconds, row.label))
    return RunList(
        folders=[str(folder) for folder in folders], runs=rows, bytes=sum(row.bytes for row in rows)
    )


def show_run(folder: Path, repeating: str | None) -> RunPage:
    """All that one run knows of itself.

    Args:
        folder: The run directory.
        repeating: The command that repeats it or goes on.

    Raises:
        RunError: There is no run, or it is damaged; says how.
    """
    run = open_run(folder)
    metrics = read_metrics(run.metrics_path) if run.metrics_path.is_file() else []
    made_by = run.manifest.facts.get("seqcli")
    with foreign_values(folder):
        epochs = [EpochRecord.from_json(line) for line in metrics]
    return RunPage(
        run=describe(folder),
        config=run.config,
        identity=run.identity,
        seqcli=str(made_by) if made_by is not None else None,
        again=repeating,
        metrics=epochs,
        checkpoints=run.checkpoints.steps(),
        files=[
            RunFile(name=name, bytes=record.size, sha256=record.sha256)
            for name, record in sorted(run.manifest.files.items())
        ],
        legs=[describe(leg) for leg in find_legs(folder)],
    )


def open_run(folder: Path) -> RunDirectory:
    """A run for reading, with an answer for whoever names a folder of runs.

    Raises:
        RunError: There is no run, or it is damaged.
    """
    if folder.is_dir() and not is_run(folder):
        raise RunError(
            f"{folder} is not a run directory", f"`seqcli runs {folder}` lists the runs in it, if any."
        )
    return RunDirectory.open(folder)
