"""The pictures of `seqcli.gradprobe/1`."""

from seqcli.reports.gradprobe.figure import probe_panels

PANELS = probe_panels
