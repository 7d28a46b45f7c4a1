"""One leg: a model, a seed and a configuration in; a committed run directory out."""

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import TypeVar

import torch

from seqcli.data.answer_rows import LineAnswers
from seqcli.data.prepared import Prepared
from seqcli.errors import StoppedError
from seqcli.results.events import EpochFinished, Event, Leg, LegFinished, LegStarted, StepProgress
from seqcli.results.train import (
    Timing,
    TrainSummary,
)
from seqcli.runs import strict_json
from seqcli.runs.directory import RunDirectory
from seqcli.runs.metrics import MetricsLog
from seqcli.runs.run_layout import (
    PREDICTIONS_FILE,
    TASK_FILE,
    TOKENIZER_FILE,
)
from seqcli.training.config import CHECKPOINT_SECONDS
from seqcli.training.construction import make_training, refused_kernels
from seqcli.training.evaluate import EvaluationStopped, never
from seqcli.training.identity import LegConfig
from seqcli.training.leg_notes import begun_anew, hidden_explosion, killed_before
from seqcli.training.leg_outcome import Sources, outcome, task_record, timing
from seqcli.training.loop import EpochDone, Position, StepDone, StepWanted, Training
from seqcli.training.state import CheckpointWriter, last_state, restored

R = TypeVar("R")

# Seconds between two progress events of a leg.
PROGRESS_SECONDS = 0.25


class StopAsked(Exception):  # noqa: N818 - asked for, no error
    """A stop was asked for between two steps."""


@dataclass(frozen=True)
class BestSoFar:
    """The best epoch so far of a leg that has not come to its end."""

    summary: TrainSummary
    timing: Timing
    answers: LineAnswers
    """The lines that its `predictions.jsonl` would hold."""


def stopped_at(position: Position, epochs: int) -> StoppedError:
    """The words for a leg that stopped with its state saved, in one of so many epochs at most."""
    return StoppedError(
        f"stopped in epoch {position.epoch} of {epochs} (step {position.step:,}); the state is saved",
        "The same command continues from here.",
    )


def run_leg(  # noqa: PLR0913 - a leg and how it may end, all but three by name
    config: LegConfig,
    prepared: Prepared,
    run: RunDirectory,
    *,
    label: str,
    should_stop: Callable[[], bool],
    checkpoint_every: float = CHECKPOINT_SECONDS,
    budget_spent: Callable[[], bool] = never,
    keep_last: bool = False,
    sources: Sources | None = None,
) -> Generator[Event | StepWanted, None, BestSoFar | None]:
    """Train one leg to the end, or to the point where it is told to stop, and commit what came of it.

    >>> with RunDirectory.create(folder, config) as run:  # doctest: +SKIP
    ...     events = list(run_leg(leg, prepared, run, label="gru", should_stop=lambda: False))

    Args:
        config: All that decides the result.
        prepared: The data that `config` names.
        run: The run directory, whose lock is held.
        label: What the model is called in events.
        should_stop: Asked after every step, and between the batches of an evaluation.
        checkpoint_every: Seconds between two checkpoints: what a killed leg loses at most.
        budget_spent: Whether it is a time budget that stops it, and not a person or a signal.
        keep_last: Whether the result holds what more epochs would start from.
        sources: Where each example stood, for `predictions.jsonl`; None leaves it out.

    Returns:
        What the best epoch so far reaches, where a budget ended the leg after its first epoch; None where
        the leg came to its end.

    Raises:
        DivergedError: Training diverged; nothing is committed.
        StoppedError: A stop was asked for; a checkpoint holds the state.
    """
    leg = Leg(model=label, seed=config.seed)
    yield from killed_before(leg, run.killed)
    training = make_training(config, prepared)
    training.should_stop = should_stop
    yield from begun_anew(leg, training.network, prepared.first)
    mark = yield from restored(training, run)
    with MetricsLog.open(run.metrics_path, mark) as metrics:
        usable = {
            TOKENIZER_FILE: prepared.tokenizer.json.encode(),
            TASK_FILE: strict_json.document(task_record(config, prepared).model_dump(mode="json")),
        }
        keeper = CheckpointWriter(training, run, metrics, usable, checkpoint_every)
        yield from refused_kernels(training.network)
        yield LegStarted(leg=leg, epochs=config.training.epochs, steps_per_epoch=training.steps_per_epoch)
        last: dict[str, bytes] = {}
        try:
            yield from _follow(leg, training, keeper)
            mark = metrics.mark()
            last = last_state(training, mark) if keep_last else {}
            summary, files = outcome(config, prepared, training, sources=sources)
        except (EvaluationStopped, StopAsked):
            keeper.save()
            if not budget_spent() or training.position.best_metric is None:
                raise stopped_at(training.position, config.training.epochs) from None
            return _best_so_far(config, prepared, training, budget_spent)
    run.commit_result({**files, **last}, summary.to_json())
    yield from hidden_explosion(leg, config.training, training.position.largest_norm)
    yield LegFinished.of(leg, summary, kept=False)
    return None


def one_leg(steps: Generator[Event | StepWanted, None, R]) -> Generator[Event, None, R]:
    """The events of a leg that takes its steps by itself.

    Raises:
        TypeError: It waits for others, with whom it is a batch.
    """
    try:
        while True:
            event = next(steps)
            if isinstance(event, StepWanted):
                raise TypeError("one of a batch trains with the others of it")
            yield event
    except StopIteration as end:
        result: R = end.value
        return result
    finally:
        steps.close()


def _best_so_far(
    config: LegConfig, prepared: Prepared, training: Training, budget_spent: Callable[[], bool]
) -> BestSoFar:
    """Score the best epoch of a leg whose state is saved already.

    Raises:
        StoppedError: A signal came meanwhile.
    """
    should_stop = training.should_stop

    def signalled() -> bool:
        # The call shows the parent that this worker lives; its answer holds the spent budget as well.
        should_stop()
        return not budget_spent()

    training.should_stop = signalled
    try:
        summary, files = outcome(config, prepared, training)
    except EvaluationStopped:
        raise stopped_at(training.position, config.training.epochs) from None
    return BestSoFar(
        summary.model_copy(update={"stopped": "time"}),
        timing(training, torch.device(config.device)),
        files[PREDICTIONS_FILE],
    )


def _follow(leg: Leg, training: Training, keeper: CheckpointWriter) -> Iterator[Event | StepWanted]:
    """Run the training, keep its metrics and checkpoints, and tell what people follow."""
    told_at = 0.0
    for event in training.run():
        if isinstance(event, StepWanted):
            yield event
            continue
        if isinstance(event, EpochDone):
            keeper.metrics.append(event.record.to_json())
            yield _epoch_event(leg, training, event)
            continue
        if time.monotonic() - told_at > PROGRESS_SECONDS:
            told_at = time.monotonic()
            yield _step_event(leg, training, event)
        if training.stop_asked():
            raise StopAsked
        keeper.save_when_due()


def _step_event(leg: Leg, training: Training, done: StepDone) -> StepProgress:
    return StepProgress(
        leg=leg,
        epoch=done.epoch,
        step=done.step,
        loss=done.outcome.loss,
        sequences_per_second=training.clock.sequences_per_second,
    )


def _epoch_event(leg: Leg, training: Training, done: EpochDone) -> EpochFinished:
    position = training.position
    return EpochFinished(
        leg=leg,
        metric=training.metric.name,
        record=done.record,
        best_epoch=position.best_epoch,
        best_metric=position.best_metric or 0.0,
        sequences_per_second=training.clock.sequences_per_second,
        seconds=training.clock.seconds,
    )
