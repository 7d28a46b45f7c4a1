"""`seqcli.run-page/1` laid out: a row a fact, then its epochs, files, legs and the command."""

import json
from collections.abc import Mapping
from typing import Any

from seqcli.reports.draw.sheet import Column, Line, Row, Section, Sheet, SheetCell
from seqcli.reports.numbers import alike, size
from seqcli.reports.results.runs import facts, legs_done, score_text
from seqcli.results.runs import RunPage
from seqcli.results.wording import counted, span

# The end of the training, in less than a screen; the JSON form has every epoch.
_MOST_EPOCHS = 12


def sheet(result: RunPage) -> Sheet:
    """All that is known of one run as a sheet of one column."""
    return Sheet(
        heading=result.run.label,
        title=(),
        columns=(Column(""),),
        rows=tuple(Row(name, (SheetCell(text),)) for name, text in _rows(result) if text),
        sections=tuple(
            section
            for section in (
                _epochs(result),
                _legs(result),
                _settings(result),
                _files(result),
                _commands(result),
            )
            if section.lines
        ),
    )


SHEET = sheet


def _rows(result: RunPage) -> list[tuple[str, str]]:
    run = result.run
    return [
        (
            "status",
            run.status if run.legs is None else f"{run.status}, {legs_done(run.legs)} training runs done",
        ),
        ("why", run.reason or ""),
        ("command", run.command),
        ("model", run.model),
        ("task", run.task),
        ("seed", "" if run.seed is None else str(run.seed)),
        ("score", score_text(run.score)),
        ("checkpoints", ", ".join(f"step {step}" for step in result.checkpoints)),
        ("size", size(run.bytes)),
        ("changed", f"{run.changed}, {span(run.age_seconds)} ago"),
        ("seqcli", result.seqcli or ""),
        *((name, str(value)) for name, value in _plain(result.identity) if name in {"torch", "device"}),
        ("prepared data sha256", str(result.identity.get("prepared_sha256", ""))),
    ]


def _plain(values: Mapping[str, object]) -> list[tuple[str, Any]]:
    return [(name, value) for name, value in values.items() if not isinstance(value, Mapping)]


def _epochs(result: RunPage) -> Section:
    """The last epochs, one a line."""
    left_out = len(result.metrics) - _MOST_EPOCHS
    lines = [
        Line(
            f"loss {alike([epoch.train_loss])[0]}, valid {alike([epoch.valid_metric])[0]} "
            f"(loss {alike([epoch.valid_loss])[0]})",
            lead=f"epoch {epoch.epoch}",
        )
        for epoch in result.metrics[-_MOST_EPOCHS:]
    ]
    if left_out > 0:
        lines.insert(0, Line(f"{counted(left_out, 'epoch')} before these", lead="…", role="quiet"))
    return Section("epochs", tuple(lines))


def _legs(result: RunPage) -> Section:
    lines = [Line(f"{' · '.join(text for text in facts(leg) if text)}", lead="run") for leg in result.legs]
    return Section("training runs", tuple(lines))


def _settings(result: RunPage) -> Section:
    """The configuration on as few lines as it needs; what is not set is left out."""
    texts = [
        f"{name}={json.dumps(value, ensure_ascii=False)}"
        for name, value in result.config.items()
        if value is not None
    ]
    return Section("settings", (Line(" ".join(texts), lead="settings"),))


def _files(result: RunPage) -> Section:
    lines = [
        Line(f"{file.sha256[:12]}  {size(file.bytes)}  {file.name}", lead="file") for file in result.files
    ]
    return Section("files", tuple(lines))


def _commands(result: RunPage) -> Section:
    if result.again is None:
        return Section("again", ())
    lead = "again" if result.run.status == "done" else "go on"
    return Section("again", (Line(result.again, lead=lead),))
