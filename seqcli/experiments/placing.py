"""The place that the training runs of a configuration go to: the engine that it names, and with what."""

from pathlib import Path

from seqcli.experiments.config import CompareConfig
from seqcli.launch.engine import ENGINES, Engine, Placement


def engine_of(config: CompareConfig) -> Engine:
    """The engine that was named; without a name the store's where there is a store, and this machine else."""
    usual = "local" if config.store is None else "work"
    return ENGINES.get((config.on or usual).partition("://")[0])


def placement_of(config: CompareConfig) -> Placement:
    """The place where training is to run, and how much of it is used."""
    return Placement(
        jobs=config.jobs,
        threads=config.threads,
        store=None if config.store is None else Path(config.store).expanduser().absolute(),
        lost_after=config.lost_after,
        address=config.on if config.on is not None and "://" in config.on else None,
        strict=config.strict,
        slurm=config.slurm,
    )


def check_engine(config: CompareConfig) -> None:
    """Refuse an engine that cannot run here, before data is prepared.

    Raises:
        UsageError: An extra or a program is missing, or a setting does not fit.
    """
    engine_of(config).check(placement_of(config))
