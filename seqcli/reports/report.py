"""The contract of a format, and the registry of formats: one file each in `formats/`."""

from abc import ABC, abstractmethod

from seqcli.errors import UsageError
from seqcli.registry import Registry
from seqcli.reports.draw.page import Page
from seqcli.reports.draw.printable import printable
from seqcli.reports.draw.sheet import Result, Sheet, rewritten, sheet_of


class Report(ABC):
    """A way to write a result down as text that ends with a newline.

    No text that a `Report` returns holds a control character other than newline, or, on a page with
    colour, an SGR code of our own: what comes from data, labels and errors is cleaned.
    """

    @abstractmethod
    def render(self, result: Result, page: Page) -> str:
        """The result as text for that page."""

    def per_seed(self) -> "Report":
        """The same format with a row a seed.

        Raises:
            UsageError: It has none.
        """
        raise UsageError(
            "--per-seed belongs to --format csv", "json and tidy hold every seed's values without it."
        )


FORMATS: Registry[Report] = Registry("format", "seqcli.reports.formats", "REPORT")


class SheetReport(Report):
    """A format that draws the sheet of a result, whichever result it is."""

    def render(self, result: Result, page: Page) -> str:
        """The result's sheet, cleaned, as text for that page, and below it the further grids."""
        sheet = self.shown(rewritten(sheet_of(result), printable), page)
        return "\n".join(self.draw(part, page) for part in (sheet, *sheet.more)).rstrip("\n") + "\n"

    def shown(self, sheet: Sheet, page: Page) -> Sheet:  # noqa: ARG002 some pages show the answer alone
        """The sheet that such a page shows."""
        return sheet

    @abstractmethod
    def draw(self, sheet: Sheet, page: Page) -> str:
        """The sheet as text; every string in it is safe to show."""


def render(result: Result, name: str, page: Page | None = None, *, per_seed: bool = False) -> str:
    """The result in the format of that name, for a page of 80 columns unless another is given.

    Raises:
        UsageError: No format has that name (the known ones are listed), or this one has no row a seed.
    """
    report = FORMATS.get(name)
    return (report.per_seed() if per_seed else report).render(result, page or Page())
