"""Independent rows of numbers with one class each: one in, one out, no order at all.

All but the reading is as of sequences of vectors, each of one step.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from seqcli.data.kind import KindFit, OwnData
from seqcli.data.kinds.signal import KIND as SIGNAL
from seqcli.errors import SeqcliError
from seqcli.results.inspect import ColumnLook


def _unmistakable(config: OwnData) -> bool:
    """Return whether the columns say that the data can be nothing else."""
    options = (config.text_column, config.time_column, config.id_column, config.step_column)
    if config.location is None or config.pairs or any(name is not None for name in options):
        return False
    from seqcli.data.config import DataConfig
    from seqcli.data.row_table import unmistakable_rows
    from seqcli.data.signal_tables import signal_source
    from seqcli.data.tables import read_table

    source = signal_source(config.location)
    if source is None or source.of_signals:
        return False
    with suppress(SeqcliError):  # whoever reads the data tells what is wrong with it
        return unmistakable_rows(
            read_table(config.location, config if isinstance(config, DataConfig) else DataConfig())
        )
    return False


def own_task(name: str) -> object:
    """The task that a person's own data makes; imported only where there is such data."""
    from seqcli.data.signal_task import OwnRows

    return OwnRows(name=name)


def fits_columns(looks: Sequence[ColumnLook]) -> KindFit | None:
    """The column of labels of a table of numbers without texts or times."""
    from seqcli.data.row_table import fits_rows

    return fits_rows(looks)


KIND = replace(
    SIGNAL,
    own=own_task,
    meant=_unmistakable,
    fits=fits_columns,
    told_by=frozenset(),
    baselines={"majority": "majority class", "moments": "logistic regression"},
    fitting=None,
    architecture="one-to-one",
)
