import csv
import io

import pytest

from seqcli.reports.draw.chart import MARKS
from seqcli.reports.draw.page import Page
from seqcli.reports.report import render


def told(record, width=120, **page):
    """The long form, which `-v` shows."""
    return " ".join(render(record, "table", Page(width, detailed=True, **page)).split())


@pytest.mark.parametrize("width", [20, 40, 60, 80, 100, 120, 200])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
@pytest.mark.parametrize("case", ["sweep", "sweep of three", "hostile sweep"])
def test_no_line_is_wider_than_the_page(records, case, width, encoding):
    pages = [Page(width, encoding, detailed=detailed) for detailed in (False, True)]
    lines = [line for page in pages for line in render(records.CASES[case](), "table", page).splitlines()]
    wide = {line for line in lines if len(line) > width}
    assert wide == set()


def test_a_row_a_value_and_a_column_a_model(records):
    lines = render(records.sweep(), "table", Page(80, detailed=True)).splitlines()
    head = next(number for number, line in enumerate(lines) if line.startswith("length  "))
    assert lines[head].split() == ["length", "●", "LSTM", "○", "GRU"]
    assert [line.split()[0] for line in lines[head + 1 : head + 6]] == ["25", "50", "100", "200", "400"]
    assert lines[head + 1].split()[1:4] == ["86.0", "±", "0.8"]


def test_a_failed_leg_leaves_a_smaller_mean_and_a_missing_value_a_dash(records):
    record = records.sweep(broken=True)
    gone = record.curves[0].model_copy(update={"mean": [None] * 5, "ci95": [None] * 5})
    text = told(record.model_copy(update={"curves": [gone, record.curves[1]]}))
    assert "400 — 76.8" in text
    assert "partial: 1 of 50 training runs failed" in text
    assert "failed ! LSTM seed 2: at length 400: not finite (exit 8)" in text


def test_the_curves_are_drawn_with_a_mark_each_and_in_ascii_too(records):
    record = records.sweep(("rnn", "lstm", "gru"))
    text = render(record, "table", Page(80, detailed=True))
    drawn = [line for line in text.splitlines() if "│" in line or "┤" in line]
    assert len(drawn) == 10
    assert all(any(mark in line for line in drawn) for mark in MARKS[:3])
    assert text.count("length 25 … 400") == 1
    assert "test accuracy at each length: mean and 95 % interval over seeds" in text
    plain = render(record, "table", Page(80, "ascii", detailed=True))
    assert all(mark in plain for mark in "*o#")


def test_a_pair_has_its_slopes_its_interval_its_mark_and_where_the_lines_cross(records):
    text = told(records.sweep())
    pair = records.sweep().pairs[0]
    assert pair.difference == pytest.approx(0.023, abs=0.0001)
    assert "GRU − LSTM ▲ +2.3 points per doubling of length [+1.9, +2.7]" in text, text
    assert "(−0.8 against −3.1, 5 seeds)" in text
    assert "a greater length favours GRU; the lines cross at 154 [106, 292]" in text


@pytest.mark.parametrize(
    ("verdict", "mark", "words"),
    [
        ("worse", "▼", "a greater length favours LSTM"),
        ("equivalent", "=", "length favours neither beyond the margin"),
        ("undecided", "?", "undecided"),
    ],
)
def test_every_verdict_has_its_mark_and_words(records, verdict, mark, words):
    pair = records.sweep().pairs[0].model_copy(update={"verdict": verdict, "crossing": None})
    text = told(records.sweep(pairs=[pair]))
    assert f"GRU − LSTM {mark} " in text
    assert words in text
    assert "cross" not in text


def test_a_task_that_is_solved_or_not_is_counted_in_runs(records):
    from seqcli.results.compared_pairs import SolvedPair

    pair = (
        records.sweep()
        .pairs[0]
        .model_copy(
            update={
                "difference": None,
                "ci95": None,
                "verdict": "undecided",
                "solved": SolvedPair(a=20, b=17, seeds=25, p_value=0.25),
            }
        )
    )
    curves = [curve.model_copy(update={"solved": [5, 5, 4, 3, 0]}) for curve in records.sweep().curves]
    text = told(records.sweep(pairs=[pair], curves=curves))
    assert "? 20 of 25 runs solved against 17 (p = 0.25): undecided" in text
    assert "4 of 5 solved" in text


def test_the_data_is_called_what_it_is_at_every_value(records):
    record = records.sweep()
    sizes = iter((3, 6, 12, 24, 48))
    points = [
        point.model_copy(update={"task": point.task.model_copy(update={"source": source, "train": size})})
        for point, size in zip(record.points, sizes, strict=False)
        for source in [f"generated letters, lengths 1 to {size}"]
    ]
    first, *_ = render(record.model_copy(update={"points": points}), "table", Page(100)).splitlines()
    assert "generated letters · 3–" in first
    assert "lengths" not in first


def test_a_linear_setting_counts_by_unit_and_the_varied_setting_is_not_among_the_equal_ones(records):
    text = told(records.sweep(setting="hidden", scale="linear"))
    assert "points per unit of hidden" in text
    assert "protocol equal width · 1 layer" in text


def test_tidy_says_at_which_value_each_number_stands(records):
    record = records.sweep()
    rows = list(csv.DictReader(io.StringIO(render(record, "tidy"))))
    means = {
        float(row["at"]): float(row["value"])
        for row in rows
        if (row["part"], row["model"], row["quantity"]) == ("curves", "gru", "mean")
    }
    assert means == dict(zip(record.values, record.curves[1].mean, strict=True))
    seed = {
        (row["at"], row["seed"]): float(row["value"])
        for row in rows
        if (row["part"], row["model"], row["quantity"]) == ("curves", "lstm", "per_seed")
    }
    assert seed["100.0", "3"] == record.curves[0].per_seed[2][3]
    inner = {
        (row["at"], row["seed"]): float(row["value"])
        for row in rows
        if (row["part"], row["model"], row["quantity"]) == ("points.models", "lstm", "quality.per_seed")
    }
    assert inner == seed
    again = list(csv.DictReader(io.StringIO(render(records.several(), "tidy"))))
    assert {row["at"] for row in again if row["part"] == "alternatives.models"} == {"params"}


def test_tidy_says_the_seed_and_the_epoch_of_a_learning_curve(records):
    rows = csv.DictReader(io.StringIO(render(records.CASES["two"](), "tidy")))
    curve = {
        int(row["item"]): float(row["value"])
        for row in rows
        if (row["model"], row["quantity"], row["seed"]) == ("gru", "learning", "2")
    }
    assert [curve[epoch] for epoch in range(5)] == records.learning(records.ACCURACIES["gru"])[2]


@pytest.mark.parametrize("form", ["table", "markdown", "github", "latex"])
def test_every_format_tells_what_other_protocols_say(records, form):
    text = " ".join(render(records.several(), form, Page(120)).replace("$", "").split())
    assert "at equal parameters (GRU 148 wide)" in text
    assert "depends on the protocol: worse at equal width, better at equal parameters" in text


def test_another_protocol_s_difference_stands_beside_its_mark(records):
    text = told(records.several())
    assert "▲ at equal parameters (GRU 148 wide): GRU − LSTM +1.7 points" in text
    assert "~ GRU − LSTM depends on the protocol" in text
