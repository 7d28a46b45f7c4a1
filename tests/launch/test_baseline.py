"""The job of fitting a baseline: what it learns from, and what it is scored on."""

import json
import re
from types import SimpleNamespace

import pytest

from seqcli.data.batches import subset_of
from seqcli.errors import StoppedError
from seqcli.experiments.config import CompareConfig
from seqcli.experiments.data import prepare_data
from seqcli.launch.jobs import baseline as job
from seqcli.models.baseline import BaselineMethod
from seqcli.results.compare import BaselineAnswers
from seqcli.results.events import drive


class Recording(BaselineMethod):
    """Learns nothing but what it was shown; says 'positive' to all."""

    learnt = ()
    asked = ()

    def fit(self, texts, labels):
        Recording.learnt = list(zip(texts, labels, strict=True))
        return self

    def predict(self, texts):
        Recording.asked = list(texts)
        return ["positive" for _ in texts]


@pytest.fixture
def prepared(reviews):
    return prepare_data(CompareConfig(models=("gru",), data=str(reviews)))


@pytest.mark.parametrize("share", [1.0, 0.25])
def test_it_learns_the_share_of_the_training_split_that_legs_of_seed_0_learn_from(
    prepared, monkeypatch, share
):
    monkeypatch.setattr(job, "BASELINES", SimpleNamespace(get={"recording": Recording}.__getitem__))
    scored = {"baseline": "recording", "data": str(prepared.folder), "train_size": share}
    result = drive(job.score(scored, bool))
    train, part = prepared.splits["train"], subset_of(prepared.splits["train"], share, seed=0)
    texts = list(prepared.texts("train"))
    places = range(len(train)) if share == 1.0 else part.indices
    assert Recording.learnt == [(texts[i], prepared.labels[int(train.targets[i])]) for i in places]
    assert len(Recording.learnt) == round(share * len(train))
    answers = BaselineAnswers.from_json(result)
    right = {
        split: [prepared.labels[int(n)] for n in prepared.splits[split].targets]
        for split in ("valid", "test")
    }
    assert [answer.label for answer in answers.answers] == right["test"]
    assert {answer.predicted for answer in answers.answers} == {"positive"}
    assert answers.test == pytest.approx(right["test"].count("positive") / len(right["test"]))
    assert answers.valid == pytest.approx(right["valid"].count("positive") / len(right["valid"]))


def test_its_answers_read_as_those_of_a_leg(prepared, monkeypatch):
    monkeypatch.setattr(job, "BASELINES", SimpleNamespace(get={"recording": Recording}.__getitem__))
    result = drive(job.score({"baseline": "recording", "data": str(prepared.folder)}, bool))
    rows = [json.loads(line) for line in BaselineAnswers.from_json(result).predictions.splitlines()]
    assert [row["label"] for row in rows] == [
        prepared.labels[int(n)] for n in prepared.splits["test"].targets
    ]
    assert all(row["predicted"] == "positive" for row in rows)


@pytest.mark.parametrize("parts", [0, 1, 2])
def test_it_asks_whether_to_stop_before_the_fit_and_before_each_split(prepared, monkeypatch, parts):
    """Asking is also how its parent hears that it is alive."""
    monkeypatch.setattr(job, "BASELINES", SimpleNamespace(get={"recording": Recording}.__getitem__))
    answers = iter([False] * parts + [True])
    with pytest.raises(StoppedError):
        next(job.score({"baseline": "recording", "data": str(prepared.folder)}, answers.__next__))
    assert next(answers, "asked no more") == "asked no more"


def test_it_reads_of_each_text_what_the_networks_read_and_nothing_beyond(tmp_path, monkeypatch):
    """The label stands at the end of each text, which the networks do not see."""
    rows = [f"word{n} stays, {'good' if n % 2 else 'bad'}\t{n % 2}" for n in range(40)]
    (tmp_path / "late.tsv").write_text("text\tlabel\n" + "\n".join(rows) + "\n")
    config = CompareConfig(models=("gru",), data=str(tmp_path / "late.tsv"), max_len=3)
    cut = prepare_data(config)
    monkeypatch.setattr(job, "BASELINES", SimpleNamespace(get={"recording": Recording}.__getitem__))
    drive(job.score({"baseline": "recording", "data": str(cut.folder)}, bool))
    assert all(re.fullmatch(r"word\d+ stays,", text) for text, _ in Recording.learnt)
    assert all(re.fullmatch(r"word\d+ stays,", text) for text in Recording.asked)
