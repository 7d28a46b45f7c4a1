"""A page on disk: checked before anything is measured, and written whole or not at all."""

from dataclasses import dataclass

from seqcli.reports.picture import check_place
from seqcli.runs.named_file import NamedFile

KINDS = (".html", ".htm")


@dataclass(frozen=True)
class PageFile:
    """A page's file."""

    file: NamedFile

    def save(self, html: str) -> None:
        """Write the page.

        Raises:
            StorageError: The disk is full or fails.
        """
        self.file.save(html.encode())


def check_page(name: str | None) -> PageFile | None:
    """The page asked for, if any, once it is clear that it can be written there.

    Raises:
        UsageError: Not a kind of page, no such folder, or a folder itself.
    """
    return None if name is None else PageFile(check_place(name, "--report", KINDS, what="page"))
