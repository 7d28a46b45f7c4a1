"""A job summary for GitHub (`>> "$GITHUB_STEP_SUMMARY"`): the outcome, the table, the rest folded."""

from seqcli.reports.markdown_text import bullets, code, escaped, table
from seqcli.reports.page import Page
from seqcli.reports.report import SheetReport
from seqcli.reports.sheet import Sheet, rewritten

FOLDED = {
    "what if": "What would help",
    "clipping": "Clipping",
    "task lag": "Reach",
    "guide": "What the guide says",
    "baseline": "Since the baseline",
    "differing": "Figures that are not the same",
    "changes": "What has changed",
    "cost": "Cost, now over then",
    "expectations": "Gates",
    "notes": "Notes on the data",
    "remarks": "Notes",
}


class Github(SheetReport):
    """Heading, alert, pipe table and differences; guide, notes and protocol behind a click."""

    def draw(self, sheet: Sheet, page: Page) -> str:
        """The sheet as GitHub's Markdown."""
        fitted = rewritten(sheet, page.fit)
        blocks = [[f"## {escaped(fitted.heading)}"], _alert(fitted)]
        blocks.append(table(fitted, page) if fitted.rows else [])
        blocks += [[escaped(line.text) for line in fitted.section(name)] for name in ("legend", "baselines")]
        blocks += [bullets(fitted.section(name), page) for name in ("differences", "other protocols")]
        blocks += [_folded("Data and protocol", bullets(fitted.title, page))]
        blocks += [_folded(title, bullets(fitted.section(name), page)) for name, title in FOLDED.items()]
        blocks.append([code(line.text) for line in fitted.section("signature")])
        return "\n\n".join("\n".join(block) for block in blocks if any(block)) + "\n"


REPORT = Github()


def _alert(sheet: Sheet) -> list[str]:
    """The outcome as a note, after a warning where legs failed or gates are not met."""
    unmet = [line for line in sheet.section("expectations") if line.mark != "supported"]
    failures = [escaped(line.text) for line in (*sheet.section("failures"), *unmet)]
    outcome = [escaped(line.text) for line in sheet.section("recommendation")]
    warning = ["> [!WARNING]", *(f"> {line}  " for line in failures), ""] if failures else []
    note = ["> [!NOTE]", *(f"> {line}" for line in outcome)] if outcome else []
    return [*warning, *note]


def _folded(title: str, lines: list[str]) -> list[str]:
    return [f"<details><summary>{title}</summary>", "", *lines, "", "</details>"] if lines else []
