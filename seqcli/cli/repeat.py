"""The command line that repeats a command, wherever its settings came from."""

import shlex
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from seqcli.cli.flags import Flag, Given, Positional

if TYPE_CHECKING:
    from seqcli.config.settings import Settings

NOT_REPEATED = frozenset({"out", "jobs"})
"""Settings that change where and how fast, not what comes of it."""


def repeat_command(
    command: str,
    config_type: "type[Settings]",
    parts: Iterable[Flag | Positional],
    given: Given,
    *,
    without: Collection[str] = NOT_REPEATED,
) -> str:
    """The command with every setting that was typed, or set in the environment or a file, as options.

    Args:
        command: Its name.
        config_type: The record of its settings.
        parts: Its options.
        given: What was typed.
        without: Settings that are left out.

    Raises:
        UsageError: A setting is unknown, or a file cannot be read.
    """
    from seqcli.cli.resolve import gather
    from seqcli.config.layers import keys
    from seqcli.experiments.settling import SettingNames, task_keys

    parts = tuple(parts)
    settings = gather(parts, given, SettingNames(keys(config_type), task_keys))
    order = [part.key for part in parts]
    chosen = sorted(settings, key=lambda key: order.index(key) if key in order else len(order))
    by_key = {part.key: part for part in parts}
    words = [
        word
        for key in chosen
        if key not in without
        for word in spelt(key, settings[key].value, by_key.get(key))
    ]
    return shlex.join(["seqcli", command, *words])


def typed_command(command: str, parts: Iterable[Flag | Positional], given: Given) -> str:
    """A command with all that was typed and that it has an option for; `--out` names another's place."""
    words = [
        word
        for part in parts
        if part.key not in NOT_REPEATED and given.get(part.key) not in (None, False, 0, [])
        for word in _as_typed(part, given[part.key])
    ]
    return shlex.join(["seqcli", command, *words])


def _as_typed(part: Flag | Positional, value: object) -> list[str]:
    """The words of one part; a switch has no value, and a count is said once."""
    if isinstance(part, Flag) and part.kind in ("switch", "count"):
        return [part.long]
    return spelt(part.key, value, part)


def spelt(key: str, value: object, part: Flag | Positional | None) -> list[str]:
    """One setting as words of a command line: after `--set` where no option can say it."""
    from seqcli.config.words import assignment, option

    if isinstance(part, Positional):
        return [str(item) for item in (value if isinstance(value, tuple | list) else [value])]
    switched = value is True and part is not None and part.kind not in ("pair", "switch")
    if part is None or switched or (value is None and part.kind != "number"):
        return assignment(key, value)
    return option(key, value, repeated=part.kind == "list")
