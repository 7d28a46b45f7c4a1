"""A tagger that reads letters, from the option to `predict`: endings are learnt, and new words have some."""

import pytest

from seqcli.errors import UsageError
from seqcli.experiments.compare.comparison import plan
from seqcli.experiments.config import CompareConfig, TrainConfig
from seqcli.experiments.look_inside import look_inside
from seqcli.experiments.predict import labelled, open_predictor
from seqcli.experiments.train import plan_training, train
from seqcli.experiments.use_config import PredictConfig
from seqcli.results.events import drive

SHAPE = {"hidden": 8, "embedding": 8, "epochs": 12, "lr": 0.02, "batch_size": 16, "dropout": 0.0}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Words that end in -or are nouns, those in -est verbs; each stem occurs once."""
    stems = [first + vowel + last for first in "bdfgk" for vowel in "aiou" for last in "lmnt"]
    lines = [f"{a}or\tN\n{b}est\tV" for a, b in zip(stems[::2], stems[1::2], strict=True)]
    path = tmp_path_factory.mktemp("letters") / "words.conll"
    path.write_text("\n\n".join(lines) + "\n", encoding="utf-8")
    config = TrainConfig(model="gru", data=str(path), characters=True, bidirectional=False, **SHAPE)
    folder = path.parent / "run"
    result = drive(
        train(plan_training(config), folder, overwrite=False, should_stop=lambda: False), lambda _: None
    )
    return folder, result


def test_endings_are_learnt_and_words_never_seen_are_labelled_by_theirs(run):
    folder, result = run
    assert result.test.value == 1.0  # every test word is unknown as a word
    answers = labelled(open_predictor(folder, PredictConfig()), ["zuzor zazest", "west xor zor", ""])
    assert [answer.labels for answer, _ in answers] == [["N", "V"], ["V", "N", "N"], []]


def test_the_order_and_number_of_texts_changes_no_label(run):
    predictor = open_predictor(run[0], PredictConfig())
    texts = ["zuzor zazest", "or", "unbelievablest of allor"]
    together = [answer.answer.labels for answer in predictor.predict(texts)]
    assert together == [predictor.predict([text])[0].answer.labels for text in texts]


def test_the_run_can_be_looked_into(run):
    seen_from_inside = look_inside(run[0], "zuzor zazest")
    assert [step.leaning for step in seen_from_inside.steps] == ["N", "V"]


def test_letters_are_refused_where_no_word_has_a_label(reviews):
    with pytest.raises(UsageError, match="--characters does not apply"):
        plan(CompareConfig(models=("gru",), data=str(reviews), characters=True))
