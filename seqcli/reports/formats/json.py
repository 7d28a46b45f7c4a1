"""One JSON document with every number of the result, under a named and versioned schema."""

from seqcli.reports.draw.markup import json_text
from seqcli.reports.draw.page import Page
from seqcli.reports.draw.sheet import Result
from seqcli.reports.report import Report
from seqcli.runs.sealed import sealed

_SEALED = "seqcli.compare/1"
"""The schema of what `--baseline` and `rerun` read again: its `sha256` tells them whether it was edited."""


class Json(Report):
    """The record as it is, indented by two spaces."""

    def render(self, result: Result, page: Page) -> str:
        """The result's JSON document."""
        values = result.to_json()
        if values.get("schema") == _SEALED:
            values = sealed(values)
        return json_text(values, page, indent=2) + "\n"


REPORT = Json()
