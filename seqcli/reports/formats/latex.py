"""A LaTeX table in the manner of the package booktabs, which is all that it needs, for a paper.

Verdicts are words in place of marks; text in another script needs an engine that knows it, such as XeLaTeX.
"""

from seqcli.reports.page import Page
from seqcli.reports.report import SheetReport
from seqcli.reports.sheet import Cell, Row, Sheet, rewritten

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
    **{raised: f"$^{plain}$" for raised, plain in zip("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789", strict=True)},
    "●": r"$\bullet$",
    "○": r"$\circ$",
    "◆": r"$\diamond$",
    "◇": r"$\Diamond$",
    "■": r"$\blacksquare$",
    "□": r"$\square$",
    "▲": r"$\blacktriangle$",
    "△": r"$\triangle$",
}
CHARACTERS = SPECIAL | SIGNS
LEFT_OUT = ("seeds",)  # dots need a fixed-width font; every seed's value is in json and csv


class Latex(SheetReport):
    """A `table` float with the grid; its caption has the title and the differences."""

    def draw(self, sheet: Sheet, page: Page) -> str:
        """The sheet as LaTeX source."""
        tex = rewritten(sheet, lambda text: page.fit(escaped(text)))
        lines = [
            r"% \usepackage{booktabs}",
            *(f"% {page.fit(line.text)}" for line in sheet.section("signature")),
            r"\begin{table}",
            r"\centering",
            rf"\caption{{{_caption(tex)}}}",
            rf"\begin{{tabular}}{{{'l' * (1 + len(tex.columns))}}}",
            r"\toprule",
            *_header(tex),
            *(_row(row) for row in tex.rows if row.label not in LEFT_OUT),
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{table}",
        ]
        return "\n".join(lines) + "\n"


REPORT = Latex()


def escaped(text: str) -> str:
    """Text in which no character is a command of TeX; runs of spaces become one."""
    return "".join(CHARACTERS.get(character, character) for character in " ".join(text.split()))


def _caption(sheet: Sheet) -> str:
    lines = (*sheet.title, *sheet.section("differences"), *sheet.section("other protocols"))
    told = [f"{line.lead}: {line.text}" if line.lead else line.text for line in lines]
    return ". ".join((sheet.heading, *told)) + "."


def _header(sheet: Sheet) -> list[str]:
    if not any(column.heading for column in sheet.columns):
        return []
    return [rf"{' & '.join([sheet.corner, *(column.heading for column in sheet.columns)])} \\", r"\midrule"]


def _row(row: Row) -> str:
    label = f"{row.label}, {row.unit}" if row.unit else row.label
    return rf"{' & '.join([label, *map(_cell, row.cells)])} \\"


def _cell(cell: Cell) -> str:
    return f"{cell.text} ({cell.mark})" if cell.mark else cell.text
