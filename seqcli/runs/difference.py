"""What differs between two configurations, in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from seqcli.runs import strict_json


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
        return f"{self.key}: {self.before} in the run, {self.now} now"


def differences(before: Mapping[str, object], now: Mapping[str, object]) -> list[Difference]:
    """The settings that differ, by name; 1, 1.0, true and '1' are four different values."""
    first, second = dict(_flat(before, "")), dict(_flat(now, ""))
    return [
        Difference(key, first.get(key, "not set"), second.get(key, "not set"))
        for key in sorted(first.keys() | second.keys())
        if first.get(key) != second.get(key)
    ]


def _flat(value: Mapping[str, object], prefix: str) -> Iterator[tuple[str, str]]:
    for key, inner in value.items():
        if isinstance(inner, Mapping) and inner:
            yield from _flat(inner, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", strict_json.line(inner).decode().strip()
