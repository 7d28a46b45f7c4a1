import importlib.util
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
