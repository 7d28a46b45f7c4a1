import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from seqcli.data import data_words
from seqcli.data.cache import Cache, DamagedError
from seqcli.data.config import DataConfig
from seqcli.data.prepared import SPLITS, Prepared, prepare
from seqcli.data.task import TASKS, choose_task, own_name
from seqcli.errors import DataError, UsageError
from seqcli.models.baselines.majority import Majority

Make = Callable[..., Prepared]
Write = Callable[[str, str], str]


def _csv(rows: int, *, header: str = "text,label", start: int = 0) -> str:
    lines = [f"film number {i} was {'good' if i % 2 else 'bad'},{i % 2}" for i in range(start, start + rows)]
    return "\n".join([header, *lines]) + "\n"


def _texts(prepared: Prepared) -> dict[str, set[str]]:
    return {split: set(prepared.texts(split)) for split in SPLITS}


def test_a_csv_becomes_splits_labels_and_facts(make: Make, written: Write) -> None:
    prepared = make(data=written("My films.csv", _csv(100)))
    assert (prepared.name, prepared.kind, prepared.metric) == ("My-films", "classify", "accuracy")
    assert prepared.labels == ("0", "1")
    assert prepared.output_size == 2
    assert prepared.facts.sizes == {"train": 80, "valid": 10, "test": 10}
    assert prepared.facts.source == "My films.csv"
    assert prepared.facts.majority_share == 0.5
    assert prepared.facts.guessed == ("--text-column", "--label-column")
    assert [row["text"] for row in prepared.facts.head] == [
        f"film number {i} was {w}" for i, w in enumerate(["bad", "good", "bad"])
    ]
    assert prepared.max_len == 10
    assert data_words.cut_sentence(prepared.facts) == "0 of 100 texts cut at 10 tokens"


def test_every_example_keeps_its_text_and_label(make: Make, written: Write) -> None:
    content = _csv(60)
    lines = content.splitlines()[1:]
    prepared = make(data=written("x.csv", content))
    values = [
        f"{text},{prepared.labels[target]}"
        for split in SPLITS
        for text, target in zip(prepared.texts(split), prepared.splits[split].targets, strict=True)
    ]
    assert sorted(values) == sorted(lines)


def test_ids_are_those_of_the_saved_tokenizer(make: Make, written: Write) -> None:
    from seqcli.data.tokenizer import Tokenizer

    prepared = make(data=written("x.csv", _csv(60)))
    tokenizer = Tokenizer.load(prepared.tokenizer.json)
    assert prepared.vocab_size == tokenizer.vocab_size
    for split in SPLITS:
        data = prepared.splits[split]
        for i, ids in enumerate(tokenizer.encode(prepared.texts(split))):
            assert data.rows(np.array([i])).inputs[0].tolist() == ids.tolist()


@pytest.mark.parametrize("tokenizer", ["word", "char", "bpe"])
def test_the_vocabulary_comes_from_the_training_split_alone(
    make: Make, written: Write, tokenizer: str
) -> None:
    train = written("train.csv", "text,label\nabc abc,0\nabc abd,1\nabd abc,0\nabd abd,1\n")
    test = written("test.csv", "text,label\nxyz xyz xyz,0\nxyz xyz,1\n")
    prepared = make(train=train, valid=test, test=test, tokenizer=tokenizer)
    vocabulary = json.loads(prepared.tokenizer.json)["model"]["vocab"]
    assert not any("xy" in piece for piece in vocabulary)
    if tokenizer != "bpe":
        assert prepared.facts.unknown["test"] > 0.7
        assert prepared.facts.unknown["train"] == 0


def test_the_split_does_not_depend_on_the_order_or_format_of_the_rows(
    make: Make, tmp_path: Path, written: Write
) -> None:
    rows = _csv(80).splitlines()
    first = make(data=written("x.csv", "\n".join(rows)))
    turned = make(data=written("y.csv", "\n".join([rows[0], *rows[:0:-1]])))
    cells = [row.rsplit(",", 1) for row in rows[1:]]
    table = pa.table({"text": [c[0] for c in cells], "label": [int(c[1]) for c in cells]})
    parquet.write_table(table, tmp_path / "z.parquet")
    other = make(data=str(tmp_path / "z.parquet"))
    assert _texts(first) == _texts(turned) == _texts(other)
    assert list(first.texts("train")) == list(turned.texts("train"))
    same_name = [replace(p, name="") for p in (first, turned, other)]
    assert len({p.splits["train"].rows(np.arange(64)).inputs.tobytes() for p in same_name}) == 1


def test_the_split_seed_decides(make: Make, written: Write) -> None:
    path = written("x.csv", _csv(100))
    assert _texts(make(data=path)) == _texts(make(data=path, split_seed=0))
    assert _texts(make(data=path))["test"] != _texts(make(data=path, split_seed=1))["test"]


def test_repeated_texts_are_dropped_before_the_split(make: Make, written: Write) -> None:
    content = _csv(40) + "film number 3 was good,1\nFILM  number 3 was good,1\nfilm number 4 was bad,1\n"
    prepared = make(data=written("x.csv", content))
    facts = prepared.facts
    assert (facts.read, facts.duplicates, facts.conflicting, facts.examples) == (43, 3, 1, 40)
    assert data_words.duplicates_sentence(facts) == "3 of 43 rows dropped: an earlier row has the same text"
    assert any("under another label" in warning for warning in facts.warnings)
    assert Counter(text for split in SPLITS for text in prepared.texts(split)).most_common(1)[0][1] == 1


def test_empty_texts_are_kept_counted_and_one_unknown_token_long(make: Make, written: Write) -> None:
    prepared = make(data=written("x.csv", _csv(40) + ",1\n  ,0\n,1\n"))
    assert prepared.facts.empty == 3
    assert prepared.facts.examples == 43
    values = [
        prepared.splits[split].rows(np.array([i])).inputs.tolist()
        for split in SPLITS
        for i, text in enumerate(prepared.texts(split))
        if not text.strip()
    ]
    assert values == [[[1]]] * 3


def test_words_for_nothing_are_texts_and_classes(make: Make, written: Write) -> None:
    content = (
        "text,label\n" + "".join(f"NA {i},None\nnull {i},NA\n" for i in range(20)) + "NA,NA\nnull,None\n"
    )
    prepared = make(data=written("x.csv", content))
    assert prepared.labels == ("NA", "None")
    assert {"NA", "null"} <= set().union(*_texts(prepared).values())


def test_what_max_len_cuts_is_counted(make: Make, written: Write) -> None:
    prepared = make(data=written("x.csv", _csv(96) + "one,1\ntwo,0\nthree,1\nfour,0\n"), max_len=3)
    assert data_words.cut_sentence(prepared.facts) == "96 of 100 texts (96.0 %) cut at 3 tokens"
    assert max(prepared.splits["train"].lengths) == 3
    assert prepared.facts.length_max == 5


def test_the_longest_text_is_kept_up_to_250_tokens(make: Make, written: Write) -> None:
    content = _csv(40) + "word " * 400 + ",1\n" + "other " * 400 + ",1\n"
    assert make(data=written("x.csv", content)).max_len == 250


def test_vocabulary_is_reported_with_what_it_loses(make: Make, written: Write) -> None:
    facts = make(data=written("x.csv", _csv(100)), vocab_size=9).facts
    assert facts.vocabulary_kept == 5
    assert facts.vocabulary_total == 5 + 80  # film number was good bad, and the numbers of 80 training texts
    assert data_words.vocabulary_sentence(facts) == "5 of 85 words known; 20.0 % of the test tokens are not"


def test_labels_may_be_words_of_many_classes(make: Make, written: Write) -> None:
    colours = ("red", "green", "blue", "sea-green")
    lines = [f"text {i},{colours[i % 4]}" for i in range(40)]
    prepared = make(data=written("x.csv", "text,colour\n" + "\n".join(lines)))
    assert prepared.labels == ("blue", "green", "red", "sea-green")
    assert all(min(counts.values()) >= 1 for counts in prepared.facts.class_counts.values())


def test_mixed_spellings_of_a_number_are_one_class_across_splits(make: Make, written: Write) -> None:
    train = written("train.csv", "text,label\na,1\nb,0\nc,1\nd,0\n")
    test = written("test.jsonl", '{"text": "e", "label": 1.0}\n{"text": "f", "label": "0"}\n')
    prepared = make(train=train, valid=test, test=test)
    assert prepared.labels == ("0", "1")
    assert "the labels '1', '1.0' are read as one class, '1'" in prepared.facts.warnings


def test_ready_made_splits_stay_as_they_are(make: Make, written: Write) -> None:
    paths = {name: written(f"{name}.csv", _csv(8, start=100 * i)) for i, name in enumerate(SPLITS)}
    prepared = make(**paths)
    assert prepared.facts.sizes == {"train": 8, "valid": 8, "test": 8}
    assert list(prepared.texts("test")) == [
        line.split(",")[0] for line in _csv(8, start=200).splitlines()[1:]
    ]
    assert prepared.facts.warnings == ()
    assert prepared.facts.source == "train.csv, valid.csv, test.csv"


@pytest.mark.parametrize(
    ("given", "sizes"),
    [
        (("train",), {"train": 80, "valid": 10, "test": 10}),
        (("train", "test"), {"train": 90, "valid": 10, "test": 6}),
        (("train", "valid"), {"train": 90, "valid": 6, "test": 10}),
    ],
)
def test_missing_splits_are_taken_off_the_training_data(
    make: Make, written: Write, given: tuple[str, ...], sizes: dict[str, int]
) -> None:
    contents = {"train": _csv(100), "valid": _csv(6, start=200), "test": _csv(6, start=300)}
    prepared = make(**{name: written(f"{name}.csv", contents[name]) for name in given})
    assert prepared.facts.sizes == sizes


def test_texts_that_ready_made_splits_share_are_warned_of(make: Make, written: Write) -> None:
    train, test = written("train.csv", _csv(20)), written("test.csv", _csv(10, start=15))
    prepared = make(train=train, valid=written("valid.csv", _csv(4, start=50)), test=test)
    assert prepared.facts.warnings == ("5 of 10 test texts also occur in train: the score may flatter",)


def test_a_class_that_training_lacks_names_its_row(make: Make, written: Write) -> None:
    train = written("train.csv", _csv(20))
    test = written("test.csv", "text,label\na,1\nb,2\n")
    with pytest.raises(DataError) as caught:
        make(train=train, test=test)
    assert caught.value.message.endswith("test.csv, row 3: the label '2' does not occur in the training data")
    assert caught.value.hint == "Its labels: '0', '1'."


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.csv", "text,label\n", "has a header but no rows"),
        ("x.csv", "text,label\na,1\n", "has one row of data"),
        ("x.csv", "text,label\na,1\nb,1\nc,1\n", "all 3 rows have the label '1'"),
        ("x.csv", "text,label\na,1\nb,1\nc,0\n", "row 4: the class '0' has only this row"),
        ("x.csv", "text,label\na,1\na,1\na,1\nb,0\nc,0\n", "row 2: the class '1' has only this row"),
        ("x.csv", "text,label\na,1\nb,1\nc,0\nd,0\n", "4 different texts are too few to take a valid split"),
        ("x.csv", "text,label\na,1\nb,\n", "1 of 2 rows have no label in column 'label': row 3"),
        ("x.csv", f"text,label\na,1\nb,{'x' * 300}\n", "row 3: the label 'xx"),
        ("x.jsonl", '{"text": "a", "label": null}\n', "all 1 rows have no label in column 'label'"),
        ("x.jsonl", '{"text": 5, "label": 1}\n', "line 1: 'text' is '5', a number"),
        ("x.jsonl", '{"text": "\\ud800", "label": 1}\n', "line 1: 'text' is not valid Unicode: \\ud800"),
        ("x.jsonl", '{"text": "a", "label": "\\udfff"}\n', "line 1: 'label' is not valid Unicode"),
        ("x.jsonl", '{"text\\ud800": "a", "label": "b"}\n', "the name of column 1 is not valid Unicode"),
    ],
)
def test_data_that_cannot_be_learnt_from_is_named_and_leaves_nothing(
    make: Make, cache: Cache, written: Write, name: str, content: str, message: str
) -> None:
    with pytest.raises(DataError) as caught:
        make(data=written(name, content))
    assert message in caught.value.message
    assert not list(cache.root.glob("*"))


def test_where_small_classes_leave_little_to_train_on_that_is_said(make: Make, written: Write) -> None:
    rows = "".join(f"text {i},class {i // 3}\n" for i in range(300))
    prepared = make(data=written("x.csv", "text,label\n" + rows))
    assert prepared.facts.sizes == {"train": 100, "valid": 100, "test": 100}
    (warnings,) = prepared.facts.warnings
    assert warnings.startswith("only 100 of 300 texts are left to train on")


def test_of_equally_frequent_classes_the_majority_is_the_baselines(make: Make, written: Write) -> None:
    rows = "".join(f"text {i},{'2' if i % 2 else '10'}\n" for i in range(100))
    prepared = make(data=written("x.csv", "text,label\n" + rows))
    labels = [prepared.labels[target] for target in prepared.splits["train"].targets]
    assert [prepared.facts.majority_label] == Majority().fit(labels, labels).predict(["x"]) == ["10"]


def test_a_text_beyond_a_million_characters_is_cut_and_said(make: Make, written: Write) -> None:
    prepared = make(data=written("x.csv", _csv(20) + "a" * 1_000_001 + ",1\n"), max_len=5)
    assert "1 text was cut to its first 1,000,000 characters" in prepared.facts.warnings
    assert max(map(len, set().union(*_texts(prepared).values()))) == 1_000_000


def test_what_is_prepared_is_found_again_by_content(make: Make, written: Write, cache: Cache) -> None:
    result = make(data=written("x.csv", _csv(40)))
    assert make(data=written("x.csv", _csv(40))).folder == result.folder
    assert make(data=written("x.csv", _csv(41))).folder != result.folder
    assert make(data=written("x.csv", _csv(40)), max_len=3).folder != result.folder
    assert len(list(cache.root.glob("*"))) == 3


def test_another_process_opens_the_folder(make: Make, written: Write) -> None:
    result = make(data=written("x.csv", _csv(40)))
    other = Prepared.open(result.folder)
    assert other.sha256 == result.sha256
    assert other.facts == result.facts
    assert other.tokenizer == result.tokenizer


def test_the_identity_follows_what_training_sees(make: Make, written: Write) -> None:
    result = make(data=written("x.csv", _csv(40)))
    assert make(data=written("x.csv", _csv(40) + "\n")).sha256 == result.sha256
    assert make(data=written("x.csv", _csv(40)), split_seed=1).sha256 != result.sha256
    assert make(data=written("x.csv", _csv(40)), tokenizer="char").sha256 != result.sha256
    assert make(data=written("x.csv", _csv(40).replace(",1", ",2"))).sha256 != result.sha256


def test_any_changed_byte_is_found_and_the_folder_built_again(make: Make, written: Write) -> None:
    path = written("x.csv", _csv(40))
    prepared = make(data=path)
    sha256, folder = prepared.sha256, prepared.folder
    for file in sorted(folder.iterdir()):
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
        with pytest.raises(DamagedError):
            Prepared.open(folder)
        assert make(data=path).sha256 == sha256
    (folder / "train.ids.npy").unlink()
    with pytest.raises(DamagedError):
        Prepared.open(folder)
    assert make(data=path).sha256 == sha256


def test_a_manifest_that_nests_without_end_is_damage_too(make: Make, written: Write) -> None:
    path = written("x.csv", _csv(40))
    prepared = make(data=path)
    (prepared.folder / "manifest.json").write_text('{"a": ' * 100_000)
    with pytest.raises(DamagedError):
        Prepared.open(prepared.folder)
    assert make(data=path).sha256 == prepared.sha256


def test_what_is_changed_after_opening_gives_the_same_rows_and_texts_are_refused(
    make: Make, written: Write
) -> None:
    """The legs of one comparison open one folder of the cache; any program may write into it meanwhile."""
    prepared = make(data=written("d.csv", _csv(60)))
    rows = prepared.splits["train"].rows(np.arange(5))
    for path in prepared.folder.iterdir():
        path.write_bytes(b"")
    again = prepared.splits["train"].rows(np.arange(5))
    assert again.inputs.tolist() == rows.inputs.tolist()
    with pytest.raises(DamagedError, match="changed after it was written"):
        prepared.texts("train")


def test_what_is_changed_between_hashing_and_reading_is_refused(
    make: Make, written: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared = make(data=written("d.csv", _csv(60)))
    monkeypatch.setattr("seqcli.data.prepared.verified_files", lambda _: prepared.files)
    assert Prepared.open(prepared.folder).sha256 == prepared.sha256
    ids = prepared.folder / "train.ids.npy"
    ids.write_bytes(ids.read_bytes()[:-1] + b"\x09")
    with pytest.raises(DamagedError, match=r"train\.ids\.npy was changed"):
        Prepared.open(prepared.folder)


def test_a_folder_that_is_no_prepared_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DamagedError, match="is not whole"):
        Prepared.open(tmp_path)


def test_the_caches_warning_is_among_the_facts(written: Write, tmp_path: Path) -> None:
    config = DataConfig(data=written("x.csv", _csv(40)))
    cache = Cache(tmp_path / "cache", "kept elsewhere")
    assert prepare(choose_task(None, config), config, cache).facts.warnings == ("kept elsewhere",)


PROGRAM = """
import sys
from pathlib import Path
from seqcli.data.cache import Cache
from seqcli.data.config import DataConfig
from seqcli.data.prepared import prepare
from seqcli.data.task import choose_task
for tokenizer in ("word", "char", "bpe"):
    config = DataConfig(data=sys.argv[1], tokenizer=tokenizer, vocab_size=300)
    print(prepare(choose_task(None, config), config, Cache(Path(sys.argv[2]))).sha256)
"""


def test_bytes_do_not_depend_on_hash_seed_locale_zone_threads_or_folder(
    written: Write, tmp_path: Path
) -> None:
    path = written("x.csv", _csv(60).replace("film", "영화 film 我喜欢 👍🏽"))
    outputs = set()
    for number, environment in enumerate(
        (
            {"PYTHONHASHSEED": "0", "LANG": "C", "TZ": "UTC", "RAYON_NUM_THREADS": "1"},
            {"PYTHONHASHSEED": "1", "LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Seoul", "RAYON_NUM_THREADS": "4"},
        )
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, path, str(folder)],
            env={"PATH": os.environ["PATH"], "OMP_NUM_THREADS": "1", **environment},
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        )
        outputs.add(done.stdout)
    assert len(outputs) == 1
    assert len(set(outputs.pop().split())) == 3


@pytest.mark.parametrize(
    ("location", "name"),
    [
        ("reviews.csv", "reviews"),
        ("/a/b/My reviews (2).tsv", "My-reviews-2"),
        ("../../etc/passwd.csv", "passwd"),
        ("hf:owner/name", "name"),
        ("hf:./folder", "folder"),
        ("영화.csv", "영화"),
        ("...csv", "data"),
        ("???.csv", "data"),
        ("x" * 300 + ".csv", "x" * 60),
        ("sentiment.csv", "sentiment-data"),
    ],
)
def test_own_data_is_named_after_its_file(location: str, name: str) -> None:
    assert own_name(location) == name


def test_a_task_and_own_data_exclude_each_other_and_one_is_needed() -> None:
    with pytest.raises(UsageError, match="exclude each other"):
        choose_task("sentiment", DataConfig(data="x.csv"))
    with pytest.raises(UsageError, match="no data to learn from") as caught:
        choose_task(None, DataConfig())
    assert all(name in str(caught.value.hint) for name in TASKS.names())
    with pytest.raises(UsageError, match="unknown task 'sentimnt'") as caught:
        choose_task("sentimnt", DataConfig())
    assert "Did you mean sentiment?" in str(caught.value.hint)
