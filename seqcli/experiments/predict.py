"""`seqcli predict` as records: a label for each text, and what makes it doubtful."""

from collections.abc import Sequence
from pathlib import Path

from seqcli.experiments.use_config import PredictConfig
from seqcli.results.line_answers import Doubt, LabelledText, TaggedText
from seqcli.training.predictor import PredictedText, Predictor
from seqcli.training.process import settle_process


def open_predictor(folder: Path, config: PredictConfig) -> Predictor:
    """Return a run's classifier, in the threads and batches that the configuration says.

    Raises:
        RunError: It is no run of a classifier whose weights can be used.
    """
    settle_process(config.threads)
    return Predictor.open(folder, batch_size=config.batch_size)


def labelled(
    predictor: Predictor, texts: Sequence[str], *, all_classes: bool = False
) -> list[tuple[LabelledText | TaggedText, Doubt | None]]:
    """Return each text's label, in order, and the reason to doubt it where there is one."""
    answers = predictor.predict(texts, all_classes=all_classes)
    return [(answer.answer, _doubt(text, answer)) for text, answer in zip(texts, answers, strict=True)]


def _doubt(text: str, answer: PredictedText) -> Doubt | None:
    if not text.strip():
        return Doubt("blank", "label")
    if not answer.known:
        return Doubt("unknown", "label", tokens=answer.tokens)
    if answer.shortened:
        return Doubt("cut", "label", limit=answer.shortened)
    return None
