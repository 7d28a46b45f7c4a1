"""A result's page before it is HTML: the sheet, its pictures, and the tables behind them.

A kind of result becomes a document in its file of `reports/results/`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from seqcli.registry import Registry
from seqcli.reports.draw.panel import Panel
from seqcli.reports.draw.printable import printable
from seqcli.reports.draw.sheet import Result, Sheet, kind_of, rewritten
from seqcli.results.claims import Claim

Facts = tuple[tuple[str, str], ...]
"""Names and what is said of each."""


@dataclass(frozen=True)
class Grid:
    """A table of plain texts; the first cell of a row names it.

    Args:
        caption: What it holds.
        head: The columns' names, that of the rows' names first.
        rows: As many texts a row as `head` has.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def grid_of(table: Sheet) -> Grid:
    """A sheet's table as one of plain texts."""
    head = (table.corner or "", *(column.heading for column in table.columns))
    rows = tuple((row.label, *(cell.text.strip() for cell in row.cells)) for row in table.rows)
    return Grid(table.heading, head, rows)


def grids_below(sheet: Sheet) -> tuple[Grid, ...]:
    """The tables that stand below a sheet's own, as tables of plain texts."""
    return tuple(grid_of(table) for table in sheet.more if table.rows)


@dataclass(frozen=True)
class PagePart:
    """A result within the result, folded until it is asked for: one value of a sweep, another protocol."""

    name: str
    sheet: Sheet
    grids: tuple[Grid, ...] = ()


@dataclass(frozen=True)
class Document:
    """All that a page shows.

    Args:
        sheet: The table, and what is said around it.
        panels: The pictures.
        signature: What exactly was compared.
        guide: The guide's claims, for a table of their own.
        parts: Results within this one.
        grids: The values behind the figures: seed by seed, settings.
        data: What a person should know of the data.
        methods: How each figure was measured.
        parts_heading: What the parts are together.
        curves_first: Whether the pictures come before the table.
    """

    sheet: Sheet
    panels: tuple[Panel, ...]
    signature: str
    guide: tuple[Claim, ...] = ()
    parts: tuple[PagePart, ...] = ()
    grids: tuple[Grid, ...] = ()
    data: Facts = ()
    methods: Facts = ()
    parts_heading: str = "The other protocols"
    curves_first: bool = False


DOCUMENTS: Registry[Callable[[Result], Document]] = Registry(
    "result with a page", "seqcli.reports.results", "DOCUMENT"
)


def document_of(result: Result) -> Document:
    """The document of a result, found by its kind, with every text safe to show."""
    return _clean(DOCUMENTS.get(kind_of(result))(result))


def _clean(document: Document) -> Document:
    """The document without a character that orders a terminal or a reader about; markup is escaped later."""
    return replace(
        document,
        sheet=rewritten(document.sheet, printable),
        guide=tuple(_claim(claim) for claim in document.guide),
        parts=tuple(
            PagePart(printable(part.name), rewritten(part.sheet, printable), tuple(map(_grid, part.grids)))
            for part in document.parts
        ),
        grids=tuple(map(_grid, document.grids)),
        data=_facts(document.data),
        methods=_facts(document.methods),
        signature=printable(document.signature),
    )


def _claim(claim: Claim) -> Claim:
    texts = {name: printable(getattr(claim, name)) for name in ("claim", "evidence", "prior")}
    return claim.model_copy(update=texts)


def _grid(grid: Grid) -> Grid:
    return Grid(
        printable(grid.caption),
        tuple(map(printable, grid.head)),
        tuple(tuple(map(printable, row)) for row in grid.rows),
    )


def _facts(facts: Facts) -> Facts:
    return tuple((printable(name), printable(text)) for name, text in facts)
