"""`seqcli.cache-contents/1` laid out: a line a part of the cache, and what stays."""

from seqcli.reports.draw.sheet import Line, Section, Sheet
from seqcli.reports.numbers import size
from seqcli.results.cache_contents import CacheContents, CachePart

ABOUT = {
    "data": "prepared data",
    "legs": "training runs of comparisons made without -o",
    "baselines": "answers of baselines",
    "cost": "measured speed and memory",
    "timings": "step times for --dry-run",
    "kernels": "proofs that kernels are right here",
    "comparisons": "what `seqcli rerun SIGNATURE` needs",
    "translators": "built-in translators",
    "frames": "tables of pandas that `import seqcli` was given",
    "looks": "at which seeds comparisons were judged",
}


def sheet(result: CacheContents) -> Sheet:
    """The cache's parts, and what went or would go."""
    total = size(sum(part.bytes for part in result.parts))
    verb = "removed from" if result.removed else "would be removed from" if result.clearing else "kept in"
    waits = result.clearing and not result.removed and any(part.entries for part in result.parts)
    advice = (Line("Nothing was removed. --yes removes it."),) if waits else ()
    staying = tuple(Line(line) for part in result.parts for line in part.kept)
    sections = (
        Section("parts", tuple(_line(part) for part in result.parts if part.entries)),
        Section("stays", staying),
        Section("advice", advice),
    )
    return Sheet(
        heading="cache",
        title=(Line(f"{total} {verb} {result.folder}"),),
        columns=(),
        rows=(),
        sections=tuple(section for section in sections if section.lines),
    )


def _line(part: CachePart) -> Line:
    entries = f"{part.entries:,} {'entry' if part.entries == 1 else 'entries'}"
    return Line(f"{size(part.bytes)} in {entries}: {ABOUT[part.name]}", lead=part.name)


SHEET = sheet
