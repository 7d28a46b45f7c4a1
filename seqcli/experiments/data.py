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
    return prepare(choose_task(options.task, config, expected_kind(options)), config)


def expected_kind(options: LegOptions) -> str:
    """The kind of task that the models named learn, for data that does not tell its own."""
    kinds = [architecture(name.partition(":")[0].strip()).kinds for name in options.model_names]
    return kinds[0][0] if kinds and "classify" not in kinds[0] else "classify"
