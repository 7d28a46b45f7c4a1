"""Handwritten numbers: how they are spelt, and that no split knows another's digits or numbers."""

import numpy as np
import pytest
from making.stopping import trained

from seqcli.data.task import TASKS
from seqcli.experiments.config import TrainConfig
from seqcli.tasks._written_numbers import (
    KNOWN_BELOW,
    SIZES,
    digit_images,
    drawn_numbers,
    english,
    korean,
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
    for one, other in (("train", "valid"), ("train", "test"), ("valid", "test")):
        assert not digits[one] & digits[other]
        assert not large[one] & large[other]
    for each in splits["test"][:50]:
        assert "".join(str(labels[digit]) for digit in each.digits) == str(each.number)
        shown = picture(each, images)
        assert (shown[:, :8, 0] == images[each.digits[0]]).all()
        assert not np.any(shown[:, 8 * len(each.digits) :])


@pytest.mark.torture
@pytest.mark.parametrize("task", ["caption", "caption-ko"])
def test_three_seeds_write_numbers_as_well_as_is_known(task, tmp_path):
    scores = []
    for seed in (0, 1, 2):
        config = TrainConfig(model="captioner", task=TASKS.get(task), seed=seed, **TASKS.get(task).defaults)
        scores.append(trained(config, tmp_path / str(seed)).test.value)
    assert np.mean(scores) >= 0.92
