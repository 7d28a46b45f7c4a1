import io
import math
import re

import numpy as np
import pytest

from seqcli.config.layers import Setting, validate
from seqcli.experiments.gradprobe.config import GradprobeConfig
from seqcli.experiments.gradprobe.probe_models import probe_models
from seqcli.experiments.gradprobe.probe_plan import plan
from seqcli.reports.draw.axes import COLOURS
from seqcli.reports.draw.chart import MARKS, Chart, ChartSeries, draw_chart
from seqcli.reports.draw.page import Page
from seqcli.reports.draw.panel import draw_all, panels_of
from seqcli.reports.draw.terminal import ConsoleOptions, console_for
from seqcli.reports.parts.probe_table import decades, table_lags
from seqcli.reports.progress.probe_progress import probe_progress
from seqcli.reports.report import render
from seqcli.reports.words.worded import worded_claims
from seqcli.results.events import drive
from seqcli.results.gradprobe import ProbeProgress


@pytest.fixture(scope="module")
def result():
    settings = {
        "models": ("rnn", "lstm:hidden=6", "gru:bidirectional=true"),
        "hidden": 8,
        "len": 20,
        "seeds": 3,
        "batch_size": 2,
        "init": "torch",
        "what_if": True,
        "clip": 1.0,
        "task_lag": 15,
        "expect": ("lstm.half_life > 1",),
    }
    given = {key: Setting(value, key) for key, value in settings.items()}
    return worded_claims(drive(probe_models(plan(validate(GradprobeConfig, given)))))


@pytest.mark.parametrize("width", [20, 40, 60, 80, 100, 120, 200])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_no_line_is_wider_than_the_page(result, width, encoding):
    text = render(result, "table", Page(width, encoding))
    assert max(map(len, text.splitlines())) <= width
    text.encode(encoding)


def test_every_part_of_a_probe_is_on_the_screen(result):
    text = " ".join(render(result, "table", Page(120)).split())
    for words in (
        "adding-problem inputs, 20 steps back · 3 seeds",
        "float32" if result.models[0].float32_underflow_lag else "memory",
        "λ₁",
        "ρ(W_hh)",
        "gates i",
        "direct path",
        "what if half-life memory",
        "lstm, chrono (20)",
        "layer norm",
        "clipped at 1",
        "a dependency of 15 steps",
        "gates cure vanishing gradients",
        "lstm.half_life > 1: holds",
    ):
        assert words in text, words


def test_the_table_has_a_row_a_model_of_the_state_and_one_of_the_loss(result):
    lines = [
        line.split()
        for line in render(result, "table", Page(120)).splitlines()
        if "∂s  " in line or "∂L  " in line
    ]
    assert [line[-1] for line in lines if "∂s" in line] == [model.verdict for model in result.models]
    assert sum("∂L" in line for line in lines) == len(result.models)


def test_colour_adds_and_never_carries(result):
    plain, coloured = (render(result, "table", Page(80, colour=colour)) for colour in (False, True))
    assert "\x1b" not in plain
    assert "\x1b[" in coloured


def chart(*heights):
    series = [ChartSeries(tuple((float(x), y * x) for x in range(11))) for y in heights]
    return Chart(tuple(series), end="k = 10")


def drawn(picture, width=60, encoding="utf-8"):
    return [line.plain for line in draw_chart(picture, Page(width, encoding))]


def test_each_curve_keeps_its_own_mark_without_colour():
    lines = drawn(chart(-1.0, -2.0, 0.0))
    assert all(any(mark in line for line in lines) for mark in MARKS[:3])
    ascii_marks = "".join(drawn(chart(-1.0, -2.0, 0.0), encoding="ascii"))
    assert all(mark in ascii_marks for mark in "*o#")


def test_a_falling_curve_falls_from_left_to_right_over_its_whole_range():
    places = [(row, line.index("●")) for row, line in enumerate(drawn(chart(-1.0))) if "●" in line]
    assert places == sorted(places, key=lambda place: place[1])
    assert (places[0][0], places[-1][0]) == (0, 9)


def test_a_level_curve_and_no_curve_can_be_drawn():
    assert "●" in "".join(drawn(chart(0.0)))
    assert drawn(Chart(())) == []
    assert drawn(Chart((ChartSeries(()),))) == []


def test_a_chart_names_where_its_axis_ends():
    assert drawn(chart(-1.0))[-1].endswith("k = 10")


@pytest.mark.parametrize(
    ("length", "lags"),
    [
        (1, [1]),
        (3, [1, 2, 3]),
        (200, [1, 2, 5, 10, 20, 50, 100, 200]),
        (1_000_000, [1, 10, 100, 1000, 10_000, 100_000, 500_000, 1_000_000]),
    ],
)
def test_a_table_has_at_most_eight_lags_and_the_last_is_the_length(length, lags):
    assert table_lags(length) == lags


def test_decades_have_one_decimal_below_ten():
    assert [decades(value) for value in (-0.04, -9.94, -9.96, -46.2, None)] == [
        "0.0",
        "−9.9",
        "−10",
        "−46",
        "-",
    ]


def test_a_picture_has_a_line_a_model_and_a_strip_a_gate(result):
    curves, loss, spectra, strips, _ = draw_all(result).axes
    assert len(curves.get_lines()) == len(loss.get_lines()) == len(result.models)
    assert len(spectra.containers) == len(result.models)
    assert len(strips.images) == sum(len(model.gates) for model in result.models)
    names = [text.get_text() for text in strips.get_yticklabels()]
    assert names[:3] == ["lstm  i", "lstm  f", "lstm  o"]
    low, high = curves.get_lines()[0].get_xdata()[[0, -1]]
    assert (low, high) == (0, 20)
    for axes in (curves, loss, spectra, strips):
        apart = set(np.diff(axes.get_xticks()))
        assert apart <= {1, 2, 5, 10}, apart


def test_gates_that_are_not_drawn_are_said_to_be_left_out(result):
    gated = next(model for model in result.models if model.label == "lstm")
    many = result.model_copy(update={"models": [gated] * 5})
    titles = [axes.get_title(loc="left") for axes in draw_all(many).axes]
    assert "Gates over time: deciles of the first 12 of 15" in titles


@pytest.fixture(scope="module")
def of_a_run(result):
    """Systems of a run with long names that differ in their middles or their ends, as a run's are."""
    names = [
        f"seq2seq {moment} encoder by context alone {way}".replace("  ", " ")
        for moment in ("epoch 1", "epoch 2")
        for way in ("forward", "backward")
    ]
    gated = next(model for model in result.models if model.label == "lstm")
    models = [gated.model_copy(update={"label": name}) for name in names]
    return result.model_copy(update={"models": models, "what_if": []})


def test_long_names_of_systems_are_told_apart_in_tables_and_legends(of_a_run):
    table = render(of_a_run, "table", Page(80))
    rows = [line for line in table.splitlines() if "∂s" in line and "…" in line]
    assert len({row[2:].partition("  ")[0] for row in rows}) == len(rows) == len(of_a_run.models)
    for axes in draw_all(of_a_run).axes[:3]:
        assert len({text.get_text() for text in axes.get_legend().get_texts()}) == len(of_a_run.models)


def test_names_of_curves_and_gates_leave_the_axes_their_room_and_stay_on_the_page(of_a_run):
    figure = draw_all(of_a_run)
    for axes in figure.axes[:4]:
        assert axes.get_position().width > 0.25, axes.get_title(loc="left")
    for axes in figure.axes[:3]:
        assert axes.get_legend().get_window_extent().x1 <= figure.bbox.x1


def test_one_step_is_told_as_one(result):
    assert "1 step back" in render(result.model_copy(update={"length": 1}), "markdown", Page())


def test_a_picture_of_gradients_follows_the_house_s_colours_and_says_in_words_what_it_shows(result):
    curves, loss, *_ = draw_all(result).axes
    for axes in (curves, loss):
        assert [line.get_color() for line in axes.get_lines()] == list(COLOURS[: len(result.models)])
        assert len({line.get_marker() for line in axes.get_lines()}) == len(result.models)
    values = [panel.about for panel in panels_of(result)]
    assert values[0].startswith("rnn ")
    assert " at lag 1 and " in values[0]
    assert values[3].startswith("Mean openness: lstm i 0.")


def event(share, done=1, model="gru"):
    return ProbeProgress(model=model, seed=3, what="layer norm", share=share, done=done, total=4)


ESCAPES = re.compile(r"\x1b\[[\d;?]*[a-zA-Z]")


class ByteTerminal(io.BytesIO):
    """Bytes that a terminal would show."""

    def isatty(self):
        return True


class Log:
    """A stream that is no terminal and keeps what is written."""

    closed, encoding = False, "utf-8"

    def __init__(self):
        self.text = ""

    def write(self, text):
        self.text += text

    def flush(self):
        pass

    def isatty(self):
        return False

    def fileno(self):
        raise OSError


def test_off_a_terminal_a_line_comes_each_half_minute():
    log, clock = Log(), iter([0.0, 10.0, 31.0, 31.0, 40.0])
    console = console_for(log, ConsoleOptions(), {})
    with probe_progress(ConsoleOptions(), console=console, now=lambda: next(clock, math.inf)) as show:
        show(event(0.1))
        show(event(0.5))
        show(event(0.6))
    assert log.text == "probing 38 %  gru seed 3, layer norm  0:52 left\n"


NAME = "gru[bold]x[/bold] \\[y] [/nope] 한"


def test_off_a_terminal_a_model_s_name_is_shown_as_it_is():
    log, clock = Log(), iter([0.0, 31.0, 62.0])
    console = console_for(log, ConsoleOptions(), {})
    with probe_progress(ConsoleOptions(), console=console, now=lambda: next(clock)) as show:
        show(event(0.5, model=NAME))
    assert f"probing 38 %  {NAME} seed 3" in log.text


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_on_a_terminal_a_model_s_name_is_no_markup_and_in_characters_that_it_takes(encoding):
    terminal = io.TextIOWrapper(ByteTerminal(), encoding=encoding)
    environ = {"TERM": "xterm", "COLUMNS": "120"}
    with probe_progress(ConsoleOptions(), console=console_for(terminal, ConsoleOptions(), environ)) as show:
        show(event(0.5, model=NAME))
    terminal.flush()
    shown = ESCAPES.sub("", terminal.buffer.getvalue().decode(encoding))
    assert f"{Page(encoding=encoding).fit(NAME)} seed 3, layer norm" in shown


def test_quiet_shows_nothing():
    log = Log()
    console = console_for(log, ConsoleOptions(quiet=True), {})
    with probe_progress(ConsoleOptions(quiet=True), console=console) as show:
        show(event(0.5))
    assert log.text == ""
