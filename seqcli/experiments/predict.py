"""`seqcli predict` as records: a label for each text, and what makes it doubtful."""

from collections.abc import Sequence
from pathlib import Path

from seqcli.data.signal_tables import Signal
from seqcli.experiments.use_config import PredictConfig
from seqcli.results.line_answers import Doubt, LabelledText, TaggedText
from seqcli.training.predictor import PredictedText, Predictor
from seqcli.training.process import settle_process
from seqcli.training.signal_predictor import SignalPredictor


def open_signal_predictor(folder: Path, config: PredictConfig) -> SignalPredictor:
    """The same of a run that labels sequences of vectors.

    Raises:
        RunError: Its weights cannot be used.
    """
    settle_process(config.threads)
    return SignalPredictor.open(folder, batch_size=config.batch_size)


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


def labelled_signals(
    predictor: SignalPredictor, signals: Sequence[Signal], *, all_classes: bool = False
) -> list[tuple[LabelledText | TaggedText, Doubt | None]]:
    """The same of sequences of vectors."""
    answers = predictor.predict(signals, all_classes=all_classes)
    return [(answer.answer, None if answer.known else Doubt("no values", "label")) for answer in answers]


def _doubt(text: str, answer: PredictedText) -> Doubt | None:
    if not text.strip():
        return Doubt("blank", "label")
    if not answer.known:
        return Doubt("unknown", "label", tokens=answer.tokens)
    if answer.shortened:
        return Doubt("cut", "label", limit=answer.shortened)
    return None
