import pytest
from rich.cells import cell_len

from seqcli.reports.draw.placement import hanging, wrap


def test_lines_break_between_parts_before_they_break_within_one():
    text = "6,824 train / 853 valid · 2 classes · tuned init"
    assert wrap(text, 37) == ["6,824 train / 853 valid · 2 classes ·", "tuned init"]
    assert wrap(text, 34) == ["6,824 train / 853 valid ·", "2 classes · tuned init"]


def test_words_stay_whole_where_a_line_can_hold_them():
    assert wrap("one two three", 7) == ["one two", "three"]


def test_a_word_longer_than_a_line_is_broken_within():
    assert wrap("abcdefgh", 3) == ["abc", "def", "gh"]


def test_wide_letters_count_twice():
    assert wrap("한국어 영화", 6) == ["한국어", "영화"]


@pytest.mark.parametrize("width", [4, 9, 20, 33])
def test_no_line_is_too_long_and_no_letter_is_lost(width):
    text = "GRU − LSTM  −0.5 points [−1.2, +0.2]  undecided; 한국어 supercalifragilistic · last"
    lines = wrap(text, width)
    assert max(map(cell_len, lines)) <= width
    letters = text.replace("·", "").split()  # the end of a line may stand for a dot
    assert "".join("".join(lines).replace("·", "").split()) == "".join(letters)


def test_lines_after_the_first_hang_under_it():
    assert hanging("  one two three", 9) == ["  one", "    two", "    three"]
