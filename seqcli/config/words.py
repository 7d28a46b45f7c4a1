"""Settings as the words of the command line that says them."""

import json

from seqcli.config.yaml_file import read_scalar

_MARKS = frozenset("'\"[")
"""What begins text that is read as YAML and not as one word."""


def option(key: str, value: object, *, repeated: bool = False) -> list[str]:
    """A setting that has an option: `--lr 0.01`, `--no-cost`, `--match hidden,params`.

    Args:
        key: Its name.
        value: Its value; of several, one option with commas between them says all.
        repeated: Whether the option stands once for each of its values instead.
    """
    name = key.replace("_", "-")
    if isinstance(value, bool):
        return [f"--{name}" if value else f"--no-{name}"]
    if not isinstance(value, tuple | list):
        return [f"--{name}", _plain(value)]
    if repeated:
        return [word for item in value for word in (f"--{name}", _plain(item))]
    if len(value) == 1 and not isinstance(value[0], str):
        return [f"--{name}", written(value)]  # `--seeds 7` would be seven seeds
    return [f"--{name}", ",".join(map(_plain, value))]


def assignment(key: str, value: object) -> list[str]:
    """A setting that has no option, or none for this value: `--set task.length=50`."""
    return ["--set", f"{key}={written(value)}"]


def written(value: object) -> str:
    """A value as `assignments.typed` reads it: a word that is read as itself bare, all else as JSON."""
    if isinstance(value, str) and value.strip(" ") == value == read_scalar(value) and value[0] not in _MARKS:
        return value
    return json.dumps(value)


def _plain(value: object) -> str:
    return "null" if value is None else str(value)
