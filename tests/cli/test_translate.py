"""`seqcli translate`: as many lines out as in, whatever they hold; faults with their codes."""

import errno
import io
import json
import os
import re
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sacrebleu.metrics.bleu import BLEU

from seqcli.cli import text_lines, translator_choice
from seqcli.cli.commands import translate as command
from seqcli.cli.main import execute
from seqcli.data.pair_tokenizer import PairTokenizer
from seqcli.experiments.translate import scored
from seqcli.experiments.use_config import TranslateConfig
from seqcli.models.seq2seq.search import SearchConfig
from seqcli.reports.parts.attention_view import draw_attention
from seqcli.tasks import translation
from seqcli.training import translator as translating
from seqcli.training.translator import Translator, batches, readable

ROWS = [(f"{a} {b}", f"{b.upper()} {a.upper()}") for a in "abcdefgh" for b in "stuvwxyz"]
SMALL = ["--hidden", "32", "--embedding", "32", "--batch-size", "8", "--epochs", "5", "--lr", "0.01"]


def run_of(folder, *more):
    data = folder / "pairs.tsv"
    data.write_text("".join(f"{a}\t{b}\n" for a, b in [("de", "en"), *ROWS]), encoding="utf-8")
    line = ["train", "seq2seq", "--data", str(data), "--source-column", "de", "--target-column", "en"]
    assert execute([*line, *SMALL, "--tokenizer", "char", *more, "-q", "--out", str(folder / "run")]) == 0
    return folder / "run"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return run_of(tmp_path_factory.mktemp("mt"))


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """A run without attention that has seen one step."""
    folder = tmp_path_factory.mktemp("plain")
    data = folder / "pairs.tsv"
    data.write_text("".join(f"{a}\t{b}\n" for a, b in [("source", "target"), *ROWS]), encoding="utf-8")
    line = ["train", "seq2seq:attention=none", "--data", str(data), *SMALL, "--max-steps", "1"]
    assert execute([*line, "-q", "--out", str(folder / "run")]) == 0
    return folder / "run"


@pytest.fixture(scope="module")
def translator(plain):
    return Translator.open(plain)


@pytest.fixture
def feed(monkeypatch):
    """Give bytes as standard input."""

    def give(content: bytes):
        stream = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8")
        monkeypatch.setattr(sys, "stdin", stream)

    return give


def test_a_text_a_file_and_a_pipe_give_the_same(run, capsys, feed, tmp_path):
    texts = ["a s", "b t", "c u"]
    assert execute(["translate", str(run), *texts]) == 0
    out = capsys.readouterr().out
    assert len(out.splitlines()) == 3
    feed("".join(f"{text}\n" for text in texts).encode())
    assert execute(["translate", str(run)]) == 0
    assert capsys.readouterr().out == out
    file = tmp_path / "in.txt"
    file.write_text("\n".join(texts) + "\n", encoding="utf-8")
    assert execute(["translate", str(run), "--input", str(file), "--out", str(tmp_path / "o.txt")]) == 0
    assert (tmp_path / "o.txt").read_text(encoding="utf-8") == out


def test_a_run_s_card_and_screen_name_cell_attention_and_search(plain, tmp_path, capsys):
    card = (plain / "README.md").read_text(encoding="utf-8")
    assert "seq2seq of GRU cells, without attention, of width 32" in card
    assert "with greedy search on" in card
    line = ["train", "seq2seq:cell=lstm", "--data", str(plain.parent / "pairs.tsv"), *SMALL]
    assert execute([*line, "--max-steps", "1", "--out", str(tmp_path / "run")]) == 0
    out = capsys.readouterr().out
    assert "greedy search" in next(row for row in out.splitlines() if row.startswith("test BLEU"))
    card = (tmp_path / "run" / "README.md").read_text(encoding="utf-8")
    assert "seq2seq of LSTM cells, with luong attention, of width 32" in card


def test_the_run_directory_translates_as_the_network_did_when_it_was_kept(run):
    lines = [
        json.loads(line) for line in (run / "predictions.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    translator = Translator.open(run)
    result = translator.translate([line["source"] for line in lines], SearchConfig(beam=1))
    assert [item[0].text for item in result] == [line["predicted"] for line in lines]


def test_batched_translation_equals_sentence_by_sentence_in_any_order(run):
    translator = Translator.open(run)
    translator.network.double()
    texts = [source for source, _ in ROWS] + ["a", "", "z y x w v u t s a b c d e f"]
    for beam in (1, 4):
        search = SearchConfig(beam=beam, n_best=min(beam, 2))
        together = translator.translate(texts, search)
        backwards = translator.translate(texts[::-1], search)[::-1]
        alone = [translator.translate([text], search)[0] for text in texts]
        for item, two, three in zip(together, backwards, alone, strict=True):
            assert [x.text for x in item] == [x.text for x in two] == [x.text for x in three]


def test_every_source_is_in_one_batch():
    lengths = [3, 5000, 1, 7, 7, 2] * 200
    result = list(batches(lengths, beam=5))
    assert sorted(i for batch in result for i in batch) == list(range(len(lengths)))
    assert all(len(batch) == 1 for batch in result if lengths[batch[0]] == 5000)


LINES = st.one_of(
    st.just(""),
    st.text(st.characters(exclude_characters="\n", codec="utf-8"), max_size=20),
    st.just("a s " * 300),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(LINES, max_size=5))
def test_as_many_lines_come_out_as_went_in(translator, capsys, monkeypatch, lines):
    content = "".join(f"{line}\n" for line in lines).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content), encoding="utf-8"))
    monkeypatch.setattr(translator_choice, "opened", lambda *_: translator)
    capsys.readouterr()
    assert execute(["translate", "--beam", "1", "--max-output-len", "3"]) == 0
    out = capsys.readouterr().out
    assert out.count("\n") == len(lines)
    for line, answer in zip(lines, out.split("\n"), strict=False):
        if not line.strip():
            assert answer == ""


def test_n_best_scores_and_jsonl(run, capsys):
    assert execute(["translate", str(run), "a s", "--n-best", "3", "--scores"]) == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [row[:2] for row in rows] == [["1", "1"], ["1", "2"], ["1", "3"]]
    assert sorted((float(row[2]) for row in rows), reverse=True) == [float(row[2]) for row in rows]
    assert execute(["translate", str(run), "a s", "--beam", "1", "--format", "jsonl", "--scores"]) == 0
    (translations,) = json.loads(capsys.readouterr().out)["translations"]
    assert translations["score"] < 0


def test_jsonl_has_real_scores_of_a_greedy_search_too(run, capsys):
    texts = ["a s", "b t"]
    assert execute(["translate", str(run), *texts, "--beam", "1", "--format", "jsonl"]) == 0
    values = [json.loads(line)["translations"][0] for line in capsys.readouterr().out.splitlines()]
    right = Translator.open(run).translate(texts, SearchConfig(beam=1, scores=True))
    assert [value["score"] for value in values] == [
        pytest.approx(each_item[0].score, abs=1e-5) for each_item in right
    ]
    assert all(entry["score"] < 0 for entry in values)
    greedy = Translator.open(run).translate(texts, SearchConfig(beam=1))
    assert [element["text"] for element in values] == [item[0].text for item in greedy]


def test_lines_that_a_run_can_hardly_translate_are_told_with_their_numbers(
    run, capsys, tmp_path, monkeypatch
):
    monkeypatch.setattr(translating, "LONGEST", 90)
    lines = ["a s", "", "a " * 40, "ξψ", "a s" + " b" * 60, "aξs"]
    file = tmp_path / "in.txt"
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    assert execute(["translate", str(run), "--input", str(file), "--beam", "1", "-q"]) == 0
    output = capsys.readouterr()
    assert len(output.out.splitlines()) == len(lines)
    notes = output.err.splitlines()
    assert [note.partition("in.txt, line ")[2][:1] for note in notes] == ["3", "4", "5", "6"]
    assert "has 79 tokens" in notes[0]
    assert "that the run knows (of 2)" in notes[1]
    assert "only the first 90" in notes[2]
    assert "has 1 unknown of 3 tokens" in notes[3]


def test_a_disk_that_fails_under_the_run_s_folder_does_not_make_its_name_a_text(run, capsys, monkeypatch):
    real = os.stat

    def failing(path, *arguments, **names):
        if str(path) == str(run):
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV), str(path))
        return real(path, *arguments, **names)

    with monkeypatch.context() as patch:
        patch.setattr(os, "stat", failing)
        assert execute(["translate", str(run), "a s"]) == 6
    assert "No such device" in capsys.readouterr().err


def always_unknown(monkeypatch):
    """Nothing but unknown tokens is likely in any translation from now on."""
    real = Translator.open

    def opened(folder, device="cpu"):
        translator = real(folder, device)
        with torch.no_grad():
            translator.network.bias_output[1] = 50
        return translator

    monkeypatch.setattr(Translator, "open", opened)


def test_unknown_words_that_translations_left_out_are_counted_once_a_command(
    run, capsys, monkeypatch, tmp_path
):
    words = run_of(tmp_path, "--tokenizer", "word", "--max-steps", "1")
    capsys.readouterr()
    assert execute(["translate", str(run), "a s", "b t", "-q"]) == 0
    assert capsys.readouterr().err == ""
    always_unknown(monkeypatch)
    line = ["-q", "--max-output-len", "2", "--beam", "1"]
    assert execute(["translate", str(words), "a s", "b t", "", *line]) == 0
    output = capsys.readouterr()
    assert output.out == "\n\n\n"
    advice = "; --replace-unk writes what attention looks at for each\n"
    assert output.err == "4 unknown words were left out of 2 translations" + advice
    (tmp_path / "ref.txt").write_text("S A\n")
    assert execute(["translate", str(run), "a s", "--ref", str(tmp_path / "ref.txt"), *line]) == 0
    text = "2 unknown tokens were left out of 1 translation; --replace-unk writes what attention looks at"
    assert text in capsys.readouterr().err
    assert execute(["translate", str(run), "a s", "--replace-unk", *line]) == 0
    assert capsys.readouterr().err == ""


def test_byte_pieces_of_an_unseen_script_and_a_setting_without_effect_are_told(tmp_path, capsys):
    run = run_of(tmp_path, "--tokenizer", "bpe", "--vocab-size", "300", "--max-steps", "1")
    capsys.readouterr()
    assert execute(["translate", str(run), "a s", "សួស្តី", "--replace-unk", "--max-output-len", "2"]) == 0
    first, second = capsys.readouterr().err.splitlines()
    assert "--replace-unk changes nothing" in first
    assert "text 2 is spelt byte by byte (18 tokens)" in second


def test_a_learnt_script_is_none_that_the_run_has_not_learnt_however_few_pieces_it_has():
    learnt = ["하나 둘 셋", "넷 다섯 여섯", "둘 다섯"] * 20
    tokenizer, _ = PairTokenizer.train(
        "bpe", (lambda: learnt, lambda: ["one two three — four"]), vocab_size=270, joint=True
    )
    translator = Translator(None, tokenizer, SimpleNamespace(max_len=100))
    (pieces,) = translator.source_lengths(["셋 하나"])
    assert pieces > 2 * len("셋 하나")
    assert translator.doubts(["셋 하나", "one — two"]) == [None, None]
    unlearnt = translator.doubts(["Я и ты", "សួស្តី", "Быстрая лиса — лиса", "我喜欢猫"])
    assert [doubt.reason for doubt in unlearnt] == ["bytes"] * 4


def test_doubts_of_one_kind_hide_none_of_another(run, capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(text_lines, "MOST_NOTES", 2)
    lines = ["aξs", "bξt", "cξu", "dξv", "ξψ", "a s" + " b" * 60]
    (tmp_path / "in.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    assert execute(["translate", str(run), "--input", str(tmp_path / "in.txt"), "--beam", "1", "-q"]) == 0
    result = capsys.readouterr().err.splitlines()
    assert [note.partition("line ")[2][:1] for note in result[:-1]] == ["1", "2", "5", "6"]
    assert result[-1] == "2 more lines of this kind: some tokens unknown"


def test_a_text_that_is_drawn_is_told_of_too(run, capsys):
    assert execute(["translate", str(run), "ξψ", "--attention"]) == 0
    assert "text 1 has no token that the run knows" in capsys.readouterr().err


@pytest.mark.parametrize("option", [["--n-best", "2"], ["--scores"]])
def test_what_scores_and_pictures_cannot_honour_is_refused(run, capsys, option):
    for other in (["--attention"], ["--ref", "f"]):
        assert execute(["translate", str(run), "a s", *other, *option]) == 2
        assert f"{other[0]} takes the best translation alone, and {option[0]}" in capsys.readouterr().err


def test_references_give_sacrebleu_s_scores_with_signatures_and_lengths(run, capsys, tmp_path):
    sources, references = zip(*ROWS, strict=True)
    (tmp_path / "in").write_text("\n".join(sources) + "\n", encoding="utf-8")
    (tmp_path / "ref").write_text("\n".join(references) + "\n", encoding="utf-8")
    line = ["translate", str(run), "--input", str(tmp_path / "in"), "--ref", str(tmp_path / "ref")]
    assert execute([*line, "--by-length", "--format", "json", "--out", str(tmp_path / "out")]) == 0
    document = json.loads(capsys.readouterr().out)
    translations = (tmp_path / "out").read_text(encoding="utf-8").splitlines()
    from sacrebleu.metrics.chrf import CHRF

    assert document["schema"] == "seqcli.translate/1"
    assert document["chrf"] == pytest.approx(
        CHRF().corpus_score(translations, [list(references)]).score, abs=1e-9
    )
    assert document["signature_bleu"].startswith("nrefs:1|case:mixed")
    low, high = document["chrf_ci95"]
    assert low <= document["chrf"] <= high
    assert sum(bucket["sentences"] for bucket in document["by_length"]) == document["sentences"] == len(ROWS)
    assert document["by_length"][0]["from"] == 1


def test_exactly_right_is_a_share_as_in_every_other_result():
    whole = scored("r", ["a b", "c"], ["a b", "d"], lengths=[2, 8], config=TranslateConfig(), seconds=1)
    assert whole.exact_match == 0.5
    assert [bucket.exact_match for bucket in whole.by_length] == [1, 0]


def test_bleu_of_a_script_without_blanks_goes_by_its_characters_or_warns(plain, capsys, tmp_path):
    (tmp_path / "in").write_text("a s\n", encoding="utf-8")
    (tmp_path / "ref").write_text("我喜欢猫\n", encoding="utf-8")
    line = ["translate", str(plain), "--input", str(tmp_path / "in"), "--ref", str(tmp_path / "ref")]
    assert execute([*line, "--format", "json"]) == 0
    output = capsys.readouterr()
    assert "tok:zh" in json.loads(output.out)["signature_bleu"]
    assert "whole lines" not in output.err
    assert execute([*line, "--format", "json", "--bleu-tokenize", "13a"]) == 0
    output = capsys.readouterr()
    assert "tok:13a" in json.loads(output.out)["signature_bleu"]
    assert "whole lines for words" in output.err
    assert "zh is for this script" in output.err
    assert execute([*line, "--bleu-tokenize", "words"]) == 2
    assert "13a" in capsys.readouterr().err


def test_a_run_is_scored_by_the_words_that_bleu_tokenize_finds_and_translate_takes_the_same(tmp_path, capsys):
    folder = run_of(tmp_path, "--bleu-tokenize", "char", "-v")
    output = capsys.readouterr()
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    rows = [json.loads(line) for line in (folder / "predictions.jsonl").read_text().splitlines()]
    written, right = ([row[name] for row in rows] for name in ("predicted", "reference"))
    expected = BLEU(tokenize="char").corpus_score(written, [right])
    assert summary["test"]["value"] == pytest.approx(expected.score, abs=1e-9)
    assert "tok:char" in summary["test"]["signature"]
    assert "tok:char" in output.out, "-v tells the signature"
    (tmp_path / "in").write_text("".join(f"{row['source']}\n" for row in rows), encoding="utf-8")
    (tmp_path / "ref").write_text("".join(f"{item}\n" for item in right), encoding="utf-8")
    line = ["translate", str(folder), "--input", str(tmp_path / "in"), "--ref", str(tmp_path / "ref")]
    assert execute([*line, "--beam", "1", "--format", "json"]) == 0
    scored = json.loads(capsys.readouterr().out)
    assert scored["bleu"] == pytest.approx(expected.score, abs=1e-9)
    assert "tok:char" in scored["signature_bleu"]


def test_attention_is_drawn_in_characters_and_as_a_picture(run, capsys, tmp_path, monkeypatch):
    picture = tmp_path / "a.png"
    assert execute(["translate", str(run), "a s", "--attention", "--plot", str(picture)]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[0].split() == ["a", "·", "s"]
    assert picture.read_bytes().startswith(b"\x89PNG")
    alignment = Translator.open(run).align("a s")
    assert alignment.weights.shape == (len(alignment.target), len(alignment.source))
    assert abs(alignment.weights.sum(axis=1) - 1).max() < 1e-5
    monkeypatch.setattr(translating, "WEIGHTS_AT_ONCE", 2)  # word after word, as for long texts
    assert abs(Translator.open(run).align("a s").weights - alignment.weights).max() < 1e-5


def test_attention_over_bytes_is_added_up_over_the_characters_that_they_spell():
    weights = np.array([[0.1, 0.2, 0.3, 0.4], [0.3, 0.3, 0.2, 0.2], [0, 0, 0, 1]], dtype=np.float32)
    result = readable([("나", 3), ("a", 1)], [("집", 2), ("⏎", 1)], weights)
    assert (result.source, result.target) == (["나", "a"], ["집", "⏎"])
    assert result.weights == pytest.approx(np.array([[0.7, 0.3], [0, 1]]))


def test_attention_over_korean_in_byte_pieces_shows_syllables_in_grid_and_picture(tmp_path, capsys):
    names = ["하나", "둘째", "셋이", "넷은", "다섯", "여섯", "일곱", "여덟"]
    pairs = [(f"{a} {b}", f"{b} {a}") for a in names for b in names]
    data = tmp_path / "ko.tsv"
    data.write_text("".join(f"{a}\t{b}\n" for a, b in [("source", "target"), *pairs]), encoding="utf-8")
    line = ["train", "seq2seq", "--data", str(data), "--tokenizer", "bpe", "--vocab-size", "262", *SMALL]
    assert execute([*line, "-q", "--out", str(tmp_path / "run")]) == 0
    capsys.readouterr()
    result = Translator.open(tmp_path / "run").align("둘째 셋이")
    assert result.source == ["둘", "째", " ", "셋", "이"]
    assert result.weights.shape == (len(result.target), 5)
    assert result.weights.sum(axis=1) == pytest.approx(np.ones(len(result.target)), abs=1e-5)
    assert execute(["translate", str(tmp_path / "run"), "둘째 셋이", "--attention"]) == 0
    assert "".join(capsys.readouterr().out.splitlines()[0].split()) == "둘째·셋이"
    picture = draw_attention(result.source, result.target, result.weights)
    assert [label.get_text() for label in picture.axes[0].get_xticklabels()] == ["둘", "째", "·", "셋", "이"]


def test_a_picture_comes_beside_the_translation(run, capsys, tmp_path):
    assert execute(["translate", str(run), "a s"]) == 0
    out = capsys.readouterr().out
    assert execute(["translate", str(run), "a s", "--plot", str(tmp_path / "a.svg")]) == 0
    assert capsys.readouterr().out == out
    assert (tmp_path / "a.svg").exists()


def test_unknown_tokens_are_taken_from_where_attention_looks(run):
    translator = Translator.open(run)
    with torch.no_grad():
        translator.network.bias_output[1] = 50  # nothing but unknown tokens is likely now
    (plain_one,) = translator.translate(["ab"], SearchConfig(beam=1, max_output_len=2))
    (replaced,) = translator.translate(["ab"], SearchConfig(beam=1, max_output_len=2), replace_unk=True)
    assert plain_one[0].text == ""
    assert len(replaced[0].text) == 2
    assert set(replaced[0].text) <= set("ab")


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        (["--beam", "0"], 2, "--beam must be a whole number from 1 to 1,000, got 0"),
        (["--beam", "2", "--n-best", "3"], 2, "n_best cannot be more than beam"),
        (["--length-penalty", "-1"], 2, "--length-penalty must be a finite number of at least 0"),
        (["--by-length"], 2, "--by-length shows scores by length"),
        (["--plot", "x.txt"], 2, "--plot x.txt"),
        (["--plot", "x.png", "--ref", "f"], 2, "--ref shows scores; --attention and --plot draw texts"),
        (["--attention", "--out", "x.txt"], 2, "--out and --format write them"),
        (["--attention", "--format", "jsonl"], 2, "--out and --format write them"),
        (["--format", "xml"], 2, "unknown format 'xml'"),
        (["--input", "f", "--beam", "1"], 2, "texts and --input exclude each other"),
    ],
)
def test_a_wrong_option_is_refused_before_anything_is_read(run, capsys, line, code, said):
    assert execute(["translate", str(run), "a s", *line]) == code
    output = capsys.readouterr()
    assert said in output.err
    assert not output.out


def test_what_only_attention_can_tell_is_refused_without_it(plain, capsys):
    for option in ("--attention", "--replace-unk"):
        assert execute(["translate", str(plain), "a s", option]) == 2
        assert f"{option} needs attention" in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_no_text(capsys):
    assert execute(["translate", "runs/nothing", "a"]) == 4
    assert "there is no run directory runs/nothing" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["1/22/26", "12/31", "a/b c", "a s " * 2000])
def test_what_only_resembles_a_path_is_a_text(text):
    assert translator_choice.chosen_run({"run": text, "texts": ()}) == (None, [text])


@pytest.mark.parametrize("in_place_of", ["a text", "the run"])
def test_a_file_s_name_is_no_text_and_trains_nothing(run, capsys, tmp_path, monkeypatch, in_place_of):
    (tmp_path / "lines.txt").write_text("a s\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    before = [str(run)] if in_place_of == "a text" else []
    assert execute(["translate", *before, "lines.txt"]) == 2
    output = capsys.readouterr()
    assert "lines.txt is a file" in output.err
    assert "--input lines.txt" in output.err
    assert "No run was given" not in output.err
    assert not output.out


@pytest.mark.parametrize(
    ("model", "kind", "use"), [("gru", "classify", '"a text"'), ("mlp", "row", "--data FILE")]
)
def test_a_run_of_another_kind_is_refused_with_the_command_that_uses_it(
    reviews, tmp_path, capsys, model, kind, use
):
    rows = tmp_path / "rows.csv"
    rows.write_text("x,y,label\n" + "".join(f"{n},{n % 3},{'ab'[n % 2]}\n" for n in range(40)))
    data, run = {"classify": reviews, "row": rows}[kind], tmp_path / "run"
    line = ["train", model, "--data", str(data), "--hidden", "8", "--embedding", "8", "--max-steps", "1"]
    assert execute([*line, "-q", "--out", str(run)]) == 0
    capsys.readouterr()
    assert execute(["translate", str(run), "a"]) == 4
    complaint = " ".join(capsys.readouterr().err.split())
    assert f"a model of kind {kind}, which translates nothing" in complaint
    assert f"seqcli predict {run} {use}" in complaint


def test_bytes_that_are_no_utf_8_are_told_with_their_line(run, capsys, feed):
    feed(b"a s\nb \xff\n")
    assert execute(["translate", str(run)]) == 3
    assert "standard input, line 2 is not UTF-8" in capsys.readouterr().err


def test_lines_before_bytes_that_are_no_utf_8_are_translated(run, capsys, feed, tmp_path):
    assert execute(["translate", str(run), "a s", "b t"]) == 0
    out = capsys.readouterr().out
    bad = b"a s\nb t\n\xff\nc u\n"
    feed(bad)
    assert execute(["translate", str(run)]) == 3
    assert capsys.readouterr().out == out
    (tmp_path / "bad").write_bytes(bad)
    line = ["translate", str(run), "--input", str(tmp_path / "bad"), "--out", str(tmp_path / "out")]
    (tmp_path / "out").write_text("old", encoding="utf-8")
    assert execute(line) == 3
    assert (tmp_path / "out").read_text(encoding="utf-8") == "old"
    assert "2 lines done when it ended" in capsys.readouterr().err


def test_settings_come_from_files_and_the_environment_as_everywhere(run, capsys, monkeypatch, tmp_path):
    (tmp_path / "t.yaml").write_text("beam: 3\nscores: true\n", encoding="utf-8")
    line = ["translate", str(run), "a s", "-c", str(tmp_path / "t.yaml")]
    monkeypatch.setenv("SEQCLI_N_BEST", "2")
    assert execute(line) == 0
    rows = [row.split("\t") for row in capsys.readouterr().out.splitlines()]
    assert [row[:2] for row in rows] == [["1", "1"], ["1", "2"]]
    assert float(rows[0][2]) >= float(rows[1][2])
    assert execute([*line, "--print-config", "--no-scores", "--length-penalty", "0.5"]) == 0
    result = dict(row.split(": ", 1) for row in capsys.readouterr().out.splitlines())
    assert result["beam"].split() == ["3", "#", f"{tmp_path / 't.yaml'}:1"]
    assert result["n_best"].split() == ["2", "#", "SEQCLI_N_BEST"]
    assert result["scores"].split() == ["false", "#", "--scores"]
    assert result["length_penalty"].split() == ["0.5", "#", "--length-penalty"]
    assert result["no_repeat_ngram"].split() == ["0", "#", "default"]
    monkeypatch.setenv("SEQCLI_BEAM", "0")
    assert execute(line[:3]) == 2
    assert "SEQCLI_BEAM must be a whole number from 1 to 1,000, got 0" in capsys.readouterr().err


def test_the_options_that_are_settings_are_all_of_them_and_have_the_defaults_that_the_help_tells():
    fields = TranslateConfig.model_fields
    assert {part.key for part in command.SETTINGS} == set(fields)
    for part in command.SETTINGS:
        match = re.search(r"\(default ([\w.]+)[;)]", part.about)
        if match and fields[part.key].default is not None:
            default = fields[part.key].default
            assert match[1] == (f"{default:g}" if isinstance(default, float) else str(default)), part.key


def test_unequal_line_counts_are_told_both(run, capsys, feed, tmp_path):
    for references, content, answer in (
        ("x\ny\n", b"a s\n", "1 line and --ref has 2"),
        ("x\ry\n", b"a\rs\nb\n", "2 lines and --ref has 1"),  # a lone carriage return ends no line
        ("", b"", "0 lines and --ref has 0"),
    ):
        (tmp_path / "ref").write_bytes(references.encode())
        feed(content)
        assert execute(["translate", str(run), "--ref", str(tmp_path / "ref")]) == 3
        assert answer in capsys.readouterr().err


def test_models_and_tasks_of_other_kinds_are_told_what_to_take(reviews, capsys):
    assert execute(["train", "gru", "--task", "reverse", "-n"]) == 2
    assert "try seq2seq:cell=gru" in capsys.readouterr().err
    assert execute(["train", "gru", "--data", str(reviews), "--target-column", "text", "-n"]) == 2
    assert "--kind forecast" in capsys.readouterr().err
    line = [
        "train",
        "seq2seq",
        "--data",
        str(reviews),
        "--text-column",
        "text",
        "--label-column",
        "label",
        "-n",
    ]
    assert execute(line) in (2, 3)


def test_without_a_run_the_built_in_pair_is_trained_once_and_kept(monkeypatch, capsys):
    few = translation.cldr_pairs
    monkeypatch.setattr(translation, "cldr_pairs", lambda pair, **_: few(pair, count=60, seed=0))
    small = {"hidden": 8, "embedding": 8, "epochs": 1, "max_steps": 2, "patience": 1, "tokenizer": "char"}
    monkeypatch.setattr(translation.Translation, "defaults", small)
    assert execute(["translate", "today", "--pair", "en-de", "--beam", "1", "--max-output-len", "2"]) == 0
    first = capsys.readouterr()
    assert "No run was given." in first.err
    assert "It does not translate free text" in first.err
    assert "It is trained once" in first.err
    assert re.search(r"[\d.]+ % of \d pairs", first.err)
    assert first.out.count("\n") == 1
    assert execute(["translate", "today", "--pair", "en-de", "--beam", "1", "--max-output-len", "2"]) == 0
    again = capsys.readouterr()
    assert again.out == first.out
    assert "trained once" not in again.err
    assert "no folder" not in again.err
    assert execute(["translate", "runz", "today", "--pair", "en-de", "--beam", "1"]) == 0
    assert "There is no folder runz" in capsys.readouterr().err
    assert execute(["translate", "today", "--pair", "en-xx"]) == 2
    assert "CLDR has no locale 'xx'" in capsys.readouterr().err


def test_the_command_is_listed():
    assert callable(command.COMMAND)


def test_threads_and_batch_size_reach_torch_and_change_no_translation(run, capsys, monkeypatch, tmp_path):
    set_to, sizes = [], []
    search = translating.Translator.search
    monkeypatch.setattr(torch, "set_num_threads", set_to.append)
    monkeypatch.setattr(
        translating.Translator,
        "search",
        lambda self, sources, config: (sizes.append(len(sources)), search(self, sources, config))[1],
    )
    (tmp_path / "in").write_text("".join(f"{source}\n" for source, _ in ROWS), encoding="utf-8")
    line = ["translate", str(run), "--input", str(tmp_path / "in")]
    assert execute(line) == 0
    plain = capsys.readouterr().out
    assert (set_to, max(sizes)) == ([1], len(ROWS))
    sizes.clear()
    assert execute([*line, "--threads", "2", "--batch-size", "7"]) == 0
    assert capsys.readouterr().out == plain
    assert (set_to, max(sizes)) == ([1, 2], 7)


@pytest.mark.parametrize("scored", [False, True])
def test_an_interrupt_leaves_the_old_file_whole_and_says_how_many_lines_were_done(
    run, capsys, monkeypatch, tmp_path, scored
):
    whole, calls = translating.Translator.translate, []

    def interrupted(self, texts, *more, **named):
        calls.append(len(texts))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return whole(self, texts, *more, **named)

    monkeypatch.setattr(translating.Translator, "translate", interrupted)
    (tmp_path / "in").write_text("a s\n" * 2000, encoding="utf-8")
    (tmp_path / "out").write_text("old", encoding="utf-8")
    line = ["translate", str(run), "--input", str(tmp_path / "in"), "-o", str(tmp_path / "out")]
    against = ["--ref", str(tmp_path / "in")] if scored else []
    assert execute([*line, *against]) == 130
    assert (tmp_path / "out").read_text(encoding="utf-8") == "old"
    assert f"{calls[0]:,} lines done when it ended" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "out"]
