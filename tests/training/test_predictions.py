"""Predictions as labels with probabilities."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.special import softmax

from seqcli.models.heads.classify import HEAD
from seqcli.training.predictions import predictions, probabilities

LOGITS = arrays.arrays(
    np.float32, st.tuples(st.integers(1, 5), st.integers(2, 6)), elements=st.floats(-80, 80, width=32)
)


@given(LOGITS)
def test_probabilities_are_the_softmax_of_the_logits(logits):
    np.testing.assert_allclose(probabilities(logits), softmax(logits.astype(np.float64), axis=1), atol=1e-12)


def test_the_prediction_is_the_likeliest_label_with_its_probability():
    told = predictions(
        np.log(np.array([[0.2, 0.7, 0.1], [0.5, 0.25, 0.25]], dtype=np.float32)), ("a", "b", "c")
    )
    assert [one.label for one in told] == ["b", "a"]
    np.testing.assert_allclose([one.probability for one in told], [0.7, 0.5], rtol=1e-6)


def test_what_is_kept_of_an_example_does_not_grow_with_the_classes():
    logits = torch.randn(8, 20_000, generator=torch.Generator().manual_seed(0))
    kept = HEAD.kept(HEAD.__new__(HEAD), logits)
    assert kept.shape == (8, 2)
    np.testing.assert_array_equal(kept[:, 0], logits.argmax(1))
    np.testing.assert_allclose(kept[:, 1], softmax(logits.double().numpy(), axis=1).max(1), rtol=1e-6)
