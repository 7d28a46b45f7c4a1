"""A command's data, made ready once and kept in the cache."""

from seqcli.data.config import DataConfig
from seqcli.data.prepared import Prepared, prepare
from seqcli.data.task import choose_task
from seqcli.experiments.config import LegOptions
from seqcli.models.architecture import architecture


def prepare_data(options: LegOptions) -> Prepared:
    """The task's data, encoded once and kept in the cache.

    Raises:
        UsageError: Neither or both of a task and data were named.
        DataError: The data cannot be read as what it was said to be.
    """
    config = options.section(DataConfig)
    return prepare(choose_task(options.task, config, learnt_kinds(options)), config)


def learnt_kinds(options: LegOptions) -> tuple[str, ...] | None:
    """The kinds of task that the first model named learns, for data that does not tell its own."""
    names = [name.partition(":")[0].strip() for name in options.model_names]
    return architecture(names[0]).kinds if names else None
