"""The state after a finished leg's last epoch, kept beside its result, and the checkpoint that it makes.

Of the state only what decides bytes is kept here; the clock is in the leg's `timing.json`, so that equal
training still gives equal files. The best epoch's weights are the run's model.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from seqcli.runs import strict_json
from seqcli.runs.atomic import write_bytes
from seqcli.runs.directory import RunDirectory
from seqcli.runs.finished_run import FinishedRun
from seqcli.runs.metrics import read_log
from seqcli.runs.run_layout import MODEL_FILE, TASK_FILE, TOKENIZER_FILE
from seqcli.training.loop import Position, Training
from seqcli.training.state import (
    BEST_FILE,
    CARRIED_FILE,
    EPOCH_FILE,
    OPTIMISER_FILE,
    WEIGHTS_FILE,
    capture,
)

LAST_FILE = "last.json"
"""Where training was after its last epoch."""
_LAST = "last-"
"""What stands before the names of a checkpoint's files, which would be mistaken for the result's."""
_USABLE = (TOKENIZER_FILE, TASK_FILE)
"""What the best epoch's weights need to be used before the run is finished again."""
_KEPT = (WEIGHTS_FILE, OPTIMISER_FILE, CARRIED_FILE)


def last_state(training: Training, mark: Mapping[str, object]) -> dict[str, bytes]:
    """The files that more epochs start from; none where training did not end for want of epochs.

    Args:
        training: At its end, with the last epoch's weights.
        mark: Where `metrics.jsonl` is.
    """
    if training.position.stopped != "epochs":
        return {}
    position, files = capture(training)
    state = strict_json.document({"training": position, "metrics": dict(mark)})
    return {LAST_FILE: state, **{_LAST + name: files[name] for name in _KEPT if name in files}}


@dataclass(frozen=True)
class LastState:
    """The last state of a run that is finished or was stopped, read into memory and verified.

    Attributes:
        step: Of its last step.
        state: A checkpoint's `state.json`, at the first step of the next epoch.
        files: A checkpoint's files.
        metrics: Its `metrics.jsonl`.
    """

    step: int
    state: Mapping[str, object]
    files: Mapping[str, bytes]
    metrics: bytes

    @classmethod
    def of(cls, finished: FinishedRun) -> "LastState | None":
        """The last state of a finished run; None where it was not kept.

        Raises:
            RunError: A file was changed.
            StorageError: The disk fails.
        """
        run, timing = finished.run, finished.timing
        names = run.manifest.files
        if LAST_FILE not in names:
            return None
        last = strict_json.parse_object(run.read(LAST_FILE))
        position = Position.from_json(dict(last["training"]))  # type: ignore[call-overload]
        position.stopped = None
        position.start_epoch(position.epoch + 1)
        files = {name.removeprefix(_LAST): run.read(name) for name in names if name.startswith(_LAST)}
        files |= {name: run.read(name) for name in names if EPOCH_FILE.fullmatch(name)}
        files |= {BEST_FILE: run.read(MODEL_FILE), **{name: run.read(name) for name in _USABLE}}
        state = {
            "training": position.to_json(),
            "metrics": last["metrics"],
            "seconds": timing.seconds,
            "epoch_seconds": timing.epoch_seconds,
            "seconds_to_best": timing.seconds_to_best,
        }
        return cls(position.step, state, files, finished.metrics)

    @classmethod
    def of_stopped(cls, run: RunDirectory) -> "LastState | None":
        """The newest checkpoint of a run that was stopped; None where there is none, or its training ended.

        Raises:
            RunError: A checkpoint is damaged.
            StorageError: The disk fails.
        """
        newest = None
        for checkpoint in run.checkpoints.saved():
            newest = checkpoint
        if newest is None or Position.from_json(dict(newest.state["training"])).stopped:  # type: ignore[call-overload]
            return None
        metrics = read_log(run.metrics_path) if run.metrics_path.exists() else b""
        return cls(newest.step, newest.state, newest.files, metrics)

    def put_into(self, run: RunDirectory) -> None:
        """Begin a new run with this state; one that dies before the end of it starts at its first step.

        Raises:
            StorageError: The disk is full or fails.
        """
        write_bytes(run.metrics_path, self.metrics)
        run.checkpoints.commit(self.step, state=self.state, files=self.files)
