"""`seqcli.compare/1` laid out: a column a model, the pair beside them, what follows from it below."""

from seqcli.registry import later
from seqcli.reports.draw.sheet import Column, Line, Row, Section, Sheet
from seqcli.reports.parts.answer_table import (
    answer_columns,
    answer_rows,
    columns_of,
    latency_verdict,
    memory_verdict,
    quality_verdicts,
    size_verdict,
    speed_verdict,
    standings,
)
from seqcli.reports.parts.cost_table import cost_rows, sitting_lines, throughput_lines
from seqcli.reports.parts.quality_table import (
    baseline_rows,
    baselines_line,
    beside_rows,
    difference_lines,
    failed_row,
    quality_row,
    seeds_row,
    solved_row,
    target_rows,
)
from seqcli.reports.words.answer_words import (
    cost_sentences,
    rest_lines,
    target_lines,
    verdict_lines,
    warning_lines,
)
from seqcli.reports.words.comparison_words import (
    display,
    failure_lines,
    guide_lines,
    look_lines,
    note_lines,
    protocol_line,
    protocol_lines,
    quality_decimals,
    recommendation_lines,
    signature_lines,
    status_lines,
    steps_of_methods,
    task_line,
    tuning_lines,
)
from seqcli.reports.words.step_words import step_grids_of_methods
from seqcli.results.compare import Comparison
from seqcli.results.compared_pairs import Pair

# Four models have six pairs, and a table no room for as many columns: they are lines below it.
PAIR_COLUMNS_UP_TO = 3
ANSWER_LEGEND = Line("▲ better, ▼ worse than every other model · = equivalent · ? undecided", role="quiet")
LEGEND = Line("▲ better   ▼ worse   = equivalent   ? undecided", role="quiet")


def sheet(result: Comparison) -> Sheet:
    """A comparison as a sheet; with more than three models its pairs are lines below, not columns."""
    pairs = result.pairs if len(result.models) <= PAIR_COLUMNS_UP_TO else []
    return Sheet(
        heading=f"{', '.join(display(model.label) for model in result.models)} on {result.task.name}",
        title=(
            task_line(result.task),
            protocol_line(result.protocol, result.models),
            *tuning_lines(result.protocol),
            *look_lines(result.protocol),
            *status_lines(result),
        ),
        columns=(
            *(Column(display(model.label)) for model in result.models),
            *(Column(f"{display(pair.a)} against {display(pair.b)}", "pair") for pair in pairs),
        ),
        rows=_rows(result, pairs),
        sections=tuple(section for section in _sections(result) if section.lines),
        brief=answer_sheet(result),
        more=step_grids_of_methods(steps_of_methods(result), result.task.metric),
    )


SHEET = sheet
PANELS = later("seqcli.reports.parts.comparison_figure", "comparison_panels")
DOCUMENT = later("seqcli.reports.parts.comparison_page", "comparison_document")


def _earlier(result: Comparison, decimals: int) -> tuple[Line, ...]:
    """The lines on an earlier result; most comparisons have none, and load no words for it."""
    if result.earlier is None:
        return ()
    from seqcli.reports.words.earlier_words import earlier_lines

    return earlier_lines(result, decimals)


def _gates(result: Comparison) -> tuple[Line, ...]:
    """The lines on gates, likewise."""
    if not result.expectations:
        return ()
    from seqcli.reports.words.gate_words import expectation_lines

    return expectation_lines(result.expectations)


def answer_sheet(result: Comparison) -> Sheet:
    """The answer alone: one table, the verdict, what to doubt, and where the rest is."""
    decimals = quality_decimals(result)
    answer_cols = answer_columns(result, decimals)
    many_models = len(result.models) > 1
    verdict = quality_verdicts(result)
    sections = (
        Section("legend", (ANSWER_LEGEND,) if many_models else ()),
        Section("verdict", verdict_lines(result, decimals, verdict, _costs(result) if many_models else [])),
        Section("target", target_lines(result)),
        Section("other protocols", protocol_lines(result, decimals)),
        Section("since the baseline", _earlier(result, decimals)),
        Section("gates", _gates(result)),
        Section("more", (*warning_lines(result), *rest_lines(result.guide, result.signature))),
    )
    return Sheet(
        heading=result.task.name,
        title=(task_line(result.task, result.protocol.folds), *status_lines(result)),
        columns=columns_of(answer_cols),
        rows=answer_rows(result, answer_cols),
        sections=tuple(section for section in sections if section.lines),
        ruled=False,
    )


def _costs(result: Comparison) -> list[str]:
    """The sentences on which model costs least."""
    most = len(result.models) > 2
    words = {
        "is smallest" if most else "is smaller": size_verdict,
        "trains fastest" if most else "trains faster": speed_verdict,
        "answers fastest" if most else "answers faster": latency_verdict,
        "needs least memory" if most else "needs less memory": memory_verdict,
    }
    return cost_sentences(result, {word: standings(result, figure) for word, figure in words.items()})


def _rows(result: Comparison, pairs: list[Pair]) -> tuple[Row, ...]:
    decimals = quality_decimals(result)
    rows = (
        quality_row(result, pairs, decimals),
        *beside_rows(result, pairs),
        *baseline_rows(result, pairs, decimals),
        seeds_row(result, pairs, decimals),
        solved_row(result, pairs),
        failed_row(result, pairs),
        *target_rows(result, pairs),
        *cost_rows(result.models, pairs, two_paths=_two_paths(result)),
    )
    return tuple(row for row in rows if any(cell.text for cell in row.cells))


def _two_paths(result: Comparison) -> bool:
    speeds = [pair.train_speed for pair in result.pairs]
    return any(speed is not None and speed.same_path_ratio is not None for speed in speeds)


def _sections(result: Comparison) -> tuple[Section, ...]:
    decimals = quality_decimals(result)
    return (
        Section("legend", (LEGEND,) if result.pairs else ()),
        Section("baselines", baselines_line(result, decimals)),
        Section("differences", difference_lines(result, decimals)),
        Section("other protocols", protocol_lines(result, decimals)),
        Section("what the guide says", guide_lines(result.guide)),
        Section("since the baseline", _earlier(result, decimals)),
        Section("gates", _gates(result)),
        Section("what failed", failure_lines(result.failures)),
        Section("notes on the data", note_lines(result.task.notes)),
        Section("notes on cost", (*sitting_lines(result), *throughput_lines(result.models))),
        Section("recommendation", recommendation_lines(result.recommendation)),
        Section("signature", signature_lines(result.signature)),
    )
