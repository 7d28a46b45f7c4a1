"""A job summary for GitHub (`>> "$GITHUB_STEP_SUMMARY"`): the outcome, the table, the rest folded."""

from dataclasses import replace

from seqcli.reports.draw.markup import bullets, escaped, quoted, sentence, signature, table
from seqcli.reports.draw.page import Page
from seqcli.reports.draw.sheet import Sheet, rewritten
from seqcli.reports.report import SheetReport

PLACED = (
    "recommendation",
    "what failed",
    "legend",
    "baselines",
    "differences",
    "other protocols",
    "signature",
)


class Github(SheetReport):
    """Heading, alert, pipe table and differences; below a table the rest is behind a click."""

    def draw(self, sheet: Sheet, page: Page) -> str:
        """The sheet as GitHub's Markdown."""
        fitted = rewritten(sheet, page.fit)
        title = bullets(fitted.title, page)
        blocks = [[f"## {escaped(fitted.heading)}"], _warning(fitted, page), _outcome(fitted, page)]
        blocks.append(table(fitted, page) or title)
        blocks += [
            [sentence(line, page) for line in fitted.section(name)] for name in ("legend", "baselines")
        ]
        blocks += [bullets(fitted.section(name), page) for name in ("differences", "other protocols")]
        blocks += _folded("About these figures", title) if fitted.rows else []
        for section in fitted.besides(PLACED):
            blocks += (_folded if fitted.rows else _open)(section.heading, bullets(section.headed, page))
        blocks += signature(fitted)
        return "\n\n".join("\n".join(block) for block in blocks if any(block)) + "\n"


REPORT = Github()


def _warning(sheet: Sheet, page: Page) -> list[str]:
    """Return the failures, gates that are not met, and an outcome that is a failure."""
    unmet = [line for line in sheet.headed("gates") if line.mark != "supported"]
    failed = [line for line in sheet.section("recommendation") if line.mark == "failed"]
    lines = [replace(line, mark=None) for line in (*failed, *sheet.headed("what failed"), *unmet)]
    return ["> [!WARNING]", *quoted([sentence(line, page) for line in lines])] if lines else []


def _outcome(sheet: Sheet, page: Page) -> list[str]:
    lines = [line for line in sheet.section("recommendation") if line.mark != "failed"]
    return ["> [!NOTE]", *quoted([sentence(line, page) for line in lines])] if lines else []


def _open(title: str, lines: list[str]) -> list[list[str]]:
    return [[f"**{title}**"], lines]


def _folded(title: str, lines: list[str]) -> list[list[str]]:
    return [[f"<details><summary>{title}</summary>", "", *lines, "", "</details>"]] if lines else []
