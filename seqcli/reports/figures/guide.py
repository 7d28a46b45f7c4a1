"""The pictures of `seqcli.guide/1`: those of each part's own result, under the claims that it speaks to."""

from dataclasses import replace

from seqcli.reports.panel import Panel, panels_of
from seqcli.results.guide import Guide


def guide_panels(result: Guide) -> tuple[Panel, ...]:
    """Every part's panels in the guide's order; claims that are exact have none."""
    return tuple(
        replace(panel, title=f"{', '.join(map(str, part.claims))}: {panel.title}")
        for part in result.parts
        if part.result is not None
        for panel in panels_of(part.result)
    )


PANELS = guide_panels
