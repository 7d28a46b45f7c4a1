"""What `compare` shows on a terminal by default: the answer first, in few lines, each fact once."""

import re

import pytest
from making.cases import COMPARISONS

from seqcli.reports.draw.page import Page
from seqcli.reports.report import render
from seqcli.reports.words.methods import methods
from seqcli.results.compare import Recurrence

SGR = re.compile(r"\x1b\[[\d;]*m")
MARKS = {"better": "▲", "worse": "▼", "equivalent": "=", "undecided": "?"}


def answer(record, width=80, **page):
    return render(record, "table", Page(width, **page))


def told(record, width=120):
    """The text without its line breaks."""
    return " ".join(answer(record, width).split())


def row(record, name, width=120):
    """The row of that name, its parts apart."""
    line = next(line for line in answer(record, width).splitlines() if line.startswith(f"{name}  "))
    return re.split(r" {2,}", line.rstrip())


def of_two(records, **changes):
    """LSTM and GRU, with one pair of which these fields are known."""
    models = [records.model("lstm"), records.model("gru")]
    pair = records.pair(models[1], models[0])
    quality = pair.quality.model_copy(update=changes)
    return records.comparison(models, pairs=[pair.model_copy(update={"quality": quality})])


@pytest.mark.parametrize("case", [*COMPARISONS, "long labels", "hostile"])
@pytest.mark.parametrize("width", [20, 40, 60, 80, 100, 120, 200])
def test_no_line_is_wider_than_the_page(records, case, width):
    from rich.cells import cell_len

    lines = answer(records.CASES[case](), width).splitlines()
    assert [line for line in lines if cell_len(line) > width] == []


def test_three_models_fit_a_screen_of_twenty_four_lines(records):
    record = records.many(3).model_copy(update={"guide": records.CASES["two"]().guide})
    assert len(answer(record, 80).splitlines()) < 24


def test_a_model_is_a_row_with_its_score_its_interval_and_what_it_costs(records):
    record = records.CASES["two"]()
    (header,) = (line for line in answer(record, 120).splitlines() if "95 % interval" in line)
    assert re.split(r" {2,}", header.strip())[:3] == ["test accuracy", "95 % interval", "training seq/s"]
    assert row(record, "LSTM") == [
        "LSTM", "75.6 % ?", "[74.8, 76.4]", "2,350 ▲", "0.41 ▲", "1,065,218 =", "21.3 ▼",
    ]  # fmt: skip


def test_a_baseline_is_a_row_of_the_same_table(records):
    assert row(records.CASES["two"](), "bag of words") == ["bag of words", "75.8 %"]


def test_the_answer_comes_before_the_warnings_and_these_before_where_the_rest_is(records):
    text = answer(records.CASES["failed"]())
    places = [text.index(part) for part in ("LSTM  ", "Not decided", "! GRU seed 3 failed", "details: -v")]
    assert places == sorted(places)


@pytest.mark.parametrize(
    "word", ["protocol", "same kernel path", "gates", "epochs to best", "known:", "signature", "seeds  "]
)
def test_what_is_behind_v_is_not_on_the_first_screen(records, word):
    record = records.CASES["two"]()
    assert word not in answer(record)
    assert word in answer(record, detailed=True)


def test_a_verdict_is_a_sentence_with_its_size_and_interval(records):
    record = of_two(records, verdict="better", difference=0.021, interval=(0.004, 0.038), level=0.95)
    assert "GRU is better than LSTM in accuracy by 2.1 points [0.4, 3.8]." in told(record)


def test_the_better_model_stands_first_whichever_is_subtracted(records):
    record = of_two(records, verdict="worse", difference=-0.021, interval=(-0.038, -0.004), level=0.95)
    assert "LSTM is better than GRU in accuracy by 2.1 points [0.4, 3.8]." in told(record)


def test_an_interval_of_another_level_says_so(records):
    record = of_two(records, verdict="better", difference=0.021, interval=(0.004, 0.038), level=0.983)
    assert "by 2.1 points [0.4, 3.8] (98.3 % intervals)." in told(record)


def test_equivalent_models_are_called_so_with_the_margin(records):
    record = of_two(records, verdict="equivalent", difference=0.001, interval=(-0.004, 0.006), level=0.9)
    assert "Equivalent in accuracy within ±1.0 points: GRU − LSTM +0.1 points [−0.4, +0.6]." in told(record)


def test_equivalent_models_are_told_with_the_collapses_that_so_few_seeds_do_not_show(records):
    """Of a run in five that collapses, five seeds show none in a third of all comparisons."""
    record = of_two(records, verdict="equivalent", difference=0.001, unseen_rate=1 - 0.05 ** (1 / 5))
    assert "5 seeds cannot exclude that up to 45 % of runs collapse." in told(record)
    decided = of_two(records, verdict="better", difference=0.021, unseen_rate=1 - 0.05 ** (1 / 5))
    assert "collapse" not in told(decided)


@pytest.mark.parametrize(
    ("lacks", "sentence"),
    [
        (
            {"seeds_needed": 9, "seeds_needed_range": None},
            "5 seeds cannot separate them; 9 fresh ones would: --seeds 5:14.",
        ),
        (
            {"seeds_needed": 9, "seeds_needed_range": (4, 31)},
            "5 seeds cannot separate them; 9 fresh ones (4 to 31) would: --seeds 5:14.",
        ),
        (
            {"seeds_needed": 9, "seeds_needed_range": (4, None)},
            "5 seeds cannot separate them; 9 fresh ones (4 or more) would: --seeds 5:14.",
        ),
        (
            {"seeds_needed": None, "examples_needed": 2600},
            "853 test examples cannot separate them; about 2,600 would.",
        ),
        (
            {"seeds_needed": None, "detectable": 0.35},
            "Too little data: only a difference of about 35.0 points or more would show.",
        ),
        ({"seeds_needed": None, "detectable": 1.0}, "Too little data to detect any difference."),
    ],
)
def test_what_is_not_decided_says_what_would_decide_it(records, lacks, sentence):
    text = told(of_two(records, verdict="undecided", **lacks))
    assert "Not decided: GRU − LSTM" in text
    assert sentence in text


def test_what_a_model_costs_least_in_is_said_in_words_too(records):
    assert "LSTM trains faster and answers faster; GRU needs less memory." in told(records.CASES["two"]())


@pytest.mark.parametrize(
    ("verdicts", "sentence"),
    [
        (["undecided", "worse"], "No model is clearly better than the bag of words: try that first."),
        (["equivalent", "worse"], "No model is better than the bag of words: use that."),
        (["worse", "worse"], "Every model is worse than the bag of words: use that."),
        (["better", "undecided"], "Better than every baseline: LSTM."),
    ],
)
def test_a_simpler_method_that_does_as_well_is_named(records, verdicts, sentence):
    models = [records.model("lstm"), records.model("rnn")]
    bow = records.held_against(records.comparison().baselines[1], models, verdicts)
    assert sentence in told(records.comparison(models, baselines=[bow]))


@pytest.mark.parametrize(("verdict", "mark"), MARKS.items())
def test_a_mark_is_the_verdict_against_every_other_model(records, verdict, mark):
    other = {"better": "▼", "worse": "▲"}.get(verdict, mark)
    record = of_two(records, verdict=verdict)
    assert row(record, "GRU")[1].endswith(f" {mark}")
    assert row(record, "LSTM")[1].endswith(f" {other}")


def test_a_cost_that_is_not_decided_has_no_mark(records):
    record = of_two(records)
    speed = record.pairs[0].train_speed.model_copy(update={"verdict": "undecided"})
    pair = record.pairs[0].model_copy(update={"train_speed": speed})
    assert row(record.model_copy(update={"pairs": [pair]}), "LSTM")[3] == "2,350"


@pytest.mark.parametrize("case", COMPARISONS)
def test_colour_adds_and_never_carries(records, case):
    record = records.CASES[case]()
    assert SGR.sub("", answer(record, colour=True)) == answer(record)


@pytest.mark.parametrize("case", COMPARISONS)
def test_an_ascii_terminal_gets_the_same_answer_in_ascii(records, case):
    record = records.CASES[case]()
    assert answer(record, encoding="ascii").isascii()
    figures = re.compile(r"\d[\d,.]*")
    assert figures.findall(answer(record, encoding="ascii")) == figures.findall(answer(record))


def test_a_narrow_page_leaves_out_memory_then_latency_then_speed_and_never_the_score(records):
    words = ("accuracy", "interval", "parameters", "training", "latency", "memory")
    mapping = {
        width: [word for word in words if word in answer(records.CASES["two"](), width).split("▲ better")[0]]
        for width in (100, 74, 66, 56, 40)
    }
    assert mapping == {
        100: list(words),
        74: list(words[:5]),
        66: list(words[:4]),
        56: list(words[:3]),
        40: list(words[:2]),
    }


def test_what_changes_what_to_believe_is_told_and_what_does_not_is_not(records):
    record = records.comparison()
    task = record.task.model_copy(
        update={"notes": ["0 of 400 texts cut", "34 rows dropped"], "cautions": ["34 rows dropped"]}
    )
    text = answer(record.model_copy(update={"task": task}))
    assert "! 34 rows dropped" in text
    assert "0 of 400" not in text


def test_failed_runs_beyond_two_are_counted(records):
    failure = records.failed().failures[0]
    many = [failure.model_copy(update={"seed": seed}) for seed in range(5)]
    text = told(records.comparison(failures=many))
    assert text.count("failed:") == 2
    assert "! 3 more runs failed (-v)" in text


def test_the_guide_is_one_line_of_how_many_claims_hold(records):
    claims = records.CASES["two"]().guide
    held = sum(claim.verdict == "supported" for claim in claims)
    assert f"guide: {held} of {len(claims)} claims" in answer(records.CASES["two"]())
    assert "guide:" not in answer(records.CASES["three"]())


def test_the_command_that_repeats_it_is_named(records):
    record = records.comparison(signature="seqcli 0.1.0 · x@1 · lstm+gru · #2049714f32")
    assert answer(record).splitlines()[-1] == "again: seqcli rerun 2049714f32"


def test_gates_are_always_shown(records):
    record = records.CASES["gated"]()
    for gate in record.expectations:
        assert gate.text in told(record)


def test_only_the_opening_of_the_verdict_is_bold(records):
    line = next(
        line for line in answer(records.CASES["two"](), colour=True).splitlines() if "Not dec" in line
    )
    assert line.startswith("\x1b[1mNot decided:\x1b[0m GRU")


def test_the_answer_of_a_sweep_is_its_table_its_verdict_and_one_line(records):
    text = answer(records.sweep())
    assert "▲ A greater length favours GRU over LSTM: GRU − LSTM +2.3 points" in text
    assert "┤" not in text
    assert "chart and details: -v" in text
    assert "┤" in answer(records.sweep(), detailed=True)


def test_a_claim_of_the_guide_is_one_line_with_its_mark(records):
    lines = answer(records.CASES["guide"]()).splitlines()
    claims = records.CASES["guide"]().claims
    for claim in claims:
        assert sum(claim.claim in line for line in lines) == 1
    assert not any("known:" in line or "here:" in line for line in lines)


def timed(records, **changes):
    """Two models whose cost was measured so."""
    result = records.gated().sittings[0].model_copy(update={"repeated": 0, **changes})
    return records.CASES["two"]().model_copy(update={"sittings": [result]})


def test_models_that_were_timed_in_one_process_each_have_no_verdict_on_speed_and_the_answer_says_so(records):
    once = "speed and latency were timed once a model: no verdict on them without --cost full"
    assert once in told(timed(records, processes=1, disturbed=2))
    assert "other programs disturbed" not in told(timed(records, processes=1, disturbed=2))
    assert once not in told(timed(records, processes=2, disturbed=2))


def test_the_part_of_the_time_that_measuring_cost_took_is_told_with_the_details(records):
    record = timed(records, processes=2, seconds=38.0, training_seconds=62.0, share=0.38)
    long = " ".join(render(record, "table", Page(200, detailed=True)).split())
    share = "cost measuring took 38 % of the time (38 s beside 62 s of training)"
    assert f"{share}; --cost full times 5 processes of each model" in long
    assert share not in told(record)
    assert f"C{share[1:]}." in dict(methods(record))["Training speed"]
    whole = timed(records, processes=5, seconds=38.0, training_seconds=62.0, share=0.38)
    assert "--cost full" not in render(whole, "table", Page(200, detailed=True))
    assert "% of the time" not in render(timed(records), "table", Page(200, detailed=True))


def test_where_nothing_is_shown_to_be_learnt_the_simplest_method_has_its_own_name(records):
    record = records.comparison()
    most_frequent = record.baselines[0].model_copy(
        update={"name": "majority", "label": "most frequent caption"}
    )
    recurrence = Recurrence(
        baseline="majority", label="x", level=0.5, better=[], verdict="undecided", majority=0.5
    )
    shown = record.model_copy(update={"baselines": [most_frequent], "recurrence": recurrence})
    assert "no model is clearly better than the most frequent caption." in told(shown)
