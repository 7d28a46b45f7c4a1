"""The other strand of DNA: by hand, in training alone, and refused where letters are no nucleotides."""

import numpy as np
import pytest

from seqcli.data.config import DataConfig
from seqcli.data.kind import KINDS
from seqcli.data.strands import reverse_complement
from seqcli.data.task import choose_task
from seqcli.data.tokenizer import Tokenizer
from seqcli.errors import DataError, UsageError
from seqcli.models.baseline import BASELINES

KIND = KINDS.get("classify")


@pytest.fixture
def genes(written):
    rng = np.random.default_rng(0)
    letters = {"coding": "ACGN", "other": "TTGA"}
    return written(
        "genes.fasta",
        "".join(
            f">s{n}|{label}\n{''.join(rng.choice(list(letters[label]), 12))}\n"
            for n in range(60)
            for label in letters
        ),
    )


@pytest.mark.parametrize(
    ("sequence", "other"),
    [
        ("AACGT", "ACGTT"),
        ("AUGC", "GCAU"),
        ("acgtN-", "-Nacgt"),
        ("RYSWKMBDHVN", "NBDHVKMWSRY"),
        ("A C", "G T"),
        ("", ""),
    ],
)
def test_the_other_strand_is_read_backwards_in_complements(sequence, other):
    assert reverse_complement(sequence) == other
    assert reverse_complement(other) == sequence


@pytest.mark.parametrize("tokenizer", ["char", "kmer:3"])
def test_training_alone_holds_both_strands_and_its_labels_follow(make, genes, tokenizer):
    settings = {"data": genes, "tokenizer": tokenizer, "duplicates": "keep"}
    plain = make(**settings)
    both = make(**settings, reverse_complement=True)
    texts, count = list(both.texts("train")), len(plain.splits["train"])
    assert texts[:count] == list(plain.texts("train"))
    assert texts[count:] == [reverse_complement(text) for text in texts[:count]]
    targets = both.splits["train"].targets
    assert targets[:count].tolist() == targets[count:].tolist() == plain.splits["train"].targets.tolist()
    (ids,) = Tokenizer.load(both.tokenizer.json).encode([texts[-1]])
    row = both.splits["train"].rows(np.array([2 * count - 1]))
    assert row.inputs[0].tolist() == ids.tolist()
    for split in ("valid", "test"):
        assert list(both.texts(split)) == list(plain.texts(split))
    assert both.sha256 != plain.sha256
    assert any("the reverse complement of each" in line for line in both.facts.warnings)


def test_letters_of_proteins_have_no_other_strand(make, written):
    path = written("p.fasta", "".join(f">s{n}|{'ab'[n % 2]}\nACDE{'ACGT'[n % 4] * n}\n" for n in range(40)))
    with pytest.raises(DataError, match=r"the letter 'E'"):
        make(data=path, tokenizer="char", reverse_complement=True)
    with pytest.raises(UsageError, match="--reverse-complement does not apply to --task sentiment"):
        choose_task("sentiment", DataConfig(reverse_complement=True))


def test_a_bag_of_k_mers_stands_beside_models_that_read_letters(make, genes, written):
    prepared = make(data=genes, tokenizer="kmer:3")
    assert KIND.baselines_for(prepared) == ("majority", "bow", "kmers")
    inputs, labels = KIND.examples(prepared, "train")
    asked, right = KIND.examples(prepared, "test")
    answered = BASELINES.get("kmers")().fit(inputs, labels).predict(asked)
    assert sum(map(str.__eq__, answered, right)) > 0.9 * len(right)
    words = written("w.csv", "text,label\n" + "".join(f"a word or {n},{n % 2}\n" for n in range(40)))
    assert KIND.baselines_for(make(data=words)) == ("majority", "bow")
