"""FASTA: records as rows, headers as columns, sequences whole, each fault with its line."""

import pytest

from seqcli.data.config import DataConfig
from seqcli.data.tables import read_table
from seqcli.errors import DataError, UsageError


def rows(location):
    table = read_table(location, DataConfig())
    return table.columns, list(table.read(table.columns))


def test_lines_of_a_sequence_are_one_text_and_rows_are_numbered_by_their_header(written):
    columns, read = rows(written("x.fasta", ">s1|coding\nACGT\nNNRY\n\n; a comment\n>s2|not\nTTGA"))
    assert columns == ("id", "label", "text")
    assert read == [(1, ("s1", "coding", "ACGTNNRY")), (6, ("s2", "not", "TTGA"))]


@pytest.mark.parametrize(
    ("headers", "columns", "first"),
    [
        ([">s1 coding", ">s2 not"], ("id", "label", "text"), ("s1", "coding")),
        ([">s1", ">s2"], ("id", "text"), ("s1",)),
        ([">s1 class=a len=4", ">s2 class=b len=4"], ("id", "class", "len", "text"), ("s1", "a", "4")),
        ([">sp|P1|x", ">sp|P2|y"], ("id", "field2", "field3", "text"), ("sp", "P1", "x")),
        ([">s1 a long tale", ">s2"], ("id", "description", "text"), ("s1", "a long tale")),
    ],
)
def test_headers_become_columns(written, headers, columns, first):
    content = "".join(f"{header}\nACGT\n" for header in headers)
    result, read = rows(written("x.fa", content))
    assert result == columns
    assert read[0][1] == (*first, "ACGT")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("ACGT\n", "line 1: a sequence without a header"),
        (">s1\n>s2\nACGT\n", "line 1: the record 's1' has no sequence"),
        (">s1\nACGT\n>s2\n", "line 3: the record 's2' has no sequence"),
        ("\n", "holds no record"),
        ("", "is empty"),
    ],
)
def test_a_fault_is_named_with_its_line(written, content, says):
    with pytest.raises(DataError, match=says):
        rows(written("x.fasta", content))


def test_sep_does_not_go_with_fasta(written):
    with pytest.raises(UsageError, match="--sep"):
        read_table(written("x.fasta", ">s\nA\n"), DataConfig(sep=";"))


def test_sequences_are_read_letter_by_letter_unless_something_else_is_said(seqcli, tmp_path):
    content = "".join(
        f">s{n}|{'coding' if n % 2 else 'not'}\n{'ACGT' * 5}{'AC' if n % 2 else 'GT'}{'A' * (n // 2)}\n"
        for n in range(40)
    )
    (tmp_path / "x.fasta").write_text(content)
    look = seqcli("inspect", "x.fasta", "--format", "json").json["files"][0]
    assert (look["format"], look["command"]) == ("FASTA", "seqcli compare --data x.fasta")
    assert (look["sizes"]["unit"], look["sizes"]["length_max"]) == ("characters", 41)
    ran = seqcli("train", "gru", "--data", "x.fasta", "--print-config")
    assert 'tokenizer: "char"' in ran.out
    ran = seqcli("train", "gru", "--data", "x.fasta", "--tokenizer", "word", "--print-config")
    assert 'tokenizer: "word"' in ran.out


@pytest.fixture
def beside(written, tmp_path):
    """Four sequences, and the labels that a test writes beside them."""

    def location(labels, headers=("s1 a note", "s2", "s3|x", "s4")):
        written("g.fasta", "".join(f">{name}\nACGT{'A' * n}\n" for n, name in enumerate(headers)))
        written("l.csv", labels)
        return f"{tmp_path}/g.fasta::{tmp_path}/l.csv"

    return location


def test_labels_may_lie_in_a_table_beside_in_any_order(beside):
    columns, read = rows(beside("id,label\ns4,b\ns3,a\ns2,b\ns1,a\n"))
    assert columns == ("id", "label", "text")
    assert read == [
        (1, ("s1", "a", "ACGT")),
        (3, ("s2", "b", "ACGTA")),
        (5, ("s3", "a", "ACGTAA")),
        (7, ("s4", "b", "ACGTAAA")),
    ]


@pytest.mark.parametrize(
    ("labels", "headers", "says"),
    [
        (
            "id,label\ns1,a\ns4,b\n",
            None,
            r"g.fasta, line 3: 's2' is no id of .*l.csv; 2 of 4 sequences have no",
        ),
        (
            "id,label\ns1,a\ns1,b\ns2,b\n",
            None,
            r"l.csv, row 3: the id 's1' is there again; 1 rows? repeat",
        ),
        ("id,label\ns1,a\n", ("s1", "s1", "s1"), r"g.fasta, line 5: the id 's1' names 3 sequences; 2 repeat"),
        ("id\ns1\n", None, r"l.csv has one column, 'id'; ids and labels need one each"),
    ],
)
def test_ids_without_a_label_and_repeated_ones_are_counted(beside, labels, headers, says):
    location = beside(labels, headers) if headers else beside(labels)
    with pytest.raises(DataError, match=says):
        rows(location)


def test_sequences_without_a_label_are_left_out_when_asked_and_idle_labels_are_told(beside, make):
    headers = [f"s{n}" for n in range(40)]
    listed = "".join(f"{name},{'ab'[n % 2]}\n" for n, name in enumerate(headers[:36]))
    location = beside(f"seq_id,kind\n{listed}elsewhere,a\n", headers)
    prepared = make(data=location, missing_labels="drop", tokenizer="char", label_column="kind")
    assert prepared.facts.examples == 36
    text = " ".join(prepared.facts.warnings)
    assert "1 of 37 ids of" in text
    assert "4 of 40 rows of" in text


def test_labels_that_lie_nowhere_are_asked_for(seqcli, tmp_path):
    (tmp_path / "x.fasta").write_text("".join(f">s{n}\nACGT{'A' * n}\n" for n in range(12)))
    shown = seqcli("train", "gru", "--data", "x.fasta")
    assert shown.code == 3
    assert "x.fasta::labels.csv" in shown.err
