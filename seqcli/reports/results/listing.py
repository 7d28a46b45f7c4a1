"""`seqcli.listing/1` laid out: a line a name, those of one group below each other."""

from seqcli.reports.draw.sheet import Line, Section, Sheet
from seqcli.results.listing import Choice, Listing


def sheet(result: Listing) -> Sheet:
    """The choices, by name."""
    groups: dict[str, list[Line]] = {}
    for entry in result.entries:
        groups.setdefault(entry.group or result.what, []).extend(_lines(entry))
    shows = f"; `seqcli {result.what} NAME` shows more" if result.what != "kinds" else ""
    return Sheet(
        heading=result.what,
        title=(Line(f"{len(result.entries)} {result.what}{shows}"),),
        columns=(),
        rows=(),
        sections=tuple(Section(group, tuple(lines)) for group, lines in groups.items()),
        aligned=len(groups) > 1,
    )


def _lines(entry: Choice) -> list[Line]:
    command = [] if entry.command is None else [Line(entry.command, role="quiet")]
    return [Line(entry.about, lead=entry.name), *command]


SHEET = sheet
