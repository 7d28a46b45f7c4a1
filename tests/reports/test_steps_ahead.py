"""A forecast's steps: the grid, the picture, and the sentence on the last value."""

from seqcli.reports.parts.steps_figure import steps_panel
from seqcli.reports.words.step_words import repeats_last_value, shown_steps, step_grids, step_grids_of_methods
from seqcli.results.steps_ahead import LastValueLikeness, StepScores, mean_steps


def steps(values, *, repeats=False):
    likeness = LastValueLikeness(to_last=0.1, to_truth=1.0, naive=1.02, repeats=repeats)
    return StepScores(scores={"MASE": values, "coverage": [0.5] * len(values)}, likeness=likeness)


def test_a_grid_has_a_row_a_step_and_a_column_a_score():
    (grid,) = step_grids(steps([1.0, 2.5]))
    assert [column.heading for column in grid.columns] == ["MASE", "coverage"]
    assert [(row.label, [cell.text.strip() for cell in row.cells]) for row in grid.rows] == [
        ("1", ["1.00", "50.0 %"]),
        ("2", ["2.50", "50.0 %"]),
    ]


def test_of_many_steps_the_first_the_last_and_some_between_are_shown():
    assert shown_steps(5) == [1, 2, 3, 4, 5]
    shown = shown_steps(96)
    assert (shown[0], shown[-1], len(shown)) == (1, 96, 12)


def test_one_step_alone_needs_no_grid_and_no_picture():
    assert step_grids(steps([1.0])) == ()
    assert step_grids(None) == ()
    assert step_grids_of_methods({"GRU": None}, "MASE") == ()
    assert steps_panel({"GRU": steps([1.0]), "x": None}, "MASE") is None


def test_methods_stand_beside_each_other_in_grid_and_picture():
    methods = {"GRU": steps([1.0, 2.0]), "last value": steps([1.5, 3.0])}
    (grid,) = step_grids_of_methods(methods, "MASE")
    assert [column.heading for column in grid.columns] == ["GRU", "last value"]
    assert "GRU goes from 1.00 at step 1 to 2.00 at step 2" in steps_panel(methods, "MASE").about


def test_that_a_model_repeats_the_last_value_is_said_with_its_distances():
    assert repeats_last_value(steps([1.0])) == ""
    sentence = repeats_last_value(steps([1.0], repeats=True), "GRU")
    assert sentence.startswith("GRU repeats the last value: its forecasts lie 0.10 from it and 1.00 from")


def test_legs_are_averaged_step_by_step_and_most_of_them_decide():
    both = mean_steps([steps([1.0, 2.0], repeats=True), steps([3.0, 4.0]), steps([5.0, 6.0], repeats=True)])
    assert both.scores["MASE"] == [3.0, 4.0]
    assert both.likeness.repeats
    assert mean_steps([]) is None
