"""What other protocols say of the same models, and where they contradict the first one."""

from collections.abc import Iterator, Sequence

from seqcli.reports.comparison.headings import display, matched
from seqcli.reports.comparison.quality import difference_text
from seqcli.reports.numbers import MINUS, Unit, unit_of
from seqcli.reports.sheet import Line
from seqcli.results.compare import Agreement, Alternative, Comparison, ModelResult


def protocol_lines(result: Comparison, decimals: int) -> tuple[Line, ...]:
    """A line a pair of each further protocol: 'at equal parameters (GRU 148 wide): GRU − LSTM +0.2 points'.

    Below them a line for each pair on which the protocols contradict each other.
    """
    unit = unit_of(result.task.metric)
    told = [line for other in result.alternatives for line in _of(other, result.models, decimals, unit)] + [
        _contradiction(found) for found in result.agreement if found.verdict == "depends"
    ]
    return tuple(told)


def _of(other: Alternative, models: Sequence[ModelResult], decimals: int, unit: Unit) -> Iterator[Line]:
    widths = _widths(other, models)
    for position, pair in enumerate(other.pairs):
        where = f"at {matched(other.match)}{widths}: " if position == 0 else ""
        difference = " ".join(difference_text(pair, unit.words, decimals, unit).split())
        yield Line(
            f"{where}{display(pair.a)} {MINUS} {display(pair.b)} {difference}".rstrip(),
            mark=pair.quality.verdict,
        )


def _widths(other: Alternative, models: Sequence[ModelResult]) -> str:
    """The models that this protocol made wider or narrower: ' (GRU 148 wide)'."""
    before = {model.label: model.settings.get("hidden") for model in models}
    resized = [
        f"{display(model.label)} {model.settings['hidden']} wide"
        for model in other.models
        if model.settings.get("hidden") not in (None, before.get(model.label))
    ]
    return f" ({', '.join(resized)})" if resized else ""


def _contradiction(found: Agreement) -> Line:
    said = [f"{verdict} at {matched(match)}" for match, verdict in found.verdicts.items()]
    pair = f"{display(found.a)} {MINUS} {display(found.b)}"
    return Line(f"{pair} depends on the protocol: {', '.join(said)}", mark="depends")
