"""`seqcli.cache-contents/1`: what is kept unasked, for later commands, and what went of it."""

from typing import Literal

from pydantic import Field

from seqcli.results.record import Record

CachePartName = Literal[
    "data", "legs", "baselines", "cost", "timings", "kernels", "comparisons", "translators", "frames", "looks"
]


class CachePart(Record):
    """One folder of the cache.

    Attributes:
        name: Its name.
        entries: How many of seqcli's own entries it holds, or of which it is rid when `removed`.
        bytes: Their size.
        kept: Paths that stay, each with the reason: in use, or none of seqcli's.
    """

    name: CachePartName
    entries: int
    bytes: int
    kept: list[str] = Field(default_factory=list)


class CacheContents(Record):
    """`seqcli cache list` and `seqcli cache clear`.

    Attributes:
        folder: Where the cache lies.
        removed: Whether the entries went; otherwise they are there.
        parts: Those that have any entry, or something that stays.
    """

    schema_: Literal["seqcli.cache-contents/1"] = Field(default="seqcli.cache-contents/1", alias="schema")
    folder: str
    removed: bool
    clearing: bool
    parts: list[CachePart]
