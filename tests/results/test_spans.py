import pytest

from seqcli.results.wording import counted, power_of_ten, span


def test_one_is_counted_without_an_s():
    assert [counted(number, "leg") for number in (0, 1, 2, 1200)] == [
        "0 legs",
        "1 leg",
        "2 legs",
        "1,200 legs",
    ]


def test_exponents_are_raised():
    assert [power_of_ten(exponent) for exponent in (4, -23)] == ["10⁴", "10⁻²³"]


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-5, "0 s"),
        (40.4, "40 s"),
        (89, "89 s"),
        (90, "2 min"),
        (720, "12 min"),
        (5400, "1.5 h"),
        (9000, "2.5 h"),
        (86_400, "24 h"),
        (3 * 86_400, "3 d"),
    ],
)
def test_a_length_of_time_is_told_in_the_unit_that_people_would_say(seconds, shown):
    assert span(seconds) == shown
