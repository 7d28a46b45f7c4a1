"""The whole state of a leg's training as files, and back, to the same bytes.

It is in checkpoints while a leg goes on and, after its last epoch, beside its result, where more epochs start
from it. Of the latter only what decides bytes is kept; the clock is in the leg's `timing.json`, so that equal
training still gives equal files. The best epoch's weights are the run's model.
"""

import re
import time
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, field

import safetensors.torch
import torch
from torch import Tensor, nn

from seqcli.config.settings import Settings
from seqcli.errors import RunError
from seqcli.results.events import Event, Note
from seqcli.runs import strict_json
from seqcli.runs.atomic import write_bytes
from seqcli.runs.directory import RunDirectory
from seqcli.runs.finished_run import FinishedRun
from seqcli.runs.metrics import MetricsLog, read_log
from seqcli.runs.run_layout import MODEL_FILE, TASK_FILE, TOKENIZER_FILE
from seqcli.training.config import CHECKPOINT_SECONDS
from seqcli.training.loop import Position, Training
from seqcli.training.step import check_weights

WEIGHTS_FILE = "weights.safetensors"
OPTIMISER_FILE = "optimizer.safetensors"
BEST_FILE = "best.safetensors"
CARRIED_FILE = "carried.safetensors"
"""The state that the next step starts from, where data goes on from one step to the next."""
EPOCH_FILE = re.compile(r"epoch-([1-9][0-9]{0,8})\.safetensors")


def to_bytes(tensors: Mapping[str, Tensor]) -> bytes:
    """Tensors in the safetensors format; the same tensors give the same bytes.

    Weights that stand under two names (tied embeddings) are written under both: the format knows no sharing.
    """
    plain: dict[str, Tensor] = {}
    written: set[int] = set()
    for name, tensor in sorted(tensors.items()):  # equal tensors in one order: equal bytes
        own = tensor.detach().cpu().contiguous()
        plain[name] = own.clone() if own.untyped_storage().data_ptr() in written else own
        written.add(own.untyped_storage().data_ptr())
    return safetensors.torch.save(plain)


def from_bytes(content: bytes, where: str) -> dict[str, Tensor]:
    """The tensors back from memory, on the CPU.

    Raises:
        RunError: The content is not in the safetensors format.
    """
    try:
        return safetensors.torch.load(content)
    except Exception as error:  # safetensors raises its own class and several of Python's
        raise RunError(f"{where} is not a readable safetensors file: {error}") from error


def check_widths(content: bytes, widths: Mapping[str, object], vocab_size: int, where: str) -> None:
    """Refuse a configuration whose network could not be in its weights' file, before any of it is made.

    Args:
        content: The weights' file.
        widths: The configuration; `hidden`, `layers` and `embedding` are looked at.
        vocab_size: Ids of the embedding.
        where: The run, for messages.

    Raises:
        RunError: A recurrent matrix (H, H) a layer, or the embedding, alone would be larger than the file.
    """
    sizes = [widths.get(name) for name in ("hidden", "layers", "embedding")]
    hidden, layers, embedding = (size if isinstance(size, int) else 0 for size in sizes)
    if 4 * max(layers * hidden**2, vocab_size * embedding) > len(content):  # 4 bytes a float32
        raise RunError(
            f"{where}: a model with hidden={hidden}, layers={layers}, embedding={embedding} and a vocabulary "
            f"of {vocab_size:,} is not in weights of {len(content):,} bytes",
            "The configuration was changed: make the run again, or fetch an undamaged copy.",
        )


def load_weights(network: nn.Module, tensors: Mapping[str, Tensor], where: str) -> None:
    """Fill `network` with `tensors`, which must fit exactly and be finite.

    Raises:
        RunError: A name is missing or unknown, or a shape, dtype or value is wrong.
    """
    expected = network.state_dict()
    for name in sorted(expected.keys() | tensors.keys()):
        if name not in tensors or name not in expected:
            raise RunError(f"{where}: weight {name} is {'missing' if name in expected else 'unknown'}")
        declared, stored = expected[name], tensors[name]
        if declared.shape != stored.shape or declared.dtype != stored.dtype:
            raise RunError(
                f"{where}: weight {name} is {stored.dtype} {tuple(stored.shape)}, "
                f"the model has {declared.dtype} {tuple(declared.shape)}"
            )
        if not torch.isfinite(stored).all():
            raise RunError(f"{where}: weight {name} has values that are not finite")
    network.load_state_dict(dict(tensors))


def capture(training: Training) -> tuple[dict[str, object], dict[str, bytes]]:
    """A checkpoint's JSON state and its files."""
    slots = training.optimiser.state_dict()["state"]
    optimiser = {f"{index}.{name}": value for index, slot in slots.items() for name, value in slot.items()}
    files = {
        WEIGHTS_FILE: to_bytes(training.network.state_dict()),
        OPTIMISER_FILE: to_bytes(optimiser),
        BEST_FILE: to_bytes(training.best_weights),
        **epoch_files(training),
    }
    if training.network.carried is not None:
        parts = {str(number): part for number, part in enumerate(training.network.carried)}
        files[CARRIED_FILE] = to_bytes(parts)
    return training.position.to_json(), files


def restore(training: Training, state: Mapping[str, object], files: Mapping[str, bytes]) -> None:
    """Put `training` where `capture` found it.

    Raises:
        RunError: The files do not fit this model.
    """
    load_weights(training.network, from_bytes(files[WEIGHTS_FILE], WEIGHTS_FILE), WEIGHTS_FILE)
    slots: dict[int, dict[str, Tensor]] = {}
    for key, value in from_bytes(files[OPTIMISER_FILE], OPTIMISER_FILE).items():
        index, _, name = key.partition(".")
        slots.setdefault(int(index), {})[name] = value
    # The groups are those of the configuration, which says the learning rate; a checkpoint keeps moments
    # alone.
    groups = training.optimiser.state_dict()["param_groups"]
    training.optimiser.load_state_dict({"state": slots, "param_groups": groups})
    training.best_weights = {
        name: value.to(training.device) for name, value in from_bytes(files[BEST_FILE], BEST_FILE).items()
    }
    training.epoch_weights = {
        number: {key: value.to(training.device) for key, value in from_bytes(files[name], name).items()}
        for number, name in kept_epochs(files).items()
    }
    if CARRIED_FILE in files:
        parts = from_bytes(files[CARRIED_FILE], CARRIED_FILE)
        training.network.carried = tuple(parts[name].to(training.device) for name in sorted(parts, key=int))
    training.position = Position.from_json(state)


def epoch_files(training: Training) -> dict[str, bytes]:
    """The weights after each epoch that is kept, by file name."""
    return {f"epoch-{n}.safetensors": to_bytes(weights) for n, weights in training.epoch_weights.items()}


def kept_epochs(names: Iterable[str]) -> dict[int, str]:
    """Those of the files' names that `epoch_files` gave, by the number of their epoch, in order."""
    matches = map(EPOCH_FILE.fullmatch, names)
    return dict(sorted((int(match[1]), match[0]) for match in matches if match is not None))


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
        # It had ended for want of epochs, which the new run has more of.
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
        # A checkpoint after the last step has nothing to go on from: what is left to do there is scoring.
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


class LegState(Settings):
    """The content of a checkpoint's `state.json`.

    Attributes:
        training: The loop's position.
        metrics: Where `metrics.jsonl` was.
        seconds: How long the leg had run.
        epoch_seconds: How long it had run at the end of each epoch.
        train_seconds: How long its training steps had taken.
        seconds_to_best: How long it had run at the end of its best epoch.
        sequences: How many sequences these steps had read.
        tokens: How many tokens.
    """

    training: dict[str, object]
    metrics: dict[str, object]
    seconds: float
    epoch_seconds: list[float] = []  # noqa: RUF012 - pydantic copies defaults; JSON has lists
    train_seconds: float = 0.0
    seconds_to_best: float = 0.0
    sequences: int = 0
    tokens: int = 0


@dataclass
class CheckpointWriter:
    """Writes a leg's checkpoints.

    Args:
        training: What is kept.
        run: Where.
        metrics: The metrics log, whose mark belongs to the checkpoint.
        usable: What else the best epoch's weights need to be used: the tokenizer, the task.
        every: Seconds between two checkpoints.
    """

    training: Training
    run: RunDirectory
    metrics: MetricsLog
    usable: Mapping[str, bytes] = field(default_factory=dict)
    every: float = CHECKPOINT_SECONDS
    saved_at: float = field(default_factory=time.monotonic)

    def save(self) -> None:
        """Commit a checkpoint of this very step."""
        check_weights(self.training.network, step=self.training.position.step)
        position, files = capture(self.training)
        files |= self.usable
        clock = self.training.clock
        state = {
            "training": position,
            "metrics": self.metrics.mark(),
            "seconds": clock.seconds,
            "epoch_seconds": clock.epoch_seconds,
            "train_seconds": clock.train_seconds,
            "seconds_to_best": clock.seconds_to_best,
            "sequences": clock.sequences,
            "tokens": clock.tokens,
        }
        self.run.checkpoints.commit(self.training.position.step, state=state, files=files)
        self.run.tell_memory()
        # From the end of writing: on a slow disk, checkpoints would else follow each other without a pause.
        self.saved_at = time.monotonic()

    def save_when_due(self) -> None:
        """Commit a checkpoint if the last one is old."""
        if time.monotonic() - self.saved_at > self.every:
            self.save()


def restored(training: Training, run: RunDirectory) -> Generator[Event, None, Mapping[str, object] | None]:
    """Bring training back to the newest sound checkpoint, and tell which are not.

    Returns:
        Where `metrics.jsonl` was then; None where there is no checkpoint.
    """
    checkpoint = run.checkpoints.latest_verified()
    for warning in run.checkpoints.warnings:
        yield Note(text=warning)
    if checkpoint is None:
        return None
    state = LegState.model_validate(checkpoint.state)
    restore(training, state.training, checkpoint.files)
    # The clock goes on from there: a leg's seconds are those of all its processes.
    training.clock.before = state.seconds
    training.clock.epoch_seconds = list(state.epoch_seconds)
    training.clock.train_seconds, training.clock.seconds_to_best = state.train_seconds, state.seconds_to_best
    training.clock.sequences, training.clock.tokens = state.sequences, state.tokens
    return state.metrics
