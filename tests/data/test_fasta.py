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
    found, read = rows(written("x.fa", content))
    assert found == columns
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
    told = seqcli("train", "gru", "--data", "x.fasta", "--print-config")
    assert 'tokenizer: "char"' in told.out
    told = seqcli("train", "gru", "--data", "x.fasta", "--tokenizer", "word", "--print-config")
    assert 'tokenizer: "word"' in told.out
