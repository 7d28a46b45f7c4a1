"""What is told of prepared texts, counted by hand: lengths, what is cut, the majority class."""

import numpy as np
import pytest

from seqcli.data import data_words
from seqcli.data.data_words import data_notes
from seqcli.data.facts import DataFacts

TRAIN = [*[(f"one two three {n}", "yes") for n in range(9)], *[(f"one {n}", "no") for n in range(3)]]
OTHERS = [*[(f"four {n}", "yes") for n in range(2)], *[(" ".join(["far"] * (n + 9)), "no") for n in range(6)]]


def csv(rows):
    return "text,label\n" + "".join(f"{text},{label}\n" for text, label in rows)


@pytest.fixture
def prepared(written, make):
    def prepare(**settings):
        splits = {"train": TRAIN, "valid": OTHERS[:5], "test": OTHERS}
        files = {split: written(f"{split}.csv", csv(rows)) for split, rows in splits.items()}
        return make(**files, **settings)

    lengths = [len(text.split()) for text, _ in [*TRAIN, *OTHERS[:5], *OTHERS]]
    return prepare, lengths


def test_the_majority_class_is_trainings_and_its_share_the_test_splits(prepared):
    facts = prepared[0]().facts
    assert (facts.majority_label, facts.majority_share) == ("yes", 2 / 8)


def test_how_much_is_kept_follows_the_training_texts_rounded_up_to_ten(prepared):
    assert prepared[0]().max_len == 10


@pytest.mark.parametrize("max_len", [None, 4, 9])
def test_lengths_are_those_before_cutting_and_only_longer_texts_count_as_cut(prepared, max_len):
    prepare, lengths = prepared
    facts = prepare(max_len=max_len).facts
    assert facts.cut == sum(length > (max_len or 10) for length in lengths) > 0
    assert facts.length_mean == pytest.approx(np.mean(lengths), abs=5e-4)
    assert facts.length_p95 == pytest.approx(np.percentile(lengths, 95))
    assert facts.length_max == max(lengths) == 14


def test_data_without_a_vocabulary_says_nothing_of_one():
    facts = DataFacts(
        source="x", sha256="0", read=3, length_mean=2.0, length_p95=2.0, length_max=2, max_len=2
    )
    assert data_words.vocabulary_sentence(facts) is None
    assert not any("known" in note for note in data_notes(facts))
