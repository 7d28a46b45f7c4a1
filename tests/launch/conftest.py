"""A store for the tests of those that share it."""

import pytest
from launch.small_store import SILENCE

from seqcli.launch.shared_store import SharedStore


@pytest.fixture
def folder(tmp_path):
    SharedStore.open(tmp_path / "store", lost_after=SILENCE, make=True)
    (tmp_path / "store" / "data" / "d").mkdir(parents=True)
    return tmp_path / "store"
