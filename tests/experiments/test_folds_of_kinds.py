"""`--folds` of labelled words and of pairs: each sentence is tested once, and none is in train and test."""

import pytest

from seqcli.data.kind import KINDS
from seqcli.errors import DataError, UsageError
from seqcli.experiments.compare.comparison import plan, run_comparison
from seqcli.experiments.compare.store import Store
from seqcli.experiments.config import CompareConfig
from seqcli.results.events import drive

TINY = {"hidden": 4, "embedding": 4, "epochs": 1, "cost": "no", "jobs": 1, "folds": 3}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("folds")
    tags = [f"w{n} A\nx{n % 7} B" for n in range(30)]
    pairs = [f"one {n} two {n % 5},eins {n} zwei" for n in range(30)]
    (folder / "t.conll").write_text("\n\n".join(tags) + "\n", encoding="utf-8")
    (folder / "p.csv").write_text("\n".join(["source,target", *pairs]) + "\n", encoding="utf-8")
    (folder / "few.conll").write_text("\n\n".join(tags[:5]) + "\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize(("name", "model"), [("t.conll", "gru"), ("p.csv", "seq2seq")])
def test_every_example_is_tested_in_one_fold_and_validated_in_none(files, name, model):
    folds = plan(CompareConfig(models=(model,), data=str(files / name), **TINY)).folds
    texts = [{split: set(fold.texts(split)) for split in ("train", "valid", "test")} for fold in folds]
    tested = [text for fold in texts for text in fold["test"]]
    assert len(tested) == len(set(tested)) == 27
    assert {frozenset(fold["valid"]) for fold in texts} == {frozenset(texts[0]["valid"])}
    for fold in texts:
        assert not fold["train"] & fold["test"]
        assert fold["train"] | fold["test"] == set(tested)
        assert not fold["valid"] & set(tested)


@pytest.mark.torture
def test_labelled_words_are_cross_validated_to_the_end(files, tmp_path):
    config = CompareConfig(models=("gru",), data=str(files / "t.conll"), **TINY)
    result = drive(run_comparison(plan(config), Store(tmp_path), lambda: False), lambda _: None)
    assert result.protocol.folds.folds == 3
    assert len(result.models[0].quality.per_seed) == 3
    assert result.models[0].quality.ci95 is not None


def test_fewer_sentences_than_folds_are_told(files):
    with pytest.raises(DataError, match=r"4 different sentences .*5 folds"):
        plan(CompareConfig(models=("gru",), data=str(files / "few.conll"), **{**TINY, "folds": 5}))


def test_what_has_no_groups_says_which_kinds_have(files):
    with pytest.raises(UsageError) as refused:
        plan(CompareConfig(models=("gru",), data=str(files / "t.conll"), group_column="author"))
    assert "own data of kind tag" in refused.value.message
    assert "for data of kind classify" in refused.value.hint
    assert not KINDS.get("tag").own(name="x").reads & {"group_column"}
