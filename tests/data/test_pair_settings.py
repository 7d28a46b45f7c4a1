"""Pairs under other settings: words of the training split alone, a folder of their own, no idle warning."""

import numpy as np
import pytest

from seqcli.data.tokenizer import EOS, UNK

WORDS = ["haus", "baum", "hund", "katze", "maus", "rot", "blau", "groß", "klein", "alt"]
ENGLISH = ["house", "tree", "dog", "cat", "mouse", "red", "blue", "big", "small", "old"]


def some(count):
    draws = np.random.default_rng(0).integers(0, 10, (count, 9)).tolist()
    rows = [row[: 1 + i % 9] for i, row in enumerate(draws)]
    return [(" ".join(WORDS[w] for w in row), " ".join(ENGLISH[w] for w in row)) for row in rows]


def tsv(rows):
    return "".join("\t".join(row) + "\n" for row in [("de", "en"), *rows])


def test_pairs_that_are_split_here_share_no_source_and_nobody_is_warned_of_it(written, make):
    pairs = make(data=written("pairs.tsv", tsv(some(200))), source_column="de", target_column="en")
    assert not any("also occur in train" in text for text in pairs.facts.warnings)


@pytest.mark.parametrize("vocabulary", ["joint", "separate"])
def test_both_sides_words_are_those_of_the_training_split_alone(written, make, vocabulary):
    rows = {"train": some(60), "valid": [("fremd eins", "foreign one")], "test": [("neu zwei", "new two")]}
    prepared = make(
        **{split: written(f"{split}.tsv", tsv(pairs)) for split, pairs in rows.items()},
        source_column="de", target_column="en", tokenizer="word", vocabulary=vocabulary,
    )  # fmt: skip
    for split in ("valid", "test"):
        inputs, _, targets = prepared.splits[split].rows(np.arange(1))
        assert (inputs.tolist(), targets.tolist()) == ([[UNK, UNK]], [[UNK, UNK, EOS]])
    sides = [{word for pair in rows["train"] for word in pair[side].split()} for side in (0, 1)]
    known = len(sides[0] | sides[1]) if vocabulary == "joint" else len(sides[0])
    assert prepared.vocab_size == 4 + known


@pytest.mark.parametrize(
    ("setting", "read"),
    [
        ({"metric": "chrF"}, lambda prepared: prepared.metric),
        ({"vocabulary": "separate"}, lambda prepared: prepared.tokenizer.shared),
        ({"max_len": 4}, lambda prepared: prepared.max_len),
        ({"vocab_size": 9}, lambda prepared: prepared.vocab_size),
        ({"tokenizer": "char"}, lambda prepared: prepared.tokenizer.name),
        ({"split_seed": 1}, lambda prepared: list(prepared.texts("test"))),
    ],
)
def test_pairs_prepared_otherwise_are_not_taken_from_the_cache(written, make, setting, read):
    path = written("pairs.tsv", tsv(some(60)))
    plain = {"data": path, "source_column": "de", "target_column": "en", "tokenizer": "word"}
    first, other, again = make(**plain), make(**{**plain, **setting}), make(**plain)
    assert read(first) != read(other)
    assert read(first) == read(again)
    assert len({first.folder, other.folder, again.folder}) == 2
