"""`seqcli.description/1` laid out: a line a fact, and a line a setting below."""

from seqcli.reports.draw.sheet import Line, Section, Sheet
from seqcli.results.listing import Description


def sheet(result: Description) -> Sheet:
    """The page of one task or model."""
    facts = tuple(Line(fact.text, lead=fact.name) for fact in result.facts)
    settings = tuple(Line(setting.text, lead=setting.name) for setting in result.settings)
    sections = (Section("facts", facts), Section("settings", settings))
    return Sheet(
        heading=f"{result.what} {result.name}",
        title=(Line(f"{result.what} {result.name}: {result.about}"),),
        columns=(),
        rows=(),
        sections=tuple(section for section in sections if section.lines),
    )


SHEET = sheet
