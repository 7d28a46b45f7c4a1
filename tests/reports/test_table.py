import re
import unicodedata

import pytest
from making.cases import COMPARISONS, OTHER_SHEETS
from making.walking import walk

from seqcli.reports.draw.page import Page
from seqcli.reports.draw.sheet import GLYPHS
from seqcli.reports.report import render
from seqcli.results.listing import Choice, Listing

WIDTHS = [20, 40, 60, 80, 100, 120, 200]
CASES = [*COMPARISONS, "long labels", "train"]
NUMBER = re.compile(r"[−+-]?\d[\d,]*(?:\.\d+)?")
SGR = re.compile(r"\x1b\[[\d;]*m")


def columns(text):
    """The columns a line takes on a terminal, by Unicode's own table of widths."""
    marks = sum(unicodedata.combining(character) > 0 for character in text)
    return len(text) - marks + sum(unicodedata.east_asian_width(character) in "WF" for character in text)


def table(record, width=80, **page):
    """The long form, which `-v` shows."""
    return render(record, "table", Page(width, detailed=True, **page))


def rows(text):
    """The table's lines by the first words of each; runs of spaces are one."""
    return {re.split(r"  +", line.strip())[0]: " ".join(line.split()) for line in text.splitlines()}


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("case", [*CASES, *OTHER_SHEETS, "hostile"])
def test_no_line_is_wider_than_the_page(records, case, width):
    assert max(map(columns, table(records.CASES[case](), width).splitlines())) <= width


@pytest.mark.parametrize("width", [40, 60, 80])
@pytest.mark.parametrize("case", CASES)
def test_a_narrow_page_shows_every_word_of_a_wide_one(records, case, width):
    wide, narrow = (table(records.CASES[case](), size).split() for size in (120, width))
    rules = {"─" * len(word) for word in (*wide, *narrow)}
    units = {"seq/s", "ms", "MiB"} if width < 80 else set()
    assert set(wide) - rules - units <= set(narrow)


def test_even_the_narrowest_page_loses_no_number(records):
    wide, narrow = (table(records.CASES["two"](), size) for size in (120, 20))
    together = "".join(narrow.split())
    assert [number for number in NUMBER.findall(wide) if number not in together] == []


def test_a_wider_page_gets_more_air_and_no_more_columns(records):
    usual, wide = (table(records.CASES["two"](), width).splitlines() for width in (80, 120))
    header = [next(line for line in lines if "GRU against LSTM" in line) for lines in (usual, wide)]
    assert header[0].split() == header[1].split()
    assert len(header[1]) > len(header[0]) + 6


def test_models_stand_side_by_side_at_eighty_columns_and_are_stacked_at_forty(records):
    usual, narrow = (table(records.CASES["two"](), width) for width in (80, 40))
    assert usual.count("\nparameters, total") == 1
    assert re.search(r"^ +LSTM +GRU +GRU against LSTM$", usual, re.MULTILINE)
    assert narrow.count("\nparameters, total") == 3
    assert re.search(r"^ +LSTM$", narrow, re.MULTILINE)


def test_models_that_need_several_panels_are_shared_out_evenly(records):
    lines = table(records.CASES["six"](), 80).splitlines()
    headers = [re.split(r"  +", line.strip()) for line in lines if re.match(r" {10,}(RNN|GRU)", line)]
    assert headers == [["RNN", "LSTM", "GRU"], ["GRU hidden=32", "GRU hidden=64", "GRU hidden=96"]]
    lines = table(records.many(4), 80).splitlines()
    headers = [re.split(r"  +", line.strip()) for line in lines if re.match(r" {10,}(RNN|GRU)", line)]
    assert headers == [["RNN", "LSTM"], ["GRU", "GRU hidden=32"]]


def test_the_rows_say_what_was_measured(records):
    result = rows(table(records.CASES["two"]()))
    assert result["test accuracy"] == "test accuracy 75.6 ± 0.8 % 75.1 ± 1.1 % −0.5 pt [−1.2, +0.2] ?"
    assert result["training speed"] == "training speed seq/s 2,350 2,111 ×0.90 [0.88, 0.92] ▼"
    assert result["same kernel path"] == "same kernel path 1,702 2,111 ×1.24 [1.21, 1.27] ▲"
    assert result["latency, batch 1"] == "latency, batch 1 ms 0.41 0.52 ×1.27 [1.21, 1.35] ▼"
    assert result["parameters, recurrent"] == "parameters, recurrent 131,584 98,688 ×0.750 ▲"
    assert result["parameters, total"] == "parameters, total 1,065,218 1,032,322 ×0.969 ="
    assert result["gates"] == "gates 3 i f o 2 r z"
    assert result["kernel"] == "kernel oneDNN ATen loop"


def test_memory_is_told_in_mebibytes(records):
    record = records.CASES["two"]()
    result = rows(table(record))
    low, high = (bytes_ / 1048576 for bytes_ in record.models[0].memory.peak)
    assert f"{low:.0f}–{high:.0f}" in result["peak memory"]
    assert result["one step, exact"].split()[3:] == ["MiB", "21.3", "19.5", "×0.92", "▲"]


def test_each_seed_is_a_dot_on_one_scale_for_all_models(records):
    line = rows(table(records.CASES["two"]()))["seeds"]
    assert "74.0–76.5 %" in line
    assert sum(line.count(dot) * worth for dot, worth in (("·", 1), (":", 2), ("⋮", 3))) == 10


@pytest.mark.parametrize("verdict", ["better", "worse", "equivalent", "undecided"])
def test_the_mark_is_the_recorded_verdict_and_words_say_it_too(records, verdict):
    models = [records.model("lstm"), records.model("gru")]
    text = table(records.comparison(models, pairs=[records.pair(models[1], models[0], verdict=verdict)]))
    assert rows(text)["test accuracy"].endswith(GLYPHS[verdict])
    assert re.search(rf"^GRU − LSTM  −0.5 points \[−1.2, \+0.2\]\s+{verdict}", text, re.MULTILINE)
    assert all(f"{GLYPHS[word]} {word}" in text for word in ("better", "worse", "equivalent", "undecided"))


def test_an_undecided_pair_says_what_would_decide_it(records):
    models = [records.model("lstm"), records.model("gru")]
    for needed, words in [(9, "a fresh --seeds 5:14 would settle ±1.0")]:
        text = table(
            records.comparison(models, pairs=[records.pair(models[1], models[0], seeds_needed=needed)])
        )
        assert f"undecided; {words}" in text
    text = table(records.comparison(models, pairs=[records.pair(models[1], models[0], seeds_needed=None)]))
    assert "2.1 points would show" in text


@pytest.mark.parametrize(
    ("interval", "mark"),
    [((1.21, 1.27), "▲"), ((0.8, 0.9), "▼"), ((0.97, 1.03), "="), ((1.01, 1.04), "="), ((0.9, 1.1), "?")],
)
def test_the_same_path_ratio_is_marked_by_its_interval(records, interval, mark):
    models = [records.model("lstm"), records.model("gru")]
    pair = records.pair(models[1], models[0])
    speed = pair.train_speed.model_copy(update={"same_path_ratio": 1.0, "same_path_ci95": interval})
    text = table(records.comparison(models, pairs=[pair.model_copy(update={"train_speed": speed})]))
    assert rows(text)["same kernel path"].endswith(mark)


def test_models_on_the_same_kernel_have_no_second_row_of_speed(records):
    assert "same kernel path" not in table(records.CASES["one"]())


def test_a_failed_seed_is_counted_and_its_reason_told(records):
    text = table(records.CASES["failed"]())
    assert rows(text)["seeds without a score"].split()[-2:] == ["0", "1"]
    assert "! GRU seed 3: the loss is not finite at step 40 of epoch 1; try --lr" in text
    assert "(exit 8)" in text


def test_a_model_whose_every_seed_failed_says_so(records):
    assert rows(table(records.CASES["all seeds failed"]()))["test accuracy"].split()[-2:] == ["failed", "?"]


def test_one_seed_has_no_interval(records):
    assert "±" not in rows(table(records.CASES["one seed"]()))["test accuracy"]


def test_an_interval_that_is_not_symmetric_shows_both_ends(records):
    model = records.model("gru")
    quality = model.quality.model_copy(update={"mean": 0.75, "ci95": (0.70, 0.76)})
    text = table(records.comparison([model.model_copy(update={"quality": quality})]))
    assert "75.0 [70.0, 76.0] %" in text


def test_a_loss_is_shown_in_its_own_unit(records):
    models = [records.model("lstm", values=[0.0312, 0.0298]), records.model("gru", values=[0.0221, 0.0243])]
    models = [
        model.model_copy(update={"quality": model.quality.model_copy(update={"metric": "mse"})})
        for model in models
    ]
    task = records.comparison().task.model_copy(update={"metric": "mse", "higher_is_better": False})
    text = table(records.comparison(models, task=task, baselines=[]), 100)
    assert rows(text)["test mse"].split()[2:5] == ["0.0305", "±", "0.0089"]
    assert "points" not in text


@pytest.mark.parametrize(
    ("verdicts", "words"),
    [
        (["undecided", "worse"], "(no gain from recurrence shown)"),
        (["equivalent", "worse"], "(recurrence gains nothing here)"),
        (["worse", "worse"], "(recurrence does not pay here)"),
        (["better", "undecided"], "(LSTM clearly better)"),
        (["better", "better"], "(LSTM and RNN clearly better)"),
    ],
)
def test_the_baselines_say_what_was_decided_of_recurrence(records, verdicts, words):
    models = [records.model("lstm"), records.model("rnn")]
    bow = records.held_against(records.comparison().baselines[1], models, verdicts)
    assert words in table(records.comparison(models, baselines=[bow]))


def test_a_baseline_is_a_row_of_the_table_with_each_model_s_verdict(records):
    models = [records.model("lstm"), records.model("rnn")]
    bow = records.held_against(records.comparison().baselines[1], models, ["equivalent", "worse"])
    row = rows(table(records.comparison(models, baselines=[bow])))["− bag of words"]
    assert row.split()[4:] == ["points", "−0.2", "=", "−13.3", "▼"]


def test_a_guide_section_appears_only_with_claims(records):
    assert "✗ GRU trains faster: here ×0.90" in table(records.CASES["two"]())
    assert "\nguide" not in table(records.CASES["three"]())


def test_a_partial_result_says_above_the_table_what_is_missing(records):
    whole, failed = records.comparison(), records.failed().model_copy(update={"status": "partial"})
    cut = whole.models[1].quality.model_copy(update={"per_seed": whole.models[1].quality.per_seed[:3]})
    stopped = whole.model_copy(
        update={
            "status": "partial",
            "models": [whole.models[0], whole.models[1].model_copy(update={"quality": cut})],
        }
    )
    assert (stopped.legs, stopped.finished_legs, stopped.legs_to_go) == (10, 8, 2)
    assert "partial: 2 of 10 training runs not finished" in table(stopped).splitlines()[4]
    assert "partial: 1 of 10 training runs failed" in table(failed)
    assert "partial: cost not measured yet" in table(records.comparison(status="partial")).splitlines()[4]
    assert "partial" not in table(whole)


def test_the_recommended_model_is_named_first(records):
    record = records.comparison()
    recommendation = record.recommendation.model_copy(update={"model": "gru"})
    assert "\nRecommended: GRU. No clear" in table(records.comparison(recommendation=recommendation))
    assert "Recommended" not in table(record)


@pytest.mark.parametrize("case", [*CASES, *OTHER_SHEETS, "hostile"])
def test_colour_adds_and_never_carries(records, case):
    record = records.CASES[case]()
    coloured, plain = table(record, colour=True), table(record)
    assert "\x1b[" in coloured
    assert "\x1b" not in plain
    assert SGR.sub("", coloured) == plain


@pytest.mark.parametrize("case", [*CASES, *OTHER_SHEETS])
def test_ascii_stdout_gets_an_ascii_table_with_the_same_figures(records, case):
    record = records.CASES[case]()
    text = table(record, encoding="ascii")
    assert text.isascii()
    assert max(map(len, text.splitlines())) <= 80
    digits = re.compile(r"\d[\d,.]*")
    assert set(digits.findall(table(record))) <= set(digits.findall(text))


@pytest.mark.parametrize("case", ["gated", "gradprobe"])
def test_a_gate_says_whether_it_holds_and_where_the_interval_is_open(records, case):
    lines = table(records.CASES[case](), 120).splitlines()
    assert "expect  ✓ lstm.half_life > 1: holds, left less right is 0.50 [0.25, ∞]" in lines
    text = "? lstm.half_life > 9: cannot be decided, left less right is −7.500 [−∞, −0.001]"
    assert f"        {text}" in lines


def test_what_there_is_one_of_is_told_in_the_singular(records):
    claims = records.CASES["guide"]().claims[:1]
    assert "1 claim, quick run: 1 supported" in table(records.guide().model_copy(update={"claims": claims}))
    curves = [curve.model_copy(update={"seeds": [0]}) for curve in records.bottleneck().curves]
    assert "(sentences) · 1 seed\n" in table(records.bottleneck().model_copy(update={"curves": curves}))
    assert "the same for 1 epoch from the start\n" in table(records.run_difference())


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp949", "cp437", "utf-8", "no such encoding"])
def test_the_table_can_be_encoded_whatever_the_terminal_takes(records, encoding):
    text = table(records.CASES["hostile"](), encoding=encoding)
    text.encode("ascii" if encoding.startswith("no") else encoding)


def test_a_training_summary_says_what_was_reached_and_where_it_is(records):
    result = rows(table(records.training()))
    assert result["test accuracy"] == "test accuracy 74.8 % majority class 50.0 %"
    assert result["valid accuracy"] == "valid accuracy 75.3 % best epoch 4 of 8, stopped early"
    assert result["time"] == "time 0:41 0:21 to the best epoch"
    assert result["run"].split() == ["run", "runs/x"]


def test_every_number_on_the_screen_is_in_the_json(records):
    for case in CASES[:-1]:
        record = records.CASES[case]()
        numbers, texts = walk(record.to_json())
        known = derived(record) | {value * factor for value in numbers for factor in (1, 100, 1 / 1048576)}
        for shown in NUMBER.findall(table(record)):
            value = float(shown.replace("−", "-").replace(",", ""))
            half_unit = 0.5000001 * 10 ** -len(shown.partition(".")[2])
            assert any(abs(abs(value) - abs(item)) <= half_unit for item in known) or any(
                shown in text for text in texts
            ), f"{shown} in {case}"


def derived(record):
    """What the screen computes: half widths, means of epochs, the bytes of a step, how many seeds."""
    distinct = {len(record.protocol.seeds), 100 * record.protocol.margin}
    for model in record.models:
        if model.quality.ci95:
            distinct.add(100 * (model.quality.ci95[1] - model.quality.ci95[0]) / 2)
        distinct.add(sum(model.epochs_to_best) / len(model.epochs_to_best))
        if model.memory:
            memory = model.memory
            distinct.add((2 * memory.parameters + memory.optimizer + memory.activations) / 1048576)
    fresh = record.protocol.fresh_seed
    distinct |= {fresh, *(fresh + (pair.quality.seeds_needed or 0) for pair in record.pairs)}
    return distinct


@pytest.mark.parametrize("width", [80, 120])
def test_a_long_name_of_a_run_is_cut_in_its_middle_so_that_the_list_stays_one_table(records, width):
    record = records.CASES["runs"]()
    first, *others = record.runs
    long = first.model_copy(update={"label": "runs/" + "a-long-name-" * 12 + "end"})
    lines = table(record.model_copy(update={"runs": [long, *others]}), width).splitlines()
    heads = [line.split() for line in lines if line.startswith("run ")]
    assert heads == [["run", "status", "model", "task", "score", "size", "age"]]
    assert any(line.startswith("runs/a-long") and "…" in line and "end" in line for line in lines)


def test_runs_are_one_table_at_60_columns_and_what_is_broken_is_red(records):
    text = table(records.CASES["runs"](), 60, colour=True)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines()
    assert sum(line.startswith("run ") for line in lines) == 1
    assert {line.split()[0] for line in lines if line.startswith("runs/")} == {"runs/x", "runs/y", "runs/z"}
    assert [red.strip() for red in re.findall(r"\x1b\[1;31m([^\x1b]*)", text)] == ["failed"]


def test_a_run_with_a_name_of_30_letters_is_one_table_at_60_columns(records):
    record = records.CASES["runs"]()
    long = [
        row.model_copy(update={"label": f"runs/{row.label[-1]}-tickets-bilstm-seed-0-x"})
        for row in record.runs
    ]
    lines = table(record.model_copy(update={"runs": long}), 60).splitlines()
    heads = [line.split() for line in lines if line.startswith("run ")]
    assert len(heads) == 1
    assert {"status", "score", "age"} <= set(heads[0])
    assert max(map(len, lines)) <= 60


def test_names_of_all_groups_of_a_list_stand_in_one_column_below_the_groups_name():
    listed = [("copy", "one thing", "first"), ("a-long-name", "another", "second")]
    entries = [Choice(name=name, about=about, group=group) for name, about, group in listed]
    lines = render(Listing(what="tasks", entries=entries), "table", Page(width=60)).splitlines()
    assert lines[2:4] == ["first", "copy         one thing"]
    assert lines[5:7] == ["second", "a-long-name  another"]


@pytest.mark.parametrize(
    ("kind", "command", "unit"),
    [
        ("classify", 'seqcli predict runs/x "a text"', "tokens/s"),
        ("translate", 'seqcli translate runs/x "a text"', "tokens/s"),
        ("generate", 'seqcli generate runs/x --prompt "Once"', "tokens/s"),
        ("signal", "seqcli predict runs/x --data FILE", "steps/s"),
        ("forecast", "seqcli predict runs/x --data FILE", "steps/s"),
    ],
)
def test_a_run_is_followed_by_the_command_that_uses_it_and_its_speed_by_the_name_of_its_steps(
    records, kind, command, unit
):
    shown = render(records.training(kind=kind), "table")
    assert f"try  {command}" in shown
    assert f"43,269 {unit}" in shown


def test_a_run_that_no_command_uses_names_none(records):
    assert "try " not in render(records.training(kind="regress"), "table")


def test_a_token_of_blanks_is_seen_in_a_look_from_inside(records):
    look = records.look()
    blank = look.model_copy(update={"steps": [step.model_copy(update={"token": " "}) for step in look.steps]})
    shown = render(blank, "table")
    assert f"h changed most at ␣ {max(step.change for step in look.steps):.2f}" in shown
    assert sum(line.startswith("␣ ") for line in shown.splitlines()) == len(look.steps)
