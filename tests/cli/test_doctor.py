"""`seqcli doctor`: what it finds is what Python, torch and the packages themselves say."""

import importlib.metadata
import json
import platform

import torch
from making.forked import run_in_text


def examined(cache):
    environ = {"SEQCLI_CACHE_DIR": str(cache), "PATH": "", "OMP_NUM_THREADS": "1"}
    ended = run_in_text("doctor", "--format", "json", environment=environ)
    assert ended.returncode == 0, ended.stderr
    page = json.loads(ended.stdout)
    return page["about"], {fact["name"]: fact["text"] for fact in page["facts"]}


def test_it_names_versions_kernels_and_extras_that_are_there(tmp_path):
    about, facts = examined(tmp_path / "cache")
    assert f"Python {platform.python_version()}" in about
    assert f"torch {torch.__version__}" in about
    assert facts["extra series"] == f"statsmodels {importlib.metadata.version('statsmodels')}"
    assert facts["cache"].startswith(f"{tmp_path}/cache, ")
    assert ("cuda" in facts["device"]) == torch.cuda.is_available()
    assert "gru: " in facts["kernels"]


def test_a_cache_that_cannot_be_used_is_told_and_is_no_fault_of_the_doctor(tmp_path):
    place = tmp_path / "file"
    place.write_text("no folder")
    _, facts = examined(place)
    assert f"SEQCLI_CACHE_DIR={place} cannot be written" in facts["cache"]
