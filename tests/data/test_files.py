import errno
import io
import os
import threading
from pathlib import Path

import pytest

from seqcli.data.config import DataConfig
from seqcli.data.files import sha256
from seqcli.data.tables import read_table
from seqcli.errors import DataError, StorageError, UsageError


def test_a_missing_file_is_a_data_error_that_names_a_similar_one(tmp_path: Path) -> None:
    (tmp_path / "reviews.csv").write_text("text,label\na,1\n")
    with pytest.raises(DataError, match="no such file") as caught:
        read_table(str(tmp_path / "review.csv"), DataConfig())
    assert caught.value.hint == f"Did you mean {tmp_path / 'reviews.csv'}?"


def test_a_folder_is_a_usage_error(tmp_path: Path) -> None:
    folder = tmp_path / "x.csv"
    folder.mkdir()
    with pytest.raises(UsageError, match="is a folder"):
        read_table(str(folder), DataConfig())


@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl", "parquet"])
def test_a_pipe_is_refused_without_being_opened(tmp_path: Path, ending: str) -> None:
    pipe = tmp_path / f"x.{ending}"
    os.mkfifo(pipe)
    values: list[BaseException] = []

    def read() -> None:
        try:
            read_table(str(pipe), DataConfig())
        except UsageError as error:
            values.append(error)

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    thread.join(timeout=10)
    assert values
    assert "pipe" in str(values[0])


def test_a_device_without_end_is_refused(tmp_path: Path) -> None:
    link = tmp_path / "zero.csv"
    link.symlink_to("/dev/zero")
    with pytest.raises(UsageError, match="device"):
        read_table(str(link), DataConfig())


def test_an_unknown_ending_lists_the_known_ones_and_sep_reads_it_anyway(tmp_path: Path) -> None:
    path = tmp_path / "reviews.dat"
    path.write_text("text;label\na;1\n")
    with pytest.raises(DataError, match="cannot tell its format") as caught:
        read_table(str(path), DataConfig())
    assert all(known in str(caught.value.hint) for known in (".csv", ".tsv", ".jsonl", ".parquet", "hf:NAME"))
    assert read_table(str(path), DataConfig(sep=";")).columns == ("text", "label")


@pytest.mark.parametrize(
    ("start", "what"),
    [
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"PK\x03\x04", "Excel"),
        (b"PAR1", "Parquet"),
        (b"BZh91AY", "bzip2"),
        (b"%PDF-1.7", "PDF"),
    ],
)
def test_another_format_under_a_csv_name_is_recognised(tmp_path: Path, start: bytes, what: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(start + bytes(100))
    with pytest.raises(DataError, match=what):
        read_table(str(path), DataConfig())


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl"])
def test_utf_16_and_utf_32_are_recognised_and_read_when_said(
    tmp_path: Path, ending: str, encoding: str
) -> None:
    path = tmp_path / f"x.{ending}"
    body = {"csv": "text,label\nfilm,1\n", "tsv": "text\tlabel\nfilm\t1\n"}
    path.write_bytes(body.get(ending, '{"text": "film", "label": "1"}\n').encode(encoding))
    with pytest.raises(DataError) as caught:
        read_table(str(path), DataConfig())
    assert caught.value.hint == f"Add --encoding {encoding}."
    table = read_table(str(path), DataConfig(encoding=encoding))
    assert [cells for _, cells in table.read(("text", "label"))] == [("film", "1")]


@pytest.mark.parametrize(
    ("name", "content"),
    [("x.csv", b"text,label\nf\xe9te,1\n"), ("x.jsonl", b'{"text": "x"}\n{"text": "\xe9"}\n')],
)
def test_latin_1_bytes_name_their_place_and_suggest_the_encoding(
    tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"line 2, byte \d+ \(0xe9\) is not utf-8") as caught:
        list(read_table(str(path), DataConfig()).read(("text",)))
    assert "--encoding latin-1" in str(caught.value.hint)
    assert list(read_table(str(path), DataConfig(encoding="latin-1")).read(("text",)))


def test_an_unreadable_file_is_a_data_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.csv"
    path.write_text("text,label\na,1\n")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(DataError, match="Permission denied"):
        read_table(str(path), DataConfig())


@pytest.mark.parametrize("name", ["a\0b.csv", "x" * 5000 + ".csv", "/proc/self/mem"])
def test_names_that_are_no_paths_are_data_errors(name: str) -> None:
    with pytest.raises(DataError):
        read_table(name, DataConfig())


def test_the_names_of_columns_have_no_blanks_around_them(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("text, stars ,date\na,1,2\n")
    assert read_table(str(path), DataConfig()).columns == ("text", "stars", "date")


def test_sha256_is_that_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"abc")
    assert (
        sha256(str(path)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )  # FIPS 180-2


@pytest.mark.parametrize(
    ("code", "expected"), [(errno.EIO, StorageError), (errno.ESTALE, StorageError), (errno.EACCES, DataError)]
)
def test_a_disk_that_fails_under_a_data_file_is_no_fault_of_the_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, expected: type[Exception]
) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text("text,label\na,1\n")
    real = os.open

    def failing(name: Path, *arguments: int) -> int:
        if Path(name) == path:
            raise OSError(code, os.strerror(code), str(path))
        return real(name, *arguments)

    monkeypatch.setattr(os, "open", failing)
    with pytest.raises(expected, match=os.strerror(code)):
        read_table(str(path), DataConfig())


def test_a_disk_that_has_nothing_to_give_now_is_a_failing_disk(written, monkeypatch):
    location = written("x.csv", "text,label\na,1\n")

    class NothingNow(io.FileIO):
        def readinto(self, _):
            return None  # as Python tells EAGAIN

    monkeypatch.setattr(os, "fdopen", lambda descriptor, _mode: NothingNow(descriptor))
    with pytest.raises(StorageError):
        sha256(location)


@pytest.mark.parametrize(
    ("text", "encoding", "likely"),
    [
        ("이 영화는 정말 재미있었다", "euc-kr", "cp949"),
        ("この映画はとても面白かったです", "shift_jis", "shift_jis"),
        ("这部电影非常好看我很喜欢", "gbk", "gb18030"),
        ("très bon café à Nîmes über größe", "latin-1", "latin-1"),
        ("un café à “Nîmes”, très bon".replace(",", ""), "cp1252", "cp1252"),
    ],
)
def test_a_file_of_another_encoding_is_told_the_likely_one(tmp_path, text, encoding, likely):
    path = tmp_path / "x.csv"
    path.write_bytes(b"text,label\n" + "".join(f"{text},{n}\n" for n in range(9)).encode(encoding))
    with pytest.raises(DataError, match="is not utf-8") as caught:
        list(read_table(str(path), DataConfig()).read(("text", "label")))
    assert f"--encoding {likely}." in str(caught.value.hint)
    rows = list(read_table(str(path), DataConfig(encoding=likely)).read(("text",)))
    assert rows[0][1] == (text,)


def test_bytes_of_no_script_leave_the_choice_open(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"text,label\n" + bytes(range(128, 256)) * 9)
    with pytest.raises(DataError) as caught:
        list(read_table(str(path), DataConfig()).read(("text", "label")))
    assert "euc-kr" in str(caught.value.hint)
