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
        Section("scores of a corpus", tuple(Line(_corpus(one)) for one in result.corpora)),
        Section("claims of the guide", tuple(Line(_claim(one)) for one in result.claims)),
        Section("protocols", tuple(Line(_contrast(one)) for one in result.contrasts)),
        Section("trained pairs", tuple(_pairs(result))),
    )
    return Sheet(
        heading="how often verdicts are wrong",
        title=(Line(title), Line(POPULATIONS)),
        columns=tuple(Column(name) for name in HEADINGS),
        rows=tuple(_row(one) for one in result.designs),
        sections=tuple(section for section in sections if section.lines),
        corner="seeds × examples",
    )


SHEET = sheet


def percent(share: float) -> str:
    """A share such as '4.9 %'."""
    return f"{fixed(100 * share, 1)} %"


def _row(one: SimulatedDesign) -> Row:
    better, equivalent = one.false_better, one.false_equivalent
    missed = [rate for rate in (one.not_covered, one.not_covered_ahead) if rate is not None]
    covered = 1 - sum(rate.count for rate in missed) / sum(rate.trials for rate in missed)
    # Over several looks the levels of what is printed at each say nothing of all of them together.
    level = None if one.printed_alpha is None or len(one.looks) > 1 else 1 - one.printed_alpha
    shown = (
        f"{better.trials:,}",
        percent(better.count / better.trials),
        percent(better.upper95),
        percent(equivalent.count / equivalent.trials),
        percent(equivalent.upper95),
        percent(covered),
        "–" if level is None else percent(level),
    )
    seeds = f"{one.looks[0]}–{one.seeds}" if len(one.looks) > 1 else str(one.seeds)
    label = f"{one.population}: {seeds} × {one.examples}, {one.models} models"
    return Row(label, tuple(SheetCell(text) for text in shown))


def _rate(rate: Rate) -> str:
    return f"{rate.count} of {rate.trials:,}, at most {percent(rate.upper95)}"


def _share(rate: Rate) -> str:
    return percent(rate.count / rate.trials)


def _corpus(one: SimulatedCorpus) -> str:
    return (
        f"{one.metric}, {one.seeds} seeds × {one.sentences} sentences: false better"
        f" {_rate(one.false_better)}; {one.ahead:g} points ahead is seen in {_share(one.found_better)}"
    )


def _claim(one: SimulatedClaim) -> str:
    said = [
        f"{word} {_share(rate)}" + (" (wrongly)" if word in one.wrong else "")
        for word, rate in (("supported", one.supported), ("refuted", one.refuted))
    ]
    return f"claim {one.claim}, {one.seeds} seeds, {one.truth}: {', '.join(said)}"


def _contrast(one: SimulatedContrast) -> str:
    suits = "other" if one.suits == "new" else "the same"
    return (
        f"{one.seeds} seeds × {one.examples} examples, of which {suits} ones suit a model under the other"
        f" protocol: false 'depends' {_rate(one.false_depends)};"
        f" {percent(one.ahead)} apart is seen in {_share(one.found_depends)}"
    )


def _pairs(result: Calibration) -> list[Line]:
    if result.trained_all is None:
        return [Line("trained pairs: none yet; make calibration")]
    every = Line(f"all trained A/A pairs: false better {_rate(result.trained_all)}")
    return [*(Line(_trained(one), lead="trained") for one in result.trained), every]


def _trained(one: TrainedPairs) -> str:
    design = f"{one.seeds} seeds × {one.examples} examples"
    return f"{one.task} ({one.kind}), {design}: false better {_rate(one.false_better)}"
