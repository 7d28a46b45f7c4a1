import re
from pathlib import Path

import pytest

import seqcli
from seqcli.data.score_words import difference_words, figure_words, score_text
from seqcli.reports.numbers import (
    PERCENT,
    align_points,
    alike,
    between,
    bracketed,
    clock,
    fixed,
    times,
    uncertain_decimals,
    unit_of,
)


@pytest.mark.parametrize(
    ("value", "decimals", "signed", "shown"),
    [
        (2350.4, 0, False, "2,350"),
        (1065218, 0, False, "1,065,218"),
        (-0.5, 1, True, "−0.5"),
        (0.4, 1, True, "+0.4"),
        (-0.04, 1, True, "0.0"),
        (-0.04, 1, False, "0.0"),
        (-1234.5, 1, False, "−1,234.5"),
    ],
)
def test_numbers_have_thousands_apart_a_true_minus_and_no_signed_zero(value, decimals, signed, shown):
    assert fixed(value, decimals, signed=signed) == shown


def test_percentages_show_a_decimal_and_more_only_where_the_interval_is_narrower():
    assert uncertain_decimals([0.009, 0.012], PERCENT) == 1
    assert uncertain_decimals([0.031], PERCENT) == 1
    assert uncertain_decimals([0.0004], PERCENT) == 2
    assert uncertain_decimals([], PERCENT) == 1


def test_other_metrics_show_two_digits_of_their_narrowest_interval():
    assert uncertain_decimals([0.0312, 0.5], unit_of("mse")) == 3
    assert uncertain_decimals([12.0], unit_of("perplexity")) == 0
    assert uncertain_decimals([0.0], unit_of("mse")) == 3


def test_values_of_one_row_have_equally_many_decimals():
    assert alike([2350.4, 2110.7]) == ["2,350", "2,111"]
    assert alike([31.24, 127.9]) == ["31.2", "127.9"]
    assert alike([0.412, 0.5232]) == ["0.41", "0.52"]
    assert alike([0.0, None, 5.0]) == ["0.00", "", "5.00"]


@pytest.mark.parametrize(
    ("ratio", "interval", "decimals", "shown"),
    [
        (0.898, (0.8801, 0.9159), 2, "×0.90 [0.88, 0.92]"),
        (1.269, None, 2, "×1.27"),
        (0.75, None, 3, "×0.750"),
        (0.0123, None, 2, "×0.012"),
        (12.34, None, 2, "×12.3"),
        (0.0, None, 2, "×0.00"),
    ],
)
def test_ratios_show_at_least_two_digits(ratio, interval, decimals, shown):
    assert times(ratio, interval, decimals=decimals) == shown


def test_decimal_points_stand_in_line():
    lines = align_points(["+13.1 points", "−0.5 points", "", "2,350"])
    assert lines == ["  +13.1 points", "   −0.5 points", "", "2,350"]
    assert align_points(["75.6 ± 0.8 %", "failed"]) == ["75.6 ± 0.8 %", "failed"]


def test_ranges_and_intervals_are_told_by_both_ends():
    assert between(312.4, 318.0, 1) == "312.4–318.0"
    assert between(312.44, 312.41, 1) == "312.4"
    assert bracketed((-0.0141, 0.004), 1, factor=100, signed=True) == "[−1.4, +0.4]"


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0:00"), (21.4, "0:21"), (83, "1:23"), (3723, "1:02:03"), (-1, "0:00")]
)
def test_durations_read_like_a_clock(seconds, shown):
    assert clock(seconds) == shown


NARROW = (0.00030, 0.00042)


def test_a_sentence_tells_a_difference_in_its_metric_s_unit_with_the_digits_of_its_interval():
    assert difference_words(0.00036, NARROW, "accuracy") == "+0.036 points [+0.030, +0.042]"
    assert difference_words(0.012, (0.004, 0.020), "exact_match") == "+1.2 points [+0.4, +2.0]"
    assert difference_words(0.7, (0.2, 1.2), "BLEU") == "+0.7 BLEU [+0.2, +1.2]"
    assert difference_words(-0.0021, (-0.0033, -0.0009), "MSE") == "−0.0021 [−0.0033, −0.0009]"


def test_a_score_alone_has_its_metric_s_unit_and_four_digits_where_there_is_no_scale():
    assert score_text(0.756, "accuracy") == "75.6 %"
    assert score_text(31.24, "BLEU") == "31.2"
    assert score_text(0.64978, "MSE") == "0.6498"


def test_a_gate_s_figure_has_the_digits_of_its_interval():
    assert figure_words(0.756, (0.747, 0.765), "share", alone=True) == "75.6 % [74.7, 76.5]"
    assert figure_words(0.00036, NARROW, "share", alone=False) == "0.036 points [0.030, 0.042]"
    assert figure_words(1_234_567, (1_234_567, 1_234_567), "", alone=True) == "1,234,567"
    assert figure_words(3.4142, (3.31, 3.52), "ms", alone=True) == "3.41 ms [3.31, 3.52]"
    assert figure_words(3.4, (None, 5.0), "ms", alone=True).endswith("[−∞, 5.0]")


def test_an_end_of_a_gate_s_interval_beside_zero_is_not_shown_as_zero():
    assert figure_words(-7.5, (None, -0.001), "", alone=False) == "−7.500 [−∞, −0.001]"
    assert figure_words(-0.02, (-0.0396, -0.0004), "share", alone=False) == "−2.00 points [−3.96, −0.04]"
    assert figure_words(1.0, (-1e-17, 2.0), "", alone=False) == "1.0 [0.0, 2.0]"


FORMATS_ITSELF = {
    "data/facts.py",
    "experiments/compare/tuning.py",
    "experiments/estimate.py",
    "experiments/gates/judging.py",
    "experiments/gradprobe/probe_sentences.py",
    "experiments/legs.py",
    "launch/local.py",
    "results/definition.py",
    "tasks/copy.py",
    "training/card.py",
    "training/leg_notes.py",
    "training/step.py",
}
"""Files that still have digits of their own; the list only gets shorter."""
THE_FORMATTERS = {"data/score_words.py", "results/wording.py"}


def test_no_sentence_below_formats_a_score_or_a_share_by_itself():
    """Of the kind f'{100 * share:.1f} %' or f'{ratio:.2f}': the digits are the one formatter's matter."""
    own = re.compile(r"\{[^{}\"]*:[+,]*\.\d[fg%]\}|\{100 \*[^{}]*\}")
    root = Path(seqcli.__file__).parent
    files = {path.relative_to(root).as_posix(): path for path in root.rglob("*.py")}
    below = {name: path for name, path in files.items() if not name.startswith("reports/")}
    found = {name for name, path in below.items() if own.search(path.read_text(encoding="utf-8"))}
    assert found - THE_FORMATTERS == FORMATS_ITSELF
