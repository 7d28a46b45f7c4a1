"""The command line that repeats a command, wherever its settings came from."""

import json
import shlex
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from seqcli.cli.flags import Flag, Given, Positional

if TYPE_CHECKING:
    from seqcli.config.settings import Settings

NOT_REPEATED = frozenset({"out", "jobs"})
"""Settings that change where and how fast, not what comes of it."""


def repeat_command(
    command: str, config_type: "type[Settings]", parts: Iterable[Flag | Positional], given: Given
) -> str:
    """The command with every setting that was typed, or set in the environment or a file, as options.

    Raises:
        UsageError: A setting is unknown, or a file cannot be read.
    """
    from seqcli.cli.settings import gather, task_keys
    from seqcli.config.layers import keys

    parts = tuple(parts)
    settings = gather(parts, given, keys(config_type) | task_keys())
    order = [part.key for part in parts]
    chosen = sorted(settings, key=lambda key: order.index(key) if key in order else len(order))
    by_key = {part.key: part for part in parts}
    words = [
        word
        for key in chosen
        if key not in NOT_REPEATED
        for word in _words(key, settings[key].value, by_key.get(key))
    ]
    return shlex.join(["seqcli", command, *words])


def _words(key: str, value: object, part: Flag | Positional | None) -> Iterator[str]:
    """One setting as words of a command line."""
    many = list(value) if isinstance(value, tuple | list) else [value]
    if isinstance(part, Positional):
        yield from map(str, many)
    elif part is None:
        yield from ("--set", f"{key}={_text(value)}")
    elif part.kind == "pair":
        yield part.long if value else f"--no-{part.long[2:]}"
    elif part.kind == "list":
        for item in many:
            yield from (part.long, str(item))
    else:
        yield from (part.long, ",".join(map(_plain, many)))


def _plain(value: object) -> str:
    return "null" if value is None else str(value)


def _text(value: object) -> str:
    """A value as `--set` reads it: numbers and words as they are, all else as JSON, which is YAML."""
    return value if isinstance(value, str) and value.isidentifier() else json.dumps(value, ensure_ascii=False)
