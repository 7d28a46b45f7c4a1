"""`seqcli.listing/1` laid out: a line a name."""

from seqcli.reports.draw.sheet import Line, Section, Sheet
from seqcli.results.listing import Listing


def sheet(result: Listing) -> Sheet:
    """The choices, by name."""
    lines = tuple(Line(entry.about, lead=entry.name) for entry in result.entries)
    return Sheet(
        heading=result.what,
        title=(Line(f"{len(lines)} {result.what}; `seqcli {result.what} NAME` shows more"),),
        columns=(),
        rows=(),
        sections=(Section(result.what, lines),),
    )


SHEET = sheet
