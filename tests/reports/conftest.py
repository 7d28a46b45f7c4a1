import importlib.util
from functools import lru_cache
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def records():
    """The hand-made records of `records.py`, which tests as separate modules cannot import."""
    path = Path(__file__).with_name("records.py")
    spec = importlib.util.spec_from_file_location("report_records", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def html_of(records):
    """The page of a case of `records.py`, rendered once for all tests."""
    from seqcli.reports.draw.html_page import render_page

    command = "seqcli compare lstm gru --task sentiment --expect 'gru.accuracy >= lstm.accuracy - 0.01'"
    return lru_cache(lambda case: render_page(records.CASES[case](), command=command))
