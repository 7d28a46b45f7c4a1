"""One JSON document with every number of the result, under a named and versioned schema."""

from seqcli.reports.machine_text import json_text
from seqcli.reports.page import Page
from seqcli.reports.report import Report
from seqcli.reports.sheet import Result


class Json(Report):
    """The record as it is, indented by two spaces."""

    def render(self, result: Result, page: Page) -> str:
        """The result's JSON document."""
        return json_text(result.to_json(), page, indent=2) + "\n"


REPORT = Json()
