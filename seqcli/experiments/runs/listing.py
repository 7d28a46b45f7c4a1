"""`seqcli runs` and `runs show`: the runs below some folders, and one of them in full."""

from collections.abc import Sequence
from pathlib import Path

from seqcli.errors import RunError
from seqcli.experiments.runs.facts import describe
from seqcli.results.runs import RunFile, RunList, RunPage
from seqcli.results.train import EpochRecord
from seqcli.runs.directory import RunDirectory
from seqcli.runs.finding import find_legs, find_runs, is_run
from seqcli.runs.foreign import foreign_values
from seqcli.runs.metrics import read_metrics

USUAL = Path("runs")
"""Where `train` puts its runs unless told otherwise."""


def list_runs(folders: Sequence[Path]) -> RunList:
    """The runs in these folders, the one that changed last first.

    Raises:
        RunError: A folder is not there.
    """
    found = dict.fromkeys(path for folder in folders for path in find_runs(folder))
    rows = sorted((describe(path) for path in found), key=lambda row: (row.age_seconds, row.label))
    return RunList(
        folders=[str(folder) for folder in folders], runs=rows, bytes=sum(row.bytes for row in rows)
    )


def show_run(folder: Path, again: str | None) -> RunPage:
    """All that one run knows of itself.

    Args:
        folder: The run directory.
        again: The command that repeats it or goes on.

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
        again=again,
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
