"""Finished runs of translation and what each scored by the length of its sources."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from seqcli.data.answer_rows import rows
from seqcli.data.kind import metric_named
from seqcli.data.pair_scores import BleuTokenizer, bleu_tokenizer, corpus_score, known_bleu_tokenizer
from seqcli.data.pair_tokenizer import PairTokenizer
from seqcli.errors import RunError
from seqcli.models.architecture import ARCHITECTURES
from seqcli.models.seq2seq.config import Seq2SeqConfig
from seqcli.runs.directory import RunDirectory
from seqcli.runs.finished_run import FinishedRun
from seqcli.runs.run_layout import CONFIG_FILE, LEGS_FOLDER
from seqcli.runs.storage import foreign_values
from seqcli.statistics.curves import still_improving
from seqcli.statistics.looks import AUTO


@dataclass(frozen=True)
class RunScores:
    """The test predictions of one run.

    Args:
        label: Its model and what distinguishes it.
        attention: The kind, or 'none'.
        width: H, the width of its context vector.
        seed: Its seed.
        task: The data's name.
        metric: What it is scored by.
        sources: The test sources.
        lengths: Their tokens.
        predicted: What was written.
        references: What should have been.
        words: How BLEU finds words; None goes by the references' script.
        still_improving: Whether training ended while the validation score was rising; None: not told.
    """

    label: str
    attention: str
    width: int
    seed: int
    task: str
    metric: str
    sources: tuple[str, ...]
    lengths: tuple[int, ...]
    predicted: tuple[str, ...]
    references: tuple[str, ...]
    words: BleuTokenizer | None = None
    still_improving: bool | None = None

    def scores_of(self, groups: Sequence[Sequence[int]]) -> list[float]:
        """The score of each group of sentences, which are named by their positions."""
        words = self.words or bleu_tokenizer(self.references)
        return [
            corpus_score(
                self.metric, [self.predicted[i] for i in inside], [self.references[i] for i in inside], words
            ).value
            for inside in groups
        ]


def find_runs(folders: Sequence[Path]) -> list[Path]:
    """The run directories meant: each folder itself, or the legs of a comparison.

    Raises:
        RunError: A folder is neither.
    """
    folders_found: list[Path] = []
    for folder in folders:
        legs = sorted(path.parent for path in folder.glob(f"{LEGS_FOLDER}/*/{CONFIG_FILE}"))
        if not legs and not (folder / CONFIG_FILE).is_file():
            raise RunError(
                f"{folder} is not a run directory or a comparison's",
                "Name the folder that was given to --out.",
            )
        finished = [leg for leg in legs if RunDirectory.open(leg).status().state == "done"]
        if legs and not finished:
            raise RunError(f"no training run of {folder} is finished", "Give its `compare` command again.")
        folders_found += _compared(folder, finished) if finished else [folder]
    return folders_found


def _compared(folder: Path, legs: list[Path]) -> list[Path]:
    """A comparison's legs without those that only tuned the learning rate, on seeds of their own."""
    seed_list = RunDirectory.open(folder).config.get("seeds")
    seeds = seed_list if isinstance(seed_list, list) else list(range(AUTO.last))
    return [leg for leg in legs if RunDirectory.open(leg).config.get("seed") in seeds]


def read_runs(folders: Sequence[Path]) -> list[RunScores]:
    """The test predictions of finished translation runs, each file checked by SHA-256.

    Raises:
        RunError: One is not finished, of another kind, or was changed; or they cannot stand side by side.
    """
    runs = [RunDirectory.open(folder) for folder in folders]
    model_settings = [{name: run.config.get(name) for name in Seq2SeqConfig.model_fields} for run in runs]
    telling = [
        name
        for name in Seq2SeqConfig.model_fields
        if len({str(config[name]) for config in model_settings}) > 1
    ]
    scores = [
        _read(folder, label=" ".join(f"{name}={config[name]}" for name in telling) or str(config["model"]))
        for folder, config in zip(folders, model_settings, strict=True)
    ]
    _check_together(folders, scores)
    return scores


def _check_together(folders: Sequence[Path], scores: Sequence[RunScores]) -> None:
    """Refuse runs that cannot stand side by side.

    Raises:
        RunError: One differs from the first in its test data or its tokens, or is a model and seed again.
    """
    folder_of: dict[tuple[str, int], Path] = {}
    for folder, run in zip(folders, scores, strict=True):
        if run.sources != scores[0].sources:
            raise RunError(
                f"{folder} was tested on other data than {folders[0]}", "Compare runs of one task."
            )
        if run.lengths != scores[0].lengths:
            raise RunError(
                f"{folder} counts the same sources in other tokens than {folders[0]}",
                "Compare runs of one tokenizer: train with the same --tokenizer and --vocab-size.",
            )
        if (run.metric, run.words) != (scores[0].metric, scores[0].words):
            raise RunError(
                f"{folder} is scored differently from {folders[0]}",
                "Compare runs of one --metric and one --bleu-tokenize.",
            )
        if (run.label, run.seed) in folder_of:
            raise RunError(
                f"{folder_of[run.label, run.seed]} and {folder} are both {run.label} with seed {run.seed}",
                "Name each model and seed once; a further run of a model needs a --seed of its own.",
            )
        folder_of[run.label, run.seed] = folder


def _read(folder: Path, *, label: str) -> RunScores:
    run = RunDirectory.open(folder)
    if run.status().state != "done":
        raise RunError(f"{folder} is not finished: it is {run.status().state}", "Give its command again.")
    with foreign_values(folder):
        return _read_values(FinishedRun(run), folder, label)


def _read_values(run: FinishedRun, folder: Path, label: str) -> RunScores:
    task = run.task
    if task.kind not in ARCHITECTURES.get("seq2seq").kinds:
        raise RunError(f"{folder} holds a model of kind {task.kind}", "Name runs of seq2seq models.")
    if not run.predictions:  # as of a leg that only tuned a setting
        raise RunError(f"{folder} keeps no answers to a test split", "Name runs that were tested.")
    answers = list(rows(run.predictions))
    epochs = [epoch.valid_metric for epoch in run.epochs]
    tokenizer = PairTokenizer.load(run.tokenizer)
    config = run.run.config
    sources = tuple(row["source"] for row in answers)
    return RunScores(
        label=label,
        attention=str(config["attention"]),
        width=int(str(config["hidden"])),
        seed=int(str(config["seed"])),
        task=task.name,
        metric=task.metric,
        sources=sources,
        lengths=tuple(len(ids) for ids in tokenizer.source.encode(sources)),
        predicted=tuple(row["predicted"] for row in answers),
        references=tuple(row["reference"] for row in answers),
        words=known_bleu_tokenizer(task.bleu_tokenize),
        still_improving=still_improving(epochs, metric_named(task.metric).margin),
    )
