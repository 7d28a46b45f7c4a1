"""The functions themselves: keyword arguments to a configuration, an experiment, its record."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack, cast

from seqcli.api.call_options import (
    CompareOptions,
    EvaluateOptions,
    GradprobeOptions,
    PathOrName,
    TrainOptions,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike
    from pandas import DataFrame

    from seqcli.results.compare import Comparison
    from seqcli.results.conclude import Conclusion
    from seqcli.results.evaluate import EvaluatedRun
    from seqcli.results.gradprobe import Gradprobe
    from seqcli.results.line_answers import LabelledText, TaggedText
    from seqcli.results.shown_record import ShownRecord
    from seqcli.results.sweep import Sweep
    from seqcli.results.train import TrainResult

MODELS = "Models by name, with settings if wanted: 'gru', 'gru:hidden=64'; `seqcli models` lists them."


def compare(*models: str, **options: Unpack[CompareOptions]) -> "Comparison | Sweep":
    """Train models side by side, several paired seeds each, and conclude: `seqcli compare`.

    >>> import seqcli
    >>> result = seqcli.compare("lstm", "gru", data="tickets.csv", seeds=3)  # doctest: +SKIP
    >>> result.pairs[0].quality.verdict  # doctest: +SKIP
    'undecided'
    >>> result.to_pandas()[["label", "quality.mean"]]  # doctest: +SKIP

    Training runs in worker processes, so that no `if __name__ == "__main__"` is needed; what is finished is
    kept, and the same call goes on from there. Gates (`expect`) are judged in `result.expectations`.

    Args:
        *models: Two or more models; none stands for all that learn the data's kind.
        **options: Those of the command, with underscores; see `CompareOptions`. `progress=True` shows on
            stderr how far it is.

    Returns:
        The record of `--format json`: `quality.per_seed` has a score a seed (S,), accuracy as a share, memory
        in bytes, latency in ms. With `vary` a `Sweep`, one comparison for each value.

    Raises:
        UsageError: A model, a setting or a task is unknown or not allowed.
        DataError: The data cannot be read as what it was said to be.
        RunError: `out` is no place for this comparison.
        LegsFailedError: No training run ended well; `failures` of a partial result tell of single ones.
        StoppedError: `max_time` is over. The same call goes on.
        KeyboardInterrupt: Ctrl-C; what ran is saved. The same call goes on.
    """
    from seqcli.api.given_settings import settled
    from seqcli.api.interruption import interruptible
    from seqcli.api.python_caller import PythonCaller, raise_stopped
    from seqcli.errors import LegsFailedError
    from seqcli.experiments.config import CompareConfig
    from seqcli.experiments.studies import run_study, study_of
    from seqcli.experiments.work import shared_cache

    arguments: dict[str, Any] = {**options, **({"models": models} if models else {})}
    shown, overwrite = bool(arguments.pop("progress", False)), bool(arguments.pop("overwrite", False))
    config = settled(CompareConfig, arguments, {"models": MODELS})
    with shared_cache(config.store):
        study = study_of(config)
        with interruptible(config.max_time) as stop:
            result = run_study(study, PythonCaller(stop, shown=shown), overwrite=overwrite)
    left = result.legs_to_go
    if result.status != "complete" and (left or stop()):
        raise_stopped(stop, f"{left} of {result.legs} training runs to go" if left else "cost not measured")
    if not result.finished_legs:
        failure = result.failures[0]
        raise LegsFailedError(
            f"all {result.legs} training runs failed; the first, {failure.model} seed {failure.seed}:"
            f" {failure.reason}"
        )
    return result


def train(model: str | None = None, **options: Unpack[TrainOptions]) -> "TrainResult":
    """Train one model on one seed and keep its best epoch: `seqcli train`.

    >>> run = seqcli.train("gru", data="tickets.csv", out="runs/tickets")  # doctest: +SKIP
    >>> run.test.value, run.test.ci95  # doctest: +SKIP
    (0.91, (0.86, 0.95))

    Args:
        model: A model with settings if wanted: 'gru:hidden=64'; None for what learns the data's kind.
        **options: Those of the command, with underscores; see `TrainOptions`. Without `out` the run is kept
            in runs/TASK-MODEL-sSEED.

    Returns:
        The record of `--format json`; `run` is its folder, `stopped` is 'time' where `max_time` ended it.

    Raises:
        UsageError: The model, a setting or the task is unknown or not allowed.
        DataError: The data cannot be read as what it was said to be.
        RunError: `out` is no place for this run.
        DivergedError: A loss or gradient is not finite any more.
        KeyboardInterrupt: Ctrl-C; the state is saved. The same call goes on.
    """
    from seqcli.api.given_settings import settled
    from seqcli.api.interruption import interruptible
    from seqcli.api.python_caller import raise_stopped, torch_as_it_was
    from seqcli.errors import StoppedError
    from seqcli.experiments.config import TrainConfig
    from seqcli.experiments.train import plan_training
    from seqcli.experiments.train import train as run_training
    from seqcli.reports.draw.terminal import ConsoleOptions
    from seqcli.reports.progress.board import WorkAhead
    from seqcli.reports.progress.progress import progress
    from seqcli.results.events import drive

    arguments: dict[str, Any] = {**options, **({} if model is None else {"model": model})}
    shown, overwrite = bool(arguments.pop("progress", False)), bool(arguments.pop("overwrite", False))
    config = settled(TrainConfig, arguments, {"model": MODELS})
    planned = plan_training(config)
    with interruptible(config.max_time) as stop, torch_as_it_was():
        training = run_training(
            planned,
            config.out or planned.default_folder,
            overwrite=overwrite,
            should_stop=stop,
            budget_spent=lambda: stop.out_of_time and not stop.interrupted,
        )
        options_of_output = ConsoleOptions(quiet=not shown)
        with progress("train", options_of_output, WorkAhead(metric=planned.prepared.metric)) as show:
            try:
                return drive(training, show)
            except StoppedError as stopped:
                raise_stopped(stop, stopped.message)


def gradprobe(*models: str, **options: Unpack[GradprobeOptions]) -> "Gradprobe":
    """Measure how far back gradients reach: `seqcli gradprobe`.

    >>> probe = seqcli.gradprobe("rnn", "lstm", len=200, init="torch", hidden=64)  # doctest: +SKIP
    >>> [model.half_life.mean for model in probe.models]  # doctest: +SKIP
    [1.3, 1.6]

    Args:
        *models: Models by name; none where `run` names a trained one.
        **options: Those of the command, with underscores; see `GradprobeOptions`.

    Returns:
        The record of `--format json`: logarithms to the base ten of norms at each lag (K,), half-lives in
        steps. Gates (`expect`) are judged in `expectations`.

    Raises:
        UsageError: A model or a setting is unknown or not allowed.
        RunError: `run` is no finished run whose weights can be probed.
    """
    import torch

    from seqcli.api.given_settings import settled
    from seqcli.api.python_caller import torch_as_it_was
    from seqcli.experiments.gradprobe.config import GradprobeConfig
    from seqcli.experiments.gradprobe.probe_models import probe_models
    from seqcli.experiments.gradprobe.probe_plan import plan
    from seqcli.reports.draw.terminal import ConsoleOptions
    from seqcli.reports.progress.probe_progress import probe_progress
    from seqcli.reports.words.worded import worded_claims
    from seqcli.results.events import drive

    arguments: dict[str, Any] = {**options, **({"models": models} if models else {})}
    shown = bool(arguments.pop("progress", False))
    config = settled(GradprobeConfig, arguments, {})
    with torch_as_it_was(), probe_progress(ConsoleOptions(quiet=not shown)) as show:
        torch.set_num_threads(config.threads)
        return worded_claims(drive(probe_models(plan(config)), show))


def evaluate(
    run: PathOrName, data: PathOrName | None = None, **options: Unpack[EvaluateOptions]
) -> "EvaluatedRun":
    """Test a finished run, on its own test split or on new labelled data: `seqcli evaluate`.

    >>> tested = seqcli.evaluate("runs/tickets")  # doctest: +SKIP
    >>> tested.by_class.macro_F1  # doctest: +SKIP
    0.89

    Args:
        run: The directory of a finished run.
        data: New labelled data: CSV, TSV, JSONL, Parquet or CoNLL.
        **options: Those of the command, with underscores; see `EvaluateOptions`.

    Returns:
        The record of `--format json`: shares, each class, and the worst errors.

    Raises:
        UsageError: An option is not allowed, or one of new data stands without any.
        RunError: The run is not finished, or takes no new data.
        DataError: The data cannot be read, or has a label that the run does not know.
    """
    from seqcli.api.python_caller import torch_as_it_was
    from seqcli.config.layers import from_values, validate
    from seqcli.data.config import DataConfig
    from seqcli.errors import UsageError
    from seqcli.experiments.run_evaluation import evaluate_new, evaluate_own, read_new
    from seqcli.experiments.use_config import EvaluateConfig

    arguments: dict[str, object] = {**options}
    of_run = {name: arguments.pop(name) for name in list(arguments) if name in EvaluateConfig.model_fields}
    config = validate(EvaluateConfig, from_values(of_run, "evaluate"))
    with torch_as_it_was():
        if data is None:
            if arguments:
                raise UsageError(f"{next(iter(arguments))}= needs data= beside it", "Leave it out.")
            return evaluate_own(Path(run), config)
        read = validate(DataConfig, from_values({"data": str(data), **arguments}, "evaluate"))
        return evaluate_new(Path(run), read_new(Path(run), read), config)


def predict(
    run: PathOrName,
    texts: Sequence[str],
    *,
    all_classes: bool = False,
    batch_size: int = 256,
    threads: int = 1,
) -> "list[LabelledText | TaggedText]":
    """Label texts with a trained run: `seqcli predict`.

    >>> seqcli.predict("runs/tickets", ["my invoice is wrong"])[0].label  # doctest: +SKIP
    'billing'

    Args:
        run: The directory of a finished run.
        texts: N texts; one alone may be given as it is.
        all_classes: Also each class's probability.
        batch_size: Texts that are labelled together.
        threads: Threads to compute with.

    Returns:
        A record a text, in their order: label and probability, or of a tagger a label a word.

    Raises:
        UsageError: An argument is not allowed.
        RunError: It is no finished run of a classifier or tagger.
    """
    from seqcli.api.python_caller import torch_as_it_was
    from seqcli.config.layers import from_values, validate
    from seqcli.experiments.predict import labelled, open_predictor
    from seqcli.experiments.use_config import PredictConfig

    config = validate(PredictConfig, from_values({"batch_size": batch_size, "threads": threads}, "predict"))
    with torch_as_it_was():
        predictor = open_predictor(Path(run), config)
        listed = [texts] if isinstance(texts, str) else list(texts)
        return [answer for answer, _ in labelled(predictor, listed, all_classes=all_classes)]


def load(path: PathOrName) -> "ShownRecord":
    """Read what a command kept: a finished run or comparison, or a `--format json` file.

    >>> seqcli.load("runs/tickets").test.value  # doctest: +SKIP
    0.91

    Args:
        path: A run directory, the folder of `compare -o`, a JSON file of any result, or the name that a
            signature ends with ('8403f5532d').

    Returns:
        The record as it was: `Comparison`, `Sweep`, `TrainResult`, `Gradprobe`, `EvaluatedRun`, `Guide`, …

    Raises:
        UsageError: There is nothing there.
        RunError: The run is not finished, or its files were changed.
        DataError: The file is no result of seqcli's.
    """
    from seqcli.experiments.kept_results import read_kept

    return read_kept(str(path))


def conclude(
    scores: "Mapping[str, Sequence[float | None]] | DataFrame",
    *,
    answers: "Mapping[str, ArrayLike] | None" = None,
    metric: str = "accuracy",
    margin: float | None = None,
    higher_is_better: bool | None = None,
    reference: str | None = None,
) -> "Conclusion":
    """Judge scores of your own by the rules of `seqcli compare`; nothing is trained.

    >>> seqcli.conclude({"mine": [0.81, 0.83, 0.82], "theirs": [0.78, 0.80, 0.79]}).pairs[0].quality.verdict
    'worse'

    The k-th score of one model is paired with the k-th of another: the same seed, split and order. With a
    row of answers for each run the verdict also holds for other test examples, not for other seeds alone.

    Args:
        scores: S scores of each model, None or NaN for a run that failed; or a DataFrame, a column a model.
        answers: Of each model, right (1) or wrong (0) for each test example in each run, (S, N), or what
            else has the run's score as its mean.
        metric: What the scores are: 'accuracy' is a share from 0 to 1. Any other name may stand here.
        margin: The least difference that matters, in the score's own unit; accuracy's is 0.01.
        higher_is_better: False for a loss or an error; a metric that seqcli knows has its direction.
        reference: Hold every model against this one only.

    Returns:
        Intervals of every score, and of every pair: the difference a − b, its interval, its verdict, and what
        would decide an open one. Several pairs are Holm-corrected.

    Raises:
        UsageError: There is one model alone, an unknown reference, or a score without a margin.
        DataError: Models have unlike numbers of runs, a score is off its scale, or answers are not its own.
    """
    from seqcli.experiments.own_scores import ScoreRule, conclude_scores

    if hasattr(scores, "columns"):
        frame = cast("DataFrame", scores)
        plain: Mapping[str, Sequence[float | None]] = {str(name): list(frame[name]) for name in frame}
    else:
        plain = scores
    return conclude_scores(plain, answers, ScoreRule(metric, margin, higher_is_better, reference))
