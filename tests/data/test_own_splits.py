"""Splits as a person asks for them: shares, seed, whole groups, folds; the usual split stays what it was."""

from collections.abc import Callable, Mapping

import numpy as np
import pytest

from seqcli.data import data_words
from seqcli.data.config import DataConfig, anchored
from seqcli.data.groups import grouped_parts
from seqcli.data.prepared import Prepared
from seqcli.data.split import stratified_folds
from seqcli.errors import DataError, UsageError

Make = Callable[..., Prepared]
Write = Callable[[str, str], str]
Texts = Mapping[str, set[str]]


def _csv(rows: int) -> str:
    lines = [f"film number {i} was {'good' if i % 2 else 'bad'},{i % 2},user {i // 4}" for i in range(rows)]
    return "\n".join(["text,label,user", *lines]) + "\n"


def _plain(rows: int) -> str:
    return "".join(line.rsplit(",", 1)[0] + "\n" for line in _csv(rows).splitlines())


def _sizes(prepared: Prepared) -> dict[str, int]:
    return prepared.facts.sizes


def _texts(prepared: Prepared) -> dict[str, set[str]]:
    return {split: set(prepared.texts(split)) for split in ("train", "valid", "test")}


def _users(texts: set[str]) -> set[int]:
    return {int(text.split()[2]) // 4 for text in texts}


def test_the_usual_split_is_that_of_before_shares_could_be_asked_for(make: Make, written: Write) -> None:
    """The SHA-256 is that of the version before: kept training runs are found again."""
    lines = [f"film number {i} was {'good' if i % 2 else 'bad'},{i % 2}" for i in range(60)]
    path = written("x.csv", "\n".join(["text,label", *lines]) + "\n")
    before = "820b4c93e44131eb868aa789cf21d371d92a8725f9cecfbbcf220857c522f7d7"
    assert make(data=path).sha256 == before
    assert make(data=path, split="80,10,10").sha256 == before
    assert make(data=path, split="0.8, 0.1, 0.1", split_seed=0).sha256 == before


def test_settings_that_were_not_set_are_not_kept_so_that_what_was_kept_before_is_found() -> None:
    result = anchored(DataConfig().model_dump(mode="json"))
    assert not {"split", "group_column", "folds", "fold"} & result.keys()
    assert anchored(DataConfig(split="60,20,20").model_dump(mode="json"))["split"] == [0.6, 0.2, 0.2]


@pytest.mark.parametrize("split", ["60,20,20", "0.6,0.2,0.2", (60, 20, 20), [0.6, 0.2, 0.2]])
def test_shares_are_in_percent_or_parts_of_one(make: Make, written: Write, split: object) -> None:
    prepared = make(data=written("x.csv", _plain(100)), split=split)
    assert _sizes(prepared) == {"train": 60, "valid": 20, "test": 20}
    for counts in prepared.facts.class_counts.values():
        assert counts["0"] == counts["1"]


@pytest.mark.parametrize(
    "split",
    ["80,10", "80,10,5", "800,100,100", "100,0,0", "1,-0.5,0.5", "nan,1,1", "a,b,c", "", (True, 1, 98)],
)
def test_shares_that_are_no_three_parts_of_a_whole_are_refused(split: object) -> None:
    with pytest.raises(ValueError, match="such as 80,10,10"):
        DataConfig.model_validate({"data": "x.csv", "split": split})


def test_shares_and_a_ready_made_split_exclude_each_other(make: Make, written: Write) -> None:
    path = written("x.csv", _plain(20))
    with pytest.raises(ValueError, match="test is ready-made: drop one"):
        make(train=path, test=path, split="80,10,10")


def test_a_rare_class_has_a_row_in_each_part_whatever_the_shares(make: Make, written: Write) -> None:
    rows = "\n".join(["text,label", *(f"text {i},a" for i in range(97)), "x 1,b", "x 2,b", "x 3,b"])
    prepared = make(data=written("x.csv", rows + "\n"), split="98,1,1")
    assert {split: counts["b"] for split, counts in prepared.facts.class_counts.items()} == {
        "train": 1,
        "valid": 1,
        "test": 1,
    }


def test_the_splits_of_pairs_and_of_tagged_sentences_have_the_shares_too(make: Make, written: Write) -> None:
    pairs = "source\ttarget\n" + "".join(f"ein Satz {i}\ta sentence {i}\n" for i in range(40))
    tagged = "".join(f"word{i}\tA\nother{i}\tB\n\n" for i in range(40))
    for path in (written("p.tsv", pairs), written("t.conll", tagged)):
        columns = {"source_column": "source", "target_column": "target"} if path.endswith("tsv") else {}
        prepared = make(data=path, split="50,25,25", **columns)
        assert [len(prepared.splits[name]) for name in ("train", "valid", "test")] == [20, 10, 10]


@pytest.mark.parametrize("option", [{"split_seed": 3}, {"group_column": "user"}, {"folds": 3}])
def test_a_split_cannot_be_asked_of_data_that_is_split_in_time(
    make: Make, written: Write, option: dict[str, object]
) -> None:
    path = written("s.csv", "date,y\n" + "".join(f"2020-01-{i:02},{i}\n" for i in range(1, 29)))
    with pytest.raises(UsageError, match=f"--{next(iter(option)).replace('_', '-')} does not apply"):
        make(data=path, time_column="date", **option)


def test_no_group_is_in_two_splits_and_their_number_is_told(make: Make, written: Write) -> None:
    prepared = make(
        data=written("x.csv", _csv(400)), text_column="text", label_column="label", group_column="user"
    )
    users = {split: _users(texts) for split, texts in _texts(prepared).items()}
    assert not users["train"] & users["valid"]
    assert not users["train"] & users["test"]
    assert not users["valid"] & users["test"]
    assert _sizes(prepared) == {"train": 320, "valid": 40, "test": 40}
    assert data_words.groups_sentence(prepared.facts) == (
        "100 groups by column 'user', none in two splits: 80 train, 10 valid, 10 test"
    )


def test_groups_go_where_they_go_whatever_the_order_of_the_rows(make: Make, written: Write) -> None:
    lines = _csv(200).splitlines()
    columns = {"text_column": "text", "label_column": "label", "group_column": "user"}
    result = make(data=written("x.csv", "\n".join(lines)), **columns)
    other = make(data=written("y.csv", "\n".join([lines[0], *lines[:0:-1]])), **columns)
    seeded = make(data=written("z.csv", "\n".join(lines)), split_seed=1, **columns)
    assert _texts(result) == _texts(other)
    assert _texts(result)["test"] != _texts(seeded)["test"]


def test_every_class_is_learnt_even_where_one_group_has_all_of_it(make: Make, written: Write) -> None:
    rows = [
        f"text {i},{'rare' if i < 3 else 'often'},{'g0' if i < 3 else f'g{i % 30 + 1}'}" for i in range(300)
    ]
    path = written("x.csv", "\n".join(["text,label,who", *rows]) + "\n")
    for seed in range(5):
        prepared = make(data=path, group_column="who", text_column="text", split_seed=seed)
        assert prepared.facts.class_counts["train"]["rare"] == 3
        assert any("no example of 'rare'" in warning for warning in prepared.facts.warnings)


@pytest.mark.parametrize(
    ("groups", "message"),
    [(1, "1 group cannot be divided"), (2, "2 groups cannot be divided into train, valid")],
)
def test_too_few_groups_are_refused(make: Make, written: Write, groups: int, message: str) -> None:
    rows = [f"text {i},{i % 2},g{i % groups}" for i in range(40)]
    path = written("x.csv", "\n".join(["text,label,who", *rows]) + "\n")
    with pytest.raises(DataError, match=message) as refused:
        make(data=path, group_column="who")
    assert "--group-column" in str(refused.value.hint)


def test_a_row_without_a_group_is_named(make: Make, written: Write) -> None:
    path = written("x.csv", "text,label,who\na,1,g\nb,0,\nc,1,h\nd,0,i\n")
    with pytest.raises(DataError, match=r"row 3 has no group"):
        make(data=path, group_column="who")


def test_a_group_column_that_is_not_there_is_named(make: Make, written: Write) -> None:
    with pytest.raises(DataError, match="has no column 'usr'") as refused:
        make(data=written("x.csv", _csv(40)), text_column="text", group_column="usr")
    assert "Did you mean --group-column user?" in str(refused.value.hint)


def test_ready_made_splits_that_share_a_group_are_refused(make: Make, written: Write) -> None:
    train, test = written("train.csv", _csv(80)), written("test.csv", _csv(8).replace("film", "play"))
    with pytest.raises(DataError, match="such as 'user 0'"):
        make(train=train, test=test, text_column="text", label_column="label", group_column="user")


def test_large_groups_are_placed_so_that_shares_are_met_as_nearly_as_they_can_be() -> None:
    """Groups of 40, 30, 20 and 10 rows at 60/30/10: one way alone meets all shares."""
    groups = np.repeat(np.arange(4), [40, 30, 20, 10])
    parts = grouped_parts(np.zeros(100, np.int64), groups, (0.6, 0.3, 0.1), seed=0, complete=0)
    assert [sorted({*groups[part].tolist()}) for part in parts] == [[0, 2], [1], [3]]


def test_each_row_of_train_and_test_is_tested_in_one_fold_and_validation_is_the_same_in_all(
    make: Make, written: Write
) -> None:
    path = written("x.csv", _plain(100))
    usual = _texts(make(data=path))
    folds = [_texts(make(data=path, folds=5, fold=fold)) for fold in range(5)]
    tested = [text for fold in folds for text in fold["test"]]
    assert sorted(tested) == sorted(usual["train"] | usual["test"])
    for fold in folds:
        assert fold["valid"] == usual["valid"]
        assert fold["train"] == (usual["train"] | usual["test"]) - fold["test"]
        assert len(fold["test"]) == 18


def test_folds_deal_out_each_class_evenly() -> None:
    labels = np.repeat(np.arange(3), [10, 23, 7])
    fold = stratified_folds(labels, 5, seed=3)
    for label in range(3):
        counts = np.bincount(fold[labels == label], minlength=5)
        assert counts.max() - counts.min() <= 1
    assert np.bincount(fold).tolist() == [8] * 5
    assert not np.array_equal(fold, stratified_folds(labels, 5, seed=4))


def test_folds_keep_groups_whole(make: Make, written: Write) -> None:
    path = written("x.csv", _csv(200))
    columns = {"text_column": "text", "label_column": "label", "group_column": "user"}
    folds = [_texts(make(data=path, folds=4, fold=fold, **columns)) for fold in range(4)]
    for fold in folds:
        assert not _users(fold["test"]) & (_users(fold["train"]) | _users(fold["valid"]))
    assert not _users(folds[0]["test"]) & _users(folds[1]["test"])


def test_more_folds_than_rows_of_a_class_are_refused(make: Make, written: Write) -> None:
    rows = "\n".join(["text,label", *(f"text {i},a" for i in range(40)), *(f"x {i},b" for i in range(5))])
    with pytest.raises(DataError, match="the class 'b' has 4 rows") as no:
        make(data=written("x.csv", rows + "\n"), folds=5, fold=0)
    assert no.value.hint == "--folds takes 2 to 4 here."


@pytest.mark.parametrize("folds", [1, 0, -2, 101, 2.5])
def test_folds_are_two_at_least(folds: object) -> None:
    with pytest.raises(ValueError, match="whole number from 2 to 100"):
        DataConfig.model_validate({"data": "x.csv", "folds": folds, "fold": 0})


def test_a_fold_is_below_their_number_and_named_where_one_is_prepared(make: Make, written: Write) -> None:
    path = written("x.csv", _plain(40))
    with pytest.raises(ValueError, match="fold must be below folds"):
        make(data=path, folds=3, fold=3)
    with pytest.raises(UsageError, match="folds 3 needs the fold"):
        make(data=path, folds=3)
