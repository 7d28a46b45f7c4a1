"""Each figure of an inspection against an independent count: sets, statsmodels, arithmetic by hand."""

import random

import numpy as np
import pytest

from seqcli.data.seasonality import autocorrelation, found_period
from seqcli.experiments.inspect.leaks import labels_in_texts, telling_columns
from seqcli.experiments.inspect.near_duplicates import near_duplicates
from seqcli.experiments.inspect.oddities import is_mojibake, text_oddities
from seqcli.experiments.inspect.series_look import longest_run, series_look
from seqcli.experiments.inspect.stationarity import stationarity
from seqcli.experiments.inspect.text_rows import repeats_of, shared_texts
from seqcli.results.inspect import ColumnLook

WORDS = [f"w{number}" for number in range(500)]


def jaccard(first, second):
    sets = [
        {tuple(text.split()[i : i + 3]) for i in range(len(text.split()) - 2)} for text in (first, second)
    ]
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


def test_near_duplicates_are_those_whose_word_triples_overlap_by_four_fifths():
    draw = random.Random(3)
    texts = [" ".join(draw.choices(WORDS, k=40)) for _ in range(120)]
    for number in range(40):
        words = texts[number].split()
        words[-1 - number % 4] = "changed"  # of 38 triples 1 to 3 differ
        texts.append(" ".join(words))
    every = {
        (late, early)
        for late in range(len(texts))
        for early in range(late)
        if jaccard(texts[late], texts[early]) >= 0.8
    }
    assert set(near_duplicates(texts)) == every
    assert len(every) == 40


def test_texts_that_share_less_are_no_near_duplicates():
    text = " ".join(WORDS[:20])
    other = " ".join([*WORDS[:10], *WORDS[100:110]])
    assert jaccard(text, other) < 0.8
    assert near_duplicates([text, other]) == []


def test_repeats_are_counted_to_the_letter_and_but_for_case_and_blanks():
    texts = ["a fine film", "a fine film", "A  Fine film ", "another film", "", " "]
    labels = ["x", "x", "y", "x", "x", "y"]
    repeats = repeats_of(texts, labels)
    assert (repeats.exact, repeats.folded, repeats.conflicting, repeats.near) == (1, 2, 1, 0)


def test_texts_that_two_parts_share_are_counted_in_the_later_one():
    parts = {"train": ["one", "two", "two"], "test": ["TWO", "three", " two"], "other": ["four"]}
    shared = shared_texts(parts)
    assert [(item.first, item.second, item.shared, item.of) for item in shared] == [("train", "test", 2, 3)]


@pytest.mark.parametrize("text", ["Ã©tÃ©", "donâ€™t", "좋은 영화".encode().decode("latin-1")])
def test_utf_8_that_was_read_as_something_else_is_mojibake(text):
    assert is_mojibake(text)


@pytest.mark.parametrize("text", ["été", "naïve façade", "Größe", "영화가 좋다", "“quoted” — dash", "Ω≈ç√"])
def test_words_of_a_language_are_no_mojibake(text):
    assert not is_mojibake(text)


def test_mojibake_is_what_really_comes_of_reading_utf_8_as_windows_text():
    for word in ("été", "Größe", "don’t", "señor"):
        assert is_mojibake(word.encode().decode("cp1252"))


def test_oddities_are_counted_with_their_first_row():
    rows = [
        (2, "plain"),
        (3, "a<br>b &amp; c"),
        (4, "lost \ufffd"),
        (5, "bell \x07"),
        (6, "  "),
        (7, "x<br/>"),
    ]
    odd = {text_oddity.sort: (text_oddity.rows, text_oddity.first) for text_oddity in text_oddities(rows)}
    assert odd == {
        "markup": (2, 3),
        "replacement character": (1, 4),
        "control character": (1, 5),
        "no text": (1, 6),
    }


def test_a_class_whose_texts_hold_its_name_gives_itself_away():
    texts = [f"this is spam number {n}" for n in range(8)] + ["hello", "buy"]
    texts += [f"a letter {n}" for n in range(20)]
    labels = ["spam"] * 10 + ["ham"] * 20
    (leak,) = labels_in_texts(texts, labels)
    assert (leak.name, leak.share, leak.otherwise) == ("spam", 0.8, 0.0)
    assert labels_in_texts([f"a spammer {n}" for n in range(30)], labels) == []


def look(name, role="id"):
    return ColumnLook(name=name, role=role, rows=0, filled=0, distinct=0, words=1, characters=1, longest=1)


def test_a_column_whose_values_decide_the_label_gives_it_away():
    labels = ["yes", "no"] * 20
    ids = [f"{label}-{number}" for number, label in enumerate(labels)]
    mood = ["a" if label == "yes" else "b" for label in labels]
    noise = [str(number % 4 // 2) for number in range(40)]
    columns = {"id": ids, "mood": mood, "noise": noise}
    looks = [look("id"), look("mood", "label"), look("noise", "label")]
    leaks = telling_columns(columns, labels, looks)
    assert [(leak.name, leak.share, leak.otherwise) for leak in leaks] == [
        ("id", 1.0, 0.5),
        ("mood", 1.0, 0.5),
    ]


def test_the_autocorrelation_is_statsmodels():
    from statsmodels.tsa.stattools import acf

    draw = np.random.default_rng(0)
    values = np.sin(np.arange(200) / 7 * 2 * np.pi) + draw.normal(size=200)
    expected = acf(values, nlags=7, fft=False)
    for lag in (1, 7):
        assert autocorrelation(values, lag) == pytest.approx(expected[lag])
    assert autocorrelation(np.ones(50), 1) is None


@pytest.mark.parametrize("period", [7, 24, 61])
def test_a_season_that_times_do_not_tell_is_found_by_its_autocorrelation(period):
    draw = np.random.default_rng(1)
    steps = np.arange(600)
    assert (
        found_period(np.sin(2 * np.pi * steps / period) + 0.02 * steps + draw.normal(0, 0.3, 600)) == period
    )


def test_neither_noise_nor_a_random_walk_nor_a_line_has_a_season():
    draw = np.random.default_rng(2)
    assert found_period(draw.normal(size=500)) == 1
    assert found_period(draw.normal(size=500).cumsum()) == 1
    assert found_period(np.arange(500.0)) == 1
    assert found_period(np.ones(500)) == 1


def test_stationarity_is_what_statsmodels_tests_say_together():
    from statsmodels.tsa.stattools import adfuller

    noise = np.random.default_rng(0).normal(size=400)
    still, walk = stationarity(noise), stationarity(noise.cumsum())
    assert (still.verdict, walk.verdict) == ("stationary", "drifts")
    assert walk.adf_p == adfuller(noise.cumsum(), result_object=False)[1]
    assert stationarity(np.ones(100)) is None
    assert stationarity(noise[:10]) is None


def test_without_the_extra_nothing_is_tested(monkeypatch):
    monkeypatch.setattr("seqcli.experiments.inspect.stationarity.find_spec", lambda _: None)
    assert stationarity(np.random.default_rng(0).normal(size=400)) is None


def test_the_longest_run_of_one_value_is_counted_by_hand():
    assert longest_run(np.array([1, 1, 2, 2, 2, 3, 1.0])) == 3
    assert longest_run(np.array([])) == 0


def series(dates, values, **others):
    cells = {"date": dates, "load": [str(value) for value in values], **others}
    return series_look(cells, "date", ["load"], list(others))


def test_gaps_repeats_and_order_of_times_are_counted():
    days = [f"2024-01-{day:02}" for day in (1, 2, 3, 5, 6, 9, 8, 6)]
    result = series(days, range(8))
    assert (result.step, result.season) == ("D", 7)
    assert (result.gaps, result.repeated, result.unsorted) == (2, 1, 2)
    assert (result.first, result.last) == ("2024-01-01", "2024-01-09")


def test_several_series_are_told_apart_by_the_column_within_which_no_time_repeats():
    days = [f"2024-01-{day:02}" for day in range(1, 11)] * 2
    shops = ["north"] * 10 + ["south"] * 10
    result = series(days, range(20), colour=["red", "blue"] * 10, shop=shops)
    assert (result.series_column, result.series, result.repeated, result.gaps) == ("shop", 2, 0, 0)


def test_times_that_cannot_be_read_are_counted():
    result = series(["2024-01-01", "soon", "2024-01-03", "", "-1", "9999-12-31"], [1, 2, 3, 4, 5, 6])
    assert (result.unreadable, result.rows) == (4, 6)


def test_a_table_is_wide_long_or_of_one_series():
    days = [f"2024-01-{day:02}" for day in range(1, 11)]
    assert series(days, range(10)).shape == "single"
    assert series(days * 2, range(20), shop=["north"] * 10 + ["south"] * 10).shape == "long"
    cells = {"date": days, "a": list("0123456789"), "b": list("0123456789")}
    assert series_look(cells, "date", ["a", "b"], []).shape == "wide"
