"""N-grams smoothed by Witten and Bell: by hand, against counting in dictionaries, and as probabilities."""

import math
from collections import Counter, defaultdict

import numpy as np
import pytest

from seqcli.data.encoded_stream import TextStretch
from seqcli.data.tokenizer import BOS, UNK
from seqcli.models.baseline import BASELINES

ORDERS = {"unigram": 1, "bigram": 2, "trigram": 3, "fourgram": 4, "fivegram": 5}
every_order = pytest.mark.parametrize(("name", "order"), ORDERS.items())


def stretches(ids, *, vocab_size, steps=7):
    """The ids in stretches, each with the four before it."""
    padded = [BOS] * 4 + list(ids)
    return [
        TextStretch(
            np.array(padded[start : start + 4], np.int32),
            np.array(ids[start : start + steps], np.int32),
            vocab_size,
        )
        for start in range(0, len(ids), steps)
    ]


def fitted(name, ids, *, vocab_size):
    return BASELINES.get(name)().fit(stretches(ids, vocab_size=vocab_size), ())


def by_dictionary(ids, order, possible):
    """The same formula as anybody would write it: p(token | the tokens before it)."""
    padded = [BOS] * 4 + list(ids)
    counts = [defaultdict(Counter) for _ in range(order)]
    for place in range(4, len(padded)):
        for n in range(order):
            counts[n][tuple(padded[place - n : place])][padded[place]] += 1

    def chance(token, before):
        p = 1 / possible
        for n in range(order):
            value = counts[n][tuple(before[len(before) - n :])]
            if value:
                p = (value[token] + len(value) * p) / (value.total() + len(value))
        return p

    return chance


def test_two_grams_of_a_b_a_by_hand():
    """Three tokens possible (a, b, unknown): training is a b a, read from the beginning."""
    a, b = 4, 5
    model = fitted("bigram", [a, b, a], vocab_size=6)
    # p(a) = (2 + 2/3) / (3 + 2) = 8/15 and p(b) = (1 + 2/3) / 5 = 1/3; after a came b alone, once.
    (bits,) = model.predict(stretches([b], vocab_size=6))  # after the beginning, where a came alone
    assert 2**-bits == pytest.approx((0 + 1 * 1 / 3) / 2)
    (bits,) = model.predict(stretches([a, b], vocab_size=6))
    assert 2**-bits == pytest.approx((1 + 8 / 15) / 2 * (1 + 1 / 3) / 2)
    (bits,) = model.predict(stretches([a, UNK], vocab_size=6))
    assert 2**-bits == pytest.approx((1 + 8 / 15) / 2 * (2 / 15) / 2)


@every_order
def test_it_counts_as_dictionaries_do(name, order):
    rng = np.random.default_rng(order)
    train, test = (rng.choice([4, 5, 6, 7, 8], size=n, p=[0.4, 0.3, 0.2, 0.08, 0.02]) for n in (300, 60))
    test[5] = UNK
    model = fitted(name, train.tolist(), vocab_size=10)
    chance = by_dictionary(train.tolist(), order, possible=7)
    padded = [BOS] * 4 + test.tolist()
    expected = [-math.log2(chance(padded[n + 4], padded[n : n + 4])) for n in range(len(test))]
    predictions = model.predict(stretches(test.tolist(), vocab_size=10))
    starts = range(0, len(test), 7)
    assert predictions == pytest.approx([sum(expected[start : start + 7]) for start in starts], rel=1e-12)


@every_order
def test_probabilities_of_all_tokens_sum_to_one(name, order):
    train = np.random.default_rng(0).integers(4, 9, size=200).tolist()
    model = fitted(name, train, vocab_size=11)
    for before in ([BOS] * 4, train[10:14], [7, 7, 7, 7], [UNK, 4, UNK, 10]):
        each = [
            2 ** -model.predict([TextStretch(np.array(before, np.int32), np.array([token], np.int32), 11)])[0]
            for token in (UNK, *range(4, 11))
        ]
        assert sum(each) == pytest.approx(1.0, abs=1e-12)


def test_longer_contexts_tell_more_of_a_text_that_repeats_itself():
    text = [4, 5, 4, 6, 4, 7] * 60
    bits = [
        sum(fitted(name, text[:240], vocab_size=8).predict(stretches(text[240:], vocab_size=8)))
        for name in ("unigram", "bigram", "trigram")
    ]
    assert bits == sorted(bits, reverse=True)
    assert bits[-1] < 0.5 * bits[0]


def test_the_tokens_after_a_stretch_tell_nothing_of_it():
    train = np.random.default_rng(1).integers(4, 9, size=100).tolist()
    model = fitted("fivegram", train, vocab_size=9)
    first, other = (
        model.predict(stretches([4, 5, 6, 7, 8, 4, 5, *rest], vocab_size=9)) for rest in ([4], [8])
    )
    assert first[0] == other[0]
