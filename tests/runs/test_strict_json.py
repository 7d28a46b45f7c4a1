import json
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from seqcli.runs import strict_json

BIDIRECTIONAL_CONTROLS = {"LRE", "LRO", "RLE", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(json_values)
def test_every_json_value_comes_back_from_both_spellings(value):
    assert json.loads(strict_json.document(value)) == value
    assert strict_json.parse(strict_json.line(value)) == value


@given(json_values)
@example(["\x7f\x80\x85\x9b\x9f", "\u2028\u2029", "\u202a\u202e", {"\u2066": "\u2069\x1b[2J\r\n"}])
def test_a_line_is_one_line_and_shows_no_control_characters(value):
    text = strict_json.line(value).decode()
    assert text.endswith("\n")
    assert not {unicodedata.category(char) for char in text[:-1]} & {"Cc", "Cs", "Zl", "Zp"}
    assert not {unicodedata.bidirectional(char) for char in text} & BIDIRECTIONAL_CONTROLS


def test_keys_are_sorted_so_equal_values_have_equal_bytes():
    assert strict_json.document({"b": 1, "a": [2.5, "가"]}).decode() == (
        '{\n  "a": [\n    2.5,\n    "가"\n  ],\n  "b": 1\n}\n'
    )
    assert strict_json.line({"b": 1, "a": 2}) == b'{"a": 2, "b": 1}\n'


def test_a_digest_is_that_of_the_sorted_ascii_spelling_and_stays_so():
    """`printf '{"a": null, "b": [1, 2.5, "\\\\u00e9"]}' | sha256sum`: caches are named by it."""
    known = "b129e8b869243fd11bf91cf8baafac4e7229e28a409192143c02eef67a9fc152"
    assert strict_json.digest({"b": [1, 2.5, "é"], "a": None}) == known
    assert strict_json.digest({"a": None, "b": (1, 2.5, "é")}) == known


def test_names_of_files_that_are_not_utf_8_can_be_told():
    assert strict_json.line("caf\udce9") == b'"caf\\udce9"\n'


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_numbers_that_are_not_finite_are_refused(number):
    with pytest.raises(ValueError, match="JSON compliant"):
        strict_json.document({"loss": [number]})


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "Expecting value"),
        (b'{"a": NaN}', "NaN is not a JSON number"),
        (b'{"a": -Infinity}', "-Infinity is not a JSON number"),
        (b'{"a": 1, "a": 2}', "named twice"),
        (b'{"a": 1} x', "Extra data"),
        (b"\xff\xfe", "decode"),
        (b"[" * 200_000, "nested too deeply"),
    ],
)
def test_bad_json_is_one_kind_of_error(content, reason):
    with pytest.raises(ValueError, match=reason):
        strict_json.parse(content)


def test_an_object_is_asked_for_and_a_list_is_refused():
    with pytest.raises(ValueError, match="not a JSON object"):
        strict_json.parse_object(b"[]")
