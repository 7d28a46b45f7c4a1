from collections.abc import Callable
from pathlib import Path

import pytest

from seqcli.data.config import DataConfig
from seqcli.data.tables import CellValue, read_table
from seqcli.errors import DataError, UsageError

Rows = list[tuple[int, tuple[CellValue, ...]]]


@pytest.fixture
def rows(tmp_path: Path) -> Callable[[str], Rows]:
    def read(content: str) -> Rows:
        path = tmp_path / "x.jsonl"
        path.write_text(content, newline="")
        return list(read_table(str(path), DataConfig()).read(("text", "label")))

    return read


def test_values_keep_their_types_and_rows_their_line(rows: Callable[[str], Rows]) -> None:
    content = (
        '{"text": "a", "label": 1}\n\n{"label": 1.0, "text": null, "more": [1]}\r\n{"text":"c","label":true}'
    )
    assert rows(content) == [(1, ("a", 1)), (3, (None, 1.0)), (4, ("c", True))]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"text": "a", "la', "line 2 is torn"),
        ("[1, 2]\n", "line 2 is a list, not an object"),
        ('"a"\n', "line 2 is a string, not an object"),
        ("null\n", "line 2 is null"),
        ("true\n", "line 2 is true or false"),
        ("7\n", "line 2 is a number"),
        ('{"text": NaN, "label": 1}\n', "line 2 cannot be read: NaN is not JSON"),
        ('{"text": "a", "label": -Infinity}\n', "-Infinity is not JSON"),
        ('{"text": "a",, "label": 1}\n', "line 2, character 14 is not JSON"),
        ('{"text": "a", "label": [1]}\n', "line 2: 'label' is a list"),
        ('{"text": {"a": 1}, "label": 1}\n', "line 2: 'text' is an object"),
        ('{"text": "a", "text": "b", "label": 1}\n', "line 2 cannot be read: it has the key 'text' twice"),
        ("[" * 100_000 + "\n", "line 2 nests too deeply"),
        ('{"text": "a", "label": ' + "9" * 5000 + "}\n", "line 2 cannot be read: Exceeds the limit"),
        ('{"text": "a\0", "label": 1}\n', "line 2, character 12 is a NUL"),
    ],
)
def test_a_bad_line_is_named(rows: Callable[[str], Rows], line: str, message: str) -> None:
    with pytest.raises(DataError) as caught:
        rows('{"text": "a", "label": 1}\n' + line)
    assert message in str(caught.value)


@pytest.mark.parametrize("content", ["", "\n \n"])
def test_an_empty_file_is_refused(rows: Callable[[str], Rows], content: str) -> None:
    with pytest.raises(DataError, match="is empty"):
        rows(content)


def test_sep_does_not_go_with_json_lines(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--sep is for delimited text"):
        read_table(str(tmp_path / "x.jsonl"), DataConfig(sep=";"))
