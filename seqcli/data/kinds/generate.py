"""Tokens in, the next token out, at every step of one text: a language model.

An example is a stretch of the test text, read after all that stands before it in its stream. Scores do not
depend on how the text is cut into tokens: a token's bits are −log₂ of its probability, and they are added up
over the text and divided by its characters, or by its words. What the vocabulary lacks is spelt besides.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from numpy.typing import NDArray

from seqcli.data.encoded_stream import SPELLING, UNKNOWN_BITS, EncodedStream, StretchCounts, Stretches
from seqcli.data.files import ending
from seqcli.data.kind import Examples, Kind, OwnData, ReadyData, split_of
from seqcli.data.metric import PART_OF_LOSS, AnswerRow, Metric, Sums
from seqcli.data.text_folder import is_folder_of_texts
from seqcli.registry import later
from seqcli.runs import strict_json


def prediction_lines(prepared: ReadyData, outputs: NDArray[Any]) -> Iterator[bytes]:
    """The counts of each stretch of the test text, and the bits that it takes (N, 1)."""
    split = split_of(prepared, "test", EncodedStream)
    return (
        strict_json.line({"example": number, **split.counted(number), "bits": float(bits)})
        for number, bits in enumerate(outputs[:, 0])
    )


def examples(prepared: ReadyData, split: str) -> Examples:
    """The ids of each stretch after those before it, and what the stretch holds."""
    stream = split_of(prepared, split, EncodedStream)
    return Stretches(stream), StretchCounts(stream)


def _counts(rows: Sequence[AnswerRow], words: str | None) -> list[list[float]]:  # noqa: ARG001 the contract's
    """Bits, characters and words of each stretch; of a method without recurrence as of a network."""
    counts = []
    for row in rows:
        sizes = row.get("label", row)
        bits = row["bits"] if "bits" in row else row["predicted"]
        spelt = sizes.get(SPELLING, UNKNOWN_BITS * sizes["unknown"])
        counts.append([bits + spelt, float(sizes["characters"]), float(sizes["words"])])
    return counts


def _per_character(sums: Sequence[float]) -> float:
    return sums[0] / sums[1]


MOST_BITS = 128.0
"""Bits a word, beyond which none are counted: of a text without blanks, that is one word."""


def _per_word(sums: Sequence[float]) -> float:
    """2 to the bits a word."""
    return float(2.0 ** min(sums[0] / max(sums[2], 1.0), MOST_BITS))


BITS = Metric("bits_per_character", higher_is_better=False, margin=0.01, sums=Sums(_counts, _per_character))
PERPLEXITY = Metric(
    "word_perplexity",
    higher_is_better=False,
    margin=PART_OF_LOSS,
    sums=Sums(_counts, _per_word),
    told_up_to=2.0 ** (MOST_BITS / 2),
)
METRICS = (BITS, PERPLEXITY)


def _one_text(config: OwnData) -> bool:
    """Return whether the file's name says that it is plain text, and not one side of pairs; or a folder's."""
    if config.pairs or config.location is None:
        return False
    return ending(config.location) in (".txt", ".text") or is_folder_of_texts(config.location)


KIND = Kind(
    architecture="one-to-many",
    metrics=METRICS,
    open_split=lambda folder, name: EncodedStream.open(folder, name, METRICS),
    prediction_lines=prediction_lines,
    own=later("seqcli.data.own_data", "OwnStream"),
    meant=_one_text,
    told_by=frozenset({"bptt"}),
    defaults={"tokenizer": "char", "batch_size": 32, "dropout": 0.1, "epochs": 20, "lr": 0.004},
    baselines={
        "unigram": "unigram",
        "bigram": "2-gram",
        "trigram": "3-gram",
        "fourgram": "4-gram",
        "fivegram": "5-gram",
    },
    examples=examples,
    writes_on=True,
    one_way=True,
    use='seqcli generate . --prompt "Once"',
    further_metrics=lambda _: METRICS,
)
