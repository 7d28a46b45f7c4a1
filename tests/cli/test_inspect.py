"""`seqcli inspect`: any file is told what it is, in one screen, with a command that really runs."""

import json
import math
import shlex

import pytest

TEXTS = [f"정말 {'좋은' if n % 2 else '나쁜'} 영화였다 {n}번째 이야기" for n in range(60)]
KOREAN = "문장,감정\n" + "".join(f"{text},{'긍정' if n % 2 else '부정'}\n" for n, text in enumerate(TEXTS))
NESTED = "".join(
    json.dumps({"doc": {"body": text}, "meta": {"mood": "ab"[n % 2]}}, ensure_ascii=False) + "\n"
    for n, text in enumerate(TEXTS)
)
PAIRS = "de\ten\n" + "".join(f"das ist ein Haus {n}\tthis is a house {n}\n" for n in range(60))
SERIES = "date,shop,sales\n" + "".join(
    f"2024-{1 + day // 28:02}-{day % 28 + 1:02},{shop},{10 + 5 * math.sin(day / 7 * 2 * math.pi):.3f}\n"
    for shop in ("north", "south")
    for day in range(250)
)
CONLL = "".join(f"John{n} B-PER\nlives O\nin O\nRome{n % 5} B-LOC\n\n" for n in range(60))
BOOK = "It was a fine day and nobody knew why.\n" * 300
FILES = {
    "감정.csv": KOREAN,
    "nested.jsonl": NESTED,
    "pairs.tsv": PAIRS,
    "series.csv": SERIES,
    "words.conll": CONLL,
    "book.txt": BOOK,
}
KINDS = ["classify", "classify", "translate", "forecast", "tag", "generate"]


@pytest.fixture
def folder(tmp_path):
    for name, content in FILES.items():
        (tmp_path / name).write_text(content)
    return tmp_path


@pytest.mark.parametrize(("name", "kind"), list(zip(FILES, KINDS, strict=True)))
def test_each_kind_of_file_is_known_and_its_command_runs(seqcli, folder, name, kind):
    ran = seqcli("inspect", name, "--format", "json")
    assert ran.code == 0, ran.err
    (look,) = ran.json["files"]
    assert ran.json["schema"] == "seqcli.inspect/1"
    assert look["kinds"][0]["name"] == kind
    command = shlex.split(look["command"])
    assert command[0] == "seqcli"
    planned = seqcli(*command[1:], "--dry-run", *(("--seeds", 2) if command[1] == "compare" else ()))
    assert planned.code == 0, planned.err


@pytest.mark.parametrize("columns", [60, 80, 120])
@pytest.mark.parametrize("name", FILES)
def test_the_first_screen_fits_twenty_four_lines_and_its_width(seqcli, folder, monkeypatch, name, columns):
    from rich.cells import cell_len

    monkeypatch.setenv("COLUMNS", str(columns))
    ran = seqcli("inspect", name)
    lines = ran.out.splitlines()
    assert max(map(cell_len, lines)) <= columns
    assert columns < 80 or len(lines) < 24
    assert "next" in lines[-1] or "next" in lines[-2] or "next" in lines[-3]


def test_figures_are_those_of_the_file(seqcli, folder):
    rows = KOREAN + f"{TEXTS[0]},긍정\n{TEXTS[2]} ,부정\n"
    (folder / "more.csv").write_text("\ufeff" + rows)
    look = seqcli("inspect", "more.csv", "--format", "json").json["files"][0]
    assert (look["format"], look["encoding"], look["rows"]) == ("CSV", "utf-8", 62)
    assert [(c["name"], c["role"]) for c in look["columns"]] == [("문장", "text"), ("감정", "label")]
    assert look["columns"][1]["values"] == [["긍정", 31], ["부정", 31]]
    assert look["classes"] == {"긍정": 30, "부정": 30}
    assert look["repeats"] == {"exact": 1, "folded": 2, "conflicting": 1, "near": 0, "compared": 62}
    assert sum(look["sizes"]["splits"].values()) == 60
    assert (look["sizes"]["length_mean"], look["sizes"]["length_max"]) == (5.0, 5)
    assert look["oddities"] == [{"sort": "byte order mark", "rows": 0, "first": None}]


def test_audit_is_another_name_of_it(seqcli, folder):
    assert seqcli("audit", "감정.csv").out == seqcli("inspect", "감정.csv").out


def test_a_file_that_cannot_be_used_says_why_and_exits_3(seqcli, tmp_path):
    (tmp_path / "x.csv").write_text("text,label\n" + "".join(f"{n / 7},{n % 2}\n" for n in range(40)))
    ran = seqcli("inspect", "x.csv")
    assert ran.code == 3
    assert "cannot be used" in ran.out
    assert "is a number" in ran.out
    assert seqcli("inspect", "x.csv", "--format", "json").json["files"][0]["problem"]["message"]


@pytest.mark.parametrize("name", ["nowhere.csv", "x.xlsx", "empty.csv"])
def test_a_file_that_cannot_be_opened_exits_3_with_what_helps(seqcli, tmp_path, name):
    (tmp_path / "x.xlsx").write_bytes(b"PK\x03\x04")
    (tmp_path / "empty.csv").write_text("")
    ran = seqcli("inspect", name)
    assert ran.code == 3
    assert name in ran.out
    assert "Traceback" not in ran.err


def test_strict_makes_a_warning_an_exit_code(seqcli, folder):
    rare = "text,label\n" + "".join(f"this is text {n} of mine,{'a' if n else 'b'}\n" for n in range(60))
    (folder / "rare.csv").write_text(rare + "one more of it,b\n")
    assert seqcli("inspect", "rare.csv").code == 0
    ran = seqcli("inspect", "rare.csv", "--strict")
    assert ran.code == 3
    assert "warning" in ran.err
    assert "accuracy flatters" in ran.out
    assert seqcli("inspect", "words.conll", "--strict").code == 0


def test_texts_that_splits_share_are_told(seqcli, folder):
    lines = KOREAN.splitlines(keepends=True)
    (folder / "train.csv").write_text("".join(lines[:51]))
    (folder / "test.csv").write_text("".join([lines[0], *lines[40:]]))
    ran = seqcli("inspect", "--train", "train.csv", "--test", "test.csv", "--format", "json")
    look = ran.json["files"][0]
    assert look["shared"] == [{"first": "train", "second": "test", "shared": 11, "of": 21}]
    assert any(warning["code"] == "shared texts" for warning in ran.json["warnings"])
    several = seqcli("inspect", "train.csv", "test.csv", "--format", "json").json
    assert several["shared"] == [{"first": "train.csv", "second": "test.csv", "shared": 11, "of": 21}]


def test_series_show_season_gaps_and_the_column_that_names_them(seqcli, folder):
    look = seqcli("inspect", "series.csv", "--format", "json").json["files"][0]["series"]
    assert (look["series_column"], look["series"], look["step"], look["season"]) == ("shop", 2, "D", 7)
    assert look["rows"] == 500
    assert look["channels"][0]["season"] > 0.9 > abs(look["channels"][0]["next_step"])


def test_word_order_is_looked_at_where_it_is_asked_for(seqcli, folder):
    rows = [f"{'a b' if n % 2 else 'b a'} c{n % 7} d{n % 5},{n % 2}\n" for n in range(120)]
    (folder / "order.csv").write_text("text,label\n" + "".join(rows))
    assert seqcli("inspect", "감정.csv", "--format", "json").json["files"][0]["order"] is None
    args = ("inspect", "order.csv", "--order", "--duplicates", "keep", "--format", "json")
    order = seqcli(*args).json["files"][0]["order"]
    assert order["pairs"] == 1.0 > order["words"]


def test_options_of_the_data_are_those_of_training_and_part_of_the_command(seqcli, folder):
    args = ("inspect", "감정.csv", "--max-len", 3, "--vocab-size", 20, "--format", "json")
    look = seqcli(*args).json["files"][0]
    assert (look["sizes"]["max_len"], look["sizes"]["cut"]) == (3, 60)
    assert look["sizes"]["vocabulary_kept"] == 16
    assert look["command"] == "seqcli compare --data 감정.csv --vocab-size 20 --max-len 3"
    wrong = seqcli("inspect", "감정.csv", "--max-len", 0)
    assert wrong.code == 2
    assert "max_len must be" in wrong.err


def test_nothing_to_inspect_is_a_usage_error(seqcli):
    assert seqcli("inspect").code == 2
    assert seqcli("inspect", "a.csv", "--train", "b.csv").code == 2


def test_sequences_with_their_labels_beside_are_inspected_as_they_are_trained(seqcli, tmp_path):
    (tmp_path / "genes.fasta").write_text(
        "".join(f">g{n}\n{'ACGT' * 3}{'ACGT'[n % 4] * (n + 1)}\n" for n in range(40))
    )
    (tmp_path / "labels.csv").write_text("id,label\n" + "".join(f"g{n},{'ab'[n % 2]}\n" for n in range(40)))
    shown = seqcli("inspect", f"{tmp_path}/genes.fasta::labels.csv", "--format", "json")
    assert shown.code == 0, shown.err
    look = shown.json["files"][0]
    size = sum((tmp_path / name).stat().st_size for name in ("genes.fasta", "labels.csv"))
    assert (look["format"], look["bytes"], look["kinds"][0]["name"]) == ("FASTA", size, "classify")


def test_rows_of_numbers_have_no_lengths_and_say_which_repeat(seqcli, tmp_path):
    rows = [f"{n / 10},{n % 7},{'ab'[n % 2]}" for n in range(60)]
    (tmp_path / "rows.csv").write_text("\n".join(["x,y,kind", *rows, rows[3], rows[8]]) + "\n")
    shown = seqcli("inspect", tmp_path / "rows.csv")
    assert "lengths" not in shown.out
    assert "2 left out" in " ".join(shown.out.split())
