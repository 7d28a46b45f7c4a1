"""The values that a shell completes: names from the registries, columns of the file given, kept runs.

typer asks for them in bash, zsh and fish alike. What cannot be read completes to nothing: a shell that is
asked for a completion shows no errors.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import typer

CompletedValues = Callable[[typer.Context, str], Iterable[str]]
"""From the command line so far and the word that is being typed to what the word may become."""


def completer(key: str, values: Sequence[str] | CompletedValues | None) -> Callable[..., list[str]] | None:
    """Return what completes an option or argument; None where only its own program knows, such as a text.

    Args:
        key: Its name as a setting.
        values: All values that it may have, or how they are found; None goes by the key.
    """
    source = VALUES.get(key) if values is None else values
    if source is None and key not in LITERAL:
        return None

    def complete(ctx: typer.Context, incomplete: str) -> list[str]:
        try:
            words = source(ctx, incomplete) if callable(source) else source or literal_values(key)
            return [word for word in words if word.startswith(incomplete)]
        except Exception:  # noqa: BLE001 - a shell asks while a person types: nothing is better than an error
            return []

    return complete


def literal_values(key: str) -> Sequence[str]:
    """The values that a setting's type allows, where it names them all."""
    from seqcli.experiments.config import CompareConfig, TrainConfig
    from seqcli.experiments.gradprobe.config import GradprobeConfig

    for record in (CompareConfig, TrainConfig, GradprobeConfig):
        field = record.model_fields.get(key)
        if field is not None:
            return [str(value) for value in _named_in(field.annotation)]
    return ()


def _named_in(annotation: Any) -> Iterable[object]:
    """The values in a `Literal`, wherever in a type it stands."""
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    return [value for part in get_args(annotation) for value in _named_in(part)]


def task_names(_: typer.Context, __: str) -> Iterable[str]:
    """The built-in tasks."""
    from seqcli.data.task import TASKS

    return TASKS.names()


def format_names(_: typer.Context, __: str) -> Iterable[str]:
    """The formats of results."""
    from seqcli.reports.report import FORMATS

    return FORMATS.names()


def tokenizer_names(_: typer.Context, __: str) -> Iterable[str]:
    """The ways to cut a text."""
    from seqcli.data.tokenizer import TOKENIZERS

    return TOKENIZERS.names()


def kind_names(_: typer.Context, __: str) -> Iterable[str]:
    """The kinds of a person's own data."""
    from seqcli.data.kind import KINDS

    return KINDS.names()


def metric_names(_: typer.Context, __: str) -> Iterable[str]:
    """The scores of every kind."""
    from seqcli.data.kind import KINDS

    return [metric.name for name in KINDS.names() for metric in KINDS.get(name).metrics]


def protocol_names(_: typer.Context, __: str) -> Iterable[str]:
    """The quantities that can be held equal."""
    from seqcli.experiments.protocol import PROTOCOLS

    return PROTOCOLS.names()


def engine_names(_: typer.Context, __: str) -> Iterable[str]:
    """The engines that train."""
    from seqcli.experiments.setting_values import ENGINE_FILES

    return ENGINE_FILES.names()


def model_texts(_: typer.Context, typed: str) -> Iterable[str]:
    """The models; after a colon or comma, the settings of the one that is being typed."""
    from seqcli.models.architecture import architecture, model_names

    name, colon, rest = typed.partition(":")
    if not colon:
        return model_names()
    before, comma, _setting = rest.rpartition(",")
    settings = architecture(name).config.model_fields
    return [f"{name}:{before}{comma}{key}=" for key in settings if key != "model"]


def columns(ctx: typer.Context, _: str) -> Iterable[str]:
    """The columns of the file that stands on the command line."""
    from seqcli.data.config import DataConfig
    from seqcli.data.tables import read_table

    for key in ("data", "train", "input"):
        if isinstance(location := ctx.params.get(key), str):
            spelling = {name: ctx.params.get(name) for name in ("sep", "encoding") if ctx.params.get(name)}
            return read_table(location, DataConfig.model_validate({"data": location, **spelling})).columns
    return ()


def cache_parts(_: typer.Context, __: str) -> Iterable[str]:
    """The parts of the cache."""
    from seqcli.experiments.cache_contents import PARTS

    return PARTS


def run_names(_: typer.Context, typed: str) -> Iterable[str]:
    """The runs in the folder that is being typed, or in `runs`, each as a path that every command takes."""
    from seqcli.runs.run_layout import is_run

    folder = Path(typed.rpartition("/")[0]) if "/" in typed else Path("runs")
    folders = sorted(folder.iterdir()) if folder.is_dir() else []
    return [str(path) for path in folders if path.is_dir() and is_run(path)]


def verbs(*words: str, then: CompletedValues) -> CompletedValues:
    """Return the completion of an argument that starts with a verb."""

    def complete(ctx: typer.Context, typed: str) -> Iterable[str]:
        return [*words, *then(ctx, typed)]

    return complete


LITERAL = frozenset(
    {
        "choose_by",
        "device",
        "fill",
        "frame_encoder",
        "init",
        "missing_labels",
        "optimizer",
        "pooling",
        "precision",
        "scale",
        "schedule",
        "threshold",
        "vocabulary",
    }
)
"""Settings whose type names all their values."""

_COLUMNS = ("text", "label", "source", "target", "time", "value", "past", "future", "series", "group")
VALUES: Mapping[str, Sequence[str] | CompletedValues] = {
    "task": task_names,
    "model": model_texts,
    "models": model_texts,
    "reference": model_texts,
    "format": format_names,
    "tokenizer": tokenizer_names,
    "kind": kind_names,
    "match": protocol_names,
    "metric": metric_names,
    "on": engine_names,
    "run": run_names,
    "runs": run_names,
    "color": ("auto", "always", "never"),
    "cost": ("full", "quick", "no"),
    **dict.fromkeys((f"{what}_column" for what in _COLUMNS), columns),
}
"""By an option's name what completes it."""
