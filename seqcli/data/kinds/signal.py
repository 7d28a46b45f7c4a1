"""One class for a whole sequence of vectors: a sensor's, a gesture's, a recording's.

All but the inputs is as of one class for a whole text.
"""

from contextlib import suppress
from dataclasses import replace

from seqcli.data.encoded_signals import EncodedSignals, SignalViews
from seqcli.data.kind import Examples, OwnData, ReadyData, split_of
from seqcli.data.kinds.classify import KIND as CLASSIFY
from seqcli.errors import SeqcliError
from seqcli.registry import later

DTW_CELLS = 500_000_000
"""Cells of all alignments together up to which nearest neighbours are looked for: half a minute or so."""


def examples(prepared: ReadyData, split: str) -> Examples:
    """The vectors as the networks read them, and their labels."""
    signals = split_of(prepared, split, EncodedSignals)
    return SignalViews(signals), [prepared.labels[target] for target in signals.targets]


def _small_enough(prepared: ReadyData) -> frozenset[str]:
    """The baselines that are done in time: each new sequence is aligned with every training one."""
    train, *others = (split_of(prepared, name, EncodedSignals) for name in ("train", "valid", "test"))
    steps = sum(int(split.lengths.sum()) for split in others)
    cells = steps * int(train.lengths.sum())
    return frozenset(BASELINES) - (frozenset() if cells <= DTW_CELLS else {"dtw"})


def _unmistakable(config: OwnData) -> bool:
    """Return whether the options, the format or the columns say that the data is of signals."""
    if config.location is None or config.pairs or config.time_column is not None:
        return False
    from seqcli.data.config import DataConfig
    from seqcli.data.signal_columns import unmistakable
    from seqcli.data.signal_tables import meant_per_step, signal_source
    from seqcli.data.tables import read_table
    from seqcli.data.wide_table import certainly_sequences
    from seqcli.data.written_numbers import with_points

    if isinstance(config, DataConfig) and meant_per_step(config):
        return False
    if config.id_column is not None or config.step_column is not None:
        return True

    source = signal_source(config.location)
    if source is None or source.of_signals or config.text_column is not None:
        return source is not None and source.of_signals
    with suppress(SeqcliError):  # whoever reads the data tells what is wrong with it
        known = config if isinstance(config, DataConfig) else DataConfig()
        table = with_points(read_table(config.location, known), known)
        return unmistakable(table) or certainly_sequences(table, known)
    return False


BASELINES = {
    "majority": "majority class",
    "moments": "mean and deviation",
    "dtw": "nearest by DTW",
}

KIND = replace(
    CLASSIFY,
    open_split=lambda folder, name: EncodedSignals.open(folder, name, CLASSIFY.metrics),
    own=later("seqcli.data.signal_task", "OwnSignals"),
    fits=later("seqcli.data.wide_table", "fits_sequences"),
    meant=_unmistakable,
    told_by=frozenset({"id_column", "step_column"}),
    defaults={"dropout": 0.0, "hidden": 64, "lr": 0.003, "epochs": 40, "patience": 10, "batch_size": 32},
    usual=False,
    baselines=BASELINES,
    examples=examples,
    fitting=_small_enough,
    reader=None,
    of_vectors=True,
    use="seqcli predict . --data FILE",
)
