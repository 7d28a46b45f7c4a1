"""The guide's page: the claims, the pictures and the table of each part's own result."""

from dataclasses import replace

from seqcli.reports.draw.document import Document, PagePart
from seqcli.reports.draw.panel import Panel, panels_of
from seqcli.reports.draw.sheet import sheet_of
from seqcli.results.guide import Guide


def guide_panels(result: Guide) -> tuple[Panel, ...]:
    """Every part's panels in the guide's order; claims that are exact have none."""
    return tuple(
        replace(panel, title=f"Claims {', '.join(map(str, part.claims))}: {panel.title}")
        for part in result.parts
        if part.result is not None
        for panel in panels_of(part.result)
    )


def guide_document(result: Guide) -> Document:
    """The guide as a document."""
    return Document(
        sheet=sheet_of(result),
        panels=panels_of(result),
        parts=tuple(
            PagePart(f"Claims {', '.join(map(str, part.claims))}: {part.title}", sheet_of(part.result))
            for part in result.parts
            if part.result is not None
        ),
        signature=result.signature,
        parts_heading="What the claims are drawn from",
    )
