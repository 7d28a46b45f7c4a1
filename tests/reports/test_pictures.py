import warnings
from functools import lru_cache

import pytest
from matplotlib.figure import Figure

from seqcli.reports.draw.axes import COLOURS, DARK_COLOURS, MARKERS, ROLES, limits
from seqcli.reports.draw.panel import draw_all, panels_of
from seqcli.reports.draw.picture import Picture
from seqcli.reports.numbers import PERCENT
from seqcli.reports.parts.comparison_figure import mean_curve
from seqcli.results.definition import ConstantBaseline, Criterion, Definition
from seqcli.results.train import ClassScore, ClassTable
from seqcli.runs.named_file import named_file

RESULTS = ["one", "six", "failed", "all seeds failed", "long labels", "hostile sweep"]


def luminance(colour):
    """WCAG 2.2: relative luminance of an sRGB colour."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.fixture(scope="module")
def drawn(records):
    """The axes of a case's panel whose title starts so; each case is drawn once."""
    figure = lru_cache(lambda case: draw_all(records.CASES[case]()))
    return lambda case, title: panel_of(figure(case), title)


def panel_of(figure, title):
    return next(axes for axes in figure.axes if axes.get_title(loc="left").startswith(title))


def dots(axes):
    """How many markers each line without a line between them has."""
    return [len(line.get_xdata()) for line in axes.get_lines() if line.get_linestyle() == "None"]


@pytest.mark.parametrize("theme", [0, 1])
def test_texts_and_curves_can_be_read_on_light_and_on_dark_paper(theme):
    paper = ROLES["paper"][theme]
    for role, pair in ROLES.items():
        if role in ("text", "quiet", "good", "bad", "open") or role.startswith("curve-"):
            assert contrast(pair[theme], paper) >= 4.5, role
        if role in ("text", "quiet"):
            assert contrast(pair[theme], ROLES["band"][theme]) >= 4.5, role


def test_curves_are_told_apart_without_colour():
    assert len(set(MARKERS)) == len(COLOURS) == len(DARK_COLOURS) == len(set(COLOURS))


def test_every_seed_is_a_dot_and_every_failed_one_is_missing(drawn):
    axes = drawn("two", "Test accuracy")
    assert [count for count in dots(axes) if count] == [5, 5]
    assert [count for count in dots(drawn("failed", "Test accuracy")) if count] == [5, 4]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["LSTM", "GRU"]


def test_dots_stand_at_the_seeds_values(records, drawn):
    axes = drawn("two", "Test accuracy")
    seeds = next(line for line in axes.get_lines() if line.get_marker() == "o")
    assert list(seeds.get_xdata()) == pytest.approx([100 * value for value in records.ACCURACIES["lstm"]])


def test_a_level_near_the_seeds_is_a_line_and_one_far_away_is_told_beside(drawn):
    axes = drawn("two", "Test accuracy")
    names = [text.get_text() for text in axes.get_legend().get_texts()]
    assert names == ["◀ majority class 50.0 %", "bag of words"]
    low, high = axes.get_xlim()
    assert low > 60
    assert high < 90


def test_a_level_above_all_seeds_is_told_with_its_arrow_last(records):
    models = [records.model(name, values=[0.2, 0.21, 0.22, 0.2, 0.21]) for name in ("lstm", "gru")]
    axes = panel_of(draw_all(records.comparison(models)), "Test accuracy")
    assert "bag of words 75.8 % ▶" in [text.get_text() for text in axes.get_legend().get_texts()]


def test_every_seed_and_both_ends_of_every_interval_have_room():
    """A bar cut at the axis looks like a short one."""
    low, high = limits([0.50, 0.60], [(0.1, 1.0)], PERCENT)
    assert (low, high) == pytest.approx((10 - 0.06 * 90, 100 + 0.06 * 90))
    assert limits([0.50, 0.60], [(0.48, 0.62)], PERCENT) == pytest.approx((48 - 0.84, 62 + 0.84))
    equal = limits([0.0, 0.0], [(0.0, 0.17)], PERCENT)
    assert equal == pytest.approx((-0.06 * 17, 17 * 1.06)), "the intervals alone say how wide"
    assert limits([0.5], [None], PERCENT)[0] < 50 < limits([0.5], [None], PERCENT)[1]
    assert limits([], [], PERCENT)[0] < limits([], [], PERCENT)[1]


def outside(axes):
    """The ends of lines and error bars, as drawn, that the axes cut; lines across the whole axes aside."""
    within = axes.transData
    ends = [line.get_xydata() for line in axes.get_lines() if line.get_transform() == within]
    ends += [path for bars in axes.collections for path in getattr(bars, "get_segments", list)()]
    (left, right), (low, high) = sorted(axes.get_xlim()), sorted(axes.get_ylim())
    return [(x, y) for points in ends for x, y in points if not (left <= x <= right and low <= y <= high)]


@pytest.mark.parametrize("case", ["two", "six", "failed", "several", "sweep", "sweep of three"])
def test_no_bar_of_any_picture_is_cut_at_its_axes(records, case):
    for axes in draw_all(records.CASES[case]()).axes:
        assert outside(axes) == []


def test_no_bar_is_cut_however_wide_it_is_beside_the_seeds(records):
    wide = [model.model_copy(update={"quality": model.quality.model_copy(update={"ci95": (0.11, 0.99)})})
            for model in records.CASES["two"]().models]  # fmt: skip
    figure = draw_all(records.comparison(wide))
    assert [outside(axes) for axes in figure.axes] == [[] for _ in figure.axes]


def test_the_interval_drawn_and_told_is_the_one_that_decided_and_its_level_is_said(records):
    record = records.CASES["two"]()
    (pair,) = record.pairs
    quality = pair.quality.model_copy(update={"interval": (-0.021, 0.013), "level": 0.9803})
    record = record.model_copy(update={"pairs": [pair.model_copy(update={"quality": quality})]})
    axes = panel_of(draw_all(record), "Differences")
    assert axes.get_title(loc="left") == "Differences, 98 % intervals"
    assert list(axes.get_lines()[1].get_xdata()) == pytest.approx([-2.1, 1.3])
    panel = next(item for item in panels_of(record) if item.title.startswith("Differences"))
    assert "[−2.1, +1.3]" in panel.about


def test_the_trend_drawn_is_the_one_that_decided(records):
    record = records.sweep()
    pairs = [pair.model_copy(update={"interval": (-0.5, 0.5), "level": 0.9}) for pair in record.pairs]
    axes = panel_of(draw_all(record.model_copy(update={"pairs": pairs})), "Do the trends differ?")
    assert axes.get_title(loc="left") == "Do the trends differ? 90 % intervals"
    assert list(axes.get_lines()[1].get_xdata()) == pytest.approx([-50, 50])


def test_on_an_axis_of_decades_an_interval_from_0_on_is_said_and_its_other_end_has_room(records):
    scores = {"lstm": [1e-4, 2e-4, 0.004, 0.167, 0.169], "gru": [1e-4, 3e-4, 2e-4, 1e-3, 0.002]}
    models = [records.model(name, values=values) for name, values in scores.items()]
    models = [model.model_copy(update={"quality": model.quality.model_copy(update={"ci95": (0.0, 0.9)})})
              for model in models]  # fmt: skip
    record = records.comparison(models, baselines=[])
    task = record.task.model_copy(update={"metric": "MSE", "higher_is_better": False, "majority": None})
    axes = panel_of(draw_all(record.model_copy(update={"task": task})), "Test MSE")
    assert axes.get_xlim()[1] > 0.9
    assert "◀ 2 intervals from 0 on" in [text.get_text() for text in axes.texts]


def test_scores_decades_apart_are_drawn_in_decades_with_plain_numbers_and_where_they_count_as_solved(records):
    scores = {"lstm": [1e-4, 2e-4, 0.004, 0.167, 0.169], "gru": [1e-4, 3e-4, 2e-4, 1e-3, 0.002]}
    models = [records.model(name, values=values) for name, values in scores.items()]
    constant = ConstantBaseline(label="always 1", theory="1/6", scores={"valid": 0.166, "test": 0.167})
    criterion = Criterion(metric="MSE", threshold=0.01, above=False, source="Bai 2018")
    definition = Definition(variant="adding", source="1997", baseline=constant, criterion=criterion)
    record = records.comparison(models, baselines=[])
    task = record.task.model_copy(
        update={"metric": "MSE", "higher_is_better": False, "definition": definition, "majority": None}
    )
    axes = panel_of(draw_all(record.model_copy(update={"task": task})), "Test MSE")
    assert axes.get_xscale() == "log"
    assert {"0.0001", "0.001", "0.01", "0.1"} <= {text.get_text() for text in axes.get_xticklabels()}
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["solved: MSE < 0.01"]


def test_a_difference_has_its_interval_beside_the_margin(records, drawn):
    record = records.CASES["two"]()
    axes = drawn("two", "Differences")
    low, high = (100 * end for end in record.pairs[0].quality.ci95)
    assert list(axes.get_lines()[1].get_xdata()) == pytest.approx([low, high])
    assert [text.get_text() for text in axes.texts] == ["undecided"]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["margin ±1.0"]


def test_each_protocol_has_a_row_among_the_differences(drawn):
    axes = drawn("several", "Differences")
    rows = [" ".join(text.get_text().split()) for text in axes.get_yticklabels()]
    assert rows == ["GRU − LSTM, equal width", "GRU − LSTM, equal parameters"]


def test_speed_is_drawn_against_quality_only_where_it_was_measured(records, drawn):
    axes = drawn("two", "Speed")
    places = {tuple(line.get_xdata()) for line in axes.get_lines() if len(line.get_xdata()) == 1}
    assert {(records.SPEEDS["lstm"],), (records.SPEEDS["gru"],)} <= places
    titles = [panel.title for panel in panels_of(records.CASES["no costs"]())]
    assert not any("Speed" in title for title in titles)


def test_learning_curves_are_a_thin_line_a_seed_and_a_thick_one_as_far_as_all_trained(drawn):
    axes = drawn("two", "Learning")
    lines = [
        line for line in axes.get_lines() if line.get_linestyle() != "None" and len(line.get_xdata()) > 1
    ]
    assert sorted(len(line.get_xdata()) for line in lines) == [3, 3, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["LSTM", "GRU"]


@pytest.mark.parametrize("epochs", [1, 2, 3])
def test_epochs_are_counted_in_whole_numbers(records, epochs):
    models = [
        model.model_copy(update={"learning": [[0.5, 0.6, 0.7][:epochs], [0.6]]})
        for model in records.CASES["two"]().models
    ]
    axes = panel_of(draw_all(records.comparison(models)), "Learning")
    low, high = axes.get_xlim()
    assert [tick for tick in axes.get_xticks() if low <= tick <= high] == list(range(1, epochs + 1))


def test_one_epoch_is_not_a_share_of_an_epoch(records):
    models = [
        model.model_copy(update={"learning": [[0.5], [0.6]]}) for model in records.CASES["two"]().models
    ]
    axes = panel_of(draw_all(records.comparison(models)), "Learning")
    low, high = axes.get_xlim()
    assert [tick for tick in axes.get_xticks() if low <= tick <= high] == [1.0]


def test_the_mean_ends_with_the_seed_that_stops_first():
    assert mean_curve([[0.5, 0.7, 0.9], [0.7, 0.9]]) == pytest.approx([0.6, 0.8])
    assert mean_curve([]) == []


def test_results_of_earlier_versions_have_no_learning_curves(records):
    record = records.CASES["two"]()
    old = record.model_copy(
        update={"models": [model.model_copy(update={"learning": []}) for model in record.models]}
    )
    assert not any("Learning" in panel.title for panel in panels_of(old))


def test_a_sweep_is_a_curve_a_model_with_all_seeds_and_the_crossing(drawn):
    axes = drawn("sweep", "Test accuracy along length")
    assert dots(axes) == [5] * 10
    assert [text.get_text() for text in axes.get_xticklabels()] == ["25", "50", "100", "200", "400"]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        "LSTM",
        "GRU",
        "lines cross at 154",
    ]
    ticks = axes.get_xticks()
    assert ticks[1] - ticks[0] == pytest.approx(ticks[4] - ticks[3])  # doublings are equally far apart


def test_each_crossing_of_several_says_whose_it_is(drawn):
    names = [text.get_text() for text in drawn("sweep of three", "Test accuracy").get_legend().get_texts()]
    assert names[3:] == ["LSTM, RNN cross at 154", "GRU, RNN cross at 154", "GRU, LSTM cross at 154"]


def test_a_sweep_whose_task_is_solved_or_not_counts_seeds(records):
    curves = [curve.model_copy(update={"solved": [5, 5, 4, 3, 0]}) for curve in records.sweep().curves]
    record = records.sweep(curves=curves)
    axes = panel_of(draw_all(record), "Seeds that solve")
    assert list(axes.get_lines()[0].get_ydata()) == pytest.approx([5, 5, 4, 3, 0], abs=0.05)


@pytest.mark.parametrize("case", RESULTS)
def test_every_result_can_be_drawn_and_described(records, case):
    record = records.CASES[case]()
    panels = panels_of(record)
    assert draw_all(record).axes
    for panel in panels:
        assert panel.about.endswith(".")
        assert "\x1b" not in panel.about
        assert "\n" not in panel.about


def test_the_same_result_gives_the_same_bytes(records, tmp_path):
    for name in ("one", "two"):
        figure = draw_all(records.CASES["one"]())
        for kind in ("png", "svg", "pdf"):
            Picture(named_file(str(tmp_path / f"{name}.{kind}"), "--plot")).save(figure)
    for kind in ("png", "svg", "pdf"):
        assert (tmp_path / f"one.{kind}").read_bytes() == (tmp_path / f"two.{kind}").read_bytes()


def test_labels_are_no_formulas_and_no_alarm_is_raised_for_a_letter_without_font(records, tmp_path):
    record = records.comparison(
        [
            records.model("lstm", label="lstm $x^$", costs=False),
            records.model("gru", label="gru 한국어 \x1b[31m", costs=False),
        ]
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = draw_all(record)
        Picture(named_file(str(tmp_path / "x.svg"), "--plot")).save(figure)
    names = [text.get_text() for text in panel_of(figure, "Test accuracy").get_yticklabels()]
    assert names[0].split() == ["lstm".upper(), "$x^$"]
    assert "\x1b" not in "".join(names)


def test_a_training_runs_pictures_show_each_epoch_the_one_kept_and_both_shares_of_each_class(records):
    scores = [
        ClassScore(label="a", examples=4, answered=2, right=1, precision=0.5, recall=0.25, F1=1 / 3),
        ClassScore(label="b", examples=4, answered=6, right=3, precision=0.75, recall=0.8, F1=0.77),
    ]
    table = ClassTable(macro_F1=0.55, balanced_accuracy=0.5, classes=scores, confusion=[[1, 3], [1, 3]])
    course = [0.5, 0.61, 0.58]
    learning, classes = panels_of(
        records.training(valid_per_epoch=course, best_epoch=2, epochs=3, by_class=table)
    )
    axes = Figure().add_subplot()
    learning.draw(axes)
    curve, best = axes.get_lines()[:2]
    assert (list(curve.get_xdata()), list(curve.get_ydata())) == ([1, 2, 3], pytest.approx([50, 61, 58]))
    assert (best.get_xdata()[0], best.get_ydata()[0]) == (2, pytest.approx(61))
    axes = Figure().add_subplot()
    classes.draw(axes)
    recall, precision = ([bar.get_width() for bar in group] for group in axes.containers)
    assert (recall, precision) == (pytest.approx([25, 80]), pytest.approx([50, 75]))
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a", "b"]


def test_a_training_run_without_classes_or_epochs_has_no_picture_of_them(records):
    assert panels_of(records.training(valid_per_epoch=[0.5], best_epoch=1, epochs=1)) == ()
