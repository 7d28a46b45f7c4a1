import pytest

from seqcli.errors import RunError
from seqcli.runs.sealed import read_record, write_record

VALUE = {"valid": 0.75, "test": 0.5, "blocks": [{"name": "감정"}]}


@pytest.fixture
def path(tmp_path):
    write_record(tmp_path / "bow.json", VALUE)
    return tmp_path / "bow.json"


def test_a_record_comes_back(path):
    assert read_record(path) == VALUE


def test_every_changed_byte_of_a_record_is_found(path):
    content = path.read_bytes()
    for place in range(len(content)):
        path.write_bytes(content[:place] + bytes([content[place] ^ (1 << place % 8)]) + content[place + 1 :])
        with pytest.raises(RunError, match=r"bow\.json is damaged"):
            read_record(path)


def test_every_cut_of_a_record_and_its_absence_are_found(path):
    content = path.read_bytes()
    for size in range(len(content)):
        path.write_bytes(content[:size])
        with pytest.raises(RunError, match=r"bow\.json is damaged"):
            read_record(path)
    path.unlink()
    with pytest.raises(RunError, match="is missing"):
        read_record(path)


@pytest.mark.parametrize("content", [b"{}", b'{"value": 3}', b"[]"])
def test_what_is_no_record_is_refused(path, content):
    path.write_bytes(content)
    with pytest.raises(RunError, match="is damaged"):
        read_record(path)
