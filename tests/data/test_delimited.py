import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from seqcli.data.config import DataConfig
from seqcli.data.tables import CellValue, read_table
from seqcli.errors import DataError

Rows = list[tuple[int, tuple[CellValue, ...]]]


@pytest.fixture
def rows(tmp_path: Path) -> Callable[..., Rows]:
    def read(content: str | bytes, name: str = "x.csv", sep: str | None = None) -> Rows:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        table = read_table(str(path), DataConfig(sep=sep))
        return list(table.read(("text", "label")))

    return read


def test_rows_are_numbered_as_a_spreadsheet_does(rows: Callable[..., Rows]) -> None:
    assert rows('text,label\nfine,1\n\n"two\nlines",0\nlast,1\n') == [
        (2, ("fine", "1")),
        (4, ("two\nlines", "0")),
        (5, ("last", "1")),
    ]


def test_columns_are_picked_by_name_whatever_their_order(rows: Callable[..., Rows]) -> None:
    assert rows("label,id,text\n1,7,fine\n") == [(2, ("fine", "1"))]


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbftext,label\nfine,1\n",
        b"text,label\r\nfine,1\r\n",
        b"text,label\nfine,1",
        b'"text","label"\n"fine","1"\n',
        b" text , label \nfine,1\n",
    ],
)
def test_marks_line_endings_quotes_and_blanks_in_the_header_are_fine(
    rows: Callable[..., Rows], content: bytes
) -> None:
    assert rows(content) == [(2, ("fine", "1"))]


def test_words_for_nothing_stay_text(rows: Callable[..., Rows]) -> None:
    read = rows("text,label\nNA,1\nnull,1\nNone,0\nnan,0\n,1\n")
    assert [cells[0] for _, cells in read] == ["NA", "null", "None", "nan", ""]


@pytest.mark.parametrize("content", ["", "\n\n\n", "\ufeff"])
def test_an_empty_file_is_refused(rows: Callable[..., Rows], content: str) -> None:
    with pytest.raises(DataError, match="is empty"):
        rows(content)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("text,label\nfine,1\ndull\n", r"row 3 has 1 field, but the header has 2 \(text, label\)"),
        ("text,label\nfine,1\n\n\nfine, but long,1\n", "row 5 has 3 fields, but the header has 2"),
        ("text,label\nfine,1\n,,,,\n", "row 3 has 5 fields"),
    ],
)
def test_ragged_rows_are_counted_not_padded(rows: Callable[..., Rows], content: str, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        rows(content)
    assert "quotes around a field" in str(caught.value.hint)


def test_an_unclosed_quote_names_the_row_where_it_opened(rows: Callable[..., Rows]) -> None:
    with pytest.raises(DataError, match="row 3: a quote opens"):
        rows('text,label\nfine,1\n"dull,0\nfine,1\nfine,1\n')


def test_the_line_is_named_where_it_differs_from_the_row(rows: Callable[..., Rows]) -> None:
    with pytest.raises(DataError, match=r"row 3 \(line 4\): a quote opens here"):
        rows('text,label\n"fi\nne",1\n"dull,0\n')


def test_an_unclosed_quote_that_a_later_one_ends_names_both(rows: Callable[..., Rows]) -> None:
    with pytest.raises(DataError, match="closing quote in line 5"):
        rows('text,label\nfine,1\n"dull,0\nfine,1\n"nice film",1\n')


def test_text_after_a_closing_quote_is_refused(rows: Callable[..., Rows]) -> None:
    with pytest.raises(DataError, match="row 2: a closing quote"):
        rows('text,label\n"fine" film,1\n')


def test_a_nul_names_its_place(rows: Callable[..., Rows]) -> None:
    with pytest.raises(DataError, match="line 3, character 3 is a NUL"):
        rows(b"text,label\nfine,1\ndu\0ll,0\n")


@pytest.mark.parametrize(
    ("name", "header", "suggestion"),
    [
        ("x.csv", "text;label", "--sep ';'"),
        ("x.csv", "text\tlabel", "--sep tab"),
        ("x.csv", "text|label", "--sep '|'"),
        ("x.tsv", "text,label", "--sep ','"),
    ],
)
def test_a_wrong_separator_is_suggested(
    rows: Callable[..., Rows], name: str, header: str, suggestion: str
) -> None:
    with pytest.raises(DataError, match="separated by") as caught:
        rows(header + "\n" + header.replace("text", "fine").replace("label", "1") + "\n", name)
    assert suggestion in str(caught.value.hint)


@pytest.mark.parametrize(("sep", "character"), [(";", ";"), ("tab", "\t"), ("\\t", "\t"), ("|", "|")])
def test_sep_says_what_separates(rows: Callable[..., Rows], sep: str, character: str) -> None:
    assert rows(f'text{character}label\n"a{character}b"{character}1\n', sep=sep) == [
        (2, (f"a{character}b", "1"))
    ]


def test_a_column_named_twice_is_refused(rows: Callable[..., Rows]) -> None:
    with pytest.raises(DataError, match="are both called 'text'"):
        rows("text,label,text\na,1,b\n")


def test_a_number_that_names_two_columns_may_be_data(rows: Callable[..., Rows]) -> None:
    with pytest.raises(DataError, match=r"both called '0\.5'") as error:
        rows("0.5,walk,0.5\n1.5,run,2.5\n")
    assert "--no-header" in error.value.hint


def test_quotes_in_tsv_are_ordinary_characters(rows: Callable[..., Rows]) -> None:
    assert rows('text\tlabel\n"a "b"\t1\n5\' 10"\t0\n', "x.tsv") == [
        (2, ('"a "b"', "1")),
        (3, ("5' 10\"", "0")),
    ]


def test_a_quoted_tsv_is_pointed_to_sep_tab(rows: Callable[..., Rows]) -> None:
    content = '"text"\t"label"\n"two\nlines"\t"1"\n'
    with pytest.raises(DataError, match="header is quoted") as caught:
        rows(content, "x.tsv")
    assert "--sep tab" in str(caught.value.hint)
    assert rows(content, "x.tsv", sep="tab") == [(2, ("two\nlines", "1"))]
    with pytest.raises(DataError, match="row 2 has 1 field") as caught:
        rows('text\tlabel\n"two\nlines"\t1\n', "x.tsv")
    assert "--sep tab" in str(caught.value.hint)


def _limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (700 * 2**20, 700 * 2**20))


@pytest.mark.parametrize("start", ["text,label\n", 'text,label\n"fine'])
def test_a_line_of_a_gibibyte_is_refused_in_bounded_memory(tmp_path: Path, start: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(start)
    with path.open("r+b") as file:
        file.truncate(2**30)
    program = (
        "import sys; from seqcli.data.config import DataConfig; from seqcli.data.tables import read_table\n"
        "from seqcli.errors import DataError\n"
        "try: list(read_table(sys.argv[1], DataConfig()).read(('text',)))\n"
        "except DataError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        preexec_fn=_limit_memory,
        capture_output=True,
        text=True,
        check=True,
        env={"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )
    assert "is longer than 16,777,216 characters" in done.stdout


def test_many_lines_after_an_unclosed_quote_do_not_pile_up(rows: Callable[..., Rows]) -> None:
    with pytest.raises(DataError, match="row 2 is longer than") as caught:
        rows('text,label\n"fine,1\n' + "a film that goes on,1\n" * 800_000)
    assert "closing quote" in str(caught.value.hint)
