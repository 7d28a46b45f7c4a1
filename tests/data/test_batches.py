import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqcli.data.batches import batch_order, evaluation_batches

proof = settings(deadline=None, max_examples=50, derandomize=True)


@proof
@given(
    lengths=st.lists(st.integers(1, 500), max_size=400),
    batch_size=st.integers(1, 50),
    seed=st.integers(0, 2**63 - 1),
    epoch=st.integers(0, 1000),
)
def test_every_example_is_in_exactly_one_batch(
    lengths: list[int], batch_size: int, seed: int, epoch: int
) -> None:
    known = np.array(lengths, np.int64)
    for batches in (
        batch_order(known, batch_size=batch_size, seed=seed, epoch=epoch),
        evaluation_batches(known, batch_size),
    ):
        assert sorted(index for batch in batches for index in batch.tolist()) == list(range(len(lengths)))
        assert sum(len(batch) < batch_size for batch in batches) <= 1
        assert all(len(batch) <= batch_size for batch in batches)


@pytest.fixture
def lengths() -> np.ndarray:
    return np.random.default_rng(0).integers(1, 60, 6824)


def test_the_order_is_a_pure_function_of_seed_and_epoch(lengths: np.ndarray) -> None:
    orders, together = {}, set()
    for seed in (0, 1):
        for epoch in (0, 1):
            first, again = (batch_order(lengths, batch_size=64, seed=seed, epoch=epoch) for _ in range(2))
            assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
            orders[seed, epoch] = np.concatenate(first)
            together.add(frozenset(frozenset(batch.tolist()) for batch in first))
    assert len({order.tobytes() for order in orders.values()}) == len(together) == 4


def test_padding_is_a_few_percent_where_random_batches_nearly_double_the_work(lengths: np.ndarray) -> None:
    batches = batch_order(lengths, batch_size=64, seed=0, epoch=0)
    padded = sum(len(batch) * lengths[batch].max() for batch in batches)
    assert padded / lengths.sum() < 1.05
    random = np.random.default_rng(1).permutation(len(lengths))
    chunks = [random[i : i + 64] for i in range(0, len(random), 64)]
    assert sum(len(c) * lengths[c].max() for c in chunks) / lengths.sum() > 1.8


def test_batches_come_in_no_order_of_length(lengths: np.ndarray) -> None:
    means = [lengths[batch].mean() for batch in batch_order(lengths, batch_size=64, seed=0, epoch=0)]
    assert abs(np.corrcoef(means, np.arange(len(means)))[0, 1]) < 0.3


def test_evaluation_goes_from_the_shortest_to_the_longest(lengths: np.ndarray) -> None:
    order = np.concatenate(evaluation_batches(lengths, 256))
    assert np.all(np.diff(lengths[order]) >= 0)
