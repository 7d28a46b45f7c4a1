"""The folder of a comparison's parts, so that nothing finished is done twice."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError

from seqcli.data.answer_rows import LineAnswers
from seqcli.data.cache import cache_folder, spare_cache
from seqcli.data.prepared import Prepared
from seqcli.errors import BusyError, OutOfMemoryError, RunError, SeqcliError, StorageError
from seqcli.experiments.compare.sitting import read_costs
from seqcli.experiments.legs import PlannedLeg
from seqcli.launch.machine import this_machine
from seqcli.results.compare import BaselineAnswers, Comparison
from seqcli.results.events import Note
from seqcli.results.record import Record
from seqcli.results.sweep import Sweep
from seqcli.results.train import EpochRecord, Timing, TrainSummary
from seqcli.runs import strict_json
from seqcli.runs.directory import Growth, RunDirectory
from seqcli.runs.finished_run import FinishedRun
from seqcli.runs.run_layout import (
    BASELINES_FOLDER,
    COST_FOLDER,
    LEGS_FOLDER,
    is_unused,
)
from seqcli.runs.sealed import read_record, write_record
from seqcli.runs.storage import storage_faults
from seqcli.runs.temporary import sweep_stale

if TYPE_CHECKING:
    from seqcli.results.guide import Guide

R = TypeVar("R", bound=Record)

COST_BLOCKS = 4
"""What a block measures; those of a lower number are measured anew."""


@dataclass(frozen=True)
class LegOutcome:
    """A finished leg: what it reached, what it took, its `metrics.jsonl` and its `predictions.jsonl`."""

    summary: TrainSummary
    timing: Timing
    epochs: tuple[EpochRecord, ...] = ()
    predictions: LineAnswers = field(default=b"", repr=False)

    @classmethod
    def of(cls, leg: FinishedRun) -> "LegOutcome":
        """All that is asked of a finished leg, read at once.

        Raises:
            ValueError: Its values are of another version.
        """
        return cls(leg.summary, leg.timing, leg.epochs, leg.predictions)

    @property
    def learning(self) -> tuple[float, ...]:
        """The validation metric after each epoch."""
        return tuple(epoch.valid_metric for epoch in self.epochs)


@dataclass(frozen=True)
class Store:
    """Run directories of legs, baselines' answers and cost blocks under one folder, named by content.

    Attributes:
        folder: The comparison's own folder, or the cache when no `--out` was given.
        run: The comparison's run directory; None in the cache.
        shared: Whether other machines take legs from here: then there is no other place for them.
    """

    folder: Path
    run: RunDirectory | None = None
    shared: bool = False
    _answers: dict[Path, BaselineAnswers] = field(default_factory=dict, repr=False)
    _announced: list[str] = field(default_factory=list, repr=False)
    _moved: list[Path] = field(default_factory=list, repr=False)

    def stored(self, kind: type[R]) -> R | None:
        """The result that was committed here before, if one was, and it answers all that is asked now.

        Args:
            kind: Its record: the comparison's, the sweep's or the guide's.

        Raises:
            RunError: Its file was changed, or is of a version whose results mean something else.
        """
        # A run that has grown holds the smaller comparison's result: it answers less than is asked now.
        if self.run is None or self.run.grown or self.run.status().state != "done":
            return None
        try:
            return kind.from_json(FinishedRun(self.run).result)
        except (ValueError, RecursionError) as error:
            fault = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
            raise RunError(
                f"{self.folder} holds a result that this version cannot read: {fault}",
                "Add --overwrite to make it anew, or name another --out.",
            ) from error

    def commit(self, result: "Comparison | Sweep | Guide") -> None:
        """Keep a complete result; one with failed legs stays open, so that the same command tries again.

        Raises:
            StorageError: The disk is full or fails.
        """
        if self.run is not None and result.status == "complete":
            # One that is there tells of fewer sittings, or of fewer seeds and models: this one takes its
            # place.
            self.run.commit_result({}, result.to_json(), replace=self.run.status().state == "done")

    @property
    def legs(self) -> Path:
        """The folder of the legs' run directories."""
        return (self._moved[-1] if self._moved else self.folder) / LEGS_FOLDER

    @property
    def spare(self) -> Path | None:
        """The folder for legs that the cache does not take; None for a person's own, or after `move`."""
        if self.run is not None or self._moved or self.shared:
            return None
        cache = spare_cache()
        return None if cache is None or cache.root.parent == self.folder else cache.root.parent

    def move(self, folder: Path) -> None:
        """Make legs there from now on; those that are kept already stay where they are."""
        self._moved.append(folder)

    def outcome(self, leg: PlannedLeg) -> LegOutcome | None:
        """Return the outcome of a leg, checked by SHA-256; None when it is not finished, or was changed.

        Raises:
            StorageError: The disk does not give it.
        """
        places = (self.folder, *self._moved)
        outcomes = (self._outcome(place / LEGS_FOLDER / leg.folder_name) for place in places)
        return next((outcome for outcome in outcomes if outcome is not None), None)

    @staticmethod
    def _outcome(folder: Path) -> LegOutcome | None:
        if not folder.is_dir():
            return None
        try:
            leg = FinishedRun.open(folder)
            return None if leg is None else LegOutcome.of(leg)
        except StorageError:  # a disk that does not give it now: no damage, so nothing may replace it
            raise
        except (SeqcliError, ValueError, RecursionError):  # changed, or made by another version
            return None

    def is_spoilt(self, leg: PlannedLeg) -> bool:
        """Return whether what is there of a leg cannot be used: changed, or made by another version.

        Raises:
            StorageError: The disk does not give it.
        """
        folder = self.legs / leg.folder_name
        if not folder.is_dir() or is_unused(folder):
            return False
        try:
            return RunDirectory.open(folder).status().state == "done" and self._outcome(folder) is None
        except RunError:
            return True
        except BusyError:
            return False

    def baseline_file(self, name: str, prepared: Prepared) -> Path:
        """The file that holds a baseline's answers."""
        return self.folder / BASELINES_FOLDER / f"{name}-{prepared.sha256[:16]}.json"

    def keep_baseline(self, name: str, prepared: Prepared, answers: Mapping[str, object]) -> Iterator[Note]:
        """Keep a baseline's answers for later; this comparison has them in any case.

        Args:
            name: What it is kept under.
            prepared: The data.
            answers: A `BaselineAnswers` as JSON values.
        """
        path = self.baseline_file(name, prepared)
        self._answers[path] = BaselineAnswers.from_json(answers)
        yield from self.keep_record(path, answers)

    def keep_record(self, path: Path, value: Mapping[str, object]) -> Iterator[Note]:
        """Write what can be computed again; a disk that does not take it is told once, and no fault."""
        try:
            with storage_faults(path, needed=0):
                path.parent.mkdir(parents=True, exist_ok=True)
                write_record(path, value)
        except (StorageError, OutOfMemoryError) as error:
            if not self._announced:
                self._announced.append(error.message)
                yield Note(subject="work not kept", values={"reason": error.message})

    def baseline(self, name: str, prepared: Prepared) -> BaselineAnswers | None:
        """A baseline's scores and answers; None when it failed, or its file was changed or is of old."""
        path = self.baseline_file(name, prepared)
        if path not in self._answers:
            try:
                self._answers[path] = BaselineAnswers.from_json(read_record(path))
            except (RunError, StorageError, ValueError):
                return None
        return self._answers[path]

    def cost_file(
        self, legs: Sequence[PlannedLeg], measurement: str = "cost", *, host: str | None = None
    ) -> Path:
        """The file that holds the cost blocks of these models, measured together on one machine.

        Args:
            legs: One of each model.
            measurement: 'steps' for those that decide how long models are trained for equal time.
            host: The machine, by its name; None is this one, as it is now.
        """
        # Blocks are kept by label: under another name the same model would not find its own.
        models: list[object] = [[leg.label, leg.leg.model_dump(mode="json")] for leg in legs]
        local_machine = this_machine(legs[0].leg.device, legs[0].leg.threads)
        machine = local_machine.to_json() if host is None else host
        digest = strict_json.digest([COST_BLOCKS, measurement, machine, *models])
        return self.folder / COST_FOLDER / f"{digest[:16]}.json"

    def measured_since(self, sittings: int) -> bool:
        """Return whether cost was measured here in more sittings than a finished result tells of.

        A command that was stopped between the two leaves it so.
        """
        if self.run is None:
            return False
        records = [read_costs(path) for path in sorted((self.folder / COST_FOLDER).glob("*.json"))]
        this_host = this_machine("cpu", 1).host
        measurements = [costs.sittings for costs in records if costs is not None]
        return any(
            len(measured) > max(sittings, 1) and measured[-1].machine.host == this_host
            for measured in measurements
        )


def store_folder(out: Path | None) -> Path:
    """Return the folder of a comparison's parts: its own, or one in the cache."""
    return cache_folder() if out is None else out


@contextmanager
def open_store(
    folder: Path | None,
    *,
    config: dict[str, object],
    identity: dict[str, object],
    overwrite: bool,
    growth: Growth | None = None,
    shared: bool = False,
) -> Iterator[Store]:
    """The store of a comparison: its own run directory, or the cache.

    Args:
        folder: The run directory; None for the cache.
        config: All settings that decide the result.
        identity: What else does.
        overwrite: Whether a run that is there gives way.
        growth: Tells the larger configurations that a run there may go on with.
        shared: The cache is a store that other machines see: legs are made there, whatever the folder.

    Raises:
        RunError: The folder is not for this comparison.
        BusyError: Another process works in it.
        StorageError: The disk is full or fails.
    """
    # At each start, since a process that was killed could not do it at its end.
    with suppress(StorageError, OSError):  # no cache, nothing left in it
        for entry in sorted(cache_folder().iterdir()):
            # A link may lead out of the cache, where nothing is seqcli's to sweep.
            if entry.is_dir() and not entry.is_symlink():
                sweep_stale(entry)
    if folder is None:
        yield Store(store_folder(None), shared=shared)
        return
    with RunDirectory.create(folder, config, identity=identity, overwrite=overwrite, growth=growth) as run:
        store = Store(run.path, run, shared=shared)
        if shared:
            store.move(store_folder(None))
        yield store
