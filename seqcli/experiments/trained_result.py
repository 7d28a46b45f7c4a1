"""The result of a finished training: its record, and its answers judged over their examples."""

from pathlib import Path

from seqcli.data.answer_rows import LineAnswers, rows
from seqcli.data.kind import KINDS, metric_named
from seqcli.data.pair_scores import BleuTokenizer, words_of
from seqcli.results.common import Interval
from seqcli.results.steps_ahead import StepScores
from seqcli.results.train import ClassTable, EpochRecord, Score, Timing, TrainResult, TrainSummary
from seqcli.runs.directory import RunDirectory
from seqcli.runs.finished_run import FinishedRun, TaskRecord
from seqcli.runs.metrics import read_metrics
from seqcli.runs.run_layout import METRICS_FILE
from seqcli.runs.storage import foreign_values


def result_of(
    folder: Path, summary: TrainSummary, timing: Timing, *, task: TaskRecord, answers: LineAnswers
) -> TrainResult:
    """The record of a training from what it reached, what that took, and its answers to the test split.

    Raises:
        RunError: The answers or the log of epochs are damaged.
    """
    from seqcli.experiments.compare.shared_examples import scores_beside

    test = summary.tested.model_copy(update={"ci95": interval_over_examples(summary.tested, answers)})
    fields = {**summary.model_dump(), **timing.model_dump(), "test": test}
    other_scores = scores_beside(task.kind, task.labels, summary.tested.metric, answers)
    with foreign_values(folder):
        by_class, ahead = classes_of(task, answers), steps_of(task.kind, answers)
    return TrainResult(
        run=str(folder),
        kind=task.kind,
        majority=task.majority,
        beside=other_scores,
        by_class=by_class,
        ahead=ahead,
        valid_per_epoch=_valid_per_epoch(folder, summary.epochs),
        **fields,
    )


def _valid_per_epoch(folder: Path, epochs: int) -> list[float]:
    """The validation score of each epoch from the run's log; [] where it does not hold them all."""
    with foreign_values(folder):
        records = [EpochRecord.model_validate(line) for line in read_metrics(folder / METRICS_FILE)]
    return [record.valid_metric for record in records] if len(records) == epochs else []


def classes_of(task: TaskRecord, answers: LineAnswers) -> ClassTable | None:
    """The classes of a task one by one; None where nothing is put into one, or no answers were kept.

    Args:
        task: What the answers are to.
        answers: Lines as of `predictions.jsonl`.
    """
    from seqcli.statistics.classification import class_table

    classified = KINDS.get(task.kind).classified
    return class_table(classified(rows(answers)), task.labels) if classified and answers else None


def steps_of(kind: str, answers: LineAnswers) -> StepScores | None:
    """The scores of each step ahead; None of a kind without such steps, or where no answers were kept.

    Args:
        kind: The kind of task.
        answers: Lines as of `predictions.jsonl`.
    """
    scored = KINDS.get(kind).step_scores
    return scored(rows(answers)) if scored and answers else None


def read_result(folder: Path) -> TrainResult:
    """A finished run's result.

    Raises:
        RunError: It is not finished, or its files were changed.
    """
    run = FinishedRun(RunDirectory.open(folder))
    with foreign_values(folder):
        summary, timing, task = run.summary, run.timing, run.task
    return result_of(folder, summary, timing, task=task, answers=run.predictions)


def interval_over_examples(score: Score, answers: LineAnswers) -> Interval | None:
    """The 95 % interval of one network's score over its test examples.

    Args:
        score: On the test split.
        answers: Its `predictions.jsonl`; none where none were kept.
    """
    return interval_of_answers(score.metric, answers, words_of(score.signature))


def interval_of_answers(
    name: str, answers: LineAnswers, words: BleuTokenizer | None = None
) -> Interval | None:
    """The 95 % interval of a score that one network's answers make, over its examples.

    Args:
        name: The metric.
        answers: Lines as of `predictions.jsonl`; none where none were kept.
        words: How BLEU finds words; None goes by the references' script.
    """
    from seqcli.experiments.compare.shared_examples import crossed_mean
    from seqcli.statistics.own_score import run_interval

    metric = metric_named(name)
    mean = crossed_mean([(1.0, (answers,))], name, words)
    if metric.most is None or mean is None:
        return None
    return run_interval(mean, most=metric.most, share=metric.right is not None)
