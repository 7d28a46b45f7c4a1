"""One leg: a model, a seed and a configuration in; a committed run directory out."""

import json
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

import torch

from seqcli.data.class_scores import answer_rows
from seqcli.data.kind import KINDS
from seqcli.data.prepared import Prepared
from seqcli.data.threshold import chosen_threshold, decided
from seqcli.errors import StoppedError
from seqcli.models.learner import Learner
from seqcli.models.network import parameter_counts
from seqcli.results.events import EpochFinished, Event, Leg, LegFinished, LegStarted, StepProgress
from seqcli.results.measurements import Parameters
from seqcli.results.train import (
    ClassThreshold,
    SolvedCriterion,
    Timing,
    TrainMemory,
    TrainSpeed,
    TrainSummary,
)
from seqcli.runs import strict_json
from seqcli.runs.directory import RunDirectory
from seqcli.runs.finished_run import TaskRecord
from seqcli.runs.metrics import MetricsLog
from seqcli.runs.run_layout import (
    CARD_FILE,
    MODEL_FILE,
    PREDICTIONS_FILE,
    TASK_FILE,
    TIMING_FILE,
    TOKENIZER_FILE,
)
from seqcli.training.card import model_card
from seqcli.training.config import CHECKPOINT_SECONDS
from seqcli.training.construction import make_training, refused_kernels
from seqcli.training.cost import peak_bytes
from seqcli.training.evaluate import Evaluation, EvaluationStopped, evaluate, never
from seqcli.training.identity import LegConfig
from seqcli.training.leg_notes import begun_anew, hidden_explosion, killed_before
from seqcli.training.loop import EpochDone, Position, StepDone, StepWanted, Training
from seqcli.training.state import CheckpointWriter, epoch_files, last_state, restored, to_bytes

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
    answers: bytes
    """What its `predictions.jsonl` would hold."""


def stopped_at(position: Position, epochs: int) -> StoppedError:
    """The words for a leg that stopped with its state saved, in one of so many epochs at most."""
    return StoppedError(
        f"stopped in epoch {position.epoch} of {epochs} (step {position.step:,}); the state is saved",
        "The same command continues from here.",
    )


@dataclass(frozen=True)
class Sources:
    """The sources of test examples in `predictions.jsonl`: rows, and texts where they are wanted.

    Legs of comparisons have none: they are kept by what they learn from, which is the same whatever the order
    of a file's rows.
    """

    texts: bool


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
        Timing.from_json(json.loads(files[TIMING_FILE])),
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


def outcome(
    config: LegConfig, prepared: Prepared, training: Training, *, sources: Sources | None = None
) -> tuple[TrainSummary, dict[str, bytes]]:
    """Score the best epoch's weights, and lay out the files of the run.

    Raises:
        EvaluationStopped: A stop was asked for; going on from a checkpoint made now comes here again.
    """
    device = torch.device(config.device)
    with training.best() as network:
        valid, test, prepared = _scored(network, config, prepared, training.should_stop)
    threshold = _threshold(config, prepared, valid)
    if test is not None and threshold is not None:
        test = _decided(test, prepared, threshold)
    position = training.position
    summary = TrainSummary(
        model=config.model.model,
        task=config.task,
        seed=config.seed,
        parameters=Parameters(**parameter_counts(training.network)),
        epochs=position.epoch,
        best_epoch=position.best_epoch,
        stopped=position.stopped or "epochs",
        valid=valid.score,
        test=test and test.score,
        solved=solved(prepared, test.score.value) if test else None,
        largest_gradient_norm=position.largest_norm,
        threshold=threshold,
        signature=config.signature(prepared.facts.sha256),
    )
    files = {
        MODEL_FILE: to_bytes(training.best_weights),
        **epoch_files(training),
        TOKENIZER_FILE: prepared.tokenizer.json.encode(),
        TASK_FILE: strict_json.document(
            task_record(config, prepared, threshold=threshold).model_dump(mode="json")
        ),
        TIMING_FILE: strict_json.document(timing(training, device).to_json()),
    }
    if test is not None:
        lines = KINDS.get(prepared.kind).prediction_lines(prepared, test.outputs)
        if sources is not None:
            lines = with_sources(lines, prepared, texts=sources.texts)
        files[PREDICTIONS_FILE] = lines
        card = model_card(model=config.model, training=config.training, prepared=prepared, summary=summary)
        files[CARD_FILE] = card.encode()
    return summary, files


def with_sources(lines: bytes, prepared: Prepared, *, texts: bool) -> bytes:
    """The lines of `predictions.jsonl` with the row of each example in its file and, where wanted, its text.

    Args:
        lines: One an example, in the order of the test split.
        prepared: The data; what keeps no rows leaves the lines as they are.
        texts: Whether texts are wanted.
    """
    numbers = prepared.row_numbers("test")
    if numbers is None:
        return lines
    known = prepared.texts("test") if texts and prepared.has_texts else None
    examples = []
    for place, line in enumerate(lines.splitlines()):
        text = {} if known is None else {"text": known[place]}
        examples.append({**strict_json.parse_object(line), "row": int(numbers[place]), **text})
    return b"".join(map(strict_json.line, examples))


def _scored(
    network: Learner, config: LegConfig, prepared: Prepared, should_stop: Callable[[], bool]
) -> tuple[Evaluation, Evaluation | None, Prepared]:
    """The network on the validation split, and on the test split unless it only chose a setting.

    The data comes back as the answers to the test split are read, where validation has a say in that.
    """
    device, metric = torch.device(config.device), prepared.scored_by
    valid = evaluate(network, prepared.splits["valid"], metric, device=device, should_stop=should_stop)
    correct = KINDS.get(prepared.kind).corrected
    if correct and (correction := correct(prepared, valid.outputs)) is not None:
        splits = {**prepared.splits, "test": correction[0]}
        prepared = replace(prepared, splits=splits, reading={**prepared.reading, **correction[1]})
    if config.purpose != "compare":
        return valid, None, prepared
    test = evaluate(network, prepared.splits["test"], metric, device=device, should_stop=should_stop)
    return valid, test, prepared


def solved(prepared: Prepared, score: float) -> SolvedCriterion | None:
    """Return whether a test score solves the task; None where nothing says when it is solved."""
    definition = prepared.facts.definition
    if definition is None:
        return None
    return SolvedCriterion(solved=definition.criterion.met(score), criterion=definition.criterion.words)


def _threshold(config: LegConfig, prepared: Prepared, valid: Evaluation) -> ClassThreshold | None:
    """The threshold that is best on validation, where one is asked for."""
    if config.training.threshold != "valid":
        return None
    trained, targets = prepared.splits["train"].targets, prepared.splits["valid"].targets
    return chosen_threshold(
        prepared.labels, trained, targets, valid.outputs, metric=prepared.scored_by.threshold_by
    )


def _decided(test: Evaluation, prepared: Prepared, threshold: ClassThreshold) -> Evaluation:
    """The answers to the test split as the threshold decides them, scored anew; the loss knows none."""
    outputs = decided(test.outputs, prepared.labels, threshold)
    rows = list(answer_rows(prepared.labels, prepared.splits["test"].targets, outputs))
    value = prepared.scored_by.value(rows)
    score = test.score if value is None else test.score.model_copy(update={"value": value})
    return Evaluation(score, outputs)


def task_record(
    config: LegConfig, prepared: Prepared, *, threshold: ClassThreshold | None = None
) -> TaskRecord:
    """Return the run's record of its data."""
    return TaskRecord(
        name=config.task,
        kind=prepared.kind,
        labels=prepared.labels,
        metric=prepared.metric,
        majority=prepared.majority_score,
        max_len=prepared.max_len,
        vocab_size=prepared.vocab_size,
        data_sha256=prepared.facts.sha256,
        bleu_tokenize=prepared.bleu_tokenize,
        reading=dict(prepared.reading),
        threshold=threshold,
    )


def timing(training: Training, device: torch.device) -> Timing:
    """Return the leg's time and memory in this process and, in seconds, in those before it."""
    clock = training.clock
    return Timing(
        train_speed=TrainSpeed(mean=clock.sequences_per_second, tokens_per_second=clock.tokens_per_second),
        memory=TrainMemory(peak=peak_bytes(device)),
        seconds=clock.seconds,
        seconds_to_best=clock.seconds_to_best,
        epoch_seconds=clock.epoch_seconds,
        kernel=training.network.kernel,
    )
