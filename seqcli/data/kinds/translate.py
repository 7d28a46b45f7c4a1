"""A sequence for a sequence."""

from collections.abc import Iterator, Sequence
from typing import Any

from numpy.typing import NDArray

from seqcli.data.encoded_pairs import EncodedPairs, WrittenTargets
from seqcli.data.kind import Kind, ReadyData, split_of
from seqcli.data.metric import HALF_POINT, AnswerRow, Metric, Sums
from seqcli.data.pair_scores import from_statistics, known_bleu_tokenizer, statistics
from seqcli.registry import later
from seqcli.runs import strict_json

GREEDY = "greedy search"
"""Training writes translations greedily, `seqcli translate` with a beam."""


def written_lines(prepared: ReadyData, outputs: NDArray[Any], *, read: str = "source") -> Iterator[bytes]:
    """The source, the reference and the greedily written text of each test example.

    Args:
        prepared: The data.
        outputs: The ids that a model wrote (N, U).
        read: The key under which a line has what was read.
    """
    split = split_of(prepared, "test", WrittenTargets)
    rows = zip(prepared.texts("test"), split.references, split.written(outputs), strict=True)
    return (
        strict_json.line({"example": number, read: source, "reference": reference, "predicted": predicted})
        for number, (source, reference, predicted) in enumerate(rows)
    )


def right_text(row: AnswerRow) -> str:
    """The text that should have been written; methods without recurrence call it a label."""
    return str(row["reference"] if "reference" in row else row["label"])


def _corpus_metric(name: str) -> Metric:
    """One of sacrebleu's scores, from 0 to 100."""

    def counts(rows: Sequence[AnswerRow], words: str | None) -> list[list[float]]:
        written, right = [str(row["predicted"]) for row in rows], list(map(right_text, rows))
        return statistics(name, written, right, known_bleu_tokenizer(words))

    def score(sums: Sequence[float]) -> float:
        return from_statistics(name)(sums)  # not sooner: it imports sacrebleu

    return Metric(
        name,
        higher_is_better=True,
        margin=0.5,  # half a point of a score from 0 to 100
        most=100.0,
        sums=Sums(counts, score),
        search=GREEDY,
    )


BLEU, CHRF = _corpus_metric("BLEU"), _corpus_metric("chrF")
EXACT = Metric(
    "exact_match",
    higher_is_better=True,
    margin=HALF_POINT,
    most=1.0,
    right=lambda row: right_text(row) == str(row["predicted"]),
    search=GREEDY,
)

KIND = Kind(
    architecture="many-to-many",
    metrics=(BLEU, CHRF, EXACT),
    open_split=EncodedPairs.open_whole,
    prediction_lines=written_lines,
    word_table="encoder.embedding.weight",
    own=later("seqcli.data.own_data", "OwnPairs"),
    meant=lambda config: config.pairs,
    fits=later("seqcli.data.pairs", "fits_pairs"),
    use='seqcli translate . "a text"',
)
