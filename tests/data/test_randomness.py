"""Independent streams of random numbers from one seed."""

import hashlib
from itertools import product

from seqcli.data.randomness import stream_seed


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
