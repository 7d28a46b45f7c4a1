"""Texts as far as a network reads them: cut by their words, however they are asked for."""

from seqcli.data import cut_texts
from seqcli.data.sequences import LazySequence

MOST = 4
TEXTS = [" ".join(f"word{n}x{place}" for place in range(1 + n % 7)) for n in range(40)]


def test_texts_are_cut_where_their_ids_end_by_place_by_slice_and_in_turn(written, make, monkeypatch):
    rows = "".join(f"{text},{('yes', 'no')[n % 2]}\n" for n, text in enumerate(TEXTS))
    prepared = make(data=written("x.csv", "text,label\n" + rows), max_len=MOST)
    monkeypatch.setattr(cut_texts, "CUT_AT_ONCE", 3)
    cut = prepared.cut_texts("train")
    expected = [" ".join(text.split()[:MOST]) for text in prepared.texts("train")]

    assert any(len(text.split()) > MOST for text in prepared.texts("train"))
    assert (list(cut), cut[:], [cut[place] for place in range(len(cut))]) == (expected, expected, expected)
    assert (cut[-1], cut[5:9:2]) == (expected[-1], expected[5:9:2])


def test_few_texts_are_read_ahead_of_the_one_that_is_asked_for(written, make, monkeypatch):
    rows = "".join(f"{text},{('yes', 'no')[n % 2]}\n" for n, text in enumerate(TEXTS))
    prepared = make(data=written("x.csv", "text,label\n" + rows), max_len=MOST)
    monkeypatch.setattr(cut_texts, "CUT_AT_ONCE", 3)
    read = []

    class Watched(LazySequence[str]):
        def __len__(self):
            return len(prepared.texts("train"))

        def _at(self, place):
            read.append(place)
            return prepared.texts("train")[place]

    whole = prepared.cut_texts("train")
    going = iter(cut_texts.CutTexts(Watched(), whole.lengths, whole.tokenizer, whole.max_len))
    for count in range(1, 8):
        next(going)
        assert len(read) <= count + 2
