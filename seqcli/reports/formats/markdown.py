"""Markdown to paste into a pull request: what to use, the table, the differences, the signature."""

from seqcli.reports.draw.markup import bullets, escaped, quoted, sentence, signature, table
from seqcli.reports.draw.page import Page
from seqcli.reports.draw.sheet import Sheet, rewritten
from seqcli.reports.report import SheetReport

PLACED = ("recommendation", "legend", "baselines", "differences", "other protocols", "signature")


class Markdown(SheetReport):
    """Heading, recommendation, pipe table, then the sections as lists."""

    def draw(self, sheet: Sheet, page: Page) -> str:
        """The sheet as Markdown that renders alike on any host."""
        fitted = rewritten(sheet, page.fit)
        blocks = [
            [f"### {escaped(fitted.heading)}"],
            quoted([sentence(line, page) for line in fitted.section("recommendation")]),
            bullets(fitted.title, page),
            table(fitted, page),
        ]
        blocks += [
            [sentence(line, page) for line in fitted.section(name)] for name in ("legend", "baselines")
        ]
        blocks += [bullets(fitted.section(name), page) for name in ("differences", "other protocols")]
        for section in fitted.besides(PLACED):
            blocks += [[f"**{section.heading}**"], bullets(section.headed, page)]
        blocks += signature(fitted)
        return "\n\n".join("\n".join(block) for block in blocks if any(block)) + "\n"


REPORT = Markdown()
