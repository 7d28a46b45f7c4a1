"""Charts of few points: a mark where something was measured, and nowhere else."""

import pytest

from seqcli.reports.draw.chart import HEIGHT, MARKS, Chart, ChartSeries, draw_chart
from seqcli.reports.draw.page import Page

FALLING = ChartSeries(((4.0, 90.0), (8.0, 50.0), (16.0, 10.0)))
FLAT = ChartSeries(((4.0, 90.0), (8.0, 90.0), (16.0, 90.0)))


def drawn(*series, page=None):
    return [line.plain for line in draw_chart(Chart(series, "length", sparse=True), page or Page(width=60))]


def marks_in(lines):
    return {mark: sum(line.count(mark) for line in lines) for mark in MARKS if any(mark in x for x in lines)}


def test_each_measured_point_has_one_mark_and_what_lies_between_has_dots():
    lines = drawn(FALLING)
    assert marks_in(lines) == {"●": 3}
    assert sum(line.count("·") for line in lines) > 10


def test_marks_that_would_cover_each_other_stand_side_by_side():
    lines = drawn(FALLING, FLAT)
    assert marks_in(lines) == {"●": 3, "○": 3}
    top = next(line for line in lines if "○" in line)
    assert abs(top.index("●") - top.index("○")) == 1


def test_a_mark_stands_at_its_height_and_place():
    lines = drawn(FALLING)
    rows = [number for number, line in enumerate(lines[:HEIGHT]) if "●" in line]
    assert rows == [0, round((90 - 50) / 80 * (HEIGHT - 1)), HEIGHT - 1]
    left = lines[0].index("●")
    right = lines[HEIGHT - 1].index("●")
    middle = lines[rows[1]].index("●")
    assert (middle - left) / (right - left) == pytest.approx((8 - 4) / (16 - 4), abs=0.03)


@pytest.mark.parametrize("width", [30, 60, 120])
def test_no_line_is_wider_than_the_page(width):
    assert all(len(line) <= width for line in drawn(FALLING, FLAT, page=Page(width=width)))


def test_one_point_alone_is_drawn():
    assert marks_in(drawn(ChartSeries(((4.0, 90.0),)))) == {"●": 1}
