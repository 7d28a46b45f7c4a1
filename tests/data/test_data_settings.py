import pytest
from pydantic import ValidationError

from seqcli.data.config import DataConfig, anchored


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"encoding": "klingon"}, "text encoding such as utf-8"),
        ({"encoding": "rot13"}, "text encoding"),
        ({"encoding": "hex"}, "text encoding"),
        ({"encoding": ""}, "text encoding"),
        ({"sep": "::"}, "one character"),
        ({"sep": ""}, "one character"),
        ({"sep": '"'}, "one character"),
        ({"sep": "\n"}, "one character"),
        ({"data": "a\nb"}, "data file's path"),
        ({"data": "a\x1b[31m"}, "data file's path"),
        ({"data": ""}, "data file's path"),
        ({"data": "a" * 5000}, "data file's path"),
        ({"tokenizer": "wrod"}, "bpe, char, kmer, word"),
        ({"vocab_size": 0}, "at least 1"),
        ({"vocab_size": 4}, "vocab_size must be at least 5 for the word tokenizer"),
        ({"vocab_size": 259, "tokenizer": "bpe"}, "vocab_size must be at least 260 for the bpe tokenizer"),
        ({"max_len": 0}, "at least 1"),
        ({"max_len": True}, "whole number"),
        ({"split_seed": -1}, "at least 0"),
        ({"data": "a.csv", "train": "b.csv"}, "data and train exclude each other"),
        ({"test": "a.csv"}, "test needs training data"),
        ({"valid": "a.csv"}, "valid needs training data"),
        ({"text_column": "a", "label_column": "a"}, "must differ"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_not_allowed_is_named_with_what_is(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        DataConfig.model_validate(options)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "name", ["utf-8", "UTF8", "latin-1", "cp1252", "utf-16", "euc-kr", "gb18030", "shift_jis"]
)
def test_any_text_encoding_of_python_is_allowed(name: str) -> None:
    assert DataConfig(encoding=name).encoding == name


def test_a_resolved_configuration_is_itself_a_configuration() -> None:
    config = DataConfig(data="x.csv", sep="tab", max_len=7)
    assert config.sep == "\t"
    assert DataConfig.model_validate(config.model_dump()) == config


def test_data_is_kept_by_whole_paths_that_are_there(tmp_path, monkeypatch) -> None:
    (tmp_path / "d").mkdir()
    for name in ("t.de", "t.en"):
        (tmp_path / "d" / name).touch()
    monkeypatch.chdir(tmp_path)
    result = anchored({"data": "d/t.de::t.en", "train": "hf:./saved", "valid": "hf:imdb", "test": "x.csv"})
    assert result == {
        "data": f"{tmp_path}/d/t.de::{tmp_path}/d/t.en",
        "train": f"hf:{tmp_path}/saved",
        "valid": "hf:imdb",
        "test": f"{tmp_path}/x.csv",
    }
    assert anchored(result) == result
