"""The outcome of a leg: its best epoch's scores, its summary, and the files of its run directory."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch
from numpy.typing import NDArray

from seqcli.data.answer_rows import RowsAnew
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
from seqcli.runs.atomic import FileContent
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


@dataclass(frozen=True, eq=False)
class AnswerLines(Iterable[bytes]):
    """The lines of `predictions.jsonl`, made one by one, and anew each time they are gone over.

    Attributes:
        prepared: The data.
        outputs: What evaluation kept of the answers to its test split, one row an example.
        sources: Where each example stood; None leaves it out.
    """

    prepared: Prepared
    outputs: NDArray[Any]
    sources: Sources | None

    def __iter__(self) -> Iterator[bytes]:
        lines = KINDS.get(self.prepared.kind).prediction_lines(self.prepared, self.outputs)
        return lines if self.sources is None else self._with_sources(lines, texts=self.sources.texts)

    def _with_sources(self, lines: Iterator[bytes], *, texts: bool) -> Iterator[bytes]:
        """The lines with the row of each example in its file and, where wanted, its text.

        Data that keeps no rows leaves them as they are.
        """
        numbers = self.prepared.row_numbers("test")
        if numbers is None:
            yield from lines
            return
        known = self.prepared.texts("test") if texts and self.prepared.has_texts else None
        for place, line in enumerate(lines):
            text = {} if known is None else {"text": known[place]}
            yield strict_json.line({**strict_json.parse_object(line), "row": int(numbers[place]), **text})


def outcome(
    config: LegConfig, prepared: Prepared, training: Training, *, sources: Sources | None = None
) -> tuple[TrainSummary, dict[str, FileContent]]:
    """Score the best epoch's weights, and lay out the files of the run; answers come line by line.

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
    files: dict[str, FileContent] = {
        MODEL_FILE: to_bytes(training.best_weights),
        **epoch_files(training),
        TOKENIZER_FILE: prepared.tokenizer.json.encode(),
        TASK_FILE: strict_json.document(
            task_record(config, prepared, threshold=threshold).model_dump(mode="json")
        ),
        TIMING_FILE: strict_json.document(timing(training, device).to_json()),
    }
    if test is not None:
        files[PREDICTIONS_FILE] = AnswerLines(prepared, test.outputs, sources)
        card = model_card(model=config.model, training=config.training, prepared=prepared, summary=summary)
        files[CARD_FILE] = card.encode()
    return summary, files


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
    targets = prepared.splits["test"].targets
    rows = RowsAnew(lambda: answer_rows(prepared.labels, targets, outputs), count=len(targets))
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
