"""Predictions as labels with probabilities."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.special import softmax

from seqcli.data.kinds.classify import KIND
from seqcli.models.heads.classify import HEAD

LOGITS = arrays.arrays(
    np.float32, st.tuples(st.integers(1, 5), st.integers(2, 6)), elements=st.floats(-80, 80, width=32)
)


def kept(logits):
    return HEAD.for_evaluation(HEAD.__new__(HEAD), torch.from_numpy(logits)).numpy()


@given(LOGITS)
def test_probabilities_are_the_softmax_of_the_logits(logits):
    shares = softmax(logits.astype(np.float64), axis=1)
    np.testing.assert_allclose(kept(logits)[:, 1], shares.max(axis=1), atol=1e-12)


def test_the_prediction_is_the_likeliest_label_with_its_probability():
    outputs = kept(np.log(np.array([[0.2, 0.7, 0.1], [0.5, 0.25, 0.25]], dtype=np.float32)))
    values = [KIND.reader.answer(row, "a text", ("a", "b", "c")) for row in outputs]
    assert [element.label for element in values] == ["b", "a"]
    np.testing.assert_allclose([item.probability for item in values], [0.7, 0.5], rtol=1e-6)


def test_what_is_kept_of_an_example_does_not_grow_with_the_classes():
    logits = torch.randn(8, 20_000, generator=torch.Generator().manual_seed(0))
    outputs = kept(logits.numpy())
    assert outputs.shape == (8, 2)
    np.testing.assert_array_equal(outputs[:, 0], logits.argmax(1))
    np.testing.assert_allclose(outputs[:, 1], softmax(logits.double().numpy(), axis=1).max(1), rtol=1e-6)
