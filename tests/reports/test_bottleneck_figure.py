"""The pictures and the page of a bottleneck: points, intervals, curves and doses at their own values."""

import numpy as np
import pytest
from making.outcomes import planted_run
from matplotlib import colors
from statsmodels.stats.proportion import proportion_confint

from seqcli.experiments.bottleneck import measure
from seqcli.reports.draw.axes import colour_of
from seqcli.reports.draw.html_page import render_page
from seqcli.reports.draw.panel import draw_all, panels_of

PER_LENGTH = 20
LENGTHS = [n for n in range(2, 17) for _ in range(PER_LENGTH)]


def run(attention, seed, half, *, width=32, top=1.0):
    """A run whose shares follow a logistic curve with that half length, as closely as counts can."""
    shares = [top / (1 + np.exp(-5 * (np.log2(half) - np.log2(n)))) for n in LENGTHS]
    right = [i % PER_LENGTH < round(PER_LENGTH * share) for i, share in enumerate(shares)]
    return planted_run(attention, seed, LENGTHS, right, width=width)


@pytest.fixture(scope="module")
def planted():
    doses = [run("none", seed, half + 0.2 * seed, width=width)
             for width, half in ((8, 4), (16, 6), (32, 9)) for seed in range(3)]  # fmt: skip
    return measure([*doses, *(run("luong", seed, 1000) for seed in range(3))])


@pytest.fixture(scope="module")
def panels(planted):
    return {axes.get_title(loc="left").split(",")[0].split(":")[0]: axes for axes in draw_all(planted).axes}


def of_colour(axes, place):
    return [line for line in axes.get_lines() if colors.same_color(line.get_color(), colour_of(place))]


def test_every_length_is_a_point_with_its_binomial_interval(planted, panels):
    axes, curve = panels["Quality by source length"], planted.curves[0]
    points = next(line for line in of_colour(axes, 0) if line.get_linestyle() == "None")
    assert list(points.get_ydata()) == pytest.approx([100 * share for share in curve.by_length])
    assert np.log2(points.get_xdata()) == pytest.approx(np.log2(planted.single_lengths), abs=0.1)
    bars = [line.get_ydata() for line in of_colour(axes, 0) if len(line.get_xdata()) == 2]
    for (low, high), share in zip(bars, curve.by_length, strict=True):
        ends = proportion_confint(share * PER_LENGTH, PER_LENGTH, method="wilson")
        assert (low / 100, high / 100) == pytest.approx(ends, abs=1e-9)


def test_the_fitted_curve_is_at_half_of_the_first_score_at_l50(planted, panels):
    axes, curve = panels["Quality by source length"], planted.curves[0]
    line = max(of_colour(axes, 0), key=lambda one: len(one.get_xdata()))
    at = np.interp(np.log2(curve.l50), np.log2(line.get_xdata()), line.get_ydata())
    assert at == pytest.approx(100 * curve.first / 2, abs=0.5)
    assert curve.l50 == pytest.approx(4.2, abs=0.3)
    marked = [line for line in axes.get_lines() if line.get_marker() == "D" and len(line.get_xdata()) == 1]
    assert [line.get_xdata()[0] for line in marked] == [item.l50 for item in planted.curves if item.l50]


def test_a_model_that_never_falls_has_points_and_no_curve(planted, panels):
    axes = panels["Quality by source length"]
    assert [line.get_linestyle() for line in of_colour(axes, 3) if len(line.get_xdata()) > 2] == ["None"]
    assert "attention=luong hidden=32" in [text.get_text() for text in axes.get_legend().get_texts()]


def test_the_dose_is_l50_by_width_in_doublings_with_the_trend_that_is_told(planted, panels):
    axes = panels["Dose"]
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    at = [
        (line.get_xdata()[0], line.get_ydata()[0]) for line in axes.get_lines() if len(line.get_xdata()) == 1
    ]
    assert at == [(dose.width, dose.l50) for dose in planted.dose]
    (trend,) = [line for line in axes.get_lines() if line.get_linestyle() == "--"]
    slope = np.polyfit(np.log2(trend.get_xdata()), np.log2(trend.get_ydata()), 1)[0]
    assert slope == pytest.approx(planted.dose_trend.slope)
    assert axes.get_legend().get_texts()[0].get_text().startswith(f"times {2**slope:.2f} [")


def test_one_width_has_no_dose_and_widths_beyond_the_lengths_are_arrows():
    result = measure([run("none", 0, 6), run("luong", 0, 1000)])
    assert [panel.title for panel in panels_of(result)] == ["Quality by source length, 95 % intervals"]
    beyond = draw_all(measure([run("none", 0, 6, width=8), run("none", 0, 1000, width=64)]))
    (dose,) = [axes for axes in beyond.axes if axes.get_title(loc="left").startswith("Dose")]
    assert "beyond" in [text.get_text() for text in dose.texts]


def test_results_without_single_lengths_keep_their_dose(records):
    titles = [panel.title for panel in panels_of(records.bottleneck())]
    assert titles == ["Dose: half-score length by width, 95 % intervals"]


def test_the_page_has_pictures_claims_every_length_and_the_command(planted):
    html = render_page(planted, command="seqcli bottleneck runs/none runs/luong")
    assert html.count("<svg") == 2
    assert "The score at each source length" in html
    assert "seqcli bottleneck runs/none runs/luong" in html
    assert "What the guide says" in html
