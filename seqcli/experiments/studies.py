"""The study of a configuration; what only one kind of study needs is imported for that one."""

from typing import Any

from seqcli.errors import UsageError
from seqcli.experiments.compare.plan import plan
from seqcli.experiments.compare.study import ComparisonStudy, Study
from seqcli.experiments.config import CompareConfig
from seqcli.runs.directory import check_place


def study_of(config: CompareConfig) -> Study[Any]:
    """Check everything and make the data ready; nothing is trained yet.

    Raises:
        UsageError: A model, setting, task or varied setting is unknown, or options exclude each other.
        RunError: `out` is no place for a run.
        DataError: The data cannot be read as what it was said to be.
    """
    if config.out is not None:
        check_place(config.out)
    if config.vary is None and len(config.match) == 1:
        return ComparisonStudy(config, (plan(config),))
    if config.vary is None:
        from seqcli.experiments.compare.protocols_study import ProtocolStudy

        return ProtocolStudy.of(config)
    if len(config.match) > 1:
        raise UsageError("--vary goes along one setting at one --match", "Drop all but one protocol.")
    if config.baseline is not None:
        raise UsageError("--baseline compares one result, --vary makes several", "Drop one of the two.")
    if isinstance(config.seeds, str):
        raise UsageError("--vary needs the same seeds at every value", "Say how many: --seeds 5.")
    from seqcli.experiments.sweep.sweep_study import SweepStudy

    return SweepStudy.of(config)
