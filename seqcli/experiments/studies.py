"""The study of a configuration, and how it is run: what is kept, which looks were taken, what is told."""

from collections.abc import Generator, Sequence
from typing import Any, Protocol

from seqcli.errors import UsageError
from seqcli.experiments.compare.leg_runner import check_engine
from seqcli.experiments.compare.plan import plan
from seqcli.experiments.compare.signature import remember, signed
from seqcli.experiments.compare.sitting import kept_cost_note
from seqcli.experiments.compare.store import Store, open_store
from seqcli.experiments.compare.study import ComparisonStudy, Study, is_growth
from seqcli.experiments.config import CompareConfig
from seqcli.experiments.look_ledger import LookLedger, looks_before
from seqcli.results.compare import Comparison
from seqcli.results.events import Event, Note
from seqcli.results.sweep import Sweep
from seqcli.runs.run_layout import check_place

StudyResult = Comparison | Sweep


class StudyCaller(Protocol):
    """The one who has a study run: a command, or a function of Python."""

    def should_stop(self) -> bool:
        """Return whether a stop was asked for; asked all the time."""

    def follow(self, events: Generator[Event, None, StudyResult], study: Study[Any]) -> StudyResult:
        """Run the study to its end, showing what there is to see on the way."""

    def tell(self, notes: Sequence[Note]) -> None:
        """Tell a person what was kept or looked at before."""

    def worded(self, result: StudyResult) -> StudyResult:
        """The result with its facts in sentences too."""


def study_of(config: CompareConfig) -> Study[Any]:
    """Check everything and make the data ready; nothing is trained yet.

    Raises:
        UsageError: A model, setting, task or varied setting is unknown, or options exclude each other.
        RunError: `out` is no place for a run.
        DataError: The data cannot be read as what it was said to be.
    """
    if config.out is not None:
        check_place(config.out)
    check_engine(config)
    if config.vary is None and len(config.match) == 1:
        return ComparisonStudy(config, (plan(config),))
    if config.vary is None:
        from seqcli.experiments.compare.protocols_study import ProtocolStudy

        return ProtocolStudy.of(config)
    if len(config.match) > 1:
        raise UsageError("--vary changes one setting at one --match", "Drop all but one protocol.")
    if config.baseline is not None:
        raise UsageError("--baseline compares one result, --vary makes several", "Drop one of the two.")
    if isinstance(config.seeds, str):
        raise UsageError("--vary needs the same seeds at every value", "Say how many: --seeds 5.")
    from seqcli.experiments.sweep.sweep_study import SweepStudy

    return SweepStudy.of(config)


def run_study(
    study: Study[Any], caller: StudyCaller, *, overwrite: bool = False, repeats: StudyResult | None = None
) -> StudyResult:
    """Run the comparison, or read the one that is finished; partial where a stop was asked for.

    Args:
        study: What to run.
        caller: Who has it run.
        overwrite: Start anew where a run already is.
        repeats: The result that this repeats. A repetition is no further look at the data: it is judged at
            the level that its result was, whatever was looked at here since, and is not written down as one.

    Raises:
        SeqcliError: What stopped it, with its exit code.
    """
    with open_store(
        study.config.out,
        config=study.kept_config,
        identity=study.identity,
        overwrite=overwrite,
        growth=is_growth,
        shared=study.config.store is not None,
    ) as store:
        result = _finished(study, store, caller)
        if result is None:
            ledger = LookLedger(store, study.kept_config, study.identity)
            study.after(ledger.taken() if repeats is None else looks_before(repeats))
            concluded = caller.follow(study.run(store, caller.should_stop), study)
            result = caller.worded(signed(concluded, study.kept_config, study.identity))
            store.commit(result)
            remember(result)
            if result.status == "complete" and repeats is None:
                point = result if isinstance(result, Comparison) else result.points[-1]
                caller.tell(list(ledger.add(point)))
        judged: StudyResult = study.judged(result)
    return judged


def _finished(study: Study[Any], store: Store, caller: StudyCaller) -> StudyResult | None:
    """The result that an earlier run committed here, unless cost was or is to be measured again."""
    if study.config.measure_again:
        return None
    result: StudyResult | None = store.stored(study.record)
    if isinstance(result, Comparison) and store.measured_since(len(result.sittings)):
        return None
    if isinstance(result, Comparison) and result.sittings:
        caller.tell([kept_cost_note(result.sittings)])
    return result
