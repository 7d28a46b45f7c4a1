"""One text as a stream: its parts, its stretches, what they hold, and what is no such text."""

import gzip
import itertools
import math
import unicodedata
from collections import Counter

import numpy as np
import pytest

from seqcli.data import encoded_stream
from seqcli.data.batches import going_on, scoring_order, subset_of, training_order
from seqcli.data.config import DataConfig
from seqcli.data.encoded_steps import NO_ANSWER
from seqcli.data.encoded_stream import UNKNOWN_BITS, EncodedStream, StreamWriter, Stretches, side_by_side
from seqcli.data.kind import KINDS, own_kind
from seqcli.data.prepared import SPLITS, prepare
from seqcli.data.task import TASKS, choose_task
from seqcli.data.tokenizer import BOS, UNK, Tokenizer
from seqcli.data.tokenizer_spelling import Spelling
from seqcli.errors import DataError, UsageError

KIND = KINDS.get("generate")
BOOK = "".join(f"Line {n}: the cat sat on mat {n % 7}, and so on.\n" for n in range(60))
KOREAN = "나는 구글에서 일한다. 🙂 Cafe\u0301 straße\n" * 40


@pytest.fixture
def text(make, written):
    def prepared(content, **options):
        path = written("book.txt", content)
        return make(data=path, **{"kind": "generate", "tokenizer": "char", "bptt": 20, **options})

    return prepared


def spelt(prepared, split):
    return Tokenizer.load(prepared.tokenizer.json).decode(prepared.splits[split].ids.tolist())


@pytest.mark.parametrize(
    ("tokenizer", "size"), [("char", 300), ("bpe", 280), ("bpe", 400), ("bpe:280", 10_000)]
)
@pytest.mark.parametrize("content", [BOOK, KOREAN])
def test_the_parts_one_after_the_other_are_the_text(text, content, tokenizer, size):
    whole = unicodedata.normalize("NFC", content)
    prepared = text(content, tokenizer=tokenizer, vocab_size=size)
    held = len(whole) // 10
    ends = {"train": len(whole) - 2 * held, "valid": len(whole) - held, "test": len(whole)}
    start = 0
    for name in SPLITS:
        part = whole[start : ends[name]]
        split = prepared.splits[name]
        assert spelt(prepared, name) == part
        assert split.characters.sum() == len(part)
        assert split.words.sum() == len(part.split())
        assert split.lengths.sum() == len(split.ids)
        start = ends[name]


def test_every_stretch_counts_what_it_holds(text):
    split = text("ab cd\n" * 200).splits["valid"]  # stretches of 100 characters
    part = ("ab cd\n" * 200)[960:1080]
    assert [split.counted(0), split.counted(1)] == [
        {"characters": 100, "words": len(part[:100].split()), "tokens": 100, "unknown": 0},
        {"characters": 20, "words": 6, "tokens": 20, "unknown": 0},  # its first word began before
    ]


def test_counts_of_a_text_written_in_pieces_are_those_of_the_whole_text(tmp_path, monkeypatch):
    monkeypatch.setattr(encoded_stream, "IDS_AT_ONCE", 20)  # unknown tokens are counted in blocks
    draw, steps = np.random.default_rng(3), 7
    ids, ends = draw.integers(0, 9, 200), draw.integers(0, 3, 200)
    bits = draw.random(200)
    writer = StreamWriter(tmp_path, "test", steps)
    begin = 0
    for size in (3, 4, 1, 30, 7, 7, 100, 48):
        piece = slice(begin, begin + size)
        writer.append(
            ids[piece], {"characters": ends[piece], "words": ends[piece] > 1, "spelling": bits[piece]}
        )
        begin += size
    writer.close()
    starts = np.arange(0, 200, steps)

    def read(name):
        return np.load(tmp_path / f"test.{name}.npy")

    assert read("ids").tolist() == ids.tolist()
    assert read("characters").tolist() == np.add.reduceat(ends, starts).tolist()
    assert read("words").tolist() == np.add.reduceat(ends > 1, starts, dtype=np.int64).tolist()
    assert np.allclose(read("spelling"), np.add.reduceat(bits, starts), rtol=1e-15)
    stream = EncodedStream(read("ids"), steps, read("characters"), read("words"), 9)
    assert stream.unknown.tolist() == np.add.reduceat(ids == UNK, starts, dtype=np.int64).tolist()


def test_each_step_reads_the_token_before_the_one_it_is_to_tell(text):
    split = text(BOOK).splits["train"]
    inputs, lengths, targets = split.rows(np.arange(len(split)))
    read = np.concatenate([row[:n] for row, n in zip(inputs, lengths, strict=True)])
    result = np.concatenate([row[:n] for row, n in zip(targets, lengths, strict=True)])
    assert result.tolist() == split.ids.tolist()
    assert read.tolist() == [BOS, *split.ids[:-1].tolist()]
    assert set(targets[-1, lengths[-1] :].tolist()) <= {NO_ANSWER}


def test_the_vocabulary_is_that_of_the_first_part_alone(text):
    prepared = text(BOOK + "ω" * 280)
    assert (prepared.splits["test"].ids == UNK).all()
    assert UNK not in prepared.splits["train"].ids
    assert prepared.splits["test"].unknown.sum() == len(prepared.splits["test"].ids)
    assert prepared.facts.stream.unknown == len(prepared.splits["test"].ids)


def test_an_unknown_character_costs_the_choice_among_all_of_unicode_beside_its_own_bits():
    row = {"characters": 4, "words": 1, "tokens": 4, "unknown": 1, "bits": 8.0}
    assert KIND.metric.value([row]) == pytest.approx((8 + np.log2(1_112_064)) / 4)
    assert pytest.approx(20.0847, abs=1e-3) == UNKNOWN_BITS
    known = {**row, "unknown": 0}
    perplexity = KIND.scored_by("word_perplexity")
    assert perplexity.value([known, known]) == pytest.approx(2**8)
    label = {"label": {name: known[name] for name in ("characters", "words", "unknown")}, "predicted": 8.0}
    assert KIND.metric.value([label]) == KIND.metric.value([known]) == 2.0


@pytest.mark.parametrize("streams", [1, 3, 7, 99])
def test_streams_hold_every_stretch_once_and_in_order(streams):
    batches = side_by_side(np.arange(17), streams)
    assert sorted(np.concatenate(batches).tolist()) == list(range(17))
    sizes = [len(batch) for batch in batches]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == min(streams, 17)
    for before, now in itertools.pairwise(batches):
        assert (now == before[: len(now)] + 1).all()


def test_training_goes_on_in_every_row_and_scoring_reads_the_part_once(text):
    split = text(BOOK).splits["train"]
    order = training_order(split, batch_size=4, seed=3, epoch=2)
    assert [len(batch) for batch in order[:1]] == [4]
    assert not going_on(split, None, order[0]).any()
    assert all(going_on(split, *two).all() for two in itertools.pairwise(order))
    read = scoring_order(split, 256)
    assert sorted(np.concatenate(read).tolist()) == list(range(len(split)))
    assert all(going_on(split, *two).all() for two in itertools.pairwise(read))


def test_a_part_of_the_stretches_starts_anew_where_their_neighbours_are_left_out(text):
    split = text(BOOK).splits["train"]
    part = subset_of(split, 0.5, seed=0)
    order = training_order(part, batch_size=1, seed=0, epoch=1)
    follows = [bool(going_on(part, *two)[0]) for two in itertools.pairwise(order)]
    places = part.indices.tolist()
    assert follows == [now == before + 1 for before, now in itertools.pairwise(places)]
    assert set(follows) == {True, False}


def test_methods_without_recurrence_see_the_tokens_before_a_stretch(text):
    split = text(BOOK).splits["train"]
    stretches = Stretches(split)
    assert stretches[0].before.tolist() == [BOS] * 4
    assert stretches[3].before.tolist() == split.ids[56:60].tolist()
    assert np.concatenate([stretch.ids for stretch in stretches]).tolist() == split.ids.tolist()


def test_ready_made_parts_stay_as_they_are(make, written):
    places = {name: written(f"{name}.txt", BOOK[:n]) for name, n in zip(SPLITS, (900, 300, 400), strict=True)}
    prepared = make(**places, tokenizer="char", bptt=20)
    assert prepared.kind == "generate"
    assert [spelt(prepared, name) for name in SPLITS] == [BOOK[:900], BOOK[:300], BOOK[:400]]
    cut = make(train=places["train"], test=places["test"], tokenizer="char", bptt=20)
    assert [spelt(cut, name) for name in SPLITS] == [BOOK[:810], BOOK[810:900], BOOK[:400]]


def test_lines_of_windows_are_lines(text):
    result, other = text(BOOK), text(BOOK.replace("\n", "\r\n"))
    assert (result.splits["train"].ids == other.splits["train"].ids).all()


def test_a_long_line_is_read_in_pieces(text):
    prepared = text("abc d" * 40_000)
    assert spelt(prepared, "train") == "abc d" * 32_000
    assert prepared.splits["train"].words.sum() == 32_001


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"data": "x.txt"}, "generate"),
        ({"data": "x.csv", "kind": "generate"}, "generate"),
        ({"data": "en.txt::de.txt"}, "translate"),
        ({"data": "x.txt", "kind": "classify"}, "classify"),
    ],
)
def test_a_plain_text_is_one_to_continue(settings, expected):
    assert own_kind(DataConfig(**settings)) == expected


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "is empty"),
        (" \n\n", "only blanks"),
        ("abc", "3 characters are too few for train"),
        ("abc d" * 4, "16 characters are too few for train"),
        ("a\0b" * 99, "is a NUL"),
    ],
)
def test_what_is_no_text_to_learn_from_is_refused(text, content, told):
    with pytest.raises(DataError, match=told):
        text(content)


def test_pieces_too_few_for_back_propagation_are_refused(text):
    with pytest.raises(DataError, match="the 100 steps of --bptt"):
        text("the cat sat on the mat " * 20, tokenizer="bpe", bptt=100, vocab_size=300)


def test_bytes_that_are_no_utf_8_are_told_by_their_line(make, tmp_path):
    path = tmp_path / "book.txt"
    path.write_bytes(b"good line\nbad \xff line\n" * 50)
    with pytest.raises(DataError, match=r"line 2, byte 5 \(0xff\) is not utf-8"):
        make(data=str(path), tokenizer="char")
    with pytest.raises(DataError, match="no such file"):
        make(data=str(tmp_path / "books.txt"), tokenizer="char")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"tokenizer": "kmer:3"}, "--tokenizer kmer:3 does not spell a text again"),
        ({"max_len": 9}, "--max-len does not apply"),
        ({"lowercase": True}, "--lowercase does not apply"),
        ({"text_column": "a"}, "--text-column does not apply"),
        ({"metric": "BLEU"}, "unknown metric"),
    ],
)
def test_options_that_do_not_apply_to_a_text_are_refused(text, options, told):
    with pytest.raises(UsageError, match=told):
        text(BOOK, **options)


def test_a_text_without_blanks_has_no_perplexity_per_word(text):
    with pytest.raises(UsageError, match="--metric word_perplexity needs words with blanks between"):
        text("acgt" * 500, metric="word_perplexity")
    row = {"characters": 500, "words": 0, "tokens": 500, "unknown": 0, "bits": 1000.0}
    perplexity = KIND.scored_by("word_perplexity")
    assert perplexity.value([row, row]) >= perplexity.told_up_to
    assert text(BOOK, metric="word_perplexity").metric == "word_perplexity"


def test_bptt_does_not_apply_to_other_kinds():
    with pytest.raises(UsageError, match="--bptt does not apply to --task sentiment"):
        choose_task("sentiment", DataConfig(bptt=5))


def test_the_built_in_text_is_python_s_own_help(cache):
    from pydoc_data.topics import topics

    prepared = prepare(TASKS.get("lm"), DataConfig(tokenizer="char"), cache)
    whole = "\n".join(text for _, text in sorted(topics.items()))
    assert "".join(spelt(prepared, name) for name in SPLITS[:2]) == whole[: len(whole) - len(whole) // 10]
    assert isinstance(prepared.splits["test"], EncodedStream)
    assert prepared.splits["test"].characters.sum() == len(whole) // 10


def test_words_keep_their_blanks_and_unknown_ones_are_spelt(text):
    """Ten words are known; the others cost the bits of their letters and their end, as training has them."""
    prepared = text(BOOK, tokenizer="word", vocab_size=14)
    train, test = (prepared.splits[name] for name in ("train", "test"))
    held = len(BOOK) // 10
    letters = Counter(BOOK[: len(BOOK) - 2 * held])
    total, different = letters.total() + len(train.ids), len(letters) + 1

    def bits(sign, count):
        return -math.log2((count + different / 1_112_064) / (total + different))

    pieces = Tokenizer.load(prepared.tokenizer.json).pieces(BOOK[-held:])
    unknown = [piece for piece, number in zip(pieces, test.ids, strict=True) if number == UNK]
    assert "".join(pieces) == BOOK[-held:]
    assert " cat" in pieces
    assert unknown
    assert len(set(test.ids.tolist())) <= 11
    expected = sum(
        sum(bits(sign, letters[sign]) for sign in word) + bits("", len(train.ids)) for word in unknown
    )
    assert test.spelling.sum() == pytest.approx(expected)
    assert prepared.facts.stream.spelling == pytest.approx(expected)
    row = {**test.counted(0), "bits": 10.0}
    assert KIND.metric.value([row]) == pytest.approx((10 + test.spelling[0]) / row["characters"])


def test_a_probability_of_every_word_and_its_end_is_never_above_one():
    spelling = Spelling.of(["abba", "c"], words=40)
    words = ["".join(signs) for n in range(7) for signs in itertools.product("abcd", repeat=n)]
    assert 0.9 < sum(2 ** -spelling.bits(word) for word in words) < 1


def test_a_folder_of_texts_is_one_text_in_the_order_of_paths(make, tmp_path):
    folder = tmp_path / "books"
    (folder / "more").mkdir(parents=True)
    (folder / "b.txt").write_text(BOOK)
    (folder / "more" / "c.md").write_text("the cat sat\n" * 20)
    (folder / "picture.png").write_bytes(b"\x89PNG")
    (folder / ".hidden.txt").write_text("no")
    with gzip.open(folder / "a.txt.gz", "wt") as file:
        file.write("the mat" + "\n" + "and so on")
    prepared = make(data=str(folder), kind="generate", tokenizer="char", bptt=20)
    whole = "the mat\nand so on\n" + BOOK + "the cat sat\n" * 20
    assert "".join(spelt(prepared, name) for name in SPLITS) == whole
    assert any("3 texts, one after the other" in line for line in prepared.facts.warnings)
    assert any("1 other file left aside" in line for line in prepared.facts.warnings)
    (folder / "b.txt").rename(folder / "bb.txt")
    assert make(data=str(folder), kind="generate", tokenizer="char", bptt=20).sha256 == prepared.sha256


def test_a_folder_that_holds_texts_alone_is_one_to_continue(tmp_path):
    (tmp_path / "a.txt").write_text(BOOK)
    assert own_kind(DataConfig(data=str(tmp_path))) == "generate"
    (tmp_path / "pos").mkdir()
    assert own_kind(DataConfig(data=str(tmp_path))) != "generate"


def test_a_folder_without_texts_is_refused(make, tmp_path):
    (tmp_path / "x.png").write_bytes(b"x")
    with pytest.raises(DataError, match="holds no plain text"):
        make(data=str(tmp_path), kind="generate", tokenizer="char")
