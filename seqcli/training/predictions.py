"""Predictions of a classifier as people read them: a label and its probability."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqcli.data.prepared import Prepared
from seqcli.runs import strict_json


@dataclass(frozen=True)
class Prediction:
    """The likeliest label, and the probability that the model gives it."""

    label: str
    probability: float


def probabilities(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    """Softmax over classes: (B, C) logits to (B, C) probabilities."""
    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    exponentials = np.exp(shifted)
    shares: NDArray[np.float64] = exponentials / exponentials.sum(axis=1, keepdims=True)
    return shares


def predictions(logits: NDArray[np.float32], labels: tuple[str, ...]) -> list[Prediction]:
    """One prediction a row of logits (B, C)."""
    shares = probabilities(logits)
    best = shares.argmax(axis=1)
    return [Prediction(labels[index], float(row[index])) for index, row in zip(best, shares, strict=True)]


def prediction_lines(prepared: Prepared, outputs: NDArray[np.float64]) -> bytes:
    """`predictions.jsonl`: one line a test example, what is right beside what is said.

    Args:
        prepared: The data.
        outputs: The likeliest class's number, and its probability (N, 2).
    """
    targets = prepared.splits["test"].targets
    lines = [
        strict_json.line(
            {
                "example": number,
                "label": prepared.labels[int(target)],
                "predicted": prepared.labels[int(told)],
                "probability": round(probability, 6),
            }
        )
        for number, (target, (told, probability)) in enumerate(zip(targets, outputs.tolist(), strict=True))
    ]
    return b"".join(lines)
