"""Markdown to paste into a pull request: what to use, the table, the differences, the signature."""

from seqcli.reports.markdown_text import bullets, code, escaped, table
from seqcli.reports.page import Page
from seqcli.reports.report import SheetReport
from seqcli.reports.sheet import Sheet, rewritten

HEADINGS = {
    "what if": "What would help",
    "clipping": "Clipping",
    "task lag": "Reach",
    "guide": "What the guide says",
    "baseline": "Since the baseline",
    "differing": "Figures that are not the same",
    "changes": "What has changed",
    "cost": "Cost, now over then",
    "expectations": "Gates",
    "failures": "Legs that failed",
    "notes": "Notes on the data",
    "remarks": "Notes",
}


class Markdown(SheetReport):
    """Heading, recommendation, pipe table, then the sections as lists."""

    def draw(self, sheet: Sheet, page: Page) -> str:
        """The sheet as Markdown that renders alike on any host."""
        fitted = rewritten(sheet, page.fit)
        blocks = [
            [f"### {escaped(fitted.heading)}"],
            [f"> {escaped(line.text)}" for line in fitted.section("recommendation")],
            bullets(fitted.title, page),
        ]
        blocks.append(table(fitted, page) if fitted.rows else [])
        blocks += [[escaped(line.text) for line in fitted.section(name)] for name in ("legend", "baselines")]
        blocks += [bullets(fitted.section(name), page) for name in ("differences", "other protocols")]
        for name, heading in HEADINGS.items():
            if fitted.section(name):
                blocks += [[f"**{heading}**"], bullets(fitted.section(name), page)]
        blocks.append([code(line.text) for line in fitted.section("signature")])
        return "\n\n".join("\n".join(block) for block in blocks if any(block)) + "\n"


REPORT = Markdown()
