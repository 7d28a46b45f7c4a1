from seqcli.reports.draw.chart import dot_strip, scale_of, sparkline


def test_dots_stand_where_their_values_are_on_the_common_scale():
    scale = scale_of([[0.70, 0.75], [0.80, None]])
    assert scale == (0.70, 0.80)
    assert dot_strip([0.70, 0.75], scale, width=11) == "·    ·     "
    assert dot_strip([0.80, None], scale, width=11) == "          ·"


def test_a_value_between_two_places_stands_in_the_nearer_one():
    assert dot_strip([0.0, 0.24, 0.26, 0.49, 0.9, 1.0], (0.0, 1.0), width=3) == ":::"
    assert dot_strip([0.74, 0.76], (0.0, 1.0), width=3) == " ··"


def test_values_in_the_same_place_are_counted():
    assert dot_strip([0.0, 0.0, 1.0, 1.0, 1.0, 1.0], (0.0, 1.0), width=3) == ": ⋮"


def test_equal_values_stand_in_the_middle_and_no_value_has_no_scale():
    assert dot_strip([0.5, 0.5], (0.5, 0.5), width=5) == "  :  "
    assert scale_of([[None], []]) is None


def test_a_sparkline_goes_from_the_least_to_the_greatest_value():
    assert sparkline([0.0, 0.5, 1.0], width=12) == "▁▅█"
    assert sparkline([3.0, 1.0], width=12) == "█▁"


def test_a_sparkline_of_more_values_than_cells_shows_the_means_of_neighbours():
    assert sparkline([0.0, 0.0, 4.0, 4.0, 7.0, 7.0], width=3) == "▁▅█"
    assert len(sparkline([float(value) for value in range(100)], width=12)) == 12


def test_a_sparkline_of_equal_values_is_level_and_one_value_has_none():
    assert sparkline([0.5, 0.5, 0.5], width=12) == "▄▄▄"
    assert sparkline([0.5], width=12) == ""
