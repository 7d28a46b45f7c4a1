import itertools
import json
import random
import re
import string
import unicodedata
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from seqcli.data import plain_pieces, scratch_texts
from seqcli.data.config import DataConfig
from seqcli.data.scratch_texts import ScratchTexts
from seqcli.data.tokenizer import (
    BOS,
    EOS,
    PAD,
    SPECIALS,
    TOKENIZERS,
    UNK,
    Tokenizer,
    Windows,
    plain_pieces_of,
    recipe_of,
)
from seqcli.errors import DataError

proof = settings(deadline=None, max_examples=50, derandomize=True)

TEXTS = [
    "It's a don't-miss film!",
    "나는 이 영화를 정말 좋아한다.",
    "我喜欢iPhone拍的这部电影，真的。",
    "このコンピュータは好きです",
    "👩‍👩‍👧‍👦 👍🏽 🇰🇷 ❤️",
    "Größe ÉTÉ",
    "a [PAD] or [UNK] is text",
]


def _words(text: str) -> list[str]:
    tokenizer = TOKENIZERS.get("word").train([text], 10_000).tokenizer
    (ids,) = tokenizer.encode([text])
    pieces = {i: piece for piece, i in json.loads(tokenizer.save())["model"]["vocab"].items()}
    return [pieces[i] for i in ids.tolist()]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("It's a don't-miss film!!", ["it's", "a", "don't", "-", "miss", "film", "!", "!"]),
        ("'quoted' 3.5/5", ["'", "quoted", "'", "3", ".", "5", "/", "5"]),
        ("나는 영화를 좋아한다.", ["나는", "영화를", "좋아한다", "."]),
        ("我喜欢iPhone电影。", ["我", "喜", "欢", "iphone", "电", "影", "。"]),
        ("このコンピュータは好き", ["こ", "の", "コンピュータ", "は", "好", "き"]),
        ("ดีครับ", ["ดี", "ค", "รั", "บ"]),
        ("हिन्दी", ["हिन्दी"]),
        ("👩‍👩‍👧‍👦👍🏽 🇰🇷❤️", ["👩‍👩‍👧‍👦", "👍🏽", "🇰🇷", "❤️"]),
        ("e\u0301te\u0301 GRÖSSE", ["été", "grösse"]),
        ("[PAD] [UNK]", ["[", "pad", "]", "[", "unk", "]"]),
    ],
)
def test_words_are_cut_as_people_would(text: str, words: list[str]) -> None:
    assert _words(text) == words


@proof
@given(st.text(string.printable))
def test_ascii_words_are_those_of_a_regular_expression(text: str) -> None:
    expected = re.findall(r"\w+(?:'\w+)*|[^\w\s]", text.lower())
    assert _words(text) == (expected or [SPECIALS[UNK]])


@proof
@given(st.text())
@example("e\u0301 \u1112\u1161\u11ab")
def test_characters_are_code_points_after_nfc(text: str) -> None:
    normal = unicodedata.normalize("NFC", text)
    tokenizer = TOKENIZERS.get("char").train([text], 10_000).tokenizer
    (ids,) = tokenizer.encode([text])
    assert len(ids) == max(len(normal), 1)
    assert tokenizer.decode(ids) == normal


@pytest.fixture(scope="module")
def bpe() -> Tokenizer:
    return TOKENIZERS.get("bpe").train(TEXTS * 3, 400).tokenizer


@proof
@given(text=st.text())
@example(text="e\u0301 \u1112\u1161\u11ab")
def test_byte_pairs_spell_any_text_without_an_unknown(bpe: Tokenizer, text: str) -> None:
    (ids,) = bpe.encode([text])
    assert bpe.decode(ids) == unicodedata.normalize("NFC", text)
    assert UNK not in ids.tolist() or not text


@pytest.mark.parametrize("name", TOKENIZERS.names())
def test_reserved_ids_are_fixed_and_spelling_them_is_ordinary_text(name: str) -> None:
    trained = TOKENIZERS.get(name).train(TEXTS * 3, 300)
    vocabulary = json.loads(trained.tokenizer.save())["model"]["vocab"]
    assert [vocabulary[special] for special in SPECIALS] == [PAD, UNK, BOS, EOS] == [0, 1, 2, 3]
    (ids,) = trained.tokenizer.encode(["[PAD][BOS][EOS]"])
    assert not {PAD, BOS, EOS} & set(ids.tolist())


@pytest.mark.parametrize("name", TOKENIZERS.names())
def test_a_saved_tokenizer_gives_the_same_ids(name: str) -> None:
    tokenizer = TOKENIZERS.get(name).train(TEXTS, 300).tokenizer
    loaded = Tokenizer.load(tokenizer.save())
    for item, other in zip(tokenizer.encode(TEXTS), loaded.encode(TEXTS), strict=True):
        assert item.tolist() == other.tolist()
    assert loaded.vocab_size == tokenizer.vocab_size <= 300


@pytest.mark.parametrize("name", TOKENIZERS.names())
def test_the_order_of_texts_does_not_matter(name: str) -> None:
    first, other = (TOKENIZERS.get(name).train(texts, 290) for texts in (TEXTS, TEXTS[::-1]))
    assert first == other


@pytest.mark.parametrize("name", TOKENIZERS.names())
def test_a_text_without_tokens_is_one_unknown(name: str) -> None:
    tokenizer = TOKENIZERS.get(name).train(TEXTS, 300).tokenizer
    assert [ids.tolist() for ids in tokenizer.encode(["", "a", ""])][::2] == [[UNK], [UNK]]


@pytest.mark.parametrize("name", TOKENIZERS.names())
def test_half_a_surrogate_pair_is_no_crash(name: str) -> None:
    tokenizer = TOKENIZERS.get(name).train(["a ? b"], 300).tokenizer
    first, other = tokenizer.encode(["a \udc80", "a ?"])
    assert first.tolist() == other.tolist()


def test_the_most_frequent_words_are_kept_and_all_are_counted() -> None:
    texts = ["b b b a a c c d", "e a"]
    counts = Counter(" ".join(texts).split())
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    trained = TOKENIZERS.get("word").train(texts, 4 + 3)
    vocabulary = json.loads(trained.tokenizer.save())["model"]["vocab"]
    assert sorted(vocabulary, key=lambda word: vocabulary[word])[4:] == ranked[:3]
    assert trained.total == len(counts)
    (ids,) = trained.tokenizer.encode(["a d"])
    assert ids.tolist() == [4, UNK]


@pytest.mark.parametrize("text", ["", "{}", "null", '{"model": 1}', "\0"])
def test_what_is_no_tokenizer_is_a_data_error(text: str) -> None:
    with pytest.raises(DataError, match="not a tokenizer's JSON"):
        Tokenizer.load(text)


def test_a_tokenizer_with_other_reserved_ids_is_refused() -> None:
    record = json.loads(TOKENIZERS.get("word").train(["a"], 10).tokenizer.save())
    record["model"]["vocab"] = {"[UNK]": 0, "a": 1}
    with pytest.raises(DataError, match="reserved ids"):
        Tokenizer.load(json.dumps(record))


def _crafted(**parts: object) -> str:
    record = json.loads(TOKENIZERS.get("word").train(["a b"], 10).tokenizer.save())
    return json.dumps({**record, **parts})


@pytest.mark.parametrize(
    "crafted",
    [
        _crafted(padding={"strategy": {"Fixed": 10**9}, "direction": "Right", "pad_id": 0}),
        _crafted(truncation={"max_length": 0}),
        _crafted(normalizer={"type": "Replace", "pattern": {"String": "a"}, "content": "a" * 1000}),
        _crafted(normalizer={"type": "Precompiled", "precompiled_charsmap": "AAAA"}),
        _crafted(
            pre_tokenizer={
                "type": "Split",
                "pattern": {"Regex": "(a+)+$"},
                "behavior": "Isolated",
                "invert": False,
            }
        ),
        _crafted(decoder={"type": "Strip", "content": "a", "start": 2**40, "stop": 0}),
        _crafted(model={"type": "WordLevel", "vocab": {"[PAD]": 0, "a": 2**31}, "unk_token": "[UNK]"}),
        "[" * 100_000,
    ],
)
def test_a_tokenizer_that_seqcli_does_not_write_is_refused_before_the_library_sees_it(crafted: str) -> None:
    with pytest.raises(DataError, match="not a tokenizer's JSON"):
        Tokenizer.load(crafted)


def test_a_panic_of_the_library_is_a_data_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        pass

    def panic(*_: object) -> None:
        raise PanicException("called `Option::unwrap()` on a `None` value")

    monkeypatch.setattr("seqcli.data.tokenizer.check_tokenizer", panic)
    with pytest.raises(DataError, match="not a tokenizer's JSON: called"):
        Tokenizer.load("{}")


@pytest.mark.parametrize("name", ["word", "char", "bpe"])
def test_what_every_recipe_writes_is_read_back(name: str) -> None:
    saved = TOKENIZERS.get(name).train(["ab ab cd", "나는 ab"], 300).tokenizer.save()
    assert Tokenizer.load(saved).save() == saved


@pytest.mark.parametrize("name", TOKENIZERS.names())
@pytest.mark.parametrize(
    "text",
    [
        "It's  a don't-miss film!!",
        "\n나는 영화를 좋아한다. ",
        "GRÖSSE e\u0301te\u0301 👩‍👩‍👧‍👦!",
        "unheard of [PAD]",
    ],
)
def test_a_text_cut_at_some_ids_has_exactly_those_ids(name: str, text: str) -> None:
    """Of bytes, a letter that is not whole is left out; other tokens are never parts of a letter."""
    tokenizer = TOKENIZERS.get(name).train(["It's a film, GRÖSSE!"] * 3, 300).tokenizer
    text = unicodedata.normalize("NFC", text) if name == "bpe" else text
    whole = next(tokenizer.encode([text])).tolist()
    for item in range(1, len(whole) + 2):
        (cut,) = tokenizer.cut([text], item)
        ids = next(tokenizer.encode([cut])).tolist() if cut else []
        assert text.startswith(cut)
        assert ids == whole[: len(ids)]
        assert 0 <= min(item, len(whole)) - len(ids) <= (3 if name == "bpe" else 0)


MULTIBYTE = ["나는 이 영화를 정말 좋아한다.", "我喜欢猫", "ផ្ទះ", "🎉é ok 👍🏽", "a"]


@pytest.mark.parametrize("text", MULTIBYTE)
@pytest.mark.parametrize("vocab_size", [260, 300])
@pytest.mark.parametrize("name", TOKENIZERS.names())
def test_ids_are_told_as_whole_characters_however_many_ids_spell_one(name, vocab_size, text):
    tokenizer = TOKENIZERS.get(name).train(TEXTS * 3, vocab_size).tokenizer
    (ids,) = tokenizer.encode([text])
    spans = tokenizer.spans(text)
    assert sum(count for _, count in spans) == len(ids)
    assert not any("\ufffd" in piece for piece, _ in spans)
    spelt = tokenizer.spelt(ids.tolist())
    assert sum(count for _, count in spelt) == len(ids)
    assert not any("\ufffd" in piece for piece, _ in spelt)
    if name == "bpe":  # nothing is unknown, and no blank is lost
        assert "".join(piece for piece, _ in spans) == text
        assert "".join(piece for piece, _ in spelt) == text


def test_each_syllable_of_three_bytes_is_one_piece():
    tokenizer = TOKENIZERS.get("bpe").train(["a"], 260).tokenizer
    assert tokenizer.spans("나는 a") == [("나", 3), ("는", 3), (" ", 1), ("a", 1)]
    (ids,) = tokenizer.encode(["나는"])
    assert tokenizer.spelt(ids.tolist()) == [("나", 3), ("는", 3)]
    assert tokenizer.spelt([*ids.tolist()[:2], UNK, *ids.tolist()[3:]]) == [
        ("\ufffd", 1), ("\ufffd", 1), ("?", 1), ("는", 3),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "tokens"),
    [
        ("kmer:3", "ACGTN", ["acg", "cgt", "gtn"]),
        ("kmer", "ACGTN", ["acg", "cgt", "gtn"]),
        ("kmer:3:3", "ACGTNAC", ["acg", "tna", "c"]),
        ("kmer:2:4", "ACGTNACGT", ["ac", "na", "t"]),
        ("kmer:3", "AC GT\nRY", ["acg", "cgt", "gtr", "try"]),
        ("kmer:5", "ACG", ["acg"]),
    ],
)
def test_k_mers_are_every_k_letters_a_stride_apart_and_ambiguity_letters_are_kept(name, text, tokens):
    recipe = recipe_of(name)
    trained = recipe.train([text], 10_000, lowercase=recipe.lowercases)
    tokenizer = Tokenizer.load(trained.tokenizer.save())
    (ids,) = tokenizer.encode([text])
    known = {number: piece for piece, number in json.loads(tokenizer.json)["model"]["vocab"].items()}
    assert [known[number] for number in ids.tolist()] == tokens
    assert trained.total == len(set(tokens))
    assert [piece.lower() for piece in tokenizer.pieces(text)] == tokens
    (unseen,) = tokenizer.encode(["WWWWW"])
    assert (unseen == UNK).all()


@proof
@given(st.text("ACGTN", max_size=30), st.integers(1, 6), st.integers(1, 6), st.integers(1, 9))
def test_the_beginning_of_a_sequence_holds_the_k_mers_that_are_read(text, size, stride, count):
    tokenizer = recipe_of(f"kmer:{size}:{stride}").train([text + "ACGTN"], 10_000).tokenizer
    (cut,) = tokenizer.cut([text], count)
    ids, result = tokenizer.encode([text, cut])
    if text:
        assert result.tolist() == ids[:count].tolist()
        assert text.startswith(cut)


@pytest.mark.parametrize(
    "name", ["kmer:0", "kmer:3:0", "kmer:33", "kmer:a", "kmer:3:1:1", "kmer:", "bpe:259", "bpe:x", "word:3"]
)
def test_settings_that_a_tokenizer_does_not_take_are_refused(name):
    with pytest.raises(
        ValidationError, match="must be word, char, bpe, bpe:N with N ids from 260 on, kmer:K"
    ):
        DataConfig(tokenizer=name)


def test_a_size_behind_bpe_outranks_the_vocabulary_s(written, make):
    path = written("x.csv", "text,label\n" + "".join(f"a bird sang so {n},{n % 2}\n" for n in range(60)))
    prepared = make(data=path, tokenizer="bpe:270")
    assert prepared.vocab_size == 270
    assert prepared.sha256 != make(data=path, tokenizer="bpe", vocab_size=280).sha256


@pytest.mark.parametrize(
    "windows", [{"size": 0, "stride": 1}, {"size": 3}, [3, 1], {"size": 3, "stride": 99}, "3"]
)
def test_windows_that_seqcli_does_not_write_are_refused(windows):
    saved = json.loads(recipe_of("kmer:3").train(["ACGT"], 100).tokenizer.json)
    assert Tokenizer.load(json.dumps(saved)).windows == Windows(3, 1)
    with pytest.raises(DataError, match="not one of seqcli's"):
        Tokenizer.load(json.dumps({**saved, "windows": windows}))


@proof
@given(st.text(max_size=60))
@example(" a  b\n\u0301 \u0301\r\n")
def test_words_with_their_blanks_spell_the_text_again(text):
    whole = unicodedata.normalize("NFC", text)
    tokenizer = recipe_of("word").whole.train([text], 10_000).tokenizer
    (ids,) = tokenizer.encode([text])
    assert tokenizer.decode(ids.tolist()) == whole


_ALPHABETS = (
    "abcXYZ019_'’ \t\n.,!-",
    "éàüßΣσςñİıÀŉ ",
    "漢字ひらカー안녕한글ก็ม ",
    "\u0301\u0338\u200d\ufe0f😀👨👩🏽🇩🇪 ",
    "\u0600\u06dd \u00a0\u2003\u3000\x1c\x85",
    "[PAD]UNK",
)


def _odd_texts() -> list[str]:
    """All pairs of ASCII signs, and texts of letters, marks, blanks and signs that join each other."""
    draw = random.Random(1)
    pairs = ["".join(pair) for pair in itertools.product(map(chr, range(128)), repeat=2)]
    return pairs + ["".join(draw.choice(draw.choice(_ALPHABETS)) for _ in range(9)) for _ in range(4000)]


@pytest.mark.parametrize("lowercase", [True, False])
@pytest.mark.parametrize("name", ["word", "char"])
def test_plain_pieces_are_those_of_the_library_and_so_are_the_vocabulary_and_its_ids(
    name: str, lowercase: bool, monkeypatch: pytest.MonkeyPatch
):
    texts = _odd_texts()
    quick = recipe_of(name).train(texts, 500, lowercase=lowercase)
    monkeypatch.setattr(plain_pieces, "COUNTED_AT_ONCE", 700)  # what is counted goes to disk and comes back
    spilled = recipe_of(name).train(texts, 500, lowercase=lowercase)
    monkeypatch.setattr(plain_pieces.PlainPieces, "of", lambda *_: None)
    by_library = recipe_of(name).train(texts, 500, lowercase=lowercase)

    assert quick == spilled == by_library
    slow_ids = [ids.tolist() for ids in Tokenizer(by_library.tokenizer.json).encode(texts)]
    monkeypatch.undo()
    assert [ids.tolist() for ids in Tokenizer(quick.tokenizer.json).encode(texts)] == slow_ids


@pytest.mark.parametrize("lowercase", [True, False])
@pytest.mark.parametrize("name", ["word", "char"])
def test_pieces_that_are_numbered_while_texts_are_read_give_the_same_vocabulary_and_ids(
    name: str, lowercase: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setattr(scratch_texts, "NUMBERED_AT_ONCE", 50)  # numbers are forgotten and given anew
    monkeypatch.setattr(scratch_texts, "NUMBERED_FOR_GOOD", 9)
    monkeypatch.setattr(scratch_texts, "BYTES_AT_ONCE", 1000)
    texts = ["", " ", "\u3000", "A\x1cb  C\x85d", *_odd_texts()[::9]]
    numbered = ScratchTexts(tmp_path, plain_pieces_of(recipe_of(name), lowercase=lowercase))
    for text in texts:
        as_read = numbered.append(text)
        assert as_read in (None, recipe_of(name).normalised(text, lowercase=lowercase).encode())
    order = np.random.default_rng(0).permutation(len(texts))
    picked = numbered.done().picked(order)
    trained = recipe_of(name).train(picked, 500, lowercase=lowercase)
    blocks = list(trained.tokenizer.encode_blocks(picked))

    assert list(picked) == [texts[place] for place in order]
    assert list(tmp_path.iterdir()) == []  # nothing is left behind
    assert trained == recipe_of(name).train(texts, 500, lowercase=lowercase)
    assert len(blocks) > 1
    plain = list(trained.tokenizer.encode(list(picked)))
    assert np.concatenate([ids for ids, _ in blocks]).tolist() == np.concatenate(plain).tolist()
    assert np.concatenate([lengths for _, lengths in blocks]).tolist() == list(map(len, plain))
