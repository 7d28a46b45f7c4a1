import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqcli.data.batches import subset_of
from seqcli.data.encoded import EncodedTexts, FlatIds
from seqcli.data.encoded_pairs import EncodedPairs

proof = settings(deadline=None, max_examples=50)


def texts(count: int) -> EncodedTexts:
    """Text i holds i once, i + 1 times over, and is of class i % 2."""
    pieces = [np.full(1 + number % 9, number + 4, np.int32) for number in range(count)]
    flat = EncodedTexts.of(pieces, max_len=100)
    return EncodedTexts(flat.ids, flat.offsets, np.arange(count, dtype=np.int64) % 2)


def pairs(count: int, folder) -> EncodedPairs:
    flat = texts(count)
    side = FlatIds(flat.ids, flat.offsets)
    return EncodedPairs(side, side, folder, "train")


def test_all_of_a_split_is_the_split_itself():
    whole = texts(10)
    assert subset_of(whole, 1.0, seed=3) is whole


@proof
@given(count=st.integers(1, 200), share=st.floats(0.001, 0.999), seed=st.integers(0, 2**63 - 1))
def test_a_part_has_its_share_of_different_examples_and_at_least_one(count, share, seed):
    part = subset_of(texts(count), share, seed=seed)
    assert len(part) == max(round(share * count), 1)
    rows = part.rows(np.arange(len(part)))
    assert len({int(first) for first in rows.inputs[:, 0]}) == len(part)
    assert part.lengths.tolist() == rows.lengths.tolist()
    assert part.targets.tolist() == rows.targets.tolist()


def test_a_smaller_part_is_inside_a_larger_one_and_seeds_draw_others():
    whole = texts(500)
    small, large, other = (
        {int(row[0]) for row in subset_of(whole, share, seed=seed).rows(np.arange(round(500 * share))).inputs}
        for share, seed in ((0.1, 0), (0.3, 0), (0.1, 1))
    )
    assert small < large
    assert small != other


@pytest.mark.parametrize("kind", ["texts", "pairs"])
def test_each_example_of_a_part_is_in_one_batch_of_an_epoch_and_no_other_example_is(kind, tmp_path):
    whole = texts(300) if kind == "texts" else pairs(300, tmp_path)
    part = subset_of(whole, 0.3, seed=5)
    batches = part.batches(batch_size=8, seed=5, epoch=1)
    assert sorted(int(place) for batch in batches for place in batch) == list(range(90))
    assert max(map(len, batches)) < 60
    distinct = {int(first) for batch in batches for first in part.rows(batch).inputs[:, 0]}
    assert distinct == {int(number) + 4 for number in part.indices}
