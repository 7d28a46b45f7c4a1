"""The configuration that a run was made with, what may not change when it goes on, and how two differ."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from seqcli.errors import RunError
from seqcli.runs import strict_json

_HASH = re.compile(r'"([0-9a-f]{12})[0-9a-f]{52}"')


@dataclass(frozen=True)
class Difference:
    """One setting that two configurations give different values.

    Attributes:
        key: The setting's dotted name.
        before: Its value in the first one as text, or 'not set'.
        now: Its value in the second one as text, or 'not set'.
    """

    key: str
    before: str
    now: str

    def __str__(self) -> str:
        return f"{self.key}: {_short(self.before)} in the run, {_short(self.now)} now"

    def repeats(self, other: "Difference") -> bool:
        """Return whether this repeats the other under a longer name: 'model.hidden' for 'hidden'."""
        return self.key.rpartition(".")[2] == other.key.rpartition(".")[2] and (
            (self.before, self.now) == (other.before, other.now)
        )


def differences(before: Mapping[str, object], now: Mapping[str, object]) -> list[Difference]:
    """The settings that differ, by name; 1, 1.0, true and '1' are four different values."""
    first, second = dict(_flat(before, "")), dict(_flat(now, ""))
    return [
        Difference(key, first.get(key, "not set"), second.get(key, "not set"))
        for key in sorted(first.keys() | second.keys())
        if first.get(key) != second.get(key)
    ]


def told_once(settings: Sequence[Difference], identity: Sequence[Difference]) -> list[Difference]:
    """Both lists in one: an identity holds most settings too, and a change is worth telling once."""
    return [
        *settings,
        *(difference for difference in identity if not any(difference.repeats(other) for other in settings)),
    ]


def _short(value: str) -> str:
    """The value; of a SHA-256 only so much that people can tell two apart."""
    return _HASH.sub(r'"\1…"', value)


def _flat(value: Mapping[str, object], prefix: str) -> Iterator[tuple[str, str]]:
    for key, inner in value.items():
        if isinstance(inner, Mapping) and inner:
            yield from _flat(inner, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", strict_json.line(inner).decode().strip()


_HEADER = "# The resolved configuration of this run.\n"
# Settings that an error names before it says how many more: the command may differ in all of them.
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
    """The configuration as YAML, in the order given; raises as `strict_json.document`."""
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
    {
        *("data", "train", "valid", "test", "text_column", "label_column", "source_column", "target_column"),
        *("image_column", "caption_column"),
    }
)
"""Settings that say where the data is. What it is, the identity's SHA-256 says: moved data is the
same data, and naming the columns that would have been guessed changes nothing."""

NUMERICS = frozenset({"cpu"})
"""Of the identity, what decides the last bits of training that is still to come."""


def refuse_differences(path: Path, changes: list[Difference], *, done: bool = False) -> None:
    """Lets a run go on only when nothing differs that decides its result.

    Args:
        path: The run directory.
        changes: What differs.
        done: Whether the run has its result: it can be shown on another processor than it was made on.

    Raises:
        RunError: Something does; says what.
    """
    idle = WHERE_TO_LOOK | NUMERICS if done else WHERE_TO_LOOK
    if all(change.key in idle for change in changes):
        return
    texts = [str(change) for change in changes[:_MOST_SHOWN]]
    if len(changes) > _MOST_SHOWN:
        texts.append(f"and {len(changes) - _MOST_SHOWN} more")
    raise RunError(
        f"{path} was started with other settings: {'; '.join(texts)}",
        "Give the same settings to go on, another --out, or --overwrite to start anew.",
    )
