"""An error as a person reads it: one sentence of what, one of how, before the exit code."""

from seqcli.errors import SeqcliError
from seqcli.reports.page import Page
from seqcli.reports.printable import printable

LEAD = "seqcli: "


def complaint(error: SeqcliError, page: Page) -> str:
    """The error's message and hint, each of their lines below the other after 'seqcli: '.

    Lines are left as long as they are: a terminal breaks them, and a log can be searched for them.
    """
    text = error.message if error.hint is None else f"{error.message}\n{error.hint}"
    lines = [page.fit(printable(line)) for line in text.splitlines()] or [""]
    return LEAD + f"\n{' ' * len(LEAD)}".join(lines) + "\n"
