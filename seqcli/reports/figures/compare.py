"""The pictures of `seqcli.compare/1`."""

from seqcli.reports.comparison.figure import comparison_panels

PANELS = comparison_panels
