"""A command's data, made ready once and kept in the cache."""

from seqcli.data.cells import SERIES
from seqcli.data.config import DataConfig
from seqcli.data.prepared import Prepared, prepare
from seqcli.data.task import choose_task
from seqcli.experiments.config import LegOptions
from seqcli.experiments.legs import check_kind
from seqcli.models.architecture import architecture
from seqcli.models.spec import model_name


def prepare_data(options: LegOptions) -> Prepared:
    """The task's data, encoded once and kept in the cache.

    Raises:
        UsageError: Neither or both of a task and data were named, or a model does not learn such a task.
        DataError: The data cannot be read as what it was said to be.
    """
    config = options.section(DataConfig)
    names = [model_name(text) for text in options.model_names]
    learnt = architecture(names[0]).kinds if names else None
    task = choose_task(options.task, config, learnt)
    # One column to be written may be meant for a series: what else there is for that is told.
    other = SERIES if config.target_column and not config.source_column else ""
    for name in names:  # before the data is read, whose faults would only be those of another kind
        check_kind(name, task.name, task.kind, other)
    return prepare(task, config)
