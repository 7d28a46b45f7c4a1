import csv
import io
import itertools
import json
import re
import unicodedata
from dataclasses import replace

import pytest
from making.cases import COMPARISONS, OTHER_SHEETS

from seqcli.errors import UsageError
from seqcli.reports.draw.page import Page
from seqcli.reports.draw.sheet import SHEETS, kind_of, sheet_of
from seqcli.reports.report import FORMATS, SheetReport, render
from seqcli.runs.sealed import unsealed

CASES = [
    *COMPARISONS,
    "hostile",
    "several",
    "sweep",
    "sweep of three",
    "hostile sweep",
    "train",
    *OTHER_SHEETS,
]
WITHOUT_A_TABLE = (
    "inspect",
    "guide",
    "rerun",
    "run checks",
    "run pruning",
    "listing",
    "description",
    "cache",
    "doctor",
    "look",
    "work",
)
FORMS = FORMATS.names()
DRAWN = [form for form in FORMS if isinstance(FORMATS.get(form), SheetReport)]


def leaves(value):
    """All values of a JSON document that are neither a list, an object nor null."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [leaf for part in value for leaf in leaves(part)]
    return [] if value is None else [value]


def test_a_format_that_is_no_file_is_refused():
    with pytest.raises(UsageError, match="unknown format 'yaml'"):
        FORMATS.get("yaml")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("case", CASES)
def test_a_result_is_whole_lines_and_the_same_each_time(records, form, case):
    record = records.CASES[case]()
    text = render(record, form)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert render(record, form) == text


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("case", ["hostile", "hostile sweep", "evaluate hostile"])
def test_no_byte_of_a_label_or_reason_commands_a_terminal(records, form, case):
    for page in (Page(), Page(encoding="ascii"), Page(width=40)):
        text = render(records.CASES[case](), form, page)
        bad = {c for c in text if c != "\n" and unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}
        assert bad == set()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("case", CASES)
def test_an_ascii_page_gets_ascii(records, form, case):
    assert render(records.CASES[case](), form, Page(encoding="ascii")).isascii()


def test_the_records_are_of_every_kind_that_can_be_drawn(records):
    kinds = {kind_of(records.CASES[case]()) for case in CASES}
    assert kinds == set(SHEETS.names())
    assert {section for case in CASES for section in sections(records, case)} >= {
        "gates",
        "claims",
        "reasons",
    }


def sections(records, case):
    return [section.name for section in sheet_of(records.CASES[case]()).sections]


@pytest.mark.parametrize("form", DRAWN)
@pytest.mark.parametrize("case", CASES)
def test_no_line_around_the_table_is_lost(records, form, case):
    """Every text is another word, so that no format's way to escape or break it hides that it is there."""
    number = itertools.count(1)

    def renamed(line):
        return replace(line, text=f"text{next(number)}end", lead=line.lead and f"lead{next(number)}end")

    sheet = sheet_of(records.CASES[case]())
    sheet = replace(
        sheet,
        title=tuple(map(renamed, sheet.title)),
        sections=tuple(replace(part, lines=tuple(map(renamed, part.lines))) for part in sheet.sections),
    )
    shown = [part for part in sheet.sections if (form, part.name) != ("latex", "legend")]  # marks are words
    lines = [*sheet.title, *(line for part in shown for line in part.lines)]
    drawn = FORMATS.get(form).draw(sheet, Page(120, detailed=True))
    assert [word for line in lines for word in (line.text, line.lead) if word not in drawn] == []


@pytest.mark.parametrize("form", DRAWN)
def test_a_further_grid_stands_below_the_first_with_all_that_it_holds(records, form):
    text = render(records.evaluated(), form, Page(120))
    places = [text.index(word) for word in ("macro-F1", "login, 2 of 10", "confusion", "charged twice")]
    assert places == sorted(places)


@pytest.mark.parametrize("form", ["markdown", "github", "latex"])
def test_a_section_stands_under_its_name_whose_word_is_not_said_again(records, form):
    text = render(records.CASES["gated"](), form)
    for heading in ("What the guide says", "Gates", "Notes on the data"):
        assert re.search(rf"(\*\*|<summary>|paragraph{{){heading}(\*\*|</summary>|}})", text), heading
    assert "GRU trains faster" in text
    assert re.search(r"(- |item )312 of 6,824 texts", text)
    assert "one sitting 2026-11-27 05:20 UTC on lab7" in text


def test_a_job_summary_folds_what_is_below_a_table_and_nothing_else(records):
    assert "<summary>About these figures</summary>" in render(records.CASES["two"](), "github")
    claims = render(records.CASES["guide"](), "github")
    assert "<summary>" not in claims
    assert "**Claims**\n\n- ✓ **1**: claim supported\n  - here: 2 gates" in claims


def test_a_job_summary_warns_where_a_repeated_result_is_not_the_same(records):
    assert "> [!WARNING]\n> 22 of 42 figures are not the same\n\n- **then**" in render(
        records.rerun(), "github"
    )
    same = records.rerun().model_copy(update={"same": True, "differing": []})
    assert "> [!NOTE]\n> = all 42 figures are the same to the last digit\n\n" in render(same, "github")


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
@pytest.mark.parametrize("case", CASES)
def test_json_is_the_record(records, case, encoding):
    record = records.CASES[case]()
    document = json.loads(render(record, "json", Page(encoding=encoding)))
    assert document["schema"] == record.schema_
    assert ("sha256" in document) == (record.schema_ == "seqcli.compare/1"), "what is read again is sealed"
    assert type(record).from_json(unsealed(document)) == record


def test_json_shows_korean_as_it_is_where_it_can(records):
    assert "한국어" in render(records.CASES["hostile"](), "json")


@pytest.mark.parametrize("case", CASES)
def test_json_lines_hold_the_document_part_by_part(records, case):
    record = records.CASES[case]()
    first, *parts = [json.loads(line) for line in render(record, "jsonl").splitlines()]
    document = record.to_json()
    assert first.pop("part") == "result"
    assert first == {name: document[name] for name in first}
    for name in set(document) - set(first):
        assert document[name] == [item_of(part) for part in parts if part["part"] == name]
    assert [part["part"] for part in parts].count("models") == len(document.get("models", []))


def item_of(part):
    """The item of a list that a line of JSON holds: without the list's name."""
    return {key.removeprefix(f"{part['part']}."): value for key, value in part.items() if key != "part"}


@pytest.mark.parametrize("case", CASES)
def test_tidy_parses_back_with_every_value_of_the_document(records, case):
    record = records.CASES[case]()
    header, *lines = csv.reader(io.StringIO(render(record, "tidy"), newline=""))
    assert header == ["part", "model", "against", "quantity", "seed", "item", "value", "text", "at"]
    assert {len(line) for line in lines} == {9}
    numbers = sorted(float(line[6]) for line in lines if line[6])
    known = leaves(record.to_json())
    assert numbers == sorted(float(leaf) for leaf in known if not isinstance(leaf, str))
    assert len(lines) == len(known)


@pytest.mark.parametrize("form", ["csv", "tidy"])
@pytest.mark.parametrize("text", ["=cmd|'/C calc'!A1", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_text_is_a_formula_of_a_spreadsheet(records, form, text):
    """What a spreadsheet runs is a cell's first character (OWASP, CSV injection)."""
    page = Page(terminal=False)
    drawn = render(records.CASES["train"]().model_copy(update={"task": text}), form, page)
    cells = [cell for row in csv.reader(io.StringIO(drawn, newline="")) for cell in row]
    assert f"'{text}" in cells
    assert text not in cells


@pytest.mark.parametrize("form", ["csv", "tidy"])
@pytest.mark.parametrize("text", ["-0.5", "+3", "a=b", "1-2"])
def test_numbers_and_other_texts_stay_as_they_are(records, form, text):
    drawn = render(records.CASES["train"]().model_copy(update={"task": text}), form, Page(terminal=False))
    assert text in [cell for row in csv.reader(io.StringIO(drawn)) for cell in row]


def test_tidy_finds_each_seed_and_each_pair(records):
    lines = list(csv.DictReader(io.StringIO(render(records.CASES["two"](), "tidy"))))
    seeds = {
        int(line["seed"]): float(line["value"])
        for line in lines
        if line["part"] == "models" and line["model"] == "gru" and line["quantity"] == "quality.per_seed"
    }
    assert seeds == dict(enumerate(records.ACCURACIES["gru"]))
    pair = {line["quantity"]: line for line in lines if line["part"] == "pairs"}
    assert (pair["quality.difference"]["model"], pair["quality.difference"]["against"]) == ("gru", "lstm")
    assert pair["quality.verdict"]["text"] == "undecided"
    assert float(pair["train_speed.ci95.low"]["value"]) < float(pair["train_speed.ratio"]["value"])
    assert float(pair["train_speed.ci95.high"]["value"]) > float(pair["train_speed.ratio"]["value"])


def test_tidy_tells_the_changes_between_two_runs_apart(records):
    lines = list(csv.DictReader(io.StringIO(render(records.run_difference(), "tidy"))))
    mapping = {
        (line["item"], line["quantity"]): line["text"] or line["value"]
        for line in lines
        if line["part"] == "changes"
    }
    assert mapping["0", "name"] == "lr"
    assert mapping["1", "b"] == "0.75"
    assert {(line["model"], line["against"]) for line in lines} == {("", "")}


@pytest.mark.parametrize("form", ["markdown", "github"])
@pytest.mark.parametrize("case", [case for case in CASES if case not in WITHOUT_A_TABLE])
def test_every_row_of_a_pipe_table_has_as_many_cells(records, form, case):
    blocks = [block.splitlines() for block in render(records.CASES[case](), form).split("\n\n")]
    tables = [block for block in blocks if block[0].startswith("| ")]
    sheet = sheet_of(records.CASES[case]())
    assert [len(lines) for lines in tables] == [
        2 + len(item.rows) for item in (sheet, *sheet.more) if item.rows
    ]
    for lines in tables:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) == 1


@pytest.mark.parametrize("form", ["markdown", "github"])
def test_markdown_has_the_table_the_differences_and_the_signature(records, form):
    record = records.CASES["two"]()
    text = render(record, form)
    assert "| test accuracy | 75.6 ± 0.8 % | 75.1 ± 1.1 % | −0.5 pt [−1.2, +0.2] ? |" in text
    assert "| seeds | 75.7, 74.9, 76.5, 75.8, 75.0 | 75.1, 74.0, 76.3, 74.8, 75.4 |  |" in text
    assert (
        "- **GRU − LSTM**: −0.5 points [−1.2, +0.2] undecided; a fresh --seeds 5:9 would settle ±1.0" in text
    )
    assert "> No clear winner in accuracy." in text
    assert f"`{record.signature}`" in text


@pytest.mark.parametrize("form", ["markdown", "github"])
def test_outside_text_is_no_markup(records, form):
    text = render(records.CASES["hostile"](), form)
    outside_code = re.sub(r"(`+) .*? \1(?!`)", "", text)
    for markup in ("<b>", "](http", "@me", "http://"):
        assert markup not in outside_code
    assert not re.search(r"(?<!\\)`", outside_code)


def test_a_job_summary_warns_of_failed_legs_first(records):
    text = render(records.CASES["failed"](), "github")
    assert text.index("> [!WARNING]\n> GRU seed 3: the loss is not finite") < text.index("> [!NOTE]")
    assert "[!WARNING]" not in render(records.CASES["two"](), "github")


def test_latex_is_balanced_and_escapes_what_tex_would_run(records):
    text = render(records.CASES["hostile"](), "latex")
    body = "\n".join(line for line in text.splitlines() if not line.startswith("%"))
    bare = re.sub(r"\\[{}]", "", body)
    assert bare.count("{") == bare.count("}")
    assert not re.search(r"(?<!\\)[#%]", body)
    assert all(line.count(" & ") == 3 for line in body.splitlines() if line.endswith(r" \\"))


def test_latex_runs_no_text_as_an_option_of_the_line_before(records):
    named = records.run_difference().model_copy(update={"a": "[2cm]", "b": "[x]"})
    text = render(named, "latex")
    assert "{[}2cm]" in text
    listed = records.rerun().model_copy(update={"changes": ["[x] then"]})
    assert r"\item {[}x] then" in render(listed, "latex")


def test_latex_has_every_sign_that_a_sheet_can_hold(records):
    drawn = "".join(render(records.CASES[case](), "latex") for case in CASES if "hostile" not in case)
    body = "\n".join(line for line in drawn.splitlines() if not line.startswith("%"))
    of_data = set("문장")  # a column of the inspected file
    assert {character for character in body if not character.isascii()} - of_data == set()


def test_latex_leaves_the_hyphens_of_a_command_apart(records):
    assert "try -{}-lr 1e-3 (exit 8)" in render(records.CASES["failed"](), "latex")


@pytest.mark.parametrize("form", ["markdown", "github", "latex"])
@pytest.mark.parametrize("case", ["sweep of three", "gradprobe"])
def test_the_signs_of_a_chart_s_curves_stand_only_where_it_is_drawn(records, form, case):
    signs = {"●", "○", "◆", "bullet", "circ", "diamond"}
    assert not any(sign in render(records.CASES[case](), form) for sign in signs)


def test_latex_sets_parts_apart_and_details_below(records):
    text = render(records.CASES["two"](), "latex")
    assert r"\item majority class 50.0 \% $\cdot$ bag of words 75.8 \%" in text
    assert "\n\\item 1: claim supported (supported)\n\\newline here: 2 gates" in render(
        records.guide(), "latex"
    )


def test_latex_tells_verdicts_in_words(records):
    text = render(records.CASES["two"](), "latex")
    assert r"training speed, seq/s & 2,350 & 2,111 & $\times$0.90 [0.88, 0.92] (worse) \\" in text
    assert r"\toprule" in text
    assert "▼" not in text
