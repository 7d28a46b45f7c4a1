"""Independent rows of numbers with one class each: one in, one out, no order at all.

All but the reading is as of sequences of vectors, each of one step.
"""

from contextlib import suppress
from dataclasses import replace

from seqcli.data.kind import OwnData
from seqcli.data.kinds.signal import KIND as SIGNAL
from seqcli.errors import SeqcliError
from seqcli.registry import later


def _unmistakable(config: OwnData) -> bool:
    """Return whether the columns say that the data can be nothing else."""
    options = (config.text_column, config.time_column, config.id_column, config.step_column)
    if config.location is None or config.pairs or any(name is not None for name in options):
        return False
    from seqcli.data.config import DataConfig
    from seqcli.data.row_table import unmistakable_rows
    from seqcli.data.signal_tables import signal_source
    from seqcli.data.tables import read_table
    from seqcli.data.written_numbers import with_points

    source = signal_source(config.location)
    if source is None or source.of_signals:
        return False
    with suppress(SeqcliError):  # whoever reads the data tells what is wrong with it
        known = config if isinstance(config, DataConfig) else DataConfig()
        return unmistakable_rows(with_points(read_table(config.location, known), known))
    return False


KIND = replace(
    SIGNAL,
    own=later("seqcli.data.signal_task", "OwnRows"),
    meant=_unmistakable,
    fits=later("seqcli.data.row_table", "fits_rows"),
    told_by=frozenset(),
    baselines={"majority": "majority class", "moments": "logistic regression"},
    fitting=None,
    architecture="one-to-one",
)
