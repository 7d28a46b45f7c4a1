"""`seqcli.calibration/1` laid out: a row a design; corpora, claims, protocols and trained pairs below."""

from seqcli.reports.draw.sheet import Column, Line, Row, Section, Sheet, SheetCell
from seqcli.reports.numbers import fixed
from seqcli.results.calibration import (
    Calibration,
    Rate,
    SimulatedClaim,
    SimulatedContrast,
    SimulatedCorpus,
    SimulatedDesign,
    TrainedPairs,
)

HEADINGS = ("trials", "false better", "at most", "false equivalent", "at most", "coverage", "its level")
POPULATIONS = (
    "smooth: examples are about alike; mixed: easy and hard; collapse: so do one in ten runs of every model;"
    " rare: a model is ahead only because one run in ten of the others collapses, which few seeds mostly do"
    " not show (each verdict says how frequent a failure its seeds cannot exclude); 5–20: looks at 5, 10, 20"
)


def sheet(result: Calibration) -> Sheet:
    """Every design's error rates with their upper 95 % bounds."""
    title = (
        f"simulated by seqcli {result.seqcli}, seed {result.seed}: α {result.alpha:g},"
        f" margin {percent(result.margin)}; 'at most' is the upper 95 % bound of the rate before it;"
        " coverage is that of the intervals printed"
    )
    sections = (
        Section("scores of a corpus", tuple(Line(_corpus(rates)) for rates in result.corpora)),
        Section("claims of the guide", tuple(Line(_claim(rates)) for rates in result.claims)),
        Section("protocols", tuple(Line(_contrast(rates)) for rates in result.contrasts)),
        Section("trained pairs", tuple(_pairs(result))),
    )
    return Sheet(
        heading="how often verdicts are wrong",
        title=(Line(title), Line(POPULATIONS)),
        columns=tuple(Column(name) for name in HEADINGS),
        rows=tuple(_row(rates) for rates in result.designs),
        sections=tuple(section for section in sections if section.lines),
        corner="seeds × examples",
    )


SHEET = sheet


def percent(share: float) -> str:
    """A share such as '4.9 %'."""
    return f"{fixed(100 * share, 1)} %"


def _row(design: SimulatedDesign) -> Row:
    better, equivalent = design.false_better, design.false_equivalent
    missed = [rate for rate in (design.not_covered, design.not_covered_ahead) if rate is not None]
    covered = 1 - sum(rate.count for rate in missed) / sum(rate.trials for rate in missed)
    # Over several looks the levels of what is printed at each say nothing of all of them together.
    level = None if design.printed_alpha is None or len(design.looks) > 1 else 1 - design.printed_alpha
    texts = (
        f"{better.trials:,}",
        percent(better.count / better.trials),
        percent(better.upper95),
        percent(equivalent.count / equivalent.trials),
        percent(equivalent.upper95),
        percent(covered),
        "–" if level is None else percent(level),
    )
    seeds = f"{design.looks[0]}–{design.seeds}" if len(design.looks) > 1 else str(design.seeds)
    label = f"{design.population}: {seeds} × {design.examples}, {design.models} models"
    return Row(label, tuple(SheetCell(text) for text in texts))


def _rate(rate: Rate) -> str:
    return f"{rate.count} of {rate.trials:,}, at most {percent(rate.upper95)}"


def _share(rate: Rate) -> str:
    return percent(rate.count / rate.trials)


def _corpus(corpus: SimulatedCorpus) -> str:
    return (
        f"{corpus.metric}, {corpus.seeds} seeds × {corpus.sentences} sentences: false better"
        f" {_rate(corpus.false_better)};"
        f" {corpus.ahead:g} points ahead is seen in {_share(corpus.found_better)}"
    )


def _claim(claim: SimulatedClaim) -> str:
    lines = [
        f"{word} {_share(rate)}" + (" (wrongly)" if word in claim.wrong else "")
        for word, rate in (("supported", claim.supported), ("refuted", claim.refuted))
    ]
    return f"claim {claim.claim}, {claim.seeds} seeds, {claim.truth}: {', '.join(lines)}"


def _contrast(contrast: SimulatedContrast) -> str:
    suits = "other" if contrast.suits == "new" else "the same"
    return (
        f"{contrast.seeds} seeds × {contrast.examples} examples,"
        f" of which {suits} ones suit a model under the other protocol:"
        f" false 'depends' {_rate(contrast.false_depends)};"
        f" {percent(contrast.ahead)} apart is seen in {_share(contrast.found_depends)}"
    )


def _pairs(result: Calibration) -> list[Line]:
    if result.trained_all is None:
        return [Line("trained pairs: none yet; make calibration")]
    all_pairs = Line(f"all trained A/A pairs: false better {_rate(result.trained_all)}")
    return [*(Line(_trained(trained), lead="trained") for trained in result.trained), all_pairs]


def _trained(pairs: TrainedPairs) -> str:
    design = f"{pairs.seeds} seeds × {pairs.examples} examples"
    return f"{pairs.task} ({pairs.kind}), {design}: false better {_rate(pairs.false_better)}"
