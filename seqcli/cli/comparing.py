"""Comparisons as commands run them: the study with its progress, and how what is missing ends the command."""

from typing import Any

from seqcli.cli.flags import Given
from seqcli.cli.run import follow, speak
from seqcli.cli.signals import StopSignals
from seqcli.errors import LegsFailedError, StoppedError
from seqcli.experiments.compare.signature import remember, signed
from seqcli.experiments.compare.sitting import kept_cost_note
from seqcli.experiments.compare.store import Store, open_store
from seqcli.experiments.compare.study import Study, is_growth
from seqcli.experiments.look_ledger import LookLedger, looks_before
from seqcli.reports.words.notes import note_text
from seqcli.reports.words.worded import worded
from seqcli.results.compare import Comparison
from seqcli.results.sweep import Sweep


def run_study(
    study: Study[Any], given: Given, stop: StopSignals, *, repeats: Comparison | Sweep | None = None
) -> Comparison | Sweep:
    """Run the comparison, or read the one that is finished; partial where a stop was asked for.

    Args:
        study: What to run.
        given: The command's options.
        stop: Asked all the time.
        repeats: The result that this repeats. A repetition is no further look at the data: it is judged at
            the level that its result was, whatever was looked at here since, and is not written down as one.

    Raises:
        SeqcliError: What stopped it, with its exit code.
    """
    with open_store(
        study.config.out,
        config=study.kept_config,
        identity=study.identity,
        overwrite=given["overwrite"],
        growth=is_growth,
    ) as store:
        result = _finished(study, store, given)
        if result is None:
            ledger = LookLedger(store, study.kept_config, study.identity)
            study.after(ledger.taken() if repeats is None else looks_before(repeats))
            told = study.run(store, stop)
            result = follow(told, "compare", given, stop=stop, legs=study.legs, metric=study.metric)
            result = worded(signed(result, study.kept_config, study.identity))
            store.commit(result)
            remember(result)
            if result.status == "complete" and repeats is None:
                point = result if isinstance(result, Comparison) else result.points[-1]
                speak([note_text(note) for note in ledger.add(point)], given)
        judged: Comparison | Sweep = study.judged(result)
    return judged


def _finished(study: Study[Any], store: Store, given: Given) -> Comparison | Sweep | None:
    """The result that an earlier command committed here, unless cost was or is to be measured again."""
    if study.config.measure_again:
        return None
    result: Comparison | Sweep | None = store.stored(study.record)
    if isinstance(result, Comparison) and store.measured_since(len(result.sittings)):
        return None
    if isinstance(result, Comparison) and result.sittings:
        speak([note_text(kept_cost_note(result.sittings))], given)
    return result


def finished_legs(result: Comparison | Sweep) -> list[int]:
    """Return the number of legs finished of each model, under each protocol and at each value."""
    points = [result] if isinstance(result, Comparison) else result.points
    models = [
        model
        for point in points
        for part in (point.models, *(other.models for other in point.alternatives))
        for model in part
    ]
    return [len(model.quality.per_seed) - model.quality.failed for model in models]


def raise_stopped(result: Comparison | Sweep, stop: StopSignals) -> None:
    """End with the code of the signal or the time limit where legs are left to be run.

    Raises:
        StoppedError: Says how many there are.
    """
    left = max(0, result.legs - sum(finished_legs(result)) - len(result.failures))
    if result.status == "complete" or not (left or stop()):
        return
    to_go = f"{left} of {result.legs} training runs to go" if left else "cost not measured yet"
    error = StoppedError(
        f"stopped with {to_go}; finished ones are kept, running ones go on from where they were saved",
        "The same command continues from here.",
    )
    error.exit_code = stop.exit_code(error.exit_code)
    raise error


def raise_shortfalls(result: Comparison | Sweep) -> None:
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
