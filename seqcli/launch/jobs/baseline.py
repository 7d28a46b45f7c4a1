"""The job of fitting a baseline without recurrence and scoring it."""

from collections.abc import Callable, Generator
from pathlib import Path

import numpy as np

from seqcli.config.numbers import PartOfAll
from seqcli.config.settings import Settings
from seqcli.data.part import Part, part_of
from seqcli.data.prepared import Prepared
from seqcli.launch.job import read_arguments
from seqcli.models.baseline import BASELINES
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
    should_stop: Callable[[], bool],  # noqa: ARG001 - a second or two is not worth stopping
) -> Generator[Event, None, dict[str, object]]:
    """Fit on the training split; the result is the accuracy on the other two."""
    yield from ()
    job = read_arguments(BaselineJob, arguments)
    prepared = Prepared.open(Path(job.data))
    baseline = BASELINES.get(job.baseline)()
    part, texts = part_of(prepared.splits["train"], job.train_size, seed=0), prepared.texts("train")
    learnt = list(texts.picked(part.indices)) if isinstance(part, Part) else texts
    baseline.fit(learnt, [prepared.labels[target] for target in part.targets])
    accuracy: dict[str, object] = {}
    for split in ("valid", "test"):
        right = [prepared.labels[target] for target in prepared.splits[split].targets]
        said = baseline.predict(prepared.texts(split))
        accuracy[split] = float(np.mean([a == b for a, b in zip(right, said, strict=True)]))
    return accuracy


JOB = score
