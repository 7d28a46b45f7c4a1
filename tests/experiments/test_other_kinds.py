"""Data of another kind than it was taken for is told what it looks like, with the options to type."""

import pytest

from seqcli.data.config import DataConfig
from seqcli.errors import ColumnsError, UsageError
from seqcli.experiments.config import TrainConfig
from seqcli.experiments.data import other_kind, prepare_data

WORDS = ["red", "green", "blue", "deep", "wide", "calm"]
PAIRS = "de\ten\n" + "".join(
    f"das ist {WORDS[n % 6]} Haus {n}\tthis is {WORDS[n % 6]} house {n}\n" for n in range(40)
)
TEXTS = "문장,감정\n" + "".join(f"정말 {'좋은' if n % 2 else '나쁜'} 영화 {n},{n % 2}\n" for n in range(40))
SERIES = "date,load,heat\n" + "".join(f"2024-01-{n % 28 + 1:02},{n * 1.7:.1f},{n}\n" for n in range(28))
CONLL = "".join(f"word{n} A\nother B\n\n" for n in range(20))
BOOK = "the film was good and the plot was deep\n" * 40
FILES = {"book.txt": BOOK, "pairs.tsv": PAIRS, "texts.csv": TEXTS, "series.csv": SERIES, "words.conll": CONLL}


def prepared(**settings):
    return prepare_data(TrainConfig.model_validate({"model": "gru", **settings}))


@pytest.mark.parametrize(
    ("name", "settings", "says"),
    [
        ("pairs.tsv", {}, "--kind translate --source-column de --target-column en"),
        ("pairs.tsv", {"kind": "forecast"}, "--kind translate --source-column de --target-column en"),
        ("texts.csv", {"kind": "forecast"}, "--kind classify --text-column 문장 --label-column 감정"),
        ("texts.csv", {"time_column": "문장"}, "--kind classify --text-column 문장 --label-column 감정"),
        (
            "texts.csv",
            {"kind": "translate", "model": "seq2seq"},
            "--kind classify --text-column 문장 --label-column 감정",
        ),
        ("texts.csv", {"kind": "tag"}, "--kind classify --text-column 문장 --label-column 감정"),
        ("series.csv", {}, "--kind forecast --time-column date"),
        ("series.csv", {"kind": "translate", "model": "seq2seq"}, "--kind forecast --time-column date"),
        ("series.csv", {"text_column": "load", "label_column": "date"}, "--kind forecast --time-column date"),
        ("words.conll", {"kind": "classify"}, "--kind tag"),
        ("words.conll", {"kind": "forecast"}, "--kind tag"),
        ("words.conll", {"kind": "signal"}, "--kind tag"),
        ("texts.csv", {"kind": "row"}, "--kind classify --text-column 문장 --label-column 감정"),
        ("texts.csv", {"kind": "signal"}, "--kind classify --text-column 문장 --label-column 감정"),
        ("series.csv", {"kind": "signal-tag"}, "--kind forecast --time-column date"),
        ("book.txt", {"kind": "tag"}, "--kind generate"),
        ("book.txt", {"kind": "row"}, "--kind generate"),
    ],
)
def test_columns_of_another_kind_are_told_which_kind_they_look_like(tmp_path, name, settings, says):
    (tmp_path / name).write_text(FILES[name])
    with pytest.raises(ColumnsError) as caught:
        prepared(data=str(tmp_path / name), **settings)
    assert f"{says}." in str(caught.value.hint)


def test_what_is_offered_is_read_without_a_fault(tmp_path):
    for name, kind in (("pairs.tsv", "forecast"), ("texts.csv", "translate"), ("series.csv", "classify")):
        (tmp_path / name).write_text(FILES[name])
        config = DataConfig(data=str(tmp_path / name))
        result, fit = other_kind(config, kind)
        model = {"translate": "seq2seq"}.get(result, "gru")
        small = {"context": 7, "horizon": 2} if result == "forecast" else {}
        made = prepared(data=config.data, kind=result, model=model, **fit.columns, **small)
        assert made.kind == result


def test_a_table_of_no_known_kind_is_left_with_what_was_wrong(tmp_path):
    (tmp_path / "x.csv").write_text("a,b,c\n" + "".join(f"{n},{n * 2},{n * 3}\n" for n in range(30)))
    with pytest.raises(ColumnsError) as caught:
        prepared(data=str(tmp_path / "x.csv"))
    assert "looks like data of kind" not in str(caught.value.hint)


@pytest.mark.parametrize("model", ["gru", "seq2seq"])
def test_a_model_that_sees_no_image_says_what_learns_captions(tmp_path, model):
    (tmp_path / "x.csv").write_text("image,caption\n" + "".join(f"{n}.png,a thing {n}\n" for n in range(30)))
    with pytest.raises(UsageError) as caught:
        prepared(data=str(tmp_path / "x.csv"), kind="caption", model=model)
    assert "captioner" in caught.value.hint
