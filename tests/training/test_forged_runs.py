"""Values that a stranger wrote into a run directory: refused as the run's fault, before anything is built."""

import time
from pathlib import Path

import pytest
import torch

from seqcli.errors import DataError, RunError
from seqcli.experiments.compare.shared_examples import crossed_mean
from seqcli.experiments.continue_series import continues_series
from seqcli.runs.configuration import parse
from seqcli.runs.directory import RunDirectory
from seqcli.runs.finished_run import TaskRecord
from seqcli.runs.run_layout import TASK_FILE
from seqcli.runs.storage import foreign_values
from seqcli.training.state import check_widths, to_bytes

TASK = {
    "name": "x", "kind": "classify", "labels": ("a", "b"), "metric": "accuracy", "majority": 0.5,
    "max_len": 10, "vocab_size": 20, "data_sha256": "0",
}  # fmt: skip


@pytest.mark.parametrize(("field", "value"), [("max_len", 0), ("max_len", -1), ("vocab_size", -5)])
def test_sizes_that_no_data_has_are_a_fault_of_the_run(field: str, value: int) -> None:
    TaskRecord.model_validate(TASK)
    with pytest.raises(RunError) as caught, foreign_values(Path("run")):
        TaskRecord.model_validate({**TASK, field: value})
    assert caught.value.exit_code == 4


@pytest.mark.parametrize(
    ("widths", "vocab_size"),
    [({"hidden": 65_536, "layers": 64, "embedding": 1}, 20), ({"embedding": 8}, 10**8)],
)
def test_a_model_larger_than_its_weights_file_is_refused_before_it_is_built(
    widths: dict[str, object], vocab_size: int
) -> None:
    content = to_bytes({"weight_hh": torch.zeros(4 * 8, 8), "embedding": torch.zeros(20, 8)})
    check_widths(content, {"hidden": 8, "layers": 1, "embedding": 8}, 20, "run")
    with pytest.raises(RunError, match="is not in weights of"):
        check_widths(content, widths, vocab_size, "run")


def test_a_damaged_tokenizer_of_a_run_is_a_fault_of_the_run() -> None:
    with pytest.raises(RunError, match="run: not a tokenizer"), foreign_values(Path("run")):
        raise DataError("not a tokenizer")


@pytest.mark.parametrize("spelt", ["[" * 90_000, "a: " + "{b: " * 20_000, "a: 1\n" * 200_000])
def test_a_configuration_of_a_run_that_nests_without_end_is_refused_early(spelt: str) -> None:
    began = time.process_time()
    with pytest.raises(RunError, match="is damaged"):
        parse(spelt.encode(), Path("config.yaml"))
    assert time.process_time() - began < 5


DEEP = b'{"a": ' * 100_000
"""A document that nests further than Python's reader goes."""


def test_a_run_whose_record_nests_without_end_continues_no_series(tmp_path: Path) -> None:
    with RunDirectory.create(tmp_path / "run", {"model": "gru"}) as run:
        run.commit_result({TASK_FILE: DEEP}, {})
    assert not continues_series(tmp_path / "run")


@pytest.mark.parametrize("content", [b"[" * 100_000, b"hello\n", b"{}\n", b"[1]\n", b"\xff\n"])
def test_answers_that_seqcli_never_writes_are_a_fault_of_the_run(content: bytes) -> None:
    with pytest.raises(RunError, match="not as seqcli writes them"):
        crossed_mean([(1.0, (content, content))], "accuracy")
