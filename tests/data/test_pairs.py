"""Pairs: read, cleaned, divided source by source, batched by tokens, scored as sacrebleu scores."""

import json
import subprocess
import sys

import numpy as np
import pytest
from sacrebleu.metrics.bleu import BLEU

from seqcli.data import pair_task
from seqcli.data.config import DataConfig
from seqcli.data.encoded_pairs import EncodedPairs
from seqcli.data.pair_scores import bleu_tokenizer, corpus_score, from_statistics, statistics
from seqcli.data.pair_tokenizer import PairTokenizer, closed_up
from seqcli.data.prepared import prepare
from seqcli.data.task import choose_task
from seqcli.data.tokenizer import EOS, PAD
from seqcli.errors import DataError

WORDS = ["haus", "baum", "hund", "katze", "maus", "rot", "blau", "groß", "klein", "alt"]
ENGLISH = ["house", "tree", "dog", "cat", "mouse", "red", "blue", "big", "small", "old"]


def some(count, seed=0):
    draws = np.random.default_rng(seed).integers(0, 10, (count, 9)).tolist()
    rows = [row[: 1 + i % 9] for i, row in enumerate(draws)]
    return [(" ".join(WORDS[w] for w in row), " ".join(ENGLISH[w] for w in row)) for row in rows]


def tsv(rows, header=("de", "en")):
    return "".join("\t".join(row) + "\n" for row in [header, *rows])


@pytest.fixture
def pairs(written, make):
    path = written("pairs.tsv", tsv(some(200)))
    return make(data=path, source_column="de", target_column="en", tokenizer="word")


def test_no_source_is_in_two_splits_and_no_pair_is_lost(pairs):
    sources = [set(pairs.texts(split)) for split in ("train", "valid", "test")]
    assert not (sources[0] & sources[1])
    assert not (sources[0] & sources[2])
    assert not (sources[1] & sources[2])
    read = {
        (a, b) for s in pairs.splits for a, b in zip(pairs.texts(s), pairs.splits[s].references, strict=True)
    }
    assert read == set(some(200))
    assert pairs.facts.duplicates == 200 - len(set(some(200)))


def test_translations_of_one_source_stay_together(written, make):
    rows = [(f"haus {i}", f"{word} {i}") for i in range(60) for word in ("house", "home", "building")]
    prepared = make(data=written("p.tsv", tsv(rows)), source_column="de", target_column="en")
    sources = [set(prepared.texts(split)) for split in prepared.splits]
    assert sum(map(len, sources)) == 60
    assert sum(len(split) for split in prepared.splits.values()) == 180


def test_rows_hold_sources_and_targets_with_their_end(pairs):
    split = pairs.splits["test"]
    ids, lengths, targets = split.rows(np.arange(len(split)))
    tokenizer = split.tokenizer
    for row, length, target, source, reference in zip(
        ids, lengths, targets, pairs.texts("test"), split.references, strict=True
    ):
        assert tokenizer.source.decode(row[:length].tolist()) == source
        assert not row[length:].any()
        end = target.tolist().index(EOS)
        assert tokenizer.write(target.tolist()) == reference
        assert (target[end + 1 :] == PAD).all()


def test_every_pair_is_in_one_batch_and_no_batch_exceeds_its_tokens(pairs):
    split = pairs.splits["train"]
    batches = split.batches(batch_size=8, seed=3, epoch=2)
    assert sorted(np.concatenate(batches).tolist()) == list(range(len(split)))
    budget = 8 * (split.lengths.mean() + split.targets.mean()) + 1
    for batch in batches:
        width = split.lengths[batch].max() + split.targets[batch].max()
        assert len(batch) == 1 or len(batch) * width <= budget
    again = split.batches(batch_size=8, seed=3, epoch=2)
    assert all((a == b).all() for a, b in zip(batches, again, strict=True))
    other = split.batches(batch_size=8, seed=3, epoch=3)
    assert len(other) != len(batches) or any(
        len(a) != len(b) or (a != b).any() for a, b in zip(batches, other, strict=False)
    )


@pytest.mark.parametrize("tokenizer", ["bpe", "char", "word"])
@pytest.mark.parametrize("vocabulary", ["joint", "separate"])
def test_tokenizers_travel_with_the_data_and_spell_targets_back(written, make, tokenizer, vocabulary):
    prepared = make(
        data=written("p.tsv", tsv(some(80))), source_column="de", target_column="en", tokenizer=tokenizer,
        vocab_size=400, vocabulary=vocabulary,
    )  # fmt: skip
    loaded = PairTokenizer.load(prepared.tokenizer.json)
    spelt_otherwise = json.dumps(json.loads(prepared.tokenizer.json), indent=1)
    assert PairTokenizer.load(spelt_otherwise).shared == (vocabulary == "joint")
    assert loaded.target.spaced == (tokenizer == "word")
    assert loaded.shared == (vocabulary == "joint") == prepared.tokenizer.shared
    assert (prepared.vocab_size, prepared.output_size) == (loaded.source.vocab_size, loaded.target.vocab_size)
    text = "big red house"
    assert loaded.write([*next(iter(loaded.target.encode([text]))).tolist(), EOS, 7, PAD]) == text


def test_signs_close_up_to_their_words():
    assert closed_up("well , ( this ) is it ! isn 't it ?") == "well, (this) is it! isn't it?"


def test_rows_with_an_empty_side_are_dropped_counted_and_told(written, make):
    rows = [*some(60), ("haus", ""), ("", "tree"), ("  ", "x")]
    prepared = make(data=written("p.tsv", tsv(rows)), source_column="de", target_column="en")
    assert prepared.facts.empty == 3
    assert "3 rows were dropped: a side is empty" in prepared.facts.warnings


def test_a_side_beyond_a_million_characters_is_cut_and_said(written, make):
    rows = [*some(60), ("haus " * 200_001, "tree"), ("baum", "x" * 1_000_001)]
    prepared = make(data=written("p.tsv", tsv(rows)), source_column="de", target_column="en", max_len=9)
    assert "2 texts were cut to their first 1,000,000 characters" in prepared.facts.warnings


@pytest.mark.parametrize("cell", ["7", "7.5", "true"])
@pytest.mark.parametrize("side", ["source", "target"])
def test_a_number_or_boolean_is_no_text_on_either_side(written, make, cell, side):
    other = "target" if side == "source" else "source"
    rows = f'{{"source": "a", "target": "b"}}\n{{"{side}": {cell}, "{other}": "b"}}\n'
    with pytest.raises(
        DataError, match=rf"p.jsonl, line 2: '{side}' is .*where a text is expected"
    ) as refused:
        make(data=written("p.jsonl", rows), source_column="source", target_column="target")
    assert f"--{side}-column" in refused.value.hint


def test_a_missing_column_is_told_with_those_there_are(written, make):
    with pytest.raises(DataError, match=r"'fr'. Its columns: de, en"):
        make(data=written("p.tsv", tsv(some(9))), source_column="fr", target_column="en")


def test_which_of_two_columns_is_the_source_is_never_guessed_from_their_order(written, cache):
    config = DataConfig(data=written("p.tsv", tsv(some(9), header=("a", "b"))))
    with pytest.raises(DataError, match=r"Its columns: a, b"):
        prepare(choose_task(None, config, ("translate",)), config, cache)


def test_one_column_said_leaves_the_other(written, make):
    prepared = make(data=written("p.tsv", tsv(some(60))), target_column="en")
    assert (prepared.facts.text_column, prepared.facts.label_column) == ("de", "en")
    assert prepared.facts.guessed == ("--source-column",)


def test_two_aligned_files_are_read_line_by_line(written, make):
    rows = some(60)
    result = written("a.de", "".join(f"{a}\n" for a, _ in rows))
    written("a.en", "".join(f"{b}\r\n" for _, b in rows))
    prepared = make(data=f"{result}::a.en")
    assert {
        (a, b)
        for s in prepared.splits
        for a, b in zip(prepared.texts(s), prepared.splits[s].references, strict=True)
    } == set(rows)


@pytest.mark.parametrize("counts", [(5, 3), (3, 5)])
def test_files_with_unequal_lines_are_refused_with_both_counts(written, make, counts):
    first, other = (written(f"f{i}", "x\n" * n) for i, n in enumerate(counts))
    with pytest.raises(DataError, match=f"f0 has {counts[0]} lines and .*f1 has {counts[1]}"):
        make(data=f"{first}::{other}")


def test_ready_made_splits_stay_as_they_are_and_shared_sources_are_told(written, make):
    train, test = some(80), some(80)[:5]
    prepared = make(
        train=written("train.tsv", tsv(train)), test=written("test.tsv", tsv(test)),
        source_column="de", target_column="en",
    )  # fmt: skip
    assert list(prepared.texts("test")) == [source for source, _ in test]
    assert any("of 5 test sources" in text for text in prepared.facts.warnings)


def test_long_training_pairs_are_dropped_and_long_test_sources_cut(written, make):
    long = (" ".join(WORDS * 3), " ".join(ENGLISH * 3))
    files = {
        s: written(f"{s}.tsv", tsv([*some(30, seed), long]))
        for seed, s in enumerate(("train", "valid", "test"))
    }
    prepared = make(**files, source_column="de", target_column="en", max_len=12)
    assert any("1 training pairs were dropped" in text for text in prepared.facts.warnings)
    assert prepared.splits["train"].lengths.max() <= 9
    assert prepared.splits["test"].lengths.max() == 12
    assert list(prepared.splits["test"].references)[-1] == long[1]


HYPOTHESES = ["the cat sat on the mat .", "a dog", "", "two men are playing football in a park"]
REFERENCES = ["the cat sat on a mat .", "a dog barks", "nothing", "two men play football in the park"]


def test_bleu_and_chrf_equal_sacrebleu_s_command(tmp_path):
    (tmp_path / "ref").write_text("\n".join(REFERENCES) + "\n")
    (tmp_path / "hyp").write_text("\n".join(HYPOTHESES) + "\n")
    for metric in ("BLEU", "chrF"):
        command = [
            sys.executable,
            "-m",
            "sacrebleu",
            "ref",
            "-i",
            "hyp",
            "-m",
            metric.lower(),
            "-b",
            "-w",
            "10",
        ]
        stdout = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
        assert corpus_score(metric, HYPOTHESES, REFERENCES).value == pytest.approx(float(stdout), abs=1e-9)


@pytest.mark.parametrize("metric", ["BLEU", "chrF", "exact_match"])
def test_the_counts_of_sentences_add_up_to_the_corpus_score(metric):
    counts = np.asarray(statistics(metric, HYPOTHESES, REFERENCES), dtype=float)
    whole = corpus_score(metric, HYPOTHESES, REFERENCES).value
    assert from_statistics(metric)(counts.sum(axis=0).tolist()) == pytest.approx(whole, abs=1e-12)


SCRIPTS = {
    "13a": ["two men play football .", "кот сидит", "두 남자가 축구를 한다", "الرجل يقرأ", "यह घर है"],
    "zh": ["两个男人在公园里踢足球。", "我很喜欢新的 GPU"],
    "char": ["二人の男が公園でサッカーをしている", "ជំរាបសួរ", "ผู้ชายสองคนเล่นฟุตบอล", "ສະບາຍດີ", "မင်္ဂလာပါ"],
}


@pytest.mark.parametrize(
    ("tokenizer", "text"), [(name, text) for name, texts in SCRIPTS.items() for text in texts]
)
def test_bleu_finds_words_as_the_references_script_writes_them(tokenizer, text):
    assert bleu_tokenizer([text]) == tokenizer


def test_bleu_of_chinese_is_sacrebleus_own_and_says_so():
    hypotheses, references = (
        ["两个男人在公园里踢球。", "我很喜欢猫"],
        ["两个男人在公园里踢足球。", "我喜欢猫"],
    )
    right = BLEU(tokenize="zh").corpus_score(hypotheses, [references]).score
    result = corpus_score("BLEU", hypotheses, references)
    assert result.value == pytest.approx(right, abs=1e-9)
    assert right > 30 > corpus_score("BLEU", hypotheses, references, "13a").value
    assert "tok:zh" in result.signature
    counts = np.asarray(statistics("BLEU", hypotheses, references), dtype=float).sum(axis=0)
    assert from_statistics("BLEU")(counts.tolist()) == pytest.approx(right, abs=1e-9)


def test_a_split_is_opened_as_pairs(pairs):
    assert isinstance(pairs.splits["train"], EncodedPairs)
    assert pairs.kind == pair_task.PairTask.kind
    assert pairs.metric == "BLEU"
