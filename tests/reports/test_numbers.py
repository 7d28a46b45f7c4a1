import ast
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
    level_suffix,
    level_text,
    size,
    times,
    uncertain_decimals,
    unit_of,
)
from seqcli.reports.parts.quality_table import difference_lines
from seqcli.reports.words.comparison_words import quality_decimals
from seqcli.reports.words.worded import worded
from seqcli.results.claims import Claim, ShownDifference, SimilarFact
from seqcli.results.wording import p_value_words, shortest


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
    assert figure_words(0.756, (0.747, 0.765), "share", single_figure=True) == "75.6 % [74.7, 76.5]"
    assert figure_words(0.00036, NARROW, "share", single_figure=False) == "0.036 points [0.030, 0.042]"
    assert figure_words(1_234_567, (1_234_567, 1_234_567), "", single_figure=True) == "1,234,567"
    assert figure_words(3.4142, (3.31, 3.52), "ms", single_figure=True) == "3.41 ms [3.31, 3.52]"
    assert figure_words(3.4, (None, 5.0), "ms", single_figure=True).endswith("[−∞, 5.0]")


def test_an_end_of_a_gate_s_interval_beside_zero_is_not_shown_as_zero():
    assert figure_words(-7.5, (None, -0.001), "", single_figure=False) == "−7.500 [−∞, −0.001]"
    assert (
        figure_words(-0.02, (-0.0396, -0.0004), "share", single_figure=False) == "−2.00 points [−3.96, −0.04]"
    )
    assert figure_words(1.0, (-1e-17, 2.0), "", single_figure=False) == "1.0 [0.0, 2.0]"


@pytest.mark.parametrize("width", [10.0**-place for place in range(1, 7)])
@pytest.mark.parametrize("metric", ["accuracy", "exact_match", "BLEU", "MSE", "perplexity", "F1"])
def test_an_interval_with_a_width_is_never_told_as_if_it_had_none(metric, width):
    result = difference_words(1.2 * width, (0.9 * width, 1.5 * width), metric)
    low, high = re.search(r"\[(.+), (.+)\]", result).groups()
    assert low != high
    assert not result.startswith("+0.0 ")


def test_an_interval_that_is_only_rounding_error_adds_no_digits():
    assert difference_words(0.01, (0.01 - 1e-17, 0.01 + 1e-17), "accuracy") == "+1.0 points [+1.0, +1.0]"


def test_a_table_and_the_guide_beside_it_tell_a_difference_with_the_same_digits(records):
    """The interval shown is the one that decided, which is narrower or wider than the 95 % one."""
    result = records.comparison()
    narrow = [
        pair.model_copy(
            update={
                "quality": pair.quality.model_copy(
                    update={"difference": 0.00036, "interval": NARROW, "ci95": (-0.01, 0.01)}
                )
            }
        )
        for pair in result.pairs
    ]
    claim = Claim(
        claim="",
        kind="",
        prior="",
        verdict="undecided",
        facts=SimilarFact(
            a="gru",
            b="lstm",
            seeds=5,
            difference=ShownDifference(value=0.00036, interval=NARROW, level=0.95, metric="accuracy"),
        ),
    )
    result = worded(result.model_copy(update={"pairs": narrow, "guide": [claim]}))
    (line,) = [line.text for line in difference_lines(result, quality_decimals(result)) if not line.detail][
        :1
    ]
    assert "+0.036 points [+0.030, +0.042]" in line
    assert "+0.036 points [+0.030, +0.042]" in result.guide[0].evidence


@pytest.mark.parametrize(
    ("p_value", "shown"),
    [(0.0625, "p = 0.0625"), (1.0, "p = 1"), (0.00390625, "p = 0.00391"), (2e-9, "p < 0.0001")],
)
def test_p_values_have_three_digits_wherever_they_stand(p_value, shown):
    assert p_value_words(p_value) == shown


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (0.05, 4, "0.05"),
        (1600, 4, "1,600"),
        (12345, 3, "12,345"),
        (2e-7, 1, "2e-07"),
        (0.0, 3, "0"),
        (-0.25, 3, "−0.25"),
    ],
)
def test_a_number_alone_is_as_short_as_its_digits(value, digits, shown):
    assert shortest(value, digits) == shown


FORMATTER = "results/wording.py"
READ_BY_PROGRAMS = {
    "reports/line_formats.py": "predictions, translations and forecasts: columns that are read back",
    "reports/results/rerun.py": "a figure then and now: every digit that could differ",
    "reports/results/run_difference.py": "settings of two runs: as they were written",
}


def formatted_by_hand(tree: ast.AST) -> list[str]:
    """Fields such as {share:.1f}; one inside float(…) rounds a value and is not shown."""
    rounding = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "float"
        for inner in ast.walk(node)
    }
    return [
        ast.unparse(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.FormattedValue) and node.format_spec is not None and node not in rounding
        if re.search(r"\.[^'\"]*[efg%]['\"]$", ast.unparse(node.format_spec))
    ]


def test_a_number_formatted_by_hand_is_found():
    fields = ("{share:.1%}", "{norm:+,.{n}f}", "{count:,}", "{when:%Y.%m}", "{rate:g}")
    tree = ast.parse(f"""f"{" ".join(fields)}"; float(f"{{rate:.3g}}")""")
    assert formatted_by_hand(tree) == ["share", "norm"]
    assert [bool(PRECISE.search(field)) for field in fields] == [True, True, False, False, False]


PRECISE = re.compile(r"\.(?:\d+|\{[^{}]*\})[efg%]\}")
"""The end of such a field: most files have none, and need not be parsed."""


def test_digits_are_the_one_formatter_s_matter():
    root = Path(seqcli.__file__).parent
    texts = {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in root.rglob("*.py")
    }
    by_hand = {
        name for name, text in texts.items() if PRECISE.search(text) and formatted_by_hand(ast.parse(text))
    }
    assert by_hand - {FORMATTER} == set(READ_BY_PROGRAMS)


@pytest.mark.parametrize(
    ("levels", "shown"),
    [([], "95 %"), ([None], "95 %"), ([0.9, None], "90 to 95 %"), ([0.983, 0.9, 0.95], "90 to 98.3 %")],
)
def test_levels_that_stand_together_are_one_range_and_95_percent_where_none_is_told(levels, shown):
    assert level_text(levels) == shown


@pytest.mark.parametrize(
    ("level", "shown"), [(None, ""), (1 - 0.05, ""), (0.9, " (90 %)"), (0.975, " (97.5 %)")]
)
def test_a_level_stands_beside_an_interval_where_it_is_not_95_percent(level, shown):
    assert level_suffix(level) == shown


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0 B"),
        (1000, "1,000 B"),
        (2**10, "1.0 KiB"),
        (3 * 2**19, "1.5 MiB"),
        (2**30, "1.0 GiB"),
        (5 * 2**40, "5.0 TiB"),
    ],
)
def test_bytes_are_shown_in_powers_of_1024(count, shown):
    assert size(count) == shown
