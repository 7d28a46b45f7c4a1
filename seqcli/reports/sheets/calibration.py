"""`seqcli.calibration/1` laid out: a row a design, the trained pairs below."""

from seqcli.reports.numbers import fixed
from seqcli.reports.sheet import Cell, Column, Line, Row, Section, Sheet
from seqcli.results.calibration import Calibration, Rate, SimulatedDesign, TrainedPairs

HEADINGS = ("trials", "false better", "at most", "false equivalent", "at most", "coverage of 95 %")


def sheet(result: Calibration) -> Sheet:
    """Every design's error rates with their upper 95 % bounds."""
    title = (
        f"simulated by seqcli {result.seqcli}, seed {result.seed}: α {result.alpha:g},"
        f" margin {percent(result.margin)}; 'at most' is the upper 95 % bound of the rate before it"
    )
    trained = [Line(_trained(one), lead="trained") for one in result.trained]
    if result.trained_all is None:
        trained = [Line("trained pairs: none yet; make calibration")]
    else:
        trained.append(Line(f"all trained A/A pairs: false better {_rate(result.trained_all)}"))
    return Sheet(
        heading="how often verdicts are wrong",
        title=(Line(title),),
        columns=tuple(Column(name) for name in HEADINGS),
        rows=tuple(_row(one) for one in result.designs),
        sections=(Section("trained pairs", tuple(trained)),),
        corner="seeds × examples",
    )


SHEET = sheet


def percent(share: float) -> str:
    """A share such as '4.9 %'."""
    return f"{fixed(100 * share, 1)} %"


def _row(one: SimulatedDesign) -> Row:
    better, equivalent, missed = one.false_better, one.false_equivalent, one.not_covered
    shown = (
        f"{better.trials:,}",
        percent(better.count / better.trials),
        percent(better.upper95),
        percent(equivalent.count / equivalent.trials),
        percent(equivalent.upper95),
        percent(1 - missed.count / missed.trials),
    )
    label = f"{one.seeds} × {one.examples}, {one.models} models"
    return Row(label, tuple(Cell(text) for text in shown))


def _rate(rate: Rate) -> str:
    return f"{rate.count} of {rate.trials:,}, at most {percent(rate.upper95)}"


def _trained(one: TrainedPairs) -> str:
    design = f"{one.seeds} seeds × {one.examples} examples"
    return f"{one.task} ({one.kind}), {design}: false better {_rate(one.false_better)}"
