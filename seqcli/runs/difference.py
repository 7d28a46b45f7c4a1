"""What differs between two configurations, in words."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

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
        """Whether this is the other one told again under a longer name: 'model.hidden' for 'hidden'."""
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
    return [*settings, *(one for one in identity if not any(one.repeats(other) for other in settings))]


def _short(value: str) -> str:
    """The value; of a SHA-256 only so much that people can tell two apart."""
    return _HASH.sub(r'"\1…"', value)


def _flat(value: Mapping[str, object], prefix: str) -> Iterator[tuple[str, str]]:
    for key, inner in value.items():
        if isinstance(inner, Mapping) and inner:
            yield from _flat(inner, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", strict_json.line(inner).decode().strip()
