"""`--characters`: a word's vector is its own beside one from its letters, which an unseen word has too."""

import numpy as np
import pytest
import torch
from torch import nn

from seqcli.data.letters import BEGIN, END, LETTER_FEATURES, MOST_LETTERS, PAD, UNKNOWN, Alphabet, WordLetters
from seqcli.models.config import ModelConfig
from seqcli.models.lettered import LETTER_SIZE, SPAN, LetteredEmbedding, LetterVectors
from seqcli.models.network import embedding_of

ALPHABET = Alphabet("abc")
"""Ids: a 4, b 5, c 6."""


@pytest.fixture(scope="module")
def vectors() -> LetterVectors:
    made = LetterVectors(ALPHABET.size).double()
    made.initialise(generator=torch.Generator().manual_seed(0))
    return made


def test_a_words_ids_are_its_letters_between_its_beginning_and_its_end():
    known, unknown = ALPHABET.ids(["cab", "az"])
    assert known.tolist() == [BEGIN, 6, 4, 5, END]
    assert unknown.tolist() == [BEGIN, 4, UNKNOWN, END]
    (long,) = ALPHABET.ids(["a" * 40 + "b" * 40])
    assert long.tolist() == [BEGIN, *[4] * (MOST_LETTERS // 2), *[5] * (MOST_LETTERS // 2), END]


def test_a_letter_of_one_word_alone_is_unknown_so_that_the_unknown_one_is_learnt():
    assert Alphabet.of_words(["ab", "ab", "bx"]).letters == "b"


def test_letters_of_a_batch_are_filled_up_and_none_stands_outside_a_sentence():
    letters = WordLetters.of(ALPHABET, ["ab", "c", "ab"])  # a sentence of two words, one of one
    places, inside = np.array([[0, 1], [2, 3]]), np.array([[True, True], [True, False]])
    rows = letters.at(np.where(inside, places, 0), inside)
    ab, c, none = [BEGIN, 4, 5, END], [BEGIN, 6, END, PAD], [PAD] * 4
    assert rows.tolist() == [[ab, c], [ab, none]]


def test_the_vector_is_that_of_torchs_convolution_over_the_word_alone(vectors):
    convolution = nn.Conv1d(LETTER_SIZE, LETTER_FEATURES, SPAN, padding=SPAN // 2).double()
    with torch.no_grad():
        convolution.weight.copy_(vectors.weight)
        convolution.bias.copy_(vectors.bias + 0.1)
        vectors.bias += 0.1
    for word in ALPHABET.ids(["cab", "a", "bbbacca"]):
        ids = torch.from_numpy(word).long()
        expected = convolution(vectors.letters.weight[ids].t().unsqueeze(0)).relu().amax(dim=2)[0]
        torch.testing.assert_close(vectors(ids.unsqueeze(0))[0], expected, rtol=1e-12, atol=1e-12)


def test_padding_changes_neither_the_vector_nor_a_gradient(vectors):
    (word,) = ALPHABET.ids(["cab"])
    alone = torch.from_numpy(word).long().unsqueeze(0)
    padded = nn.functional.pad(alone, (0, 7))
    gradients = []
    for ids in (alone, padded):
        vectors.zero_grad()
        vectors(ids).square().sum().backward()
        gradients.append([weight.grad.clone() for weight in vectors.parameters()])
    torch.testing.assert_close(vectors(padded), vectors(alone), rtol=1e-12, atol=1e-12)
    for before, after in zip(*gradients, strict=True):
        torch.testing.assert_close(after, before, rtol=1e-12, atol=1e-12)
    assert vectors.letters.weight.grad[PAD].abs().sum() == 0


def test_a_step_beyond_a_sentence_has_no_letters_and_the_vector_0_of_none():
    made = LetterVectors(ALPHABET.size)
    assert made(torch.zeros(1, 2, 6, dtype=torch.long)).abs().sum() == 0


def test_words_with_letters_keep_the_name_of_their_own_vectors_which_may_be_pretrained():
    config = ModelConfig(model="gru", embedding=3)
    embedding = embedding_of(config, vocab_size=5, inputs=0, letters=ALPHABET.size)
    assert isinstance(embedding, LetteredEmbedding)
    assert embedding.weight.shape == (5, 3)
    assert embedding(torch.ones(2, 4, 9, dtype=torch.long)).shape == (2, 4, 3 + LETTER_FEATURES)
    assert "by_letters.weight" in embedding.state_dict()
