"""Results that were kept: a finished run or comparison, a JSON file, or what the cache remembers."""

from pathlib import Path

from seqcli.errors import DataError, RunError
from seqcli.experiments.compare.earlier_file import read_document, unsealed_result, whole_result
from seqcli.experiments.rerun import recall
from seqcli.experiments.runs.listing import command_of
from seqcli.experiments.trained_result import read_result
from seqcli.results.bottleneck import Bottleneck
from seqcli.results.compare import Comparison
from seqcli.results.conclude import Conclusion
from seqcli.results.evaluate import EvaluatedRun
from seqcli.results.gradprobe import Gradprobe
from seqcli.results.guide import Guide
from seqcli.results.rerun import Rerun
from seqcli.results.shown_record import ShownRecord
from seqcli.results.sweep import Sweep
from seqcli.results.train import TrainResult
from seqcli.results.translate import TranslateResult
from seqcli.runs.directory import RunDirectory
from seqcli.runs.finished_run import FinishedRun

KINDS_OF_RESULT: tuple[type[ShownRecord], ...] = (
    Comparison,
    Sweep,
    TrainResult,
    Gradprobe,
    EvaluatedRun,
    Conclusion,
    Guide,
    Bottleneck,
    Rerun,
    TranslateResult,
)
BY_SCHEMA = {str(kind.model_fields["schema_"].default): kind for kind in KINDS_OF_RESULT}
EXAMPLES = 'Such as: seqcli.load("runs/gru"); seqcli.load("result.json").'


def read_kept(name: str) -> ShownRecord:
    """The result that a run directory, a JSON file or a signature names.

    Raises:
        UsageError: Nothing here goes by that name.
        RunError: The run is not finished, or damaged.
        DataError: The file is no result.
    """
    path = Path(name)
    if path.is_dir():
        return _of_folder(path)
    if not path.is_file():
        return recall(name).then
    values = read_document(path, EXAMPLES)
    return _record(unsealed_result(values, path) if isinstance(values, dict) else values, str(path))


def _of_folder(folder: Path) -> ShownRecord:
    run = RunDirectory.open(folder)
    state = run.status().state
    if state != "done":
        raise RunError(f"{folder} is not finished: it is {state}", "Give its own command again first.")
    if command_of(run.config) == "train":
        return read_result(folder)
    return _record(FinishedRun(run).result, str(folder))


def _record(values: object, source: str) -> ShownRecord:
    """The record of a JSON document, by the schema that it names."""
    schema = str(values.get("schema")) if isinstance(values, dict) else "none"
    kind = BY_SCHEMA.get(schema)
    if kind is None or not isinstance(values, dict):
        raise DataError(f"{source} has the schema {schema}; known: {', '.join(BY_SCHEMA)}", EXAMPLES)
    return whole_result(kind, values, source, EXAMPLES)
