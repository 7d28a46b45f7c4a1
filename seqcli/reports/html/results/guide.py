"""The page of `seqcli.guide/1`: the claims, their pictures, and each part's own table."""

from seqcli.reports.html.document import Document, Part
from seqcli.reports.panel import panels_of
from seqcli.reports.sheet import sheet_of
from seqcli.results.guide import Guide


def document(result: Guide) -> Document:
    """The guide as a document."""
    return Document(
        sheet=sheet_of(result),
        panels=panels_of(result),
        guide=(),
        parts=tuple(
            Part(f"Claims {', '.join(map(str, part.claims))}: {part.title}", sheet_of(part.result))
            for part in result.parts
            if part.result is not None
        ),
        grids=(),
        data=(),
        methods=(),
        signature=result.signature,
        parts_heading="What the claims are drawn from",
    )


DOCUMENT = document
