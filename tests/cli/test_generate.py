"""`seqcli generate`: greedy against a loop by hand, the nucleus, same seed same bytes, and its faults."""

import numpy as np
import pytest
import safetensors.torch
import torch
from making.forked import ForkedProcess, output
from torch import nn

from seqcli.data.tokenizer import Tokenizer
from seqcli.training.language_writer import LanguageWriter, draw, nucleus

BOOK = "".join(f"The cat number {n} sat on mat {n % 9}. Café für 나.\n" for n in range(60))


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A language model over characters, hardly trained."""
    return trained(tmp_path_factory.mktemp("generate"), "char")


def trained(folder, tokenizer, *options):
    book = folder / "book.txt"
    book.write_text(BOOK)
    line = ["train", "lstm", "--data", str(book), "--tokenizer", tokenizer, "--hidden", "8", *options]
    line += ["--embedding", "8", "--bptt", "20", "--batch-size", "4", "--epochs", "2", "-q", "-o"]
    output(*line, folder / "run")
    return folder / "run"


def greedy_by_hand(run, prompt, length):
    """The likeliest ids one after the other, the whole text read anew for each."""
    weights = safetensors.torch.load_file(run / "model.safetensors")
    tokenizer = Tokenizer.load((run / "tokenizer.json").read_text())
    embedding = nn.Embedding(*weights["embedding.weight"].shape)
    layer = nn.LSTM(8, 8, batch_first=True)
    linear = nn.Linear(8, len(weights["head.linear.bias"]))
    embedding.load_state_dict({"weight": weights["embedding.weight"]})
    layer.load_state_dict(
        {name[len("recurrent.") :]: part for name, part in weights.items() if name.startswith("recurrent.")}
    )
    linear.load_state_dict({"weight": weights["head.linear.weight"], "bias": weights["head.linear.bias"]})
    ids = [2, *next(iter(tokenizer.encode([prompt]))).tolist()]
    start = len(ids)
    with torch.no_grad():
        for _ in range(length):
            logits = linear(layer(embedding(torch.tensor([ids])))[0][0, -1])
            ids.append(4 + int(logits[4:].argmax()))
    return tokenizer.decode(ids[start:])


def test_greedy_takes_what_a_loop_by_hand_does(run, seqcli):
    ran = seqcli("generate", run, "--prompt", "The cat", "--temperature", "0", "--length", "40")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == f"The cat{greedy_by_hand(run, 'The cat', 40)}\n"
    one_way = seqcli(
        "generate", run, "--prompt", "The cat", "--temperature", "0", "--length", "40", "--seed", "5"
    )
    assert one_way.out == ran.out


def test_one_seed_gives_one_text_and_others_others(run, seqcli):
    first, again, other = (
        seqcli("generate", run, "--length", "60", "--temperature", "1.3", "--seed", seed).out
        for seed in ("1", "1", "2")
    )
    assert first == again != other
    assert len(first) == 61


def test_a_low_temperature_comes_to_the_likeliest_token(run):
    writer = LanguageWriter.open(run)
    cold = "".join(writer.pieces("The", length=30, temperature=1e-9, seed=3))
    assert cold == "".join(writer.pieces("The", length=30, temperature=0.0))


@pytest.mark.parametrize(
    ("top_p", "kept"),
    [(0.05, [2]), (0.4, [2]), (0.41, [0, 2]), (0.7, [0, 2]), (0.71, [0, 2, 3]), (0.99, [0, 1, 2, 3])],
)
def test_the_nucleus_is_the_smallest_set_that_reaches_its_probability(top_p, kept):
    chances = np.array([0.3, 0.1, 0.4, 0.2])
    result = nucleus(chances, top_p)
    assert np.flatnonzero(result).tolist() == kept
    assert (result[kept] == chances[kept]).all()


def test_draws_are_as_likely_as_the_softmax_says_and_never_reserved():
    logits = np.array([99.0, 99.0, 99.0, 99.0, *np.log([0.5, 0.3, 0.2])])
    even = (np.arange(1000) + 0.5) / 1000
    counts = np.bincount([draw(logits, 1.0, 1.0, chance) for chance in even], minlength=7)
    assert counts.tolist() == [0, 0, 0, 0, 500, 300, 200]
    nucleus_only = np.bincount([draw(logits, 1.0, 0.6, chance) for chance in even], minlength=7)
    assert nucleus_only.tolist() == [0, 0, 0, 0, 625, 375, 0]
    halved = np.bincount([draw(logits, 0.5, 1.0, chance) for chance in even], minlength=7)[4:] / 1000
    assert halved == pytest.approx(np.array([25, 9, 4]) / 38, abs=1e-3)


def test_pieces_of_bytes_become_whole_characters(tmp_path):
    run = trained(tmp_path, "bpe", "--vocab-size", "280")
    writer = LanguageWriter.open(run)
    pieces = list(writer.pieces("Caf", length=80, temperature=2.0, seed=0))
    ids = list(writer.tokens("Caf", length=80, temperature=2.0, top_p=1.0, seed=0))
    assert "".join(pieces) == writer.tokenizer.decode(ids)
    assert writer.unknown("ω∞") == []


def test_a_prompt_that_training_never_showed_is_told_of(run, seqcli):
    ran = seqcli("generate", run, "--prompt", "cat ω∞ω", "--length", "3")
    assert ran.code == 0
    assert "the run never saw 'ω', '∞'" in ran.err
    assert ran.out.startswith("cat ω∞ω")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--temperature", "-1"), "--temperature"),
        (("--temperature", "nan"), "--temperature"),
        (("--top-p", "0"), "--top-p"),
        (("--top-p", "1.5"), "--top-p"),
        (("--length", "0"), "--length"),
        (("--seed", "-3"), "--seed"),
    ],
)
def test_values_that_mean_nothing_are_refused(run, seqcli, words, told):
    ran = seqcli("generate", run, *words)
    assert ran.code == 2
    assert told in ran.err
    assert ran.out == ""


def test_what_is_no_language_model_is_refused(seqcli, reviews, tmp_path):
    assert seqcli("generate").code == 2
    assert seqcli("generate", tmp_path / "nothing").code == 4
    small = ("--hidden", "4", "--embedding", "4", "--epochs", "1", "-q", "-o", tmp_path / "run")
    assert seqcli("train", "gru", "--data", reviews, *small).code == 0
    ran = seqcli("generate", tmp_path / "run")
    assert ran.code == 4
    assert "a model of kind classify" in ran.err


def test_it_stops_without_a_word_when_nobody_reads_on(run):
    with ForkedProcess(["generate", run, "--length", "1000000"]) as process:
        assert len(process.stdout.read(20)) == 20
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=300) == 0


def test_the_card_of_a_run_says_how_to_use_it(run):
    assert "seqcli generate ." in (run / "README.md").read_text()
