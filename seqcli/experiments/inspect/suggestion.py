"""The options with which data can be learnt from, as few as do, and the command to go on with."""

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from seqcli.config.words import option
from seqcli.data.config import DataConfig
from seqcli.data.kind import KINDS, own_kind
from seqcli.data.prepared import Prepared, prepare
from seqcli.data.tables import usual_reading
from seqcli.data.task import choose_task
from seqcli.errors import SeqcliError, StorageError
from seqcli.models.architecture import compared_for
from seqcli.results.inspect import FittingKind, SeriesLook


@dataclass(frozen=True)
class Tried:
    """A way to read the data: the options that it takes beside a person's own, and what came of it."""

    options: Mapping[str, object]
    prepared: Prepared | None
    error: SeqcliError | None


def first_that_reads(config: DataConfig, kind: FittingKind, series: SeriesLook | None) -> Tried:
    """The data as training will have it, with as few options as do, or why it cannot be had.

    Raises:
        StorageError: The cache cannot be written.
    """
    tried = Tried({}, None, None)
    for options in _readings(config, kind, series):
        prefers = {
            key: value
            for key, value in {
                **usual_reading(config.location),
                **KINDS.get(kind.name).defaults,
            }.items()
            if key in DataConfig.model_fields and key not in config.model_fields_set
        }
        chosen = DataConfig.model_validate({**config.model_dump(exclude_unset=True), **prefers, **options})
        try:
            return Tried(options, prepare(choose_task(None, chosen), chosen), None)
        except StorageError:
            raise
        except SeqcliError as error:
            tried = Tried(options, None, error)
    return tried


def _readings(
    config: DataConfig, kind: FittingKind, series: SeriesLook | None
) -> Iterator[dict[str, object]]:
    """Options to read the data with, the fewest first."""
    columns = {key: name for key, name in kind.columns.items() if getattr(config, key) is None}
    stated: dict[str, object] = {} if own_kind(config) == kind.name else {"kind": kind.name}
    if series is not None:
        yield from _series_readings(config, {**columns}, series)
        return
    if not stated:
        yield {}
    yield {**columns} if own_kind(config.model_copy(update=columns)) == kind.name else {**stated, **columns}


def _series_readings(
    config: DataConfig, columns: dict[str, object], series: SeriesLook
) -> Iterator[dict[str, object]]:
    """The same of series: several told apart by a column, gaps filled, windows that fit a short one."""
    options = dict(columns)
    if series.series_column and config.series_column is None:
        options["series_column"] = series.series_column
    if config.fill is None and (series.gaps or any(channel.missing for channel in series.channels)):
        options["fill"] = "linear"
    if series.season > 1 and config.period is None:
        options["period"] = series.season
    yield options
    steps = series.rows // max(series.series, 1)
    if config.context is None and config.horizon is None:
        yield {**options, "context": max(steps // 12, 2), "horizon": max(steps // 40, 1)}


def suggested(config: DataConfig, kind: str, options: Mapping[str, object]) -> str:
    """The command to go on with, as a person types it.

    Args:
        config: The data, with what was said of it.
        kind: Its kind.
        options: What must be said beside.
    """
    stated = config.model_dump(mode="json", exclude_unset=True)
    words = ["seqcli", "compare" if len(compared_for(kind)) > 1 else "train"]
    for key, value in {**stated, **options}.items():
        if value is not None:
            words += option(key, value, repeated=isinstance(value, list | tuple))
    return " ".join(word if _PLAIN.fullmatch(word) else shlex.quote(word) for word in words)


_PLAIN = re.compile(r"[\w.:@%+=,/-]+")
