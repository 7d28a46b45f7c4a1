"""A LaTeX table for a paper, and below it what else is told; it needs the packages booktabs and amssymb.

Verdicts are words in place of marks; text in another script needs an engine that knows it, such as XeLaTeX.
"""

import re
from collections.abc import Sequence

from seqcli.reports.draw.page import Page
from seqcli.reports.draw.sheet import Line, Row, Section, Sheet, SheetCell, parts, rewritten
from seqcli.reports.report import SheetReport
from seqcli.results.wording import RAISED

SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"$<$",
    ">": r"$>$",
    "|": r"$|$",
}
SIGNS = {
    "−": "$-$",
    "±": r"$\pm$",
    "×": r"$\times$",
    "·": r"$\cdot$",
    "–": "--",
    "—": "---",
    "…": r"\dots{}",
    "’": "'",
    "α": r"$\alpha$",
    "≥": r"$\ge$",
    "≤": r"$\le$",
    "≈": r"$\approx$",
    "Δ": r"$\Delta$",
    "→": r"$\to$",
    "∂": r"$\partial$",
    "‖": r"$\|$",
    "λ": r"$\lambda$",
    "ρ": r"$\rho$",
    "₁": r"$_1$",
    "₂": r"$_2$",
    "∞": r"$\infty$",
    **{raised: f"$^{plain}$" for plain, raised in RAISED.items()},
    "▲": r"$\blacktriangle$",
    "▼": r"$\blacktriangledown$",
    # Bars of a strip, from an eighth of a line's height to all of it.
    **{bar: rf"\rule{{.3em}}{{{eighths / 8}em}}" for eighths, bar in enumerate("▁▂▃▄▅▆▇█", start=1)},
}
CHARACTERS = SPECIAL | SIGNS
HYPHENS = re.compile("(?<=-)(?=-)")  # TeX makes a dash of two in a row
PLACED = ("signature", "differences", "other protocols", "legend")  # marks are words, without a legend
LEFT_OUT = ("seeds",)  # dots need a fixed-width font; every seed's value is in json and csv


class Latex(SheetReport):
    """A `table` float whose caption has the title and the differences; then the other sections as lists."""

    def draw(self, sheet: Sheet, page: Page) -> str:
        """The sheet as LaTeX source."""
        tex = rewritten(sheet, lambda text: page.fit(escaped(text)))
        lines = [
            r"% \usepackage{booktabs,amssymb}",
            *(f"% {page.fit(_sentence(line))}" for line in sheet.headed("signature")),
            *(_table(tex) if tex.rows else [rf"\paragraph{{{tex.heading}}}", *_list(tex.title)]),
            *(line for section in tex.besides(PLACED) for line in _paragraph(section)),
        ]
        return "\n".join(lines) + "\n"


REPORT = Latex()


def escaped(text: str) -> str:
    """Text in which no character is a command of TeX; parts set apart get a dot between."""
    line = " ".join(" · ".join(parts(text)).split())
    spelled = "{}".join(map(_spelled, HYPHENS.split(line)))
    return (
        f"{{[}}{spelled[1:]}" if spelled.startswith("[") else spelled
    )  # else an option of what stands before


def _spelled(text: str) -> str:
    return "".join(CHARACTERS.get(character, character) for character in text)


def _table(sheet: Sheet) -> list[str]:
    return [
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{_caption(sheet)}}}",
        rf"\begin{{tabular}}{{{'l' * (1 + len(sheet.columns))}}}",
        r"\toprule",
        *_header(sheet),
        *(_row(row) for row in sheet.rows if row.label not in LEFT_OUT),
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]


def _caption(sheet: Sheet) -> str:
    lines = (*sheet.title, *sheet.section("differences"), *sheet.section("other protocols"))
    return ". ".join((sheet.heading, *map(_sentence, lines))) + "."


def _paragraph(section: Section) -> list[str]:
    return [rf"\paragraph{{{section.heading}}}", *_list(section.headed)]


def _list(lines: Sequence[Line]) -> list[str]:
    items = [(r"\newline " if line.detail else r"\item ") + _sentence(line) for line in lines]
    return [r"\begin{itemize}", *items, r"\end{itemize}"] if items else []


def _sentence(line: Line) -> str:
    """A line after its lead word; of one with a mark, the mark's word stands behind."""
    text = f"{line.lead}: {line.text}" if line.lead else line.text
    return f"{text} ({line.mark})" if line.mark else text


def _header(sheet: Sheet) -> list[str]:
    if not any(column.heading for column in sheet.columns):
        return []
    return [rf"{' & '.join([sheet.corner, *(column.heading for column in sheet.columns)])} \\", r"\midrule"]


def _row(row: Row) -> str:
    label = f"{row.label}, {row.unit}" if row.unit else row.label
    return rf"{' & '.join([label, *map(_cell, row.cells)])} \\"


def _cell(cell: SheetCell) -> str:
    return f"{cell.text} ({cell.mark})" if cell.mark else cell.text
