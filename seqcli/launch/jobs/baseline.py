"""The job of fitting a baseline without recurrence and scoring it."""

from collections.abc import Callable, Generator
from pathlib import Path
from statistics import fmean

from seqcli.config.numbers import PartOfAll
from seqcli.config.settings import Settings
from seqcli.data.part import Part, part_of
from seqcli.data.prepared import Prepared
from seqcli.launch.job import go_on, read_arguments
from seqcli.models.baseline import BASELINES, Baseline
from seqcli.results.compare import Answer, BaselineAnswers
from seqcli.results.events import Event


class BaselineJob(Settings):
    """What a worker needs to score a baseline.

    Attributes:
        baseline: Its name.
        data: The prepared data's folder.
        train_size: The share of the training split to learn from; seed 0 draws it.
    """

    baseline: str
    data: str
    train_size: PartOfAll = 1.0


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
    baseline = BASELINES.get(job.baseline)()
    part, texts = part_of(prepared.splits["train"], job.train_size, seed=0), prepared.cut_texts("train")
    learnt = [texts[int(place)] for place in part.indices] if isinstance(part, Part) else texts
    go_on(should_stop)
    baseline.fit(learnt, [prepared.labels[target] for target in part.targets])
    go_on(should_stop)
    valid = _answers(baseline, prepared, "valid")
    go_on(should_stop)
    test = _answers(baseline, prepared, "test")
    return BaselineAnswers(
        valid=fmean(one.label == one.predicted for one in valid),
        test=fmean(one.label == one.predicted for one in test),
        answers=test,
    ).to_json()


def _answers(baseline: Baseline, prepared: Prepared, split: str) -> list[Answer]:
    """The right label of each example of a split beside the one that the baseline gives, (N,)."""
    targets = prepared.splits[split].targets
    told = baseline.predict(prepared.cut_texts(split))
    return [
        Answer(label=prepared.labels[target], predicted=predicted)
        for target, predicted in zip(targets, told, strict=True)
    ]


JOB = score
