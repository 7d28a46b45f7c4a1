import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from seqcli.data.config import DataConfig
from seqcli.data.prepared import Prepared
from seqcli.data.tables import read_table, read_tables
from seqcli.errors import DataError, UsageError


def test_without_the_extra_the_install_line_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(UsageError, match="needs the extra 'hub'") as caught:
        read_tables("hf:rotten_tomatoes", DataConfig())
    assert caught.value.hint == "pip install 'seqcli[hub]'"


def test_sep_does_not_go_with_the_hub() -> None:
    with pytest.raises(UsageError, match="--sep"):
        read_table("hf:rotten_tomatoes", DataConfig(sep=";"))


def test_what_the_library_cannot_load_is_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    library = ModuleType("datasets")

    def load(name: str, subset: str | None) -> None:
        raise ConnectionError(f"Couldn't reach {name} {subset}\nsecond line")

    library.load_dataset = load  # type: ignore[attr-defined]
    library.disable_progress_bars = lambda: None  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "datasets", library)
    with pytest.raises(DataError, match=r"Couldn't reach glue sst2\n") as caught:
        read_tables("hf:glue:sst2", DataConfig())
    assert "HF_HUB_OFFLINE" in str(caught.value.hint)


@pytest.fixture
def datasets(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    return pytest.importorskip("datasets", reason="the extra 'hub' is not installed")


@pytest.fixture
def saved(datasets: Any, tmp_path: Path) -> Path:
    features = datasets.Features(
        {
            "text": datasets.Value("string"),
            "label": datasets.ClassLabel(names=["neg", "pos"]),
            "parts": datasets.Sequence(datasets.Value("string")),
        }
    )
    rows = {"text": ["a", "b", "c"], "label": [0, 1, -1], "parts": [["x"], [], []]}
    part = datasets.Dataset.from_dict(rows, features=features)
    datasets.DatasetDict({"train": part, "validation": part, "test": part}).save_to_disk(tmp_path / "dict")
    part.save_to_disk(tmp_path / "one")
    return tmp_path


def test_a_saved_dictionary_gives_its_ready_made_splits(saved: Path) -> None:
    tables = read_tables(f"hf:{saved}/dict", DataConfig())
    assert list(tables) == ["train", "valid", "test"]
    assert tables["test"].columns == ("text", "label", "parts")
    assert read_table(f"hf:{saved}/dict", DataConfig(), "valid").columns == ("text", "label", "parts")


def test_class_labels_are_read_as_names_and_hidden_ones_as_missing(saved: Path) -> None:
    table = read_table(f"hf:{saved}/one", DataConfig())
    assert list(table.read(("text", "label"))) == [(1, ("a", "neg")), (2, ("b", "pos")), (3, ("c", None))]


def test_nested_columns_are_refused_only_when_wanted(saved: Path) -> None:
    table = read_table(f"hf:{saved}/one", DataConfig())
    with pytest.raises(DataError, match="column 'parts' holds"):
        list(table.read(("parts",)))


def test_the_hash_follows_the_content(datasets: Any, saved: Path, tmp_path: Path) -> None:
    rows = {"text": ["a", "b"], "label": ["x", "y"]}
    datasets.Dataset.from_dict(rows).save_to_disk(tmp_path / "first")
    datasets.Dataset.from_dict(rows).save_to_disk(tmp_path / "same")
    datasets.Dataset.from_dict(rows | {"label": ["x", "z"]}).save_to_disk(tmp_path / "other")
    first, same, other = (
        read_table(f"hf:{tmp_path}/{name}", DataConfig()).sha256() for name in ("first", "same", "other")
    )
    assert first == same != other


@pytest.mark.parametrize("name", ["./nothing", "nobody/nothing"])
def test_a_data_set_that_is_not_there_is_a_data_error(datasets: Any, saved: Path, name: str) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_tables(f"hf:{name}", DataConfig())


def test_translations_are_columns_by_language(datasets: Any, tmp_path: Path) -> None:
    feature = datasets.Features({"translation": datasets.Translation(languages=("en", "de"))})
    rows = {"translation": [{"en": "a", "de": "ein"}, {"en": "the", "de": "der"}]}
    datasets.Dataset.from_dict(rows, features=feature).save_to_disk(tmp_path / "wmt")
    table = read_table(f"hf:{tmp_path / 'wmt'}", DataConfig())
    assert table.columns == ("translation.en", "translation.de")
    assert [cells for _, cells in table.read(table.columns)] == [("a", "ein"), ("the", "der")]


def test_hidden_labels_name_their_split_and_the_way_out_works(
    datasets: Any, tmp_path: Path, make: Callable[..., Prepared]
) -> None:
    features = datasets.Features(
        {"text": datasets.Value("string"), "label": datasets.ClassLabel(names=["neg", "pos"])}
    )

    def part(name: str, labels: list[int]) -> Any:
        rows = {"text": [f"{name} {i}" for i in range(len(labels))], "label": labels}
        return datasets.Dataset.from_dict(rows, features=features)

    splits = {
        "train": part("a", [0, 1] * 20),
        "validation": part("b", [0, 1] * 4),
        "test": part("c", [-1] * 8),
    }
    datasets.DatasetDict(splits).save_to_disk(tmp_path / "hidden")
    location = f"hf:{tmp_path / 'hidden'}"
    with pytest.raises(DataError, match=r"\(test split\): all 8 rows") as caught:
        make(data=location)
    assert f"--train {location} --valid {location}" in str(caught.value.hint)
    prepared = make(train=location, valid=location)
    assert {name: len(split) for name, split in prepared.splits.items()} == {
        "train": 36,
        "valid": 8,
        "test": 4,
    }
    assert prepared.facts.source == "hidden"
