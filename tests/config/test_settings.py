import math
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from seqcli.config import settings

WHOLE = {"PositiveInt": 1, "NonNegativeInt": 0}
REAL = ("FiniteFloat", "PositiveFloat", "NonNegativeFloat", "Share", "Fraction")


def allowed(type_name, value):
    try:
        TypeAdapter(getattr(settings, type_name)).validate_python(value)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("type_name", [*WHOLE, *REAL])
@pytest.mark.parametrize(
    "value",
    [True, False, None, "1", "0.5", "", "x", math.nan, math.inf, -math.inf, 10**400, (1,), "1e999", "٣e1"],
)
def test_no_number_is_made_of_a_boolean_text_or_something_without_end(type_name, value):
    assert not allowed(type_name, value)


@pytest.mark.parametrize("type_name", WHOLE)
@pytest.mark.parametrize("value", [1.0, 2.5, "1e3", 2**63])
def test_a_whole_number_is_not_made_of_a_float_or_an_exponent(type_name, value):
    assert not allowed(type_name, value)


@given(st.integers())
def test_whole_numbers_are_allowed_from_their_least_to_the_largest_of_int64(number):
    for type_name, least in WHOLE.items():
        assert allowed(type_name, number) == (least <= number <= 2**63 - 1)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_each_real_number_type_allows_its_interval_and_no_more(number):
    assert allowed("FiniteFloat", number)
    assert allowed("PositiveFloat", number) == (number > 0)
    assert allowed("NonNegativeFloat", number) == (number >= 0)
    assert allowed("Share", number) == (0 <= number < 1)
    assert allowed("Fraction", number) == (0 < number < 1)


@pytest.mark.parametrize(
    ("type_name", "value"), [("Share", 1), ("Share", 1.0), ("Fraction", 0), ("Fraction", 1)]
)
def test_the_ends_of_an_interval_are_outside_where_it_is_open(type_name, value):
    assert not allowed(type_name, value)


@pytest.mark.parametrize("type_name", REAL)
def test_the_text_that_yaml_makes_of_an_exponent_is_a_number(type_name):
    assert TypeAdapter(getattr(settings, type_name)).validate_python("1e-3") == 0.001
    assert TypeAdapter(getattr(settings, type_name)).validate_python("2.5E-2") == 0.025


@pytest.mark.parametrize("type_name", ["FiniteFloat", "PositiveFloat", "NonNegativeFloat"])
def test_a_real_number_takes_a_whole_one_as_a_float(type_name):
    value = TypeAdapter(getattr(settings, type_name)).validate_python(3)
    assert value == 3.0
    assert isinstance(value, float)


@pytest.mark.parametrize(
    ("written", "length"),
    [
        ("90", timedelta(seconds=90)),
        ("1h30m", timedelta(hours=1, minutes=30)),
        (" 0.5D ", timedelta(hours=12)),
        ("3650d", timedelta(days=3650)),
    ],
)
def test_a_duration_is_its_seconds_up_to_ten_years(written, length):
    assert TypeAdapter(settings.Duration).validate_python(written) == length.total_seconds()


@pytest.mark.parametrize("written", ["", "0", "0s", "3650.001d", "30m1h", "1x", "-1s", 0.0, -1.0, True])
def test_a_duration_of_nothing_or_of_more_or_in_another_order_is_refused(written):
    assert not allowed("Duration", written)


@pytest.mark.parametrize("written", ["80,10,10", "0.8,0.1,0.1", [80.0, 10.0, 10.0]])
def test_shares_are_parts_of_one_however_they_are_written(written):
    assert TypeAdapter(settings.Split).validate_python(written) == pytest.approx((0.8, 0.1, 0.1))


@pytest.mark.parametrize(
    "written", ["80,10", "80,10,11", "90,10,0", "100,10,-10", "a,b,c", [True, 0.5, 0.5], 1]
)
def test_shares_that_are_not_three_parts_of_one_are_refused(written):
    assert not allowed("Split", written)


def test_spans_stay_as_they_are_written_and_do_not_mix_with_shares():
    assert TypeAdapter(settings.Split).validate_python("12M, 4m,1w") == ("12m", "4m", "1w")
    assert not allowed("Split", "12m,4m,10")
    assert not allowed("Split", "0m,4m,4m")
