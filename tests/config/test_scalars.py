import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqcli.config.yaml_file import read_scalar


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("0", 0),
        ("-12", -12),
        ("+7", 7),
        ("1.5", 1.5),
        ("1.", 1.0),
        (".5", 0.5),
        ("1e-3", 0.001),
        ("2E+2", 200.0),
        ("-1.5e3", -1500.0),
    ],
)
def test_a_word_that_everyone_reads_alike_is_a_boolean_null_or_number(word, value):
    assert read_scalar(word) == value
    assert type(read_scalar(word)) is type(value)


@pytest.mark.parametrize(
    "word",
    [
        *("no", "on", "yes", "off", "y", "N", "012", "-08", "1_000", "0x10", "0o17", "12:30", "1:30:00"),
        *("2020-01-01", ".nan", ".inf", "-.inf", "nan", "inf", "1e999", "9" * 20, "9" * 5000, "-" + "9" * 50),
        *("１２", "1 000", "1e", "tRUE", "=", "<<", " 1", "1\n"),
    ],
)
def test_a_word_that_yaml_1_1_would_guess_at_stays_text(word):
    assert read_scalar(word) == word


@given(st.text(max_size=40))
def test_any_text_becomes_a_finite_value_or_stays_itself(text):
    value = read_scalar(text)
    assert value == text if isinstance(value, str) else value is None or math.isfinite(value)


@given(st.integers(min_value=-(10**18), max_value=10**18))
def test_every_whole_number_is_read_as_python_writes_it(number):
    assert read_scalar(str(number)) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_is_read_as_python_writes_it(number):
    assert read_scalar(repr(number)) == number
