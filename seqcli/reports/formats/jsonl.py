"""JSON lines, for logs and `jq`: first what the whole result says, then a line for each of its parts.

The first line has `"part": "result"` and all that is not a list of objects: schema, signature, task,
protocol, recommendation. Then comes a line for each model, baseline, pair, claim and failure, with `part`
naming the list that holds it in the JSON document ('models', 'baselines', 'pairs', 'guide', 'failures').
What an item of a list 'changes' itself calls `part` is `changes.part`.
A result without such lists is one line.
"""

from collections.abc import Iterator
from typing import TypeGuard

from seqcli.reports.draw.markup import json_text
from seqcli.reports.draw.page import Page
from seqcli.reports.draw.sheet import Result
from seqcli.reports.report import Report


class JsonLines(Report):
    """The parts of the JSON document, one a line."""

    def render(self, result: Result, page: Page) -> str:
        """The result's parts as JSON, one a line."""
        return "".join(f"{json_text(part, page)}\n" for part in _parts(result.to_json()))


REPORT = JsonLines()


def _parts(values: dict[str, object]) -> Iterator[dict[str, object]]:
    lists = {name: value for name, value in values.items() if _holds_objects(value)}
    yield {
        "part": "result",
        **{name: value for name, value in values.items() if value != [] and name not in lists},
    }
    for name, items in lists.items():
        for item in items:
            yield {"part": name, **{f"{name}.part" if key == "part" else key: item[key] for key in item}}


def _holds_objects(value: object) -> TypeGuard[list[dict[str, object]]]:
    return isinstance(value, list) and len(value) > 0 and all(isinstance(item, dict) for item in value)
