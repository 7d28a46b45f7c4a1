"""`seqcli train`: one leg in this process, its run directory, its result."""

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from seqcli.data.answer_rows import LineAnswers
from seqcli.data.data_words import cautions
from seqcli.data.prepared import Prepared
from seqcli.errors import RunError, UsageError, either
from seqcli.experiments.config import TrainConfig
from seqcli.experiments.data import about_data, prepare_data
from seqcli.experiments.legs import Contender, PlannedLeg, contender, plan_leg, resolve_device
from seqcli.experiments.trained_result import read_result, result_of
from seqcli.models.cell import CELLS
from seqcli.models.spec import parse_spec
from seqcli.results.events import Event, Leg, Note
from seqcli.results.train import Timing, TrainResult, TrainSummary
from seqcli.runs.configuration import WHERE_TO_LOOK, differences, told_once
from seqcli.runs.directory import RunDirectory
from seqcli.runs.finished_run import FinishedRun, TaskRecord
from seqcli.runs.run_layout import check_place, is_unused
from seqcli.training.config import CHECKPOINT_SECONDS
from seqcli.training.identity import LegConfig
from seqcli.training.leg_notes import killed_before

if TYPE_CHECKING:
    from seqcli.training.state import LastState


@dataclass(frozen=True)
class TrainPlan:
    """A leg and its data.

    Attributes:
        leg: What will be trained.
        contender: Its model, and how that is trained.
        prepared: On what.
        checkpoint_every: Seconds between two checkpoints; decides nothing.
        texts: Whether `predictions.jsonl` holds the examples' texts, beside their rows.
        max_time: Seconds after which it stops, its state saved; None for no limit.
    """

    leg: PlannedLeg
    contender: Contender
    prepared: Prepared
    checkpoint_every: float = CHECKPOINT_SECONDS
    texts: bool = True
    max_time: float | None = None

    @property
    def about(self) -> list[str]:
        """The announcements before anything runs."""
        return about_data(self.prepared)

    @property
    def cautions(self) -> list[str]:
        """The cautions about the data, as sentences with their full stop."""
        return [f"{text}." for text in cautions(self.prepared.facts)]

    def explosion(self, norm: float | None) -> str | None:
        """Return the caution about gradients that exploded unseen, if the largest norm says so."""
        from seqcli.training.leg_notes import explosion_caution

        return explosion_caution(self.leg.leg.training, norm)

    @property
    def default_folder(self) -> Path:
        """Return the run's folder when no `--out` was given: `runs/sentiment-gru-s0`."""
        leg = self.leg.leg
        return Path("runs") / f"{leg.task}-{leg.model.model}-s{leg.seed}"


def plan_training(config: TrainConfig) -> TrainPlan:
    """Check everything and make the data ready; nothing is written but the cache.

    Raises:
        UsageError: A model, setting or task is unknown.
        RunError: `out` is no place for a run.
        DataError: The data cannot be read as what it was said to be.
    """
    if config.out is not None:
        check_place(config.out)
    spec = parse_spec(config.model)
    device = resolve_device(config.device)
    prepared = prepare_data(config)
    model = contender(config, spec, label=spec.name, prepared=prepared)
    check_processes(config.processes, device)
    leg = plan_leg(config, model, seed=config.seed, prepared=prepared, device=device)
    if config.precision != "float32":
        check_precision(model, device)
    leg = leg.shared_by(config.processes).in_precision(config.precision)
    return TrainPlan(leg, model, prepared, config.checkpoint_every, config.texts, config.max_time)


def check_precision(model: Contender, device: str) -> None:
    """Refuse mixed precision where nothing would be mixed, or nobody has looked.

    Raises:
        UsageError: The model is of another architecture than a cell's, or the device is Apple's.
    """
    if model.model.model not in CELLS:
        raise UsageError(
            f"--precision bf16 is for recurrences over the input, and {model.model.model} is another model",
            f"Train {either(CELLS.names())}, or leave it out.",
        )
    if device == "mps":
        raise UsageError("--precision bf16 is for cpu and cuda, and the device is mps", "Leave it out.")


def check_processes(count: int, device: str) -> None:
    """Refuse more processes than the device takes.

    Raises:
        UsageError: There are fewer GPUs, or Apple's, which cannot share.
    """
    if count == 1 or device == "cpu":
        return
    import torch

    present = torch.cuda.device_count() if device == "cuda" else 0
    if count > present:
        raise UsageError(
            f"--processes {count} on {device}: each needs a CUDA device of its own, and {present} are here",
            "Give fewer processes, or --device cpu.",
        )


def train(
    planned: TrainPlan,
    folder: Path,
    *,
    overwrite: bool,
    should_stop: Callable[[], bool],
    budget_spent: Callable[[], bool] = lambda: False,
) -> Generator[Event, None, TrainResult]:
    """Train, or continue, or find finished; what a time budget ended is scored as far as it came.

    Raises:
        RunError: The folder is not for this run.
        DivergedError: Training diverged.
        StoppedError: A stop was asked for; the same command continues.
    """
    leg = planned.leg
    identity = leg.leg.model_dump(mode="json")
    grown = None if overwrite else state_for_more_epochs(leg, folder)
    anew = overwrite or grown is not None
    early: EarlyEnd | None = None
    with RunDirectory.create(folder, leg.config, identity=identity, overwrite=anew) as run:
        if grown is not None:
            grown.put_into(run)
            yield Note(
                subject="more epochs", values={"folder": str(folder), "epochs": leg.leg.training.epochs}
            )
        is_finished = run.status().state == "done"
        if is_finished:
            yield Note(subject="run finished", values={"folder": str(folder)})
            yield leg.found_finished(FinishedRun(run).summary)
        elif leg.leg.processes == 1:
            early = yield from _trained_here(planned, run, should_stop, budget_spent)
        elif run.killed is not None:
            yield from killed_before(Leg(model=leg.label, seed=leg.leg.seed), run.killed)
    if not is_finished and leg.leg.processes > 1:
        early = yield from _trained_together(planned, folder, should_stop, budget_spent)
    if early is not None:
        return result_of(folder, early.summary, early.timing, task=early.task, answers=early.answers)
    return read_result(folder)


@dataclass(frozen=True)
class EarlyEnd:
    """The best epoch of a training that a time budget ended.

    Attributes:
        summary: What it reaches.
        timing: What that took.
        task: What the answers are to.
        answers: The lines that its `predictions.jsonl` would hold.
    """

    summary: TrainSummary
    timing: Timing
    task: TaskRecord
    answers: LineAnswers


def _trained_here(
    planned: TrainPlan, run: RunDirectory, should_stop: Callable[[], bool], budget_spent: Callable[[], bool]
) -> Generator[Event, None, EarlyEnd | None]:
    """Train in this process; an early end where the time budget ended it."""
    from seqcli.training.leg import one_leg, run_leg
    from seqcli.training.leg_outcome import Sources, task_record
    from seqcli.training.process import settle_process

    leg = planned.leg.leg
    settle_process(leg.threads)
    with run.noting_failure():
        early = yield from one_leg(
            run_leg(
                leg,
                planned.prepared,
                run,
                label=planned.leg.label,
                should_stop=should_stop,
                checkpoint_every=planned.checkpoint_every,
                budget_spent=budget_spent,
                keep_last=True,
                sources=Sources(texts=planned.texts),
            )
        )
    if early is None:
        return None
    return EarlyEnd(early.summary, early.timing, task_record(leg, planned.prepared), early.answers)


def _trained_together(
    planned: TrainPlan, folder: Path, should_stop: Callable[[], bool], budget_spent: Callable[[], bool]
) -> Generator[Event, None, EarlyEnd | None]:
    """Train on several processes, the first of which keeps the run; an early end as of one process."""
    from seqcli.launch.processes import run_together
    from seqcli.training.leg_outcome import task_record

    leg = planned.leg.leg
    limits = {
        "max_time": planned.max_time,
        "checkpoint_every": planned.checkpoint_every,
        "texts": planned.texts,
        "run": str(folder.absolute()),
    }
    result = yield from run_together(
        replace(planned.leg.job(folder, limits), kind="shared-leg"),
        leg.processes,
        device=leg.device,
        threads=leg.threads,
        # A spent budget is told by the processes themselves, which then score how far they came.
        should_stop=lambda: should_stop() and not budget_spent(),
    )
    if not result:
        return None
    return EarlyEnd(
        TrainSummary.from_json(result["summary"]),
        Timing.from_json(result["timing"]),
        task_record(leg, planned.prepared),
        str(result["answers"]).encode(),
    )


def state_for_more_epochs(leg: PlannedLeg, folder: Path) -> "LastState | None":
    """The state that a finished or stopped run goes on from, where nothing but more epochs is asked of it.

    Raises:
        RunError: More epochs are asked for and cannot continue this run; says why, and what can be done.
        StorageError: The disk fails.
    """
    from seqcli.training.state import LastState

    if is_unused(folder) or not folder.is_dir():
        return None
    run = RunDirectory.open(folder)
    changes = told_once(
        differences(run.config, leg.config), differences(run.identity, leg.leg.model_dump(mode="json"))
    )
    changed = {change.key for change in changes} - WHERE_TO_LOOK
    epochs, trained = leg.leg.training.epochs, run.config.get("epochs")
    more = changed == {"epochs"} and isinstance(trained, int) and epochs > trained
    if not more:
        return None
    finished = FinishedRun(run) if run.status().state == "done" else None
    reason = _no_more_epochs(leg.leg, None if finished is None else finished.summary)
    last = None
    if reason is None:
        last = LastState.of_stopped(run) if finished is None else LastState.of(finished)
    if last is None and finished is None and reason is None:
        return None  # nothing to go on from: told as any other setting that changed
    if last is None:
        raise RunError(
            f"{folder} cannot go on to epoch {epochs}: {reason or 'its last state was not kept'}",
            f"--overwrite trains all {epochs} epochs anew; another --out keeps this run beside it.",
        )
    return last


def _no_more_epochs(leg: LegConfig, summary: TrainSummary | None) -> str | None:
    """The reason for which more epochs would not continue a run, or None; a stopped one has no summary."""
    if summary is not None and summary.stopped == "early":
        stop = f"it stopped early, after epoch {summary.epochs}"
        return f"{stop}, and more epochs would stop there too (a larger --patience trains on)"
    if summary is not None and summary.stopped == "steps":
        return f"--max-steps {leg.training.max_steps} ended it"
    if leg.training.schedule != "constant":
        return (
            f"its learning rate fell to 0 over its own epochs (--schedule {leg.training.schedule}),"
            " and over more epochs it would fall differently from the first step on"
        )
    return None
