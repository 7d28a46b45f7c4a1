import errno
import hashlib
import itertools
import json

import pytest

from seqcli.errors import RunError, StorageError
from seqcli.runs.metrics import MetricsLog, read_metrics


@pytest.fixture
def path(tmp_path):
    return tmp_path / "metrics.jsonl"


def write(path, steps, mark=None):
    with MetricsLog.open(path, mark) as log:
        for step in steps:
            log.append({"step": step, "loss": 1 / step})
        return log.mark()


def test_each_step_is_one_line_of_strict_json(path):
    write(path, [1, 2, 5])
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert lines == [{"step": 1, "loss": 1.0}, {"step": 2, "loss": 0.5}, {"step": 5, "loss": 0.2}]
    assert read_metrics(path) == lines


def test_the_mark_is_the_size_and_hash_of_the_whole_file(path):
    mark = write(path, [1, 2])
    content = path.read_bytes()
    assert mark == {"step": 2, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


@pytest.mark.parametrize("torn", [b"", b'{"step": 3', b'{"step": 3}\n{"step": 4}\n', b"\0" * 4096])
def test_going_on_cuts_back_to_the_mark_whatever_came_after(path, torn):
    mark = write(path, [1, 2])
    content = path.read_bytes()
    path.write_bytes(content + torn)
    assert write(path, [], mark) == mark
    assert path.read_bytes() == content
    write(path, [3], mark)
    assert [record["step"] for record in read_metrics(path)] == [1, 2, 3]


def test_a_log_that_went_on_is_the_log_that_never_stopped(path, tmp_path):
    write(path, range(1, 9))
    mark = write(tmp_path / "other", range(1, 5))
    write(tmp_path / "other", range(5, 9), mark)
    assert path.read_bytes() == (tmp_path / "other").read_bytes()


def test_starting_anew_empties_the_file(path):
    write(path, [1, 2])
    write(path, [1])
    assert [record["step"] for record in read_metrics(path)] == [1]


def test_every_changed_byte_before_the_mark_is_found(path):
    mark = write(path, [1, 2])
    content = path.read_bytes()
    for place in range(len(content)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        with pytest.raises(RunError, match=r"its line of step 2"):
            MetricsLog.open(path, mark)


def test_every_cut_before_the_mark_is_found(path):
    mark = write(path, [1, 2])
    content = path.read_bytes()
    for size in range(len(content)):
        path.write_bytes(content[:size])
        with pytest.raises(RunError, match="changed or cut"):
            MetricsLog.open(path, mark)
    path.unlink()
    with pytest.raises(RunError, match="is missing"):
        MetricsLog.open(path, mark)


@pytest.mark.parametrize("step", [2, 1, None, 2.5, True, "3"])
def test_a_step_that_does_not_come_next_is_a_defect_and_not_written(path, step):
    with MetricsLog.open(path, None) as log:
        log.append({"step": 2})
        with pytest.raises(ValueError, match="step"):
            log.append({"step": step})
    assert path.read_bytes() == b'{"step": 2}\n'


def test_a_number_that_is_not_finite_is_a_defect_and_not_written(path):
    with MetricsLog.open(path, None) as log:
        with pytest.raises(ValueError, match="JSON"):
            log.append({"step": 1, "loss": float("nan")})
        log.append({"step": 1, "loss": 1.0})
    assert path.read_bytes() == b'{"loss": 1.0, "step": 1}\n'


def test_a_disk_that_fills_up_within_a_line_leaves_whole_lines(path, monkeypatch):
    import os

    real, calls = os.write, itertools.count()

    def half_then_full(descriptor, content):
        if next(calls):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(descriptor, content[:5])

    with MetricsLog.open(path, None) as log:
        log.append({"step": 1})
        with monkeypatch.context() as patch:
            patch.setattr(os, "write", half_then_full)
            with pytest.raises(StorageError, match=r"metrics\.jsonl: No space left.* 12 bytes needed"):
                log.append({"step": 2})
        assert path.read_bytes() == b'{"step": 1}\n'
        log.append({"step": 2})
    assert path.read_bytes() == b'{"step": 1}\n{"step": 2}\n'


def test_a_growing_file_is_read_up_to_its_last_whole_line(path):
    path.write_bytes(b'{"step": 1}\n{"step": 2')
    assert read_metrics(path) == [{"step": 1}]


@pytest.mark.parametrize(
    "line", [b"", b"{}", b"[1]", b'{"step": 1}', b'{"step": NaN}', b'{"step": 2, "a": NaN}', b"\xff"]
)
def test_a_damaged_line_is_named_when_read(path, line):
    path.write_bytes(b'{"step": 1}\n' + line + b"\n")
    with pytest.raises(RunError, match=r"metrics\.jsonl:2 is damaged"):
        read_metrics(path)


def test_a_link_in_the_place_of_the_file_is_refused(path, tmp_path):
    (tmp_path / "theirs").write_bytes(b"theirs")
    path.symlink_to(tmp_path / "theirs")
    with pytest.raises(RunError, match="symbolic link"):
        MetricsLog.open(path, None)
    assert (tmp_path / "theirs").read_bytes() == b"theirs"
