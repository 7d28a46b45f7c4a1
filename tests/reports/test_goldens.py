"""Whole results as a person sees them: the record, the table of a terminal, the text of the page.

`pytest --renew-goldens` writes `tests/goldens` anew; each change there is to be read.
"""

import json
from html.parser import HTMLParser

import pytest

from seqcli.data.kind import KINDS
from seqcli.reports.draw.html_page import render_page
from seqcli.reports.draw.page import Page
from seqcli.reports.report import render

RECORDS = {
    "two models": lambda make: make.CASES["two"](),
    "three models": lambda make: make.many(3),
    "a failed seed": lambda make: make.failed(),
    "two protocols": lambda make: make.several(),
    "gates": lambda make: make.gated(),
    "sweep": lambda make: make.sweep(values=(25, 100)),
    "gradprobe": lambda make: make.gradprobe(),
    "guide": lambda make: make.guide(),
    "rerun": lambda make: make.rerun(),
    "train by class": lambda make: make.CASES["train by class"](),
    "translate": lambda make: make.translation(),
    "bottleneck": lambda make: make.bottleneck(),
    "calibration": lambda make: make.calibration(),
    "evaluate": lambda make: make.evaluated(),
}
WITH_A_PAGE = ("two models", "two protocols", "sweep", "bottleneck")
VALUES = {"BLEU": 31.2, "largest_n": 24.0}
COMMAND = "seqcli compare lstm gru --task sentiment"


class Text(HTMLParser):
    """The text of a page, a line for each piece that has any."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._inside: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - its signature
        if tag in ("style", "script"):
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._inside and tag == self._inside[-1]:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._inside:
            self.lines.append(" ".join(data.split()))


def table(record: object) -> str:
    return render(record, "table", Page(80, detailed=True)) + "\n"


def file_of(name: str) -> str:
    return name.replace(" ", "-")


@pytest.mark.parametrize("name", RECORDS)
def test_the_json_of_a_result_is_the_one_that_was_read(records, golden, name):
    record = RECORDS[name](records)
    golden(f"{file_of(name)}.json", json.dumps(record.to_json(), indent=1, ensure_ascii=False) + "\n")


@pytest.mark.parametrize("name", RECORDS)
def test_the_table_of_a_result_at_80_columns_is_the_one_that_was_read(records, golden, name):
    golden(f"{file_of(name)}.txt", table(RECORDS[name](records)))


@pytest.mark.parametrize("name", WITH_A_PAGE)
def test_the_text_of_a_page_is_the_one_that_was_read(records, golden, name):
    text = Text(render_page(RECORDS[name](records), command=COMMAND)).lines
    golden(f"{file_of(name)}.page.txt", "\n".join(text) + "\n")


@pytest.mark.parametrize("kind", KINDS.names())
def test_the_table_of_a_training_of_each_kind_is_the_one_that_was_read(records, golden, kind):
    metric = KINDS.get(kind).metric
    golden(f"train-{kind}.txt", table(records.training_of(metric, VALUES.get(metric.name, 0.7479))))
