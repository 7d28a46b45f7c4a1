"""The job of fitting a baseline without recurrence and scoring it."""

from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Any, Literal

from seqcli.config.settings import PartOfAll, Settings
from seqcli.data.batches import Subset, subset_of
from seqcli.data.class_scores import SHARES
from seqcli.data.kind import KINDS, Examples
from seqcli.data.prepared import Prepared
from seqcli.data.threshold import chosen_threshold, decided, outputs_of
from seqcli.launch.job import go_on, read_arguments
from seqcli.models.baseline import BASELINES, BaselineMethod
from seqcli.results.compare import Answer, BaselineAnswers
from seqcli.results.events import Event
from seqcli.results.train import ClassThreshold


class BaselineJob(Settings):
    """The input of a worker that scores a baseline.

    Attributes:
        baseline: Its name.
        data: The prepared data's folder.
        train_size: The share of the training split to learn from; seed 0 draws it.
        threshold: From which probability on the rarer of two classes is said, as for the networks beside it.
    """

    baseline: str
    data: str
    train_size: PartOfAll = 1.0
    threshold: Literal["half", "valid"] = "half"


def score(
    arguments: dict[str, object],
    should_stop: Callable[[], bool],
) -> Generator[Event, None, dict[str, object]]:
    """Fit on the training split and answer the other two; the result is a `BaselineAnswers`.

    It reads of each text what the networks read of it, as far as `max_len` goes.

    Raises:
        StoppedError: A stop was asked for before one of its parts.
    """
    yield from ()
    job = read_arguments(BaselineJob, arguments)
    prepared = Prepared.open(Path(job.data))
    baseline = BASELINES.get(job.baseline).of(prepared.facts)
    part = subset_of(prepared.splits["train"], job.train_size, seed=0)
    learnt = _examples(prepared, "train")
    if isinstance(part, Subset):
        inputs, right = ([side[int(place)] for place in part.indices] for side in learnt)
        learnt = inputs, right
    go_on(should_stop)
    baseline.fit(*learnt)
    go_on(should_stop)
    chosen, by_shares = job.threshold == "valid", SHARES in prepared.scored_by.needs
    valid = _answers(baseline, prepared, "valid", should_stop, shares=by_shares or chosen)
    go_on(should_stop)
    test = _answers(baseline, prepared, "test", should_stop, shares=by_shares or chosen)
    if chosen:
        valid, test = _by_threshold(prepared, valid, test)
    if not by_shares:
        valid, test = (
            [each.model_copy(update={"probabilities": None}) for each in part] for part in (valid, test)
        )
    return BaselineAnswers(
        valid=_score(prepared, valid),
        test=_score(prepared, test),
        answers=test,
    ).to_json()


def _examples(prepared: Prepared, split: str) -> Examples:
    """The inputs and right answers of a split, as the kind of task gives them to such methods."""
    examples = KINDS.get(prepared.kind).examples
    if examples is None:
        raise TypeError(f"no method without recurrence learns tasks of kind {prepared.kind}")
    return examples(prepared, split)


def _answers(
    baseline: BaselineMethod[Any, Any],
    prepared: Prepared,
    split: str,
    should_stop: Callable[[], bool],
    *,
    shares: bool,
) -> list[Answer]:
    """The right answer to each example of a split beside the one that the baseline gives, (N,).

    Args:
        baseline: It has been fitted.
        prepared: The data.
        split: Which part of it.
        should_stop: Asked between two groups of inputs.
        shares: Whether the probability of each class is wanted too, where the baseline has any.

    Raises:
        StoppedError: A stop was asked for between two groups of inputs.
    """
    inputs, right = _examples(prepared, split)
    together = baseline.together or max(len(inputs), 1)
    predicted: list[Any] = []
    for start in range(0, len(inputs), together):
        go_on(should_stop)
        predicted += baseline.predict(inputs[start : start + together])
    known: Sequence[dict[str, float] | None] | None = baseline.shares(inputs) if shares else None
    return [
        Answer(label=label, predicted=answer, probabilities=each)
        for label, answer, each in zip(right, predicted, known or [None] * len(right), strict=True)
    ]


def _by_threshold(
    prepared: Prepared, valid: list[Answer], test: list[Answer]
) -> tuple[list[Answer], list[Answer]]:
    """The answers as the threshold that is best on validation decides them.

    A method whose probabilities are the same for every input, or that has none, answers as before: it has no
    order of examples that a threshold could cut.
    """
    shares = [answer.probabilities for answer in valid if answer.probabilities]
    if not shares or all(each == shares[0] for each in shares):
        return valid, test
    splits = prepared.splits
    outputs = outputs_of(shares, prepared.labels)
    threshold = chosen_threshold(
        prepared.labels,
        splits["train"].targets,
        splits["valid"].targets,
        outputs,
        metric=prepared.scored_by.threshold_by,
    )
    return _decided(valid, prepared.labels, threshold), _decided(test, prepared.labels, threshold)


def _decided(answers: list[Answer], labels: Sequence[str], threshold: ClassThreshold) -> list[Answer]:
    """The answers with the class that the threshold says in the likeliest one's place."""
    outputs = outputs_of([answer.probabilities or {} for answer in answers], labels)
    return [
        answer.model_copy(update={"predicted": labels[int(number)]})
        for answer, number in zip(answers, decided(outputs, labels, threshold)[:, 0], strict=True)
    ]


def _score(prepared: Prepared, answers: list[Answer]) -> float:
    value = prepared.scored_by.value([answer.model_dump() for answer in answers])
    if value is None:
        raise TypeError(f"{prepared.metric} does not score single answers")
    return value


JOB = score
