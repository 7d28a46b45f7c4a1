"""The built-in pairs: what CLDR says in both languages, and nothing that it does not say."""

import re

import pytest

from seqcli.tasks._cldr import cldr_pairs


@pytest.fixture(scope="module")
def pairs():
    return cldr_pairs("en-ko", count=1500, seed=0)


def test_sources_are_different_and_both_sides_say_something(pairs):
    assert len({source for source, _ in pairs}) == len(pairs) == 1500
    assert all(source.strip() and target.strip() for source, target in pairs)


def test_dates_are_the_same_day_in_both_languages(pairs):
    dates = [(s, t) for s, t in pairs if re.fullmatch(r"\w+day, \w+ \d+, \d+", s)]
    assert len(dates) > 20
    for source, target in dates:
        day, year = re.findall(r"\d+", source)
        assert target.startswith(f"{year}년 ")
        assert f"월 {day}일 " in target


def test_a_unit_without_a_pattern_is_left_out_not_called_by_its_code(pairs):
    assert any(source.endswith(" kilometers") for source, _ in pairs)
    assert not [pair for pair in pairs if re.search(r"[a-z]+-(day|month|second|meter|byte)", " ".join(pair))]


def test_the_same_seed_makes_the_same_pairs(pairs):
    assert cldr_pairs("en-ko", count=100, seed=0) == pairs[:100]
    assert cldr_pairs("en-ko", count=100, seed=1) != pairs[:100]
