"""The page of `seqcli.sweep/1`: the curves first, then the table, then every value's own comparison."""

from collections.abc import Iterator

from seqcli.reports.draw.document import Document, Facts, Grid, PagePart
from seqcli.reports.draw.panel import panels_of
from seqcli.reports.draw.sheet import sheet_of
from seqcli.reports.numbers import MISSING, fixed, unit_of
from seqcli.reports.parts.comparison_page import data_facts, score_decimals, seed_grids, settings_grid
from seqcli.reports.words.comparison_words import display
from seqcli.reports.words.methods import methods
from seqcli.reports.words.sweep_words import setting_name, value_text
from seqcli.results.sweep import Sweep

TRENDS = (
    "Each seed gives one least-squares line per model over all values; slopes are compared by seed. The "
    "interval of the difference counts seeds and, where the answers are kept, test examples, at the level of "
    "its step among all pairs. A crossing is shown only where that interval excludes 0 and the mean lines "
    "meet between the values tried; its own interval (Fieller, 95 %) is over seeds alone."
)
RUNS = "Runs solved over all values and seeds are compared by an exact paired test."


def sweep_document(result: Sweep) -> Document:
    """A sweep as a document."""
    first = result.points[:1]
    return Document(
        sheet=sheet_of(result),
        panels=panels_of(result),
        guide=tuple(result.guide),
        parts=tuple(_parts(result)),
        grids=(*_grids(result), *(settings_grid(point, without=result.setting) for point in first)),
        data=tuple(_data(result)),
        methods=(*_trends(result), *(fact for point in first for fact in methods(point))),
        signature=result.signature,
        parts_heading=f"The comparison at each {setting_name(result)}",
        curves_first=True,
    )


def _data(result: Sweep) -> Iterator[tuple[str, str]]:
    """Return the data that every model saw, and its differences after the values that have them."""
    values_by_fact: dict[str, dict[str, list[str]]] = {}
    for value, point in zip(result.values, result.points, strict=False):
        for name, text in data_facts(point.task):
            values_by_fact.setdefault(name, {}).setdefault(text, []).append(value_text(value))
    for name, texts in values_by_fact.items():
        for text, values in texts.items():
            everywhere = len(values) == len(result.points)
            yield name, text if everywhere else f"{setting_name(result)} = {', '.join(values)}: {text}"


def _trends(result: Sweep) -> Facts:
    solved = any(pair.solved is not None for pair in result.pairs)
    scale = "doublings count" if result.scale == "log2" else "its own units count"
    return (("Trends", f"{RUNS if solved else TRENDS} Of {setting_name(result)}, {scale}."),)


def _parts(result: Sweep) -> Iterator[PagePart]:
    for value, point in zip(result.values, result.points, strict=False):
        name = f"{setting_name(result)} = {value_text(value)}"
        yield PagePart(name, sheet_of(point), tuple(seed_grids(point)))


def _grids(result: Sweep) -> Iterator[Grid]:
    """A table a model: a row a value, a column a seed."""
    unit = unit_of(result.metric)
    seeds = result.points[0].protocol.seeds if result.points else []
    for curve in result.curves:
        decimals = score_decimals([score for row in curve.per_seed for score in row], unit)
        count = max(map(len, curve.per_seed), default=0)
        names = [f"seed {seed}" for seed in seeds] if len(seeds) == count else ["" for _ in range(count)]
        yield Grid(
            caption=f"{display(curve.label)}, seed by seed",
            head=(setting_name(result), *names),
            rows=tuple(
                (
                    value_text(value),
                    *(
                        MISSING if score is None else f"{fixed(score * unit.factor, decimals)}{unit.suffix}"
                        for score in row
                    ),
                )
                for value, row in zip(result.values, curve.per_seed, strict=True)
            ),
        )
