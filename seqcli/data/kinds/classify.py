"""One class for a whole text."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqcli.data.class_scores import CLASS_METRICS, ScoredTexts, answer_rows
from seqcli.data.encoded import EncodedTexts
from seqcli.data.kind import Examples, Kind, NewTexts, ReadyData
from seqcli.data.metric import POINT, Metric
from seqcli.data.tokenizer import UNK, Tokenizer
from seqcli.registry import later
from seqcli.results.line_answers import LabelledText
from seqcli.runs import strict_json


class LabelReader:
    """A class for each new text."""

    def read(
        self,
        texts: Sequence[str],
        tokenizer: Tokenizer,
        max_len: int,
        reading: Mapping[str, object],  # noqa: ARG002 the contract's argument
    ) -> NewTexts:
        """The texts as ids, their beginnings as far as the model reads."""
        ids = [piece[:max_len] for piece in tokenizer.encode(texts)]
        return NewTexts(
            split=EncodedTexts.of(ids, max_len=max_len),
            pieces=texts,
            tokens=[len(piece) for piece in ids],
            known=[int(np.count_nonzero(piece != UNK)) for piece in ids],
        )

    def answer(self, output: NDArray[Any], piece: Any, labels: tuple[str, ...]) -> LabelledText:  # noqa: ARG002
        """The likeliest class of (2,) its number and its probability."""
        return LabelledText(label=labels[int(output[0])], probability=float(output[1]))


def prediction_lines(prepared: ReadyData, outputs: NDArray[Any]) -> Iterator[bytes]:
    """Label, likeliest label and its probability of each test example, and of few classes that of each.

    Args:
        prepared: The data.
        outputs: The likeliest class's number, its probability, and that of each class (N, 2 + C).
    """
    answers = answer_rows(prepared.labels, prepared.splits["test"].targets, outputs)
    return map(strict_json.line, answers)


def examples(prepared: ReadyData, split: str) -> Examples:
    """The texts as far as the networks read them, and their labels."""
    targets = prepared.splits[split].targets
    return prepared.cut_texts(split), [prepared.labels[target] for target in targets]


MOST_LETTERS = 15_000_000
"""Letters to learn from, times classes, beyond which a bag of their stretches takes minutes, not seconds."""


def _read_by_letters(prepared: ReadyData) -> Collection[str]:
    """The baselines that fit: stretches of letters where the models read letters or k-mers, too."""
    name = prepared.tokenizer.name.partition(":")[0]
    letters = int(prepared.splits["train"].lengths.sum()) * len(prepared.labels)
    return ("majority", "bow", *(("kmers",) if name in ("char", "kmer") and letters <= MOST_LETTERS else ()))


METRICS = (
    Metric(
        "accuracy",
        higher_is_better=True,
        margin=POINT,
        most=1.0,
        right=lambda row: bool(row["label"] == row["predicted"]),
        brief=False,
    ),
    *CLASS_METRICS,
)

KIND = Kind(
    metrics=METRICS,
    open_split=lambda folder, name: ScoredTexts.open_scored(folder, name, CLASS_METRICS),
    prediction_lines=prediction_lines,
    own=later("seqcli.data.own_data", "OwnTexts"),
    fits=later("seqcli.data.columns", "fits_classes"),
    usual=True,
    baselines={"majority": "majority class", "bow": "bag of words", "kmers": "bag of 1–4 letters"},
    fitting=_read_by_letters,
    examples=examples,
    reader=LabelReader(),
    use='seqcli predict . "a text"',
    further_metrics=lambda _: METRICS,
    weighs_classes=True,
    classified=lambda rows: ((row["label"], row["predicted"]) for row in rows),
)
