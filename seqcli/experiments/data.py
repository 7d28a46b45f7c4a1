"""A command's data, made ready once and kept in the cache."""

from collections.abc import Sequence

from seqcli.data.columns import as_typed
from seqcli.data.config import DataConfig
from seqcli.data.data_words import SERIES, folds_sentence, guessed_columns, lost_notes
from seqcli.data.kind import KINDS, KindFit, fitting_kinds, own_kind
from seqcli.data.prepared import Prepared, prepare
from seqcli.data.task import choose_task
from seqcli.errors import ColumnsError, SeqcliError
from seqcli.experiments.config import LegOptions
from seqcli.experiments.model_checks import check_kind
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
    try:
        return prepare(task, config)
    except ColumnsError as error:
        other_fit = other_kind(config, task.kind)
        if other_fit is None:
            raise
        rest = (error.hint or "").replace(SERIES, "").strip()
        raise ColumnsError(
            error.message,
            f"This looks like data of kind {other_fit[0]}: {kind_options(*other_fit)}. {rest}".rstrip(),
        ) from error


def other_kind(config: DataConfig, kind: str) -> tuple[str, KindFit] | None:
    """The kind that a person's own data looks to be of, and its columns, where that is another one.

    Args:
        config: Where the data lies.
        kind: The kind that it was taken for.
    """
    if not config.own:
        return None
    named = own_kind(config.model_copy(update={"kind": None}))
    if named != kind and not KINDS.get(named).usual:
        return named, KindFit({})
    from seqcli.data.column_roles import look_at
    from seqcli.data.own_data import own_tables  # which knows every kind of own data

    try:
        looks = look_at(own_tables(config)["train"])
    except SeqcliError:
        return None
    fitting = fitting_kinds(looks)
    return None if kind in fitting else next(iter(fitting.items()), None)


def kind_options(kind: str, fit: KindFit) -> str:
    """The options that say a kind and its columns, as a person types them."""
    columns = (as_typed(f"--{key.replace('_', '-')}", name) for key, name in fit.columns.items())
    return " ".join([f"--kind {kind}", *columns])


def about_data(prepared: Prepared) -> list[str]:
    """The lines to show: sizes, guessed columns with the first rows as read, and what was lost."""
    facts = prepared.facts
    sizes = " / ".join(f"{len(prepared.splits[split]):,} {split}" for split in ("train", "valid", "test"))
    classes = f" · {len(prepared.labels)} classes" if prepared.labels else ""
    first = f"{prepared.name}  {facts.source} · {sizes}{classes}"
    return [first, *guessed_columns(facts), *(f"{sentence}." for sentence in lost_notes(facts))]


def about_folds(folds: Sequence[Prepared], runs: int) -> list[str]:
    """The line on a cross-validation's division of the data; nothing without one."""
    if not folds:
        return []
    rows = len(folds[0].splits["train"]) + len(folds[0].splits["test"])
    return [folds_sentence(len(folds), rows, runs // len(folds))]
