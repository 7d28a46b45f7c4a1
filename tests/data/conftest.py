from collections.abc import Callable
from pathlib import Path

import pytest

from seqcli.data.cache import Cache
from seqcli.data.config import DataConfig
from seqcli.data.prepared import Prepared, prepare
from seqcli.data.task import choose_task


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str, str], str]:
    def write(name: str, content: str) -> str:
        path = tmp_path / name
        path.write_text(content, encoding="utf-8", newline="")
        return str(path)

    return write


@pytest.fixture
def make(cache: Cache) -> Callable[..., Prepared]:
    """Prepare a person's own data under the options given."""

    def prepared(**options: object) -> Prepared:
        config = DataConfig.model_validate(options)
        return prepare(choose_task(None, config), config, cache)

    return prepared
