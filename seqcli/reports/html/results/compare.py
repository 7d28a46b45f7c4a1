"""The page of `seqcli.compare/1`."""

from seqcli.reports.html.comparison import (
    data_facts,
    other_protocols,
    seed_grids,
    settings_grid,
    tuning_grids,
)
from seqcli.reports.html.document import Document
from seqcli.reports.html.methods import methods
from seqcli.reports.panel import panels_of
from seqcli.reports.sheet import sheet_of
from seqcli.results.compare import Comparison


def document(result: Comparison) -> Document:
    """A comparison as a document."""
    return Document(
        sheet=sheet_of(result),
        panels=panels_of(result),
        guide=tuple(result.guide),
        parts=tuple(other_protocols(result)),
        grids=(*seed_grids(result), *tuning_grids(result), settings_grid(result)),
        data=tuple(data_facts(result.task)),
        methods=tuple(methods(result)),
        signature=result.signature,
    )


DOCUMENT = document
