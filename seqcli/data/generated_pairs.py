"""Pairs that are made, not read, as a table like any other."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from functools import cache

from seqcli.data.tables import NumberedRow, Table

COLUMNS = ("source", "target")


def generated_table(name: str, make: Callable[[], Sequence[tuple[str, str]]]) -> Table:
    """A table of pairs that are made when they are first read.

    Args:
        name: What messages call it.
        make: Makes the pairs; a pure function.
    """
    made = cache(make)

    def read(wanted: tuple[str, ...]) -> Iterator[NumberedRow]:
        for number, pair in enumerate(made(), start=1):
            values = dict(zip(COLUMNS, pair, strict=True))
            yield number, tuple(values[column] for column in wanted)

    def digest() -> str:
        spelt = "".join(f"{source}\t{target}\n" for source, target in made())
        return hashlib.sha256(spelt.encode()).hexdigest()

    return Table(name=name, columns=COLUMNS, read=read, sha256=digest, unit="pair")
