"""Labels given away by something beside the meaning of the text: their own name in it, another column."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from seqcli.results.inspect import ColumnLook
from seqcli.results.text_facts import Leak

MOSTLY = 0.5  # in most of them
SELDOM = 0.05
"""A class's name within its texts gives it away where so many of them hold it, and so few of the others."""

TELLING = 0.98  # some rows of a leaking column are mistyped
CLEARLY = 0.05
"""A column gives labels away where knowing it gets so many rows right, by so much more than the majority."""

_SHORTEST = {True: 3, False: 2}
"""Letters of a label that may be found in a text; of scripts other than Latin, fewer say as much."""

MOST_VALUES = 50  # of a column: with more it is a text, a number or an id
_ENOUGH = 5
"""Rows for each value of a column: with fewer, chance tells labels too."""


def labels_in_texts(texts: Sequence[str], labels: Sequence[str]) -> list[Leak]:
    """The classes whose texts mostly hold the class's own name, which others seldom hold.

    Args:
        texts: The texts (N).
        labels: Their classes (N).
    """
    counts = Counter(labels)
    leaks = []
    for label, rows in sorted(counts.items()):
        name = label.casefold()
        if len(name) < _SHORTEST[name.isascii()] or name.isdecimal():
            continue
        pattern = re.compile(rf"\b{re.escape(name)}\b" if name.isascii() else re.escape(name))
        holding = Counter(
            text_label
            for text, text_label in zip(texts, labels, strict=True)
            if pattern.search(text.casefold())
        )
        share = holding[label] / rows
        others = (holding.total() - holding[label]) / max(len(texts) - rows, 1)
        if share >= MOSTLY and others <= SELDOM:
            leaks.append(Leak(by="label in text", name=label, share=share, otherwise=others))
    return leaks


def telling_columns(
    columns: Mapping[str, Sequence[str]], labels: Sequence[str], looks: Sequence[ColumnLook]
) -> list[Leak]:
    """The columns from which labels can be read.

    Args:
        columns: The values of each other column (N).
        labels: The classes (N).
        looks: The columns by their content.
    """
    majority = max(Counter(labels).values()) / len(labels)
    leaks = []
    for look in looks:
        if look.name not in columns or _of_no_use(look):
            continue
        values = columns[look.name]
        best = max(
            _information(values, labels), _information([re.sub(r"\d", "", value) for value in values], labels)
        )
        if best >= TELLING and best - majority >= CLEARLY:
            leaks.append(Leak(by="column", name=look.name, share=best, otherwise=majority))
    return leaks


def _of_no_use(look: ColumnLook) -> bool:
    """Return whether a column is a text of several words, or says the same everywhere."""
    return look.role in ("constant", "empty") or (look.role == "text" and look.words >= 2)


def _information(values: Sequence[str], labels: Sequence[str]) -> float:
    """The share of rows whose label is the usual one of their value; 0 where values are too many to tell."""
    by_value: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for value, label in zip(values, labels, strict=True):
        by_value[value][label] += 1
        if len(by_value) > MOST_VALUES:
            return 0.0
    if len(by_value) < 2 or len(labels) < _ENOUGH * len(by_value):
        return 0.0
    return sum(max(counts.values()) for counts in by_value.values()) / len(labels)
