"""Signals divided as a person asks: shares, groups, folds and repeated sequences, as texts are."""

from collections import Counter

import numpy as np
import pytest

from seqcli.errors import DataError, UsageError


def table(count=60, wearers=12, again=0):
    """Sequences of two classes by several wearers; the first `again` once more under another name."""
    rows = ["id,t,x,y,wearer,label"]
    for number in [*range(count), *(place + 1000 for place in range(again))]:
        real = number % 1000
        sign, label = (1, "up") if real % 2 else (-1, "down")
        rows += [
            f"s{number},{t},{sign * t + real / 100},{real / 7 + t % 2},w{real % wearers},{label}"
            for t in range(4)
        ]
    return "\n".join(rows) + "\n"


def wearers_of(prepared):
    return {
        name: {f"w{int(text[1:]) % 1000 % 12}" for text in prepared.texts(name)}
        for name in ("train", "valid", "test")
    }


def test_shares_are_those_asked_for_in_each_class(make, written):
    prepared = make(data=written("x.csv", table()), split="60,20,20")
    assert {name: len(split) for name, split in prepared.splits.items()} == {
        "train": 36, "valid": 12, "test": 12,
    }  # fmt: skip
    assert Counter(prepared.splits["test"].targets.tolist()) == {0: 6, 1: 6}


def test_another_seed_takes_other_sequences(make, written):
    path = written("x.csv", table())
    first, second = (set(make(data=path, split_seed=seed).texts("test")) for seed in (0, 1))
    assert first != second


def test_no_wearer_is_in_two_splits_and_its_column_is_no_channel(make, written):
    prepared = make(data=written("x.csv", table()), group_column="wearer")
    wearers = wearers_of(prepared)
    assert not wearers["train"] & wearers["test"]
    assert not wearers["train"] & wearers["valid"]
    assert not wearers["valid"] & wearers["test"]
    assert prepared.facts.groups == {name: len(group) for name, group in wearers.items()}
    assert prepared.facts.signals.channels == ("x", "y")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (",w3,up\ns4,0", ",w5,up\ns4,0", "row 17: column 'wearer' holds 'w5', but the sequence 's3'"),
        (",w3,", ",,", "row 14 has no group in column 'wearer'"),
    ],
)  # fmt: skip
def test_a_sequence_of_two_groups_or_of_none_is_told_with_its_row(make, written, old, new, says):
    with pytest.raises(DataError, match=says):
        make(data=written("x.csv", table().replace(old, new, 1)), id_column="id", group_column="wearer")


def test_every_sequence_is_tested_on_in_exactly_one_fold_and_validation_is_the_same_in_all(make, written):
    path = written("x.csv", table())
    folds = [make(data=path, folds=3, fold=fold) for fold in range(3)]
    tested = [name for prepared in folds for name in prepared.texts("test")]
    assert len(tested) == len(set(tested)) == 60 - len(folds[0].splits["valid"])
    assert len({tuple(prepared.texts("valid")) for prepared in folds}) == 1
    by_wearer = [
        make(data=path, folds=3, fold=fold, group_column="wearer", split="80,10,10") for fold in range(3)
    ]
    for prepared in by_wearer:
        assert not wearers_of(prepared)["train"] & wearers_of(prepared)["test"]


def test_repeated_sequences_are_dropped_kept_in_one_split_or_refused(make, written):
    path = written("x.csv", table(again=20))
    assert make(data=path).facts.examples == 60
    result = make(data=path, duplicates="keep")
    assert result.facts.examples == 80
    digests = [
        {
            split.values[start:end].tobytes()
            for start, end in zip(split.offsets, split.offsets[1:], strict=False)
        }
        for split in result.splits.values()
    ]
    assert not digests[0] & digests[1]
    assert not digests[0] & digests[2]
    with pytest.raises(DataError, match="20 sequences repeat another, 0"):
        make(data=path, duplicates="error")


def test_ready_made_splits_that_share_sequences_lose_them_in_training_where_that_is_asked_for(make, written):
    train, test = written("a.csv", table()), written("b.csv", table(10))
    mapping = {
        rule: make(train=train, test=test, id_column="id", duplicates=rule, split_seed=3)
        for rule in (None, "drop")
    }
    assert (
        "10 of 10 test sequences also occur in train: the score may flatter" in mapping[None].facts.warnings
    )
    assert sum(map(len, mapping[None].splits.values())) == 70
    assert sum(map(len, mapping["drop"].splits.values())) == 60
    assert any("keeps it" in warning for warning in mapping["drop"].facts.warnings)
    with pytest.raises(DataError, match="for all its 10 sequences"):
        make(train=train, valid=test, test=test, id_column="id", duplicates="drop")


def test_spans_of_time_and_shares_of_ready_made_splits_are_refused(make, written):
    path = written("x.csv", table())
    with pytest.raises(UsageError, match="names spans of time"):
        make(data=path, split="12m,4m,4m")
    np.savez(path + ".npz", x=np.zeros((4, 2, 1)), y=[0, 1, 0, 1])
    with pytest.raises(UsageError, match="--group-column is for tables"):
        make(data=path + ".npz", group_column="wearer")
