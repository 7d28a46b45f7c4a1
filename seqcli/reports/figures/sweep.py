"""The pictures of `seqcli.sweep/1`."""

from seqcli.reports.sweep.figure import sweep_panels

PANELS = sweep_panels
