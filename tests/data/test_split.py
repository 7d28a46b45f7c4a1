from collections import Counter

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from seqcli.data.randomness import Draws, Key, permutation
from seqcli.data.split import stratified_split

proof = settings(deadline=None, max_examples=50, derandomize=True)


def test_half_and_half_of_8530_is_split_into_6824_853_and_853() -> None:
    labels = np.arange(8530) % 2
    train, valid, test = stratified_split(labels, seed=0)
    assert (len(train), len(valid), len(test)) == (6824, 853, 853)
    assert Counter(labels[train]) == {0: 3412, 1: 3412}


@proof
@given(
    counts=st.lists(st.integers(0, 60), min_size=1, max_size=5),
    seed=st.integers(0, 2**63 - 1),
    fractions=st.sampled_from([(0.8, 0.1, 0.1), (0.9, 0.1, 0.0), (0.9, 0.0, 0.1), (1.0, 0.0, 0.0)]),
)
@example(counts=[1] * 10, seed=0, fractions=(0.8, 0.1, 0.1))
def test_every_example_is_in_one_split_and_every_class_has_its_share(
    counts: list[int], seed: int, fractions: tuple[float, float, float]
) -> None:
    labels = np.repeat(np.arange(len(counts)), counts)
    np.random.default_rng(0).shuffle(labels)
    parts = stratified_split(labels, seed=seed, fractions=fractions)
    assert sorted(np.concatenate(parts).tolist()) == list(range(len(labels)))
    assert all(np.all(np.diff(part) > 0) for part in parts)
    for label, count in enumerate(counts):
        train, valid, test = ((labels[part] == label).sum() for part in parts)
        assert abs(test - count * fractions[2]) <= 1
        assert abs(valid - count * fractions[1]) <= 1 + 1e-9
        assert train >= 1 or count == 0
        assert test >= 1 or count < 2 or not fractions[2]
        assert valid >= 1 or count < 3 or not fractions[1]


def test_the_seed_decides() -> None:
    labels = np.zeros(1000, np.int64)
    first, same, other = (stratified_split(labels, seed=seed)[2] for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, same)
    assert len(np.intersect1d(first, other)) < 40


def test_fractions_must_add_up() -> None:
    with pytest.raises(ValueError, match="add up to 1"):
        stratified_split([0, 1], seed=0, fractions=(0.5, 0.1, 0.1))


def test_orders_are_those_of_philox_by_its_definition() -> None:
    """Philox4x64-10 with key (0, 0); its first blocks are known answers of Random123's kat_vectors."""
    first = np.random.Philox(key=np.zeros(2, np.uint64), counter=2**256 - 1).random_raw(4)
    assert [f"{int(word):016x}" for word in first] == [
        "16554d9eca36314c", "db20fe9d672d0fdc", "d7e772cee186176b", "7e68b68aec7ba23b"
    ]  # fmt: skip
    order = permutation(1000, Key.split(3, 5))
    assert sorted(order.tolist()) == list(range(1000))
    assert not np.array_equal(order, permutation(1000, Key.split(3, 6)))
    assert not np.array_equal(order, permutation(1000, Key.split(4, 5)))


def test_the_stream_of_a_purpose_is_part_of_every_published_figure() -> None:
    keys = [
        Key.split(3, 5),
        Key.sequences(3, 2),
        Key.pairs(3),
        Key.examples(3, 5),
        Key.batches(3, 5),
        Key.part(3),
    ]
    assert [(key.seed, key.stream) for key in keys] == [(3, s) for s in (5, 2, 77, 10, 11, 2**40)]


def test_numbers_drawn_one_by_one_are_philoxs_from_the_last_of_each_block_back() -> None:
    bits = np.random.Philox(key=np.array([3, 77], np.uint64))
    blocks = [bits.random_raw(2**16)[::-1] % np.uint64(26) for _ in range(2)]
    draws = Draws(Key.pairs(3))
    assert [draws.integer(26) for _ in range(70_000)] == np.concatenate(blocks)[:70_000].tolist()


def test_many_small_classes_take_more_than_the_fractions() -> None:
    parts = stratified_split(np.repeat(np.arange(100), 3), seed=0)
    assert [len(part) for part in parts] == [100, 100, 100]
