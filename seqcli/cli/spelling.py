"""A run's configuration as the command line that makes it, with only what the defaults do not say."""

import shlex
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from seqcli.cli.flags import Flag, Positional
from seqcli.errors import SeqcliError

if TYPE_CHECKING:
    from pydantic import BaseModel

OWN = frozenset({"model", "models", "task", "seeds"})


def spell_command(config: Mapping[str, object], out: str) -> str | None:
    """The command that repeats a run or goes on with it; None where no `train` or `compare` makes it.

    Args:
        config: The flat configuration that the run directory keeps.
        out: The run directory as the person named it.
    """
    from seqcli.cli.commands import compare, train
    from seqcli.experiments.config import CompareConfig, TrainConfig

    several = "models" in config
    parts, record = (compare.PARTS, CompareConfig) if several else (train.PARTS, TrainConfig)
    flags = {part.key: part.long for part in parts if isinstance(part, Flag) and part.setting}
    task = _task(config)
    try:
        models = _models(config, flags)
        known = {"models" if several else "model": models if several else models[0], **task}
        defaults = _defaults(record, parts, known)
    except (SeqcliError, KeyError):
        return None
    words = ["seqcli", "compare" if several else "train", *models]
    for key, value in [*task.items(), *_seeds(config), *_changed(config, defaults)]:
        words += _option(flags.get(key), key, value)
    return shlex.join([*words, "--out", out])


def _models(config: Mapping[str, object], flags: Mapping[str, str]) -> list[str]:
    """The models as written; of a leg, with those of its settings that have no option."""
    models = config.get("models")
    if isinstance(models, list):
        return [str(model) for model in models]
    from seqcli.models.architecture import architecture

    name = str(config["model"])
    fields = architecture(name).config.model_fields
    own = [
        f"{key}={_text(config[key])}"
        for key, field in fields.items()
        if key not in flags and key != "model" and key in config and config[key] != field.default
    ]
    return [f"{name}:{','.join(own)}" if own else name]


def _task(config: Mapping[str, object]) -> dict[str, object]:
    """The task and its settings as `task`, `task.length` …."""
    task = config.get("task")
    if not isinstance(task, Mapping):
        flat = {key: value for key, value in config.items() if key.startswith("task.")}
        return {"task": task, **flat} if task is not None else {}
    return {
        "task" if key == "name" else f"task.{key}": value for key, value in task.items() if value is not None
    }


def _seeds(config: Mapping[str, object]) -> list[tuple[str, object]]:
    seeds = config.get("seeds")
    if seeds is None:
        return []
    if not isinstance(seeds, list):
        return [("seeds", seeds)]
    return [("seeds", len(seeds) if seeds == list(range(len(seeds))) else ",".join(map(str, seeds)))]


def _defaults(
    record: "type[BaseModel]", parts: Iterable[Flag | Positional], known: Mapping[str, object]
) -> dict[str, object]:
    """What the configuration would be with no more than a model and a task."""
    from seqcli.cli.settings import resolve

    given = {**dict.fromkeys(part.key for part in parts), **known, "config": None}
    given["set"] = [f"{key}={_text(value)}" for key, value in known.items() if "." in key]
    config, _ = resolve(record, parts, given)  # type: ignore[type-var]
    values: dict[str, object] = config.model_dump(mode="json")
    return values


def _changed(config: Mapping[str, object], defaults: Mapping[str, object]) -> list[tuple[str, object]]:
    """The other settings that differ from the defaults; an 'auto' device has been resolved to a real one."""
    return [
        (key, value)
        for key, value in config.items()
        if key in defaults
        and key not in OWN
        and value != defaults[key]
        and not (key == "device" and defaults[key] == "auto")
    ]


def _option(flag: str | None, key: str, value: object) -> list[str]:
    if flag is None:
        return ["--set", f"{key}={_text(value)}"]
    if isinstance(value, bool):
        return [flag if value else f"--no-{flag[2:]}"]
    if isinstance(value, list):
        return [word for one in value for word in (flag, _text(one))]
    return [flag, _text(value)]


def _text(value: object) -> str:
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)
