from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqcli.data import arrays
from seqcli.data.arrays import ArrayWriter, StoredTexts, TextWriter, read_array
from seqcli.data.encoded import EncodedTexts, WholeTexts
from seqcli.data.tokenizer import TOKENIZERS, UNK

proof = settings(deadline=None, max_examples=50, derandomize=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("arrays")


@proof
@given(pieces=st.lists(st.lists(st.integers(-(2**31), 2**31 - 1)), max_size=20))
def test_an_array_written_in_pieces_is_read_back_whole(folder: Path, pieces: list[list[int]]) -> None:
    path = folder / "x.npy"
    with ArrayWriter(path, np.int32) as writer:
        for piece in pieces:
            writer.append(np.array(piece, np.int32))
    for mapped in (True, False):
        assert read_array(path, np.int32, mapped=mapped).tolist() == [i for piece in pieces for i in piece]
    assert np.load(path).dtype == np.int32


def test_an_array_of_another_type_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.zeros(3))
    with pytest.raises(ValueError, match="holds float64"):
        read_array(tmp_path / "x.npy", np.int32, mapped=True)
    np.save(tmp_path / "y.npy", np.array([{}], object))
    with pytest.raises(ValueError, match="allow_pickle=False"):
        read_array(tmp_path / "y.npy", np.int32, mapped=False)


TEXTS = ["", "film", "나는 좋아한다", "👩‍👩‍👧‍👦", "\0\n\x1b[31m", "a" * 10_000]


def test_texts_on_disk_are_a_sequence(tmp_path: Path) -> None:
    with TextWriter(tmp_path, "train") as writer:
        for text in TEXTS:
            writer.append(text)
    stored = StoredTexts(tmp_path, "train")
    assert list(stored) == TEXTS
    assert stored[-1] == TEXTS[-1]
    assert stored[1:3] == TEXTS[1:3]
    assert list(stored.picked(np.array([3, 1]))) == [TEXTS[3], TEXTS[1]]
    with pytest.raises(IndexError):
        stored[len(TEXTS)]


def test_no_text_but_empty_ones_can_be_stored(tmp_path: Path) -> None:
    with TextWriter(tmp_path, "x") as writer:
        writer.append("")
    assert list(StoredTexts(tmp_path, "x")) == [""]


@pytest.fixture
def encoded(tmp_path: Path) -> EncodedTexts:
    texts = ["a b c d e", "", "a", "b zebra"]
    tokenizer = TOKENIZERS.get("word").train(["a b c d e", "a b"], 100).tokenizer
    whole = WholeTexts.encode(texts, tokenizer, tmp_path / "whole.npy")
    assert whole.lengths.tolist() == [5, 1, 1, 2]
    whole.write(tmp_path, "train", targets=np.array([1, 0, 2, 1]), max_len=3)
    return EncodedTexts.open(tmp_path, "train")


def test_rows_are_cut_padded_and_in_the_order_asked_for(encoded: EncodedTexts) -> None:
    assert encoded.lengths.tolist() == [3, 1, 1, 2]
    inputs, lengths, targets = encoded.rows(np.array([3, 0, 1]))
    assert inputs.tolist() == [[5, UNK, 0], [4, 5, 6], [UNK, 0, 0]]
    assert inputs.dtype == lengths.dtype == targets.dtype == np.int64
    assert lengths.tolist() == [2, 3, 1]
    assert targets.tolist() == [1, 1, 0]
    assert encoded.rows(np.array([2])).inputs.tolist() == [[4]]
    assert len(encoded) == 4


def test_rows_are_fresh_arrays_that_torch_may_write_to(encoded: EncodedTexts) -> None:
    assert all(array.flags.writeable and array.base is None for array in encoded.rows(np.array([0, 1])))


def test_ids_that_nobody_may_write_to_are_read_where_they_are_few(encoded: EncodedTexts) -> None:
    assert isinstance(encoded.ids.base, bytes)
    assert not encoded.ids.flags.writeable


@pytest.mark.parametrize("in_memory", [1 << 26, 10], ids=["small", "large"])
@pytest.mark.parametrize("change", ["emptied", "rewritten", "removed"])
def test_what_becomes_of_a_file_after_it_was_opened_changes_nothing(
    encoded: EncodedTexts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_memory: int, change: str
) -> None:
    """A mapping of the file itself would end this process with SIGBUS, or read the other values."""
    monkeypatch.setattr(arrays, "IN_MEMORY", in_memory)
    path = tmp_path / "train.ids.npy"
    before = encoded.ids.tolist()
    opened = EncodedTexts.open(tmp_path, "train")
    assert isinstance(opened.ids.base, bytes) == (in_memory > 10)
    if change == "removed":
        path.unlink()
    else:
        with path.open("r+b") as file:
            size = file.seek(0, 2)
            file.seek(0)
            file.truncate(0 if change == "emptied" else size)
            file.write(b"" if change == "emptied" else b"\x07" * size)
    assert opened.ids.tolist() == before


def test_a_large_array_leaves_no_file_behind(
    encoded: EncodedTexts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrays, "IN_MEMORY", 10)
    monkeypatch.setattr(arrays.tempfile, "tempdir", str(tmp_path))
    names = sorted(tmp_path.iterdir())
    opened = EncodedTexts.open(tmp_path, "train")
    assert sorted(tmp_path.iterdir()) == names
    assert len(opened.ids)


def test_an_array_that_is_cut_is_refused(encoded: EncodedTexts, tmp_path: Path) -> None:
    path = tmp_path / "train.ids.npy"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ValueError, match="as its header says"):
        EncodedTexts.open(tmp_path, "train")
    assert len(encoded)


def test_unknown_tokens_are_counted(encoded: EncodedTexts) -> None:
    assert encoded.unknown_share() == pytest.approx(2 / 7)


def test_files_that_do_not_fit_together_are_refused(encoded: EncodedTexts, tmp_path: Path) -> None:
    np.save(tmp_path / "train.targets.npy", np.zeros(3, np.int64))
    with pytest.raises(ValueError, match="do not fit together"):
        EncodedTexts.open(tmp_path, "train")


def test_texts_can_be_encoded_in_memory_for_prediction() -> None:
    encoded = EncodedTexts.of([np.array([4, 5, 6], np.int32), np.array([1], np.int32)], max_len=2)
    assert encoded.rows(np.arange(2)).inputs.tolist() == [[4, 5], [1, 0]]
    assert EncodedTexts.of([], max_len=2).rows(np.arange(0)).inputs.shape == (0, 0)
