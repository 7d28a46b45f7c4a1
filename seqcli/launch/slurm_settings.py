"""The `slurm:` section of a configuration: what SLURM is asked for, in its own words."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from seqcli.config.names import OneLine
from seqcli.config.settings import Duration, PositiveInt, Settings

WORKERS = 4
"""Workers of an array: enough to be worth a queue, few enough for a queue that is shared."""
SIGNAL_SECONDS = 90.0
"""Between SLURM's word that the time is nearly over and its end: a step, and a checkpoint over a network."""


def _lines(value: object) -> object:
    """Lines as people write them: a single one is a list of one."""
    return (value,) if isinstance(value, str) else value


SettingLines = Annotated[tuple[OneLine, ...], BeforeValidator(_lines)]


class SlurmSettings(Settings):
    """The wishes of each worker of the array; what is not set is left to SLURM's own defaults.

    Attributes:
        partition: Where to run.
        account: Who pays.
        qos: The quality of service.
        time: The time limit of a worker; it is queued again where there is more to do.
        memory: Of a worker, such as '8G'.
        cpus: Of a worker; by default one a training run that it has side by side, times its threads.
        gpus: Of a worker.
        constraint: Features that a node must have.
        exclude: Nodes not to be used.
        workers: How many there are, at most one a training run.
        array_limit: How many of them run at once.
        setup: Shell lines before a worker starts, such as 'module load python'.
        signal_before: Seconds before the time limit at which a worker is told to save.
        options: Further options of sbatch: 'reservation=deep'.
    """

    partition: OneLine | None = None
    account: OneLine | None = None
    qos: OneLine | None = None
    time: Duration | None = None
    memory: OneLine | None = None
    cpus: PositiveInt | None = None
    gpus: PositiveInt | None = None
    constraint: OneLine | None = None
    exclude: OneLine | None = None
    workers: PositiveInt = WORKERS
    array_limit: PositiveInt | None = None
    setup: SettingLines = ()
    signal_before: Duration = Field(default=SIGNAL_SECONDS)
    options: SettingLines = ()
