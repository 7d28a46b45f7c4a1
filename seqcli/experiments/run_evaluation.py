"""`seqcli evaluate`: a finished run's answers to its own test split, or to new labelled data."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqcli.data.class_scores import MOST_CLASSES, SHARES
from seqcli.data.config import DataConfig
from seqcli.data.kind import KINDS, metric_named
from seqcli.data.labelled_rows import LabelledData, LabelledRow
from seqcli.data.prepared import Prepared, prepare
from seqcli.data.task import choose_task, recorded_task
from seqcli.errors import RunError, SeqcliError
from seqcli.experiments.compare.shared_examples import scores_beside
from seqcli.experiments.judged_answers import JudgedAnswers, Texts
from seqcli.experiments.label_signals import remembered
from seqcli.experiments.shown_captions import new_captions, own_captions, writes_below_images
from seqcli.experiments.trained_result import interval_of_answers, read_result
from seqcli.experiments.use_config import EvaluateConfig
from seqcli.models.architecture import architecture
from seqcli.results.evaluate import (
    EvaluatedRun,
    EvaluatedScore,
)
from seqcli.results.line_answers import CaptionedImage, LabelledText, TaggedText
from seqcli.results.train import CaptionExample
from seqcli.runs import strict_json
from seqcli.runs.directory import RunDirectory
from seqcli.runs.finished_run import FinishedRun
from seqcli.runs.storage import foreign_values

if TYPE_CHECKING:
    from seqcli.training.captioner import Captioner, PredictedCaption
    from seqcli.training.predictor import PredictedText, Predictor
    from seqcli.training.signal_predictor import SignalPredictor

AT_ONCE = 1024
"""New rows that are read together."""


def check_run(folder: Path) -> FinishedRun:
    """The finished run in a folder, which is one that was trained.

    Raises:
        RunError: It is not finished, is a comparison, or its files are damaged.
    """
    run = RunDirectory.open(folder)
    if "models" in run.config:
        raise RunError(
            f"{folder} is a comparison, not a run", f"Name one of its runs: the folders in {folder / 'legs'}."
        )
    state = run.status().state
    if state != "done":
        raise RunError(f"{folder} is not finished: it is {state}", "Give its `train` command again.")
    return FinishedRun(run)


def evaluate_own(folder: Path, config: EvaluateConfig) -> EvaluatedRun:
    """A run on its own test split, from the answers that it keeps.

    Raises:
        RunError: It is not finished, never saw a test split, or its files are damaged.
    """
    run = check_run(folder)
    if not run.predictions:
        raise RunError(
            f"{folder} never saw its test split: it was trained to choose a setting",
            "Name a run that was tested, or give labelled data with --data FILE.",
        )
    result = read_result(folder)
    with foreign_values(folder):
        task, answers = run.task, run.predictions
        judged = JudgedAnswers.of(task, answers)
        texts, missing = _own_texts(folder, run, judged, config)
        worst, wrong, calibration = judged.worst(config.worst, texts), judged.wrong, judged.calibration
        captions, unseen = _own_captions(folder, run, judged, config)
    return EvaluatedRun(
        run=str(folder),
        model=result.model,
        task=task.name,
        kind=task.kind,
        data=None,
        score=EvaluatedScore(
            metric=result.test.metric,
            value=result.test.value,
            examples=result.test.examples,
            ci95=result.test.ci95,
            scale_max=result.test.scale_max,
            signature=result.test.signature,
        ),
        majority=task.majority,
        beside=result.beside,
        by_class=result.by_class,
        entities=judged.entities,
        worst_words=judged.worst_words,
        ahead=result.ahead,
        threshold=result.threshold,
        calibration=calibration,
        wrong=wrong,
        worst=worst,
        texts_missing=missing or unseen,
        captions=captions,
        signature=result.signature,
    )


def read_new(folder: Path, data: DataConfig) -> LabelledData:
    """New labelled data, checked against the run's classes.

    Args:
        folder: The run.
        data: Where the data lies and how it is spelt.

    Raises:
        RunError: The run is not finished, or is of a kind that takes no new data here.
        DataError: The data cannot be read, or has a label that the run does not know.
    """
    with foreign_values(folder):
        run = check_run(folder)
        kind = KINDS.get(run.task.kind)
        labels = run.task.labels
    named = data.model_copy(update={**remembered(data, run.task), "kind": run.task.kind})
    judged = (((kind.reader or kind.of_vectors) and kind.classified) or kind.of_images) and kind.own
    rows_read = choose_task(None, named).labelled(named, labels) if judged else None
    if rows_read is None:
        raise RunError(
            f"{folder} holds a model of kind {run.task.kind}, and --data tests labels of texts or words",
            "Leave it out: `evaluate` then shows the scores on its own test split."
            + (f" What uses the run: {kind.command(folder)}" if kind.use else ""),
        )
    return rows_read


def evaluate_new(folder: Path, data: LabelledData, config: EvaluateConfig) -> EvaluatedRun:
    """A run on new labelled data.

    Raises:
        RunError: Its weights cannot be used.
        DataError: A row cannot be read.
    """
    from seqcli.experiments.caption_images import open_captioner, writes_captions
    from seqcli.experiments.continue_series import labels_signals
    from seqcli.experiments.predict import open_predictor, open_signal_predictor

    run = check_run(folder)
    predictor: Predictor | SignalPredictor | Captioner
    if writes_captions(folder):
        predictor = open_captioner(folder, config)
    else:
        opened = open_signal_predictor if labels_signals(folder) else open_predictor
        predictor = opened(folder, config)
    with foreign_values(folder):
        task, summary = run.task, run.summary
    each = KINDS.get(task.kind).weighs_classes and len(task.labels) <= MOST_CLASSES
    answers, numbers = _answered(data, partial(predictor.predict, all_classes=each))
    judged = JudgedAnswers.of(task, answers)
    texts = _texts_of(judged.surest(config.worst), numbers, data, config)
    common = Counter(right for right, _ in judged.pairs)
    value = metric_named(task.metric).value(judged.rows)
    if value is None:
        raise RunError(f"{folder} is scored by {task.metric}, which cannot be computed from answers alone")
    return EvaluatedRun(
        run=str(folder),
        model=summary.model,
        task=task.name,
        kind=task.kind,
        data=data.name,
        columns=dict(data.columns),
        unit=data.unit,
        unlabelled=data.unlabelled,
        score=EvaluatedScore(
            metric=task.metric,
            value=value,
            examples=len(judged.rows),
            ci95=interval_of_answers(task.metric, answers),
            scale_max=metric_named(task.metric).most,
        ),
        majority=_constant_score(task.metric, common, len(judged.rows)) if common else None,
        majority_label=common.most_common(1)[0][0] if common else None,
        beside=scores_beside(task.kind, task.labels, task.metric, answers),
        by_class=judged.by_class,
        entities=judged.entities,
        worst_words=judged.worst_words,
        threshold=task.threshold,
        calibration=judged.calibration,
        wrong=judged.wrong,
        worst=judged.worst(config.worst, texts),
        captions=new_captions(predictor, data, judged.rows, numbers, config=config),
        signature=summary.signature,
    )


def _constant_score(metric: str, counts: Counter[str], examples: int) -> float | None:
    """The score of always saying the most frequent class, where each thing that is scored has one."""
    (label, most), total = counts.most_common(1)[0], counts.total()
    scored_by = metric_named(metric)
    if scored_by.right is not None or total != examples:
        return most / total
    answer = {"predicted": label, "probabilities": {name: count / total for name, count in counts.items()}}
    return scored_by.value([{"label": name, **answer} for name in counts.elements()])


def _answered(
    data: LabelledData, predict: Callable[[Sequence[Any]], Sequence["PredictedText | PredictedCaption"]]
) -> tuple[bytes, list[int]]:
    """Return the answers as `predictions.jsonl` has them, and the number of each one's row."""
    lines: list[bytes] = []
    numbers: list[int] = []
    read = data.read()
    while block := list(islice(read, AT_ONCE)):
        for row, answer in zip(block, predict([row.text for row in block]), strict=True):
            lines.append(strict_json.line({"example": len(lines), **_answer_row(row, answer.answer)}))
            numbers.append(row.row)
    return b"".join(lines), numbers


def _answer_row(row: LabelledRow, answer: LabelledText | TaggedText | CaptionedImage) -> dict[str, object]:
    if isinstance(answer, CaptionedImage):
        return {"image": answer.image, "reference": row.answer, "predicted": answer.caption}
    if isinstance(answer, TaggedText):
        return {"words": answer.words, "label": row.answer, "predicted": answer.labels}
    probabilities = {} if answer.probabilities is None else {SHARES: answer.probabilities}
    fields = {"label": row.answer, "predicted": answer.label, "probability": round(answer.probability, 6)}
    return {**fields, **probabilities}


def _texts_of(
    places_wanted: Iterable[int], numbers: Sequence[int], data: LabelledData, config: EvaluateConfig
) -> Texts:
    """The texts of new rows by their positions, read once more: only these are kept."""
    places = set(places_wanted)
    if not config.texts:
        return {place: (numbers[place], None) for place in places}
    numbered = enumerate(data.read()) if places else ()
    return {place: (row.row, str(row.text)) for place, row in numbered if place in places}


def _own_texts(
    folder: Path, run: FinishedRun, judged: JudgedAnswers, config: EvaluateConfig
) -> tuple[Texts, str]:
    """The texts of the run's own test split by position, or why there are none."""
    surest = set(judged.surest(config.worst))
    if not surest or not config.texts:
        return {}, ""
    try:
        prepared = data_of_run(folder, run)
        numbers = prepared.row_numbers("test")
        texts = dict(picked for picked in enumerate(prepared.texts("test")) if picked[0] in surest)
    except (SeqcliError, OSError, ValueError) as error:
        return {}, error.message if isinstance(error, SeqcliError) else str(error)
    rows_of = {place: None if numbers is None else int(numbers[place]) for place in texts}
    return {place: (rows_of[place], text) for place, text in texts.items()}, ""


def _own_captions(
    folder: Path, run: FinishedRun, judged: JudgedAnswers, config: EvaluateConfig
) -> tuple[list[CaptionExample], str]:
    """Captions of the run's own test split, and why their images are not at hand; none of other kinds."""
    if not writes_below_images(run.task.kind):
        return [], ""
    return own_captions(folder, judged.rows, config, lambda: data_of_run(folder, run))


def captions_of(folder: Path) -> list[CaptionExample]:
    """Captions of a finished run's test split, for its picture and its page; none of other kinds.

    Raises:
        RunError: It is not finished, or its files are damaged.
    """
    run = check_run(folder)
    if not run.predictions:
        return []
    return _own_captions(folder, run, JudgedAnswers.of(run.task, run.predictions), EvaluateConfig())[0]


def data_of_run(folder: Path, run: FinishedRun) -> Prepared:
    """The data that a run was trained on.

    Raises:
        SeqcliError: It is not there any more, or was changed.
    """
    config = run.run.config
    fields = {name: config[name] for name in DataConfig.model_fields if name in config}
    data = DataConfig.model_validate_json(json.dumps(fields))
    learnt = architecture(str(config["model"])).kinds
    prepared = prepare(choose_task(recorded_task(config), data, learnt), data)
    if run.run.identity.get("prepared_sha256", prepared.sha256) != prepared.sha256:
        raise RunError(f"{folder} was trained on other data than {prepared.name} holds now")
    return prepared
