"""Comparisons as commands run them: what is shown on the way, and how what is missing ends the command."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

from seqcli.cli.flags import Given
from seqcli.cli.run import MACHINE_FORMATS, follow, speak
from seqcli.cli.signals import StopSignals
from seqcli.errors import GateFailedError, GateUndecidedError, LegsFailedError, StoppedError
from seqcli.experiments.compare.study import Study
from seqcli.experiments.studies import StudyResult
from seqcli.reports.progress.board import WorkAhead
from seqcli.reports.words.notes import note_text
from seqcli.reports.words.worded import worded
from seqcli.results.common import Expectation
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
        cautions = tuple(study.table_cautions) if shows_table(self.given) else ()
        work = WorkAhead(legs=study.legs, metric=study.metric, cautions=cautions)
        return follow(events, "compare", self.given, stop=self.stop, work=work)

    def tell(self, notes: Sequence[Note]) -> None:
        """Write remarks, unless the command is quiet."""
        speak([note_text(note) for note in notes], self.given)

    def worded(self, result: StudyResult) -> StudyResult:
        """The result with its facts in sentences too."""
        return worded(result)


def shows_table(given: Given) -> bool:
    """Return whether the result will be a table that a person reads, its cautions below it."""
    return not given.get("dry_run") and (given.get("format") or "table") not in MACHINE_FORMATS


def speak_before(study: Study[Any], given: Given, more: Sequence[str] = ()) -> None:
    """Tell what is to come, on stderr: nothing that the table will say.

    Args:
        study: What is about to run.
        given: What the person typed.
        more: Further lines, left out where `-q` was given.
    """
    if not shows_table(given):
        speak([*study.about, *more], given, always=study.cautions)
        return
    repeated = {*study.about[:1], *(f"{text}." for text in study.table_cautions)}
    repeated |= set(study.data_notes) if given.get("verbose") else set()
    speak([*(line for line in study.about if line not in repeated), *more], given)


def raise_stopped(result: StudyResult, stop: StopSignals, *, attach: str | None = None) -> None:
    """End with the code of the signal or the time limit where legs are left to be run.

    Args:
        result: What there is.
        stop: Why it is no more.
        attach: The command that waits for a cluster's work again, which goes on without this one.

    Raises:
        StoppedError: Says how many there are.
    """
    left = result.legs_to_go
    if result.status == "complete" or not (left or stop()):
        return
    to_go = (
        f"stopped with {left} of {result.legs} training runs to go; finished ones are kept, running ones go"
        " on from where they were saved"
    )
    error = StoppedError(
        to_go if left else "stopped before cost was measured; every training run is finished and kept",
        "The same command continues from here." if attach is None else f"Attach again: {attach}",
    )
    error.exit_code = stop.exit_code(error.exit_code)
    raise error


def raise_shortfalls(result: StudyResult, *, in_sight: bool = False) -> None:
    """End with the code of what is missing: failed legs first, then gates that are not met.

    Args:
        result: What was compared.
        in_sight: The same terminal shows its table.

    Raises:
        LegsFailedError: A leg failed.
        GateFailedError: A gate does not hold.
        GateUndecidedError: A gate cannot be decided.
    """
    # Before gates: one that does not hold may do so only because of what is missing.
    if result.failures:
        raise LegsFailedError(
            f"{len(result.failures)} of {result.legs} training runs failed; the table shows the rest"
        )
    raise_unmet(result.expectations, in_sight=in_sight)


def raise_unmet(expectations: Sequence[Expectation], *, in_sight: bool = False) -> None:
    """End a command whose gates are not all met; a gate that fails outweighs one that is undecided.

    Args:
        expectations: The gates, judged.
        in_sight: The same terminal shows the table, and with it what was measured and what is lacking.

    Raises:
        GateFailedError: At least one gate does not hold.
        GateUndecidedError: All others hold.
    """
    if all(expectation.verdict == "holds" for expectation in expectations):
        return
    from seqcli.reports.words.gate_words import gate_sentence, need_words

    def sentences_of(verdict: str) -> list[str]:
        return [
            each.text if in_sight else gate_sentence(each) for each in expectations if each.verdict == verdict
        ]

    failed, undecided = sentences_of("fails"), sentences_of("undecided")
    if failed:
        raise GateFailedError(f"expected, and it does not hold: {'; '.join(failed)}")
    if undecided and in_sight:
        raise GateUndecidedError(f"expected, and it cannot be decided: {'; '.join(undecided)}")
    if undecided:
        needs = [
            need_words(expectation.need)
            for expectation in expectations
            if expectation.verdict == "undecided" and expectation.need
        ]
        # Gates of one pair lack the same seeds: told once.
        hint = "; ".join(dict.fromkeys(needs))
        raise GateUndecidedError(
            f"expected, and it cannot be decided: {'; '.join(undecided)}",
            f"{hint[0].upper()}{hint[1:]}." if hint else None,
        )
