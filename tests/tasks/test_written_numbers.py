"""Handwritten numbers: how they are spelt, and that no split knows another's digits or numbers."""

from dataclasses import replace

import numpy as np
import pytest
from making.stopping import trained
from sklearn.linear_model import LogisticRegression

from seqcli.data.cache import Cache
from seqcli.data.config import DataConfig
from seqcli.data.kind import KINDS
from seqcli.data.number_words import english, korean
from seqcli.data.prepared import prepare
from seqcli.data.task import TASKS
from seqcli.experiments.config import TrainConfig
from seqcli.models.baseline import BASELINES
from seqcli.tasks._written_numbers import (
    KNOWN_BELOW,
    SIZES,
    digit_images,
    drawn_numbers,
    picture,
)


@pytest.mark.parametrize(
    ("number", "words", "hangul"),
    [
        (0, "zero", "영"),
        (10, "ten", "십"),
        (19, "nineteen", "십구"),
        (40, "forty", "사십"),
        (101, "one hundred and one", "백일"),
        (1000, "one thousand", "천"),
        (2010, "two thousand and ten", "이천십"),
        (3354, "three thousand three hundred and fifty four", "삼천삼백오십사"),
        (9999, "nine thousand nine hundred and ninety nine", "구천구백구십구"),
    ],
)
def test_numbers_are_spelt_as_people_spell_them(number, words, hangul):
    assert (english(number), korean(number)) == (words, hangul)


def test_every_number_has_words_of_its_own():
    assert len({english(number) for number in range(10_000)}) == 10_000
    assert len({korean(number) for number in range(10_000)}) == 10_000


def test_no_digit_s_image_and_no_number_of_a_hundred_or_more_is_in_two_splits():
    images, labels = digit_images()
    splits = drawn_numbers(labels, 0)
    assert {name: len(split) for name, split in splits.items()} == SIZES
    digits = {name: {digit for each in split for digit in each.digits} for name, split in splits.items()}
    large = {
        name: {each.number for each in split if each.number >= KNOWN_BELOW} for name, split in splits.items()
    }
    for first, other in (("train", "valid"), ("train", "test"), ("valid", "test")):
        assert not digits[first] & digits[other]
        assert not large[first] & large[other]
    for each in splits["test"][:50]:
        assert "".join(str(labels[digit]) for digit in each.digits) == str(each.number)
        shown = picture(each, images)
        assert (shown[:, :8, 0] == images[each.digits[0]]).all()
        assert not np.any(shown[:, 8 * len(each.digits) :])


@pytest.fixture(scope="module")
def numbers_in_korean(tmp_path_factory):
    return prepare(TASKS.get("caption-ko"), DataConfig(tokenizer="char"), Cache(tmp_path_factory.mktemp("c")))


def test_digits_cut_out_and_spelt_stand_beside_the_nearest_image_where_a_task_knows_the_cells(
    numbers_in_korean,
):
    kind = KINDS.get("caption")
    assert kind.baselines_for(numbers_in_korean) == ("majority", "nearest-image", "cut-cells")
    images = numbers_in_korean.facts.images
    unknown = numbers_in_korean.facts.model_copy(update={"images": images.model_copy(update={"cells": None})})
    assert kind.baselines_for(replace(numbers_in_korean, facts=unknown)) == ("majority", "nearest-image")


def test_digits_cut_out_are_read_as_the_same_regression_reads_them_alone(numbers_in_korean):
    """Each digit's image, once, in a regression of its own; a number is right where all its digits are."""
    pixels, labels = digit_images()
    splits = drawn_numbers(labels, 0)
    learnt = sorted({digit for each in splits["train"] for digit in each.digits})
    blank = np.zeros((1, 64))
    alone = LogisticRegression(max_iter=300, tol=1e-6).fit(
        np.concatenate([pixels[learnt].reshape(-1, 64) / 255, blank]), [*map(str, labels[learnt]), "-"]
    )
    known = dict(enumerate(alone.predict(pixels.reshape(-1, 64) / 255)))
    right = [all(known[d] == str(labels[d]) for d in each.digits) for each in splits["test"]]

    kind = KINDS.get("caption")
    method = BASELINES.get("cut-cells").of(numbers_in_korean.facts)
    method.fit(*kind.examples(numbers_in_korean, "train"))
    inputs, captions = kind.examples(numbers_in_korean, "test")
    reached = np.mean([item == other for item, other in zip(method.predict(inputs), captions, strict=True)])
    assert reached == pytest.approx(np.mean(right), abs=0.003)
    assert reached >= 0.832
    assert method.predict([]) == []


@pytest.mark.torture
@pytest.mark.parametrize("task", ["caption", "caption-ko"])
def test_three_seeds_write_numbers_as_well_as_is_known(task, tmp_path):
    scores = []
    for seed in (0, 1, 2):
        config = TrainConfig(model="captioner", task=TASKS.get(task), seed=seed, **TASKS.get(task).defaults)
        scores.append(trained(config, tmp_path / str(seed)).test.value)
    assert np.mean(scores) >= 0.92
