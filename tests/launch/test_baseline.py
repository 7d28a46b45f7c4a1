"""The job of fitting a baseline: what it learns from, and what it is scored on."""

from types import SimpleNamespace

import pytest

from seqcli.data.part import part_of
from seqcli.experiments.config import CompareConfig
from seqcli.experiments.data import prepare_data
from seqcli.launch.jobs import baseline as job
from seqcli.models.baseline import Baseline


class Recording(Baseline):
    """Learns nothing but what it was shown; says 'positive' to all."""

    learnt = ()

    def fit(self, texts, labels):
        Recording.learnt = list(zip(texts, labels, strict=True))
        return self

    def predict(self, texts):
        return ["positive" for _ in texts]


@pytest.fixture
def prepared(reviews):
    return prepare_data(CompareConfig(models=("gru",), data=str(reviews)))


@pytest.mark.parametrize("share", [1.0, 0.25])
def test_it_learns_the_share_of_the_training_split_that_legs_of_seed_0_learn_from(
    prepared, monkeypatch, share
):
    monkeypatch.setattr(job, "BASELINES", SimpleNamespace(get={"recording": Recording}.__getitem__))
    told = job.score({"baseline": "recording", "data": str(prepared.folder), "train_size": share}, bool)
    with pytest.raises(StopIteration) as end:
        next(told)
    train, part = prepared.splits["train"], part_of(prepared.splits["train"], share, seed=0)
    texts = list(prepared.texts("train"))
    places = range(len(train)) if share == 1.0 else part.indices
    assert Recording.learnt == [(texts[i], prepared.labels[int(train.targets[i])]) for i in places]
    assert len(Recording.learnt) == round(share * len(train))
    expected = {
        split: sum(prepared.labels[int(n)] == "positive" for n in prepared.splits[split].targets)
        / len(prepared.splits[split])
        for split in ("valid", "test")
    }
    assert end.value.value == pytest.approx(expected)
