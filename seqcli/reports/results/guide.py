"""`seqcli.guide/1` laid out: a line a claim, then how to run each part by itself."""

from seqcli.registry import later
from seqcli.reports.draw.sheet import Line, Section, Sheet
from seqcli.reports.words.comparison_words import signature_lines
from seqcli.results.claims import Claim
from seqcli.results.guide import Guide
from seqcli.results.wording import counted


def sheet(result: Guide) -> Sheet:
    """The claims as a sheet."""
    counts = {
        word: sum(claim.verdict == word for claim in result.claims)
        for word in ("supported", "refuted", "equivalent", "depends", "undecided")
    }
    counted_verdicts = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    extent = "quick run" if result.quick else "whole run"
    return Sheet(
        heading="the guide put to the test",
        title=(Line(f"{counted(len(result.claims), 'claim')}, {extent}: {counted_verdicts}", lead="guide"),),
        columns=(),
        rows=(),
        sections=tuple(section for section in _sections(result) if section.lines),
        brief=_brief(result, f"{counted(len(result.claims), 'claim')}, {extent}: {counted_verdicts}"),
    )


def _brief(result: Guide, counted_verdicts: str) -> Sheet:
    """A line a claim with its mark, and what failed."""
    sections = (
        Section("claims", tuple(_claim(claim)[0] for claim in result.claims)),
        Section("what failed", _failures(result)),
        Section("more", (Line("the evidence, what is known, each part by itself: -v", role="quiet"),)),
    )
    return Sheet(
        heading="the guide put to the test",
        title=(Line(counted_verdicts, lead="guide"),),
        columns=(),
        rows=(),
        sections=tuple(section for section in sections if section.lines),
    )


SHEET = sheet
PANELS = later("seqcli.reports.parts.guide_page", "guide_panels")
DOCUMENT = later("seqcli.reports.parts.guide_page", "guide_document")


def _sections(result: Guide) -> tuple[Section, ...]:
    return (
        Section("claims", tuple(line for claim in result.claims for line in _claim(claim))),
        Section("each part by itself", _commands(result)),
        Section("what failed", _failures(result)),
        Section("signature", signature_lines(result.signature)),
    )


def _claim(claim: Claim) -> tuple[Line, ...]:
    """The claim with its mark; under it this run's evidence and what is known."""
    return (
        Line(claim.claim, lead=str(claim.number or ""), mark=claim.verdict),
        Line(f"here: {claim.evidence}", detail=True),
        Line(f"known: {claim.prior}", role="quiet", detail=True),
    )


def _commands(result: Guide) -> tuple[Line, ...]:
    parts = [part for part in result.parts if part.command]
    return tuple(
        Line(
            f"{_numbers(part.claims)}: {part.command}",
            lead="by itself" if position == 0 else "",
            role="quiet",
        )
        for position, part in enumerate(parts)
    )


def _numbers(claims: list[int]) -> str:
    return ", ".join(map(str, claims))


def _failures(result: Guide) -> tuple[Line, ...]:
    return tuple(
        Line(f"{part.title}: {part.failed}", lead="failed", mark="failed")
        for part in result.parts
        if part.failed is not None
    )
