"""The outcome of a leg: its best epoch's scores, its summary, and the files of its run directory."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from io import BytesIO

import torch

from seqcli.data.class_scores import answer_rows
from seqcli.data.kind import KINDS
from seqcli.data.prepared import Prepared
from seqcli.data.threshold import chosen_threshold, decided
from seqcli.models.learner import Learner
from seqcli.models.network import parameter_counts
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
from seqcli.runs.finished_run import TaskRecord
from seqcli.runs.run_layout import (
    CARD_FILE,
    MODEL_FILE,
    PREDICTIONS_FILE,
    TASK_FILE,
    TIMING_FILE,
    TOKENIZER_FILE,
)
from seqcli.training.card import model_card
from seqcli.training.cost import peak_bytes
from seqcli.training.evaluate import Evaluation, evaluate
from seqcli.training.identity import LegConfig
from seqcli.training.loop import Training
from seqcli.training.state import epoch_files, to_bytes


@dataclass(frozen=True)
class Sources:
    """The sources of test examples in `predictions.jsonl`: rows, and texts where they are wanted.

    Legs of comparisons have none: they are kept by what they learn from, which is the same whatever the order
    of a file's rows.
    """

    texts: bool


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
    whole = BytesIO()  # the lines alone are held, not what they say: a test split may be large
    for place, line in enumerate(BytesIO(lines)):
        text = {} if known is None else {"text": known[place]}
        whole.write(strict_json.line({**strict_json.parse_object(line), "row": int(numbers[place]), **text}))
    return whole.getvalue()


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
