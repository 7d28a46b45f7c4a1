import csv
import io
import json
import re
import unicodedata

import pytest
from pydantic import BaseModel

from seqcli.errors import UsageError
from seqcli.reports.page import Page
from seqcli.reports.report import FORMATS, render
from seqcli.results.compare import Comparison
from seqcli.results.sweep import Sweep
from seqcli.results.train import TrainResult

CASES = [
    "one",
    "two",
    "three",
    "six",
    "failed",
    "no costs",
    "all seeds failed",
    "one seed",
    "hostile",
    "several",
    "sweep",
    "sweep of three",
    "hostile sweep",
    "train",
]
KINDS = {"compare": Comparison, "sweep": Sweep, "train": TrainResult}
FORMS = FORMATS.names()


def leaves(value):
    """All values of a JSON document that are neither a list, an object nor null."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [leaf for part in value for leaf in leaves(part)]
    return [] if value is None else [value]


def test_every_format_is_a_file():
    assert FORMS == ("csv", "github", "json", "jsonl", "latex", "markdown", "table")
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
@pytest.mark.parametrize("case", ["hostile", "hostile sweep"])
def test_no_byte_of_a_label_or_reason_commands_a_terminal(records, form, case):
    for page in (Page(), Page(encoding="ascii"), Page(width=40)):
        text = render(records.CASES[case](), form, page)
        bad = {c for c in text if c != "\n" and unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}
        assert bad == set()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("case", CASES)
def test_an_ascii_page_gets_ascii(records, form, case):
    assert render(records.CASES[case](), form, Page(encoding="ascii")).isascii()


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
@pytest.mark.parametrize("case", CASES)
def test_json_is_the_record(records, case, encoding):
    record: BaseModel = records.CASES[case]()
    document = json.loads(render(record, "json", Page(encoding=encoding)))
    schema = "train" if case == "train" else "sweep" if "sweep" in case else "compare"
    assert document["schema"] == f"seqcli.{schema}/1"
    assert KINDS[schema].from_json(document) == record


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
        assert [{"part": name, **item} for item in document[name]] == [p for p in parts if p["part"] == name]
    assert [part["part"] for part in parts].count("models") == len(document.get("models", []))


@pytest.mark.parametrize("case", CASES)
def test_csv_parses_back_with_every_value_of_the_document(records, case):
    record = records.CASES[case]()
    header, *lines = csv.reader(io.StringIO(render(record, "csv"), newline=""))
    assert header == ["part", "model", "against", "quantity", "seed", "item", "value", "text", "at"]
    assert {len(line) for line in lines} == {9}
    numbers = sorted(float(line[6]) for line in lines if line[6])
    known = leaves(record.to_json())
    assert numbers == sorted(float(leaf) for leaf in known if not isinstance(leaf, str))
    assert len(lines) == len(known)


def test_csv_finds_each_seed_and_each_pair(records):
    lines = list(csv.DictReader(io.StringIO(render(records.CASES["two"](), "csv"))))
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


@pytest.mark.parametrize("form", ["markdown", "github"])
@pytest.mark.parametrize("case", CASES)
def test_every_row_of_a_pipe_table_has_as_many_cells(records, form, case):
    lines = [line for line in render(records.CASES[case](), form).splitlines() if line.startswith("| ")]
    cells = {len(re.findall(r"(?<!\\)\|", line)) for line in lines}
    assert len(cells) == 1
    assert len(lines) > 5


@pytest.mark.parametrize("form", ["markdown", "github"])
def test_markdown_has_the_table_the_differences_and_the_signature(records, form):
    record = records.CASES["two"]()
    text = render(record, form)
    assert "| test accuracy | 75.6 ± 0.8 % | 75.1 ± 1.1 % | −0.5 pt [−1.2, +0.2] ? |" in text
    assert "| seeds | 75.7, 74.9, 76.5, 75.8, 75.0 | 75.1, 74.0, 76.3, 74.8, 75.4 |  |" in text
    assert "- **GRU − LSTM**: −0.5 points [−1.2, +0.2] undecided; 4 more seeds would settle ±1.0" in text
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


def test_latex_tells_verdicts_in_words(records):
    text = render(records.CASES["two"](), "latex")
    assert r"training speed, seq/s & 2,350 & 2,111 & $\times$0.90 [0.88, 0.92] (worse) \\" in text
    assert r"\toprule" in text
    assert "▼" not in text
