"""Independent streams of random numbers from one seed."""

import hashlib
from itertools import product

import numpy as np

from seqcli.data.arrays import ROWS_AT_ONCE
from seqcli.data.randomness import Draws, Key, permutation, stream_seed


def test_a_stream_seed_is_the_first_63_bits_of_a_hash_of_its_arguments():
    digest = hashlib.sha256(b"seqcli:dropout:3:17").hexdigest()
    assert stream_seed(3, "dropout", 17) == int(digest[:16], 16) // 2


def test_streams_seeds_and_steps_never_share_a_number():
    drawn = [
        stream_seed(seed, stream, step)
        for seed, stream, step in product(range(20), ("init", "order", "dropout"), range(20))
    ]
    assert len(set(drawn)) == len(drawn)
    assert all(0 <= number < 2**63 for number in drawn)


def raw_numbers(seed: int, stream: int, count: int) -> list[int]:
    """The generator's own 64 bits, as Python's whole numbers."""
    return np.random.Philox(key=np.array([seed, stream], np.uint64)).random_raw(count).tolist()


def test_whole_numbers_are_remainders_of_the_generator_s_bits():
    raw = raw_numbers(3, 2**43, 6)
    assert Draws(Key.steps(3)).whole(7, 2, 3).ravel().tolist() == [number % 7 for number in raw]


def test_shares_are_the_upper_53_bits_over_two_to_the_53():
    shares = Draws(Key.steps(3)).shares(1000)
    assert shares.tolist() == [float(np.float32((n >> 11) / 2**53)) for n in raw_numbers(3, 2**43, 1000)]
    assert 0.45 < shares.mean() < 0.55


def test_an_order_is_that_of_the_generator_s_numbers():
    """More of them than are drawn at once."""
    count = ROWS_AT_ONCE + 1000
    assert permutation(count, Key.part(3)).tolist() == np.argsort(raw_numbers(3, 2**40, count)).tolist()
