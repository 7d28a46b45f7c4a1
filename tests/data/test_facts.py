"""What is told of prepared texts, counted by hand: lengths, what is cut, the majority class."""

import numpy as np
import pytest

from seqcli.data import data_words
from seqcli.data.data_words import cautions, data_notes
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


def told(prepared):
    return " | ".join(cautions(prepared.facts))


def test_mostly_numbers_among_the_texts_are_a_caution(written, make):
    rows = [(f"{n / 7:.3f}", n % 2) for n in range(60)] + [(f"words and more {n}", n % 2) for n in range(20)]
    prepared = make(data=written("x.csv", csv(rows)))
    numbers = sum(text[0].isdigit() for text in prepared.texts("train"))
    assert f"{numbers} of 64 texts are numbers" in told(prepared)
    assert "are numbers" not in told(make(data=written("y.csv", csv(rows)), tokenizer="char"))


def test_nearly_all_texts_of_one_word_are_a_caution(written, make):
    rows = [(f"word{n}", n % 2) for n in range(99)] + [("two words", 0)]
    facts = make(data=written("x.csv", csv(rows))).facts
    assert (facts.length_p95, facts.length_max) == (1.0, 2)
    known = facts.model_copy(update={"unknown": {"test": 0.0}})
    assert any("text is one word" in caution for caution in cautions(known))


def test_pairs_that_are_all_cut_are_all_counted(written, make):
    rows = "".join(f"ein Haus ist {n}\ta house is {n}\n" for n in range(60))
    prepared = make(data=written("x.tsv", "source\ttarget\n" + rows), kind="translate", max_len=2)
    assert prepared.facts.cut == 60
    assert "60 of 60 texts (100.0 %) cut at 2 tokens" in told(prepared)


def test_words_that_a_file_cuts_are_not_advised_another_tokenizer(written, make):
    lines = "".join(f"word{n}\tA\nother{n}\tB\n\n" for n in range(30))
    prepared = make(data=written("x.conll", lines))
    assert "of test words are new" in told(prepared)
    assert "--tokenizer" not in told(prepared)


def test_a_table_that_is_learnt_as_running_text_is_a_caution(written, make):
    prepared = make(data=written("x.csv", csv(TRAIN * 20)), kind="generate", tokenizer="char", bptt=10)
    assert "is a table by its name" in told(prepared)
