"""The configuration that a run was made with, and what may not change when it goes on."""

from collections.abc import Mapping
from pathlib import Path

import yaml

from seqcli.errors import RunError
from seqcli.runs import strict_json
from seqcli.runs.difference import Difference

_HEADER = "# The resolved configuration of this run.\n"
_MOST_SHOWN = 10
_LONGEST = 100_000
"""Characters of the longest configuration that is read, as of a person's own."""
_DEEPEST = 8
"""Mappings and lists inside one another; PyYAML takes minutes over a hundred thousand."""


class _Dumper(yaml.SafeDumper):
    """Quotes and escapes texts with controls: PyYAML writes some of them bare and reads them as blanks."""

    def represent_text(self, text: str) -> yaml.ScalarNode:
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=None if text.isprintable() else '"')


_Dumper.add_representer(str, _Dumper.represent_text)


def spell(config: Mapping[str, object]) -> bytes:
    """The configuration as YAML, in the order given.

    Raises:
        ValueError: A number is not finite.
        TypeError: Something in it is not a JSON value.
    """
    values = strict_json.parse_object(strict_json.document(dict(config)))
    ordered = {key: values[key] for key in config}
    text: str = yaml.dump(ordered, Dumper=_Dumper, sort_keys=False, allow_unicode=True)
    return (_HEADER + text).encode()


def parse(spelt: bytes, path: Path) -> dict[str, object]:
    """The configuration that `spell` wrote.

    Args:
        spelt: The file's bytes.
        path: The file, for messages.

    Raises:
        RunError: It is not a YAML mapping.
    """
    try:
        text = spelt.decode()
        _refuse_expanding(text, path)
        value = yaml.safe_load(text)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise RunError(f"{path} is damaged: {error}") from error
    if not isinstance(value, dict):
        raise RunError(f"{path} is damaged: it is not a mapping")
    return value


def _refuse_expanding(text: str, path: Path) -> None:
    """Refuse what takes far more time or memory than it is long, before anything is built of it.

    Raises:
        RunError: It is longer or deeper than any configuration, or has an alias.
    """
    if len(text) > _LONGEST:
        raise RunError(f"{path} is damaged: {len(text):,} characters are no configuration")
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):  # a few lines can stand for gigabytes
            raise RunError(f"{path} is damaged: seqcli writes no aliases")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise RunError(f"{path} is damaged: seqcli nests nothing so deeply")


WHERE_TO_LOOK = frozenset(
    {"data", "train", "valid", "test", "text_column", "label_column", "source_column", "target_column"}
)
"""Settings that say where the data is. What it is, the identity's SHA-256 says: moved data is the
same data, and naming the columns that would have been guessed changes nothing."""

NUMERICS = frozenset({"cpu"})
"""Of the identity, what decides the last bits of training that is still to come."""


def refuse_differences(path: Path, found: list[Difference], *, done: bool = False) -> None:
    """Lets a run go on only when nothing differs that decides its result.

    Args:
        path: The run directory.
        found: What differs.
        done: Whether the run has its result: it can be shown on another processor than it was made on.

    Raises:
        RunError: Something does; says what.
    """
    idle = WHERE_TO_LOOK | NUMERICS if done else WHERE_TO_LOOK
    if all(one.key in idle for one in found):
        return
    shown = [str(one) for one in found[:_MOST_SHOWN]]
    if len(found) > _MOST_SHOWN:
        shown.append(f"and {len(found) - _MOST_SHOWN} more")
    raise RunError(
        f"{path} was started with other settings: {'; '.join(shown)}",
        "Give the same settings to go on, another --out, or --overwrite to start anew.",
    )
