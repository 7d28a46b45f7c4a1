"""Pairs under other settings: words of the training split alone, a folder of their own, no idle warning."""

import numpy as np
import pytest

from seqcli.data import data_words, pair_scores
from seqcli.data.pair_tokenizer import PairTokenizer
from seqcli.data.tokenizer import EOS, TOKENIZERS, UNK
from seqcli.errors import UsageError

WORDS = ["haus", "baum", "hund", "katze", "maus", "rot", "blau", "groß", "klein", "alt"]
ENGLISH = ["house", "tree", "dog", "cat", "mouse", "red", "blue", "big", "small", "old"]


def some(count):
    draws = np.random.default_rng(0).integers(0, 10, (count, 9)).tolist()
    rows = [row[: 1 + i % 9] for i, row in enumerate(draws)]
    return [(" ".join(WORDS[w] for w in row), " ".join(ENGLISH[w] for w in row)) for row in rows]


def tsv(rows):
    return "".join("\t".join(row) + "\n" for row in [("de", "en"), *rows])


def test_pairs_that_are_split_here_share_no_source_and_nobody_is_warned_of_it(written, make):
    pairs = make(data=written("pairs.tsv", tsv(some(200))), source_column="de", target_column="en")
    assert not any("also occur in train" in text for text in pairs.facts.warnings)


@pytest.mark.parametrize("vocabulary", ["joint", "separate"])
def test_both_sides_words_are_those_of_the_training_split_alone(written, make, vocabulary):
    rows = {"train": some(60), "valid": [("fremd eins", "foreign one")], "test": [("neu zwei", "new two")]}
    prepared = make(
        **{split: written(f"{split}.tsv", tsv(pairs)) for split, pairs in rows.items()},
        source_column="de", target_column="en", tokenizer="word", vocabulary=vocabulary,
    )  # fmt: skip
    for split in ("valid", "test"):
        inputs, _, targets = prepared.splits[split].rows(np.arange(1))
        assert (inputs.tolist(), targets.tolist()) == ([[UNK, UNK]], [[UNK, UNK, EOS]])
    sides = [{word for pair in rows["train"] for word in pair[side].split()} for side in (0, 1)]
    known = len(sides[0] | sides[1]) if vocabulary == "joint" else len(sides[0])
    assert prepared.vocab_size == 4 + known


@pytest.mark.parametrize(
    ("setting", "read"),
    [
        ({"metric": "chrF"}, lambda prepared: prepared.metric),
        ({"vocabulary": "separate"}, lambda prepared: prepared.tokenizer.shared),
        ({"max_len": 4}, lambda prepared: prepared.max_len),
        ({"vocab_size": 9}, lambda prepared: prepared.vocab_size),
        ({"tokenizer": "char"}, lambda prepared: prepared.tokenizer.name),
        ({"bleu_tokenize": "char"}, lambda prepared: prepared.bleu_tokenize),
        ({"lowercase": True}, lambda prepared: prepared.tokenizer.json),
        ({"split_seed": 1}, lambda prepared: list(prepared.texts("test"))),
    ],
)
def test_pairs_prepared_otherwise_are_not_taken_from_the_cache(written, make, setting, read):
    path = written("pairs.tsv", tsv(some(60)))
    plain = {"data": path, "source_column": "de", "target_column": "en", "tokenizer": "word"}
    first, other, again = make(**plain), make(**{**plain, **setting}), make(**plain)
    assert read(first) != read(other)
    assert read(first) == read(again)
    assert len({first.folder, other.folder, again.folder}) == 2


def written_back(prepared):
    """The test split's references as the prepared ids spell them."""
    split = prepared.splits["test"]
    _, _, targets = split.rows(np.arange(len(split)))
    return list(split.written(targets))


@pytest.mark.parametrize("name", [name for name in TOKENIZERS.names() if name != "kmer"])  # it writes no text
def test_targets_keep_their_case_unless_lower_case_is_asked_for(written, make, name):
    rows = [(source, target.title()) for source, target in some(60)]
    plain = {"data": written("p.tsv", tsv(rows)), "source_column": "de", "target_column": "en"}
    result = make(**plain, tokenizer=name)
    assert written_back(result) == list(result.splits["test"].references)
    lowered = make(**plain, tokenizer=name, lowercase=True)
    assert written_back(lowered) == [text.lower() for text in lowered.splits["test"].references]
    assert result.sha256 != lowered.sha256


def test_a_vocabulary_of_lower_case_words_saved_by_an_earlier_version_reads_as_it_did():
    """A tokenizer.json says itself whether it lower-cases."""
    saved, _ = PairTokenizer.train(
        "word", (lambda: ["Ein Haus"], lambda: ["A House"]), vocab_size=50, joint=True, lowercase=True
    )
    loaded = PairTokenizer.load(saved.save("word"))
    (ids,) = loaded.target.encode(["A HOUSE"])
    assert loaded.write(ids.tolist()) == "a house"


def test_target_words_that_no_translation_can_hold_are_told_and_many_of_them_always(written, make):
    known, many = some(200), [(source, f"{target} name{i}") for i, (source, target) in enumerate(some(200))]
    plain = {"source_column": "de", "target_column": "en", "tokenizer": "word"}
    whole = make(data=written("known.tsv", tsv(known)), **plain).facts
    assert data_words.targets_sentence(whole) is None
    facts = make(data=written("many.tsv", tsv(many)), vocabulary="separate", **plain).facts
    words = [target.split() for _, target in many]
    share = facts.unknown_targets["test"]
    assert share == pytest.approx(len(words) / sum(map(len, words)), rel=0.5)
    text = f"0.0 % of the train and {100 * share:.1f} % of the test targets' words are unknown"
    assert any(
        caution.startswith(text) and "--tokenizer bpe" in caution for caution in data_words.cautions(facts)
    )
    few = [*known, *(("haus", f"house{i}") for i in range(3))]
    some_unknown = make(data=written("few.tsv", tsv(few)), vocab_size=25, **plain).facts
    assert data_words.targets_sentence(some_unknown) is not None
    assert data_words.targets_sentence(some_unknown) not in data_words.cautions(some_unknown)


def test_bleu_goes_by_the_training_targets_script_unless_told_otherwise(written, make):
    chinese = [(source, "我喜欢" + target[:1] * 2) for source, target in some(60)]
    plain = {"data": written("p.tsv", tsv(chinese)), "source_column": "de", "target_column": "en"}
    prepared = make(**plain)
    assert prepared.bleu_tokenize == "zh"
    assert "tok:zh" in prepared.splits["test"].signature
    forced = make(**plain, bleu_tokenize="13a")
    assert "tok:13a" in forced.splits["test"].signature
    assert any("takes whole lines for words" in caution for caution in data_words.cautions(forced.facts))
    assert forced.sha256 != prepared.sha256


def test_a_way_to_find_words_that_is_not_installed_is_refused_with_the_command_that_installs_it(
    written, make, monkeypatch
):
    monkeypatch.setattr(pair_scores, "find_spec", lambda _: None)
    plain = {"data": written("p.tsv", tsv(some(60))), "source_column": "de", "target_column": "en"}
    for name, install in (
        ("ja-mecab", "sacrebleu[ja]"),
        ("ko-mecab", "sacrebleu[ko]"),
        ("spm", "sentencepiece"),
    ):
        with pytest.raises(UsageError) as refused:
            make(**plain, bleu_tokenize=name)
        assert install in refused.value.hint


def test_a_way_to_find_words_says_nothing_to_another_metric(written, make):
    plain = {"data": written("p.tsv", tsv(some(60))), "source_column": "de", "target_column": "en"}
    with pytest.raises(UsageError, match="--bleu-tokenize does not apply to chrF"):
        make(**plain, metric="chrF", bleu_tokenize="zh")
