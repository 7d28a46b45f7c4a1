"""An error as a person reads it: one sentence of what, one of how, before the exit code."""

from seqcli.errors import SeqcliError
from seqcli.reports.draw.page import Page
from seqcli.reports.draw.placement import wrap
from seqcli.reports.draw.printable import printable

LEAD = "seqcli: "


def complaint(error: SeqcliError, page: Page, *, broken: bool = False) -> str:
    """The error's message and hint, each of their lines below the other after 'seqcli: '.

    Args:
        error: What went wrong.
        page: What it is written on.
        broken: Whether lines end where the page does, as on a terminal; a log can be searched for whole ones.
    """
    text = error.message if error.hint is None else f"{error.message}\n{error.hint}"
    lines = [page.fit(printable(line)) for line in text.splitlines()] or [""]
    if broken:
        lines = [part for line in lines for part in wrap(line, page.columns - len(LEAD))]
    lead = f"\x1b[1;31m{LEAD.rstrip()}\x1b[0m " if page.colour else LEAD
    return lead + f"\n{' ' * len(LEAD)}".join(lines) + "\n"
