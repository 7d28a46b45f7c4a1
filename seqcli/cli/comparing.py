"""Comparisons as commands run them: what is shown on the way, and how what is missing ends the command."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

from seqcli.cli.flags import Given
from seqcli.cli.run import follow, speak
from seqcli.cli.signals import StopSignals
from seqcli.errors import LegsFailedError, StoppedError
from seqcli.experiments.compare.study import Study
from seqcli.experiments.studies import StudyResult, legs_to_go
from seqcli.reports.words.notes import note_text
from seqcli.reports.words.worded import worded
from seqcli.results.events import Event, Note


@dataclass(frozen=True)
class CommandCaller:
    """A command that has a study run: progress and remarks go to stderr.

    Attributes:
        given: The command's options.
        stop: Asked all the time.
    """

    given: Given
    stop: StopSignals

    def should_stop(self) -> bool:
        """Return whether a signal came or the time is over."""
        return self.stop()

    def follow(self, events: Generator[Event, None, StudyResult], study: Study[Any]) -> StudyResult:
        """Run the study with its progress."""
        return follow(events, "compare", self.given, stop=self.stop, legs=study.legs, metric=study.metric)

    def tell(self, notes: Sequence[Note]) -> None:
        """Write remarks, unless the command is quiet."""
        speak([note_text(note) for note in notes], self.given)

    def worded(self, result: StudyResult) -> StudyResult:
        """The result with its facts in sentences too."""
        return worded(result)


def raise_stopped(result: StudyResult, stop: StopSignals) -> None:
    """End with the code of the signal or the time limit where legs are left to be run.

    Raises:
        StoppedError: Says how many there are.
    """
    left = legs_to_go(result)
    if result.status == "complete" or not (left or stop()):
        return
    to_go = f"{left} of {result.legs} training runs to go" if left else "cost not measured yet"
    error = StoppedError(
        f"stopped with {to_go}; finished ones are kept, running ones go on from where they were saved",
        "The same command continues from here.",
    )
    error.exit_code = stop.exit_code(error.exit_code)
    raise error


def raise_shortfalls(result: StudyResult) -> None:
    """End with the code of what is missing: failed legs first, then gates that are not met.

    Raises:
        LegsFailedError: A leg failed.
        GateFailedError: A gate does not hold.
        GateUndecidedError: A gate cannot be decided.
    """
    if result.failures:
        raise LegsFailedError(
            f"{len(result.failures)} of {result.legs} training runs failed; the table shows the rest"
        )
    if result.expectations:
        from seqcli.experiments.gates.judging import raise_unmet

        raise_unmet(result.expectations)
