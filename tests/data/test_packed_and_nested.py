"""Packed text files, values inside JSON objects by their path, spreadsheets and how to convert them."""

import gzip
from pathlib import Path

import pytest

from seqcli.data.config import DataConfig
from seqcli.data.files import ending
from seqcli.data.tables import read_table
from seqcli.data.task import choose_task, own_name
from seqcli.errors import DataError

TEXTS = [f"this film is {'good' if n % 2 else 'bad'} {n}" for n in range(40)]
CSV = "text,label\n" + "".join(f"{text},{n % 2}\n" for n, text in enumerate(TEXTS))
LINES = "".join(f'{{"text": "{text}", "label": {n % 2}}}\n' for n, text in enumerate(TEXTS))
WORDS = "".join(f"word{n}\tA\nother\tB\n\n" for n in range(30))
DAYS = "date,load\n" + "".join(f"2024-{n // 28 + 1:02}-{n % 28 + 1:02},{n % 7}.5\n" for n in range(300))


def packed(folder: Path, name: str, content: str) -> str:
    path = folder / name
    path.write_bytes(gzip.compress(content.encode()))
    return str(path)


@pytest.mark.parametrize(
    ("name", "content", "kind", "examples"),
    [
        ("x.csv.gz", CSV, "classify", 40),
        ("x.TSV.GZ", CSV.replace(",", "\t"), "classify", 40),
        ("x.jsonl.gz", LINES, "classify", 40),
        ("x.conll.gz", WORDS, "tag", 30),
    ],
)
def test_a_packed_file_is_read_as_what_it_holds(tmp_path, make, name, content, kind, examples):
    prepared = make(data=packed(tmp_path, name, content))
    assert (prepared.kind, prepared.facts.examples, prepared.name) == (kind, examples, "x")


def test_a_packed_text_is_continued_and_a_packed_series_too(tmp_path, make):
    assert make(data=packed(tmp_path, "x.txt.gz", "a fine day. " * 400), tokenizer="char").kind == "generate"
    month = DAYS.replace("-29,", "-28,")
    result = make(
        data=packed(tmp_path, "x.csv.gz", month), time_column="date", fill="last", context=7, horizon=2
    )
    assert result.facts.series.steps >= 300


def test_the_same_table_packed_or_not_has_the_same_rows_and_another_hash(tmp_path, written):
    plain = read_table(written("x.csv", CSV), DataConfig())
    within = read_table(packed(tmp_path, "y.csv.gz", CSV), DataConfig())
    wanted = ("text", "label")
    assert list(plain.read(wanted)) == list(within.read(wanted))
    assert plain.sha256() != within.sha256()


@pytest.mark.parametrize("cut", [10, 60, 100])
def test_a_packed_file_that_was_cut_is_refused(tmp_path, cut):
    path = Path(packed(tmp_path, "x.csv.gz", CSV))
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(DataError, match="not a whole gzip file"):
        list(read_table(str(path), DataConfig()).read(("text", "label")))


def test_a_plain_file_with_the_name_of_a_packed_one_is_told(tmp_path):
    (tmp_path / "x.csv.gz").write_text(CSV)
    with pytest.raises(DataError, match="not a whole gzip file"):
        read_table(str(tmp_path / "x.csv.gz"), DataConfig())


def test_a_packed_file_that_unpacks_to_far_more_than_it_is_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("seqcli.data.files.UNPACKED", 10_000)
    table = read_table(packed(tmp_path, "x.csv.gz", "text,label\n" + "a,1\n" * 500_000), DataConfig())
    with pytest.raises(DataError, match="200 times its size"):
        list(table.read(("text", "label")))


def test_the_ending_of_a_packed_file_is_that_of_what_it_holds():
    assert [ending(name) for name in ("x.csv.gz", "a.b/X.CSV", "x.gz", "x")] == [".csv", ".csv", "", ""]
    assert own_name("data/my reviews.csv.gz") == "my-reviews"


NESTED = (
    '{{"doc": {{"title": "t{n}", "body": {{"ko": "영화가 정말 좋았다 {n}"}}, "tags": ["a"]}}, '
    '"meta": {{"mood": "{mood}"}}}}\n'
)


def test_values_inside_objects_are_columns_by_their_path(written):
    content = "".join(NESTED.format(n=n, mood="ab"[n % 2]) for n in range(40))
    table = read_table(written("x.jsonl", content), DataConfig())
    assert table.columns == ("doc.title", "doc.body.ko", "doc.tags", "meta.mood")
    read = [cells for _, cells in table.read(("doc.body.ko", "meta.mood"))]
    assert read[3] == ("영화가 정말 좋았다 3", "b")


def test_nested_texts_and_labels_are_guessed_like_others(written, make):
    content = "".join(NESTED.format(n=n, mood="ab"[n % 2]) for n in range(40))
    facts = make(data=written("x.jsonl", content)).facts
    assert (facts.text_column, facts.label_column) == ("doc.body.ko", "meta.mood")


def test_a_key_that_holds_a_dot_is_a_column_too(written):
    table = read_table(written("x.jsonl", '{"a.b": "whole", "c": {"d.e": "inner"}}\n'), DataConfig())
    assert [cells for _, cells in table.read(("a.b", "c.d.e"))] == [("whole", "inner")]


@pytest.mark.parametrize("name", ["x.xlsx", "x.xls", "x.ods"])
def test_a_spreadsheet_is_answered_with_how_to_convert_it(tmp_path, name):
    (tmp_path / name).write_bytes(b"PK\x03\x04rest")
    config = DataConfig(data=str(tmp_path / name))
    with pytest.raises(DataError, match="is a spreadsheet") as caught:
        choose_task(None, config).corpus(config)
    assert "CSV UTF-8" in str(caught.value.hint)
    assert "libreoffice --headless --convert-to csv" in str(caught.value.hint)
