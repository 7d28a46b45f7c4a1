"""The sequences of new files, read as a run read those that it learnt from."""

from pathlib import Path

from seqcli.data.config import DataConfig
from seqcli.data.encoded_signals import SignalShape
from seqcli.data.signal_tables import OF_SOUND, Scope, SignalTable, read_signals
from seqcli.runs.finished_run import TaskRecord


def remembered(data: DataConfig, task: TaskRecord) -> dict[str, object]:
    """The columns that a run read, for those that nobody names."""
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in task.reading.items()
        if value and name in DataConfig.model_fields and getattr(data, name) is None
    }


def new_signals(shape: SignalShape, options: DataConfig) -> tuple[SignalTable, str | None]:
    """The sequences of a file or folder, with or without labels, and the run's column that it lacks.

    A table without the run's column of ids holds one sequence.

    Raises:
        DataError: It cannot be read, or lacks a channel.
        UsageError: It is a pipe or device.
    """
    columns = {
        "id_column": options.id_column or shape.id_column or None,
        "step_column": options.step_column or shape.step_column or None,
        "value_column": options.value_column or shape.value_column or None,
        # Where channels have no names, a column of labels would be one of them.
        **({} if shape.named else {"label_column": options.label_column or shape.label_column or None}),
        **{name: getattr(shape, name) for name in (*OF_SOUND, "image_size", "header")},
    }
    table = read_signals(
        str(options.data),
        options.model_copy(update=columns),
        Scope(labels=False, lone=True, guess=False, rows=shape.rows),
    )
    lacking = columns["id_column"] if table.named and columns["id_column"] and not table.columns.id else None
    folder = Path(str(options.data)).is_dir()
    return table, None if folder or lacking is None else str(lacking)
