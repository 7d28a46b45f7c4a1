"""A result in Python: as a table of pandas, as a figure, and in a notebook's cell."""

import io
import re

import pandas as pd
import pytest
from making.cases import COMPARISONS

from seqcli.errors import UsageError
from seqcli.reports.report import render

SHOWN = [
    *COMPARISONS,
    "hostile",
    "sweep",
    "train",
    "gradprobe",
    "evaluate",
    "conclude",
    "guide",
    "bottleneck",
]


@pytest.mark.parametrize("case", ["two", "failed", "sweep", "gradprobe", "train", "conclude"])
@pytest.mark.parametrize("rows", ["model", "seed"])
def test_the_table_is_that_of_csv(records, case, rows):
    record = records.CASES[case]()
    written = pd.read_csv(io.StringIO(render(record, "csv", per_seed=rows == "seed")))
    frame = record.to_pandas(rows)
    assert list(frame.columns) == list(written.columns)
    numbers = frame.select_dtypes("number").columns
    pd.testing.assert_frame_equal(
        frame[numbers].astype(float), written[numbers].astype(float), check_exact=False, rtol=1e-15
    )


def test_the_long_table_is_that_of_tidy(records):
    record = records.CASES["two"]()
    frame = record.to_pandas("value")
    scores = frame[frame["quantity"] == "quality.per_seed"].pivot(
        index="seed", columns="model", values="value"
    )
    assert scores["lstm"].tolist() == record.models[0].quality.per_seed


def test_another_kind_of_row_is_refused_with_those_that_there_are(records):
    with pytest.raises(UsageError, match="'wide'") as raised:
        records.CASES["two"]().to_pandas("wide")
    assert "seed" in raised.value.hint


def test_a_figure_is_matplotlibs_and_shows_itself_in_a_notebook(records):
    figure = records.CASES["two"]().plot()
    assert figure.axes
    assert figure._repr_png_().startswith(b"\x89PNG")


def test_what_has_no_pictures_says_what_has(records):
    with pytest.raises(UsageError, match="nothing to draw") as raised:
        records.CASES["translate"]().plot()
    assert "compare" in raised.value.hint


@pytest.mark.parametrize("case", SHOWN)
def test_in_a_notebook_nothing_is_fetched_or_run_and_no_other_cell_is_styled(records, case):
    html = records.CASES[case]()._repr_html_()
    assert (
        re.search(
            r"<script|<[^>]* (?:on\w+|src)=|href=\"(?!#|data:image/png)|url\((?!#)|<link|<iframe|@import",
            html,
        )
        is None
    )
    rules = re.search(r"<style>(.*?)</style>", html, re.DOTALL)[1]
    selectors = re.findall(r"(?:^|[},{])\s*([^@{}]+?)\s*\{", rules)
    assert selectors
    assert all(
        part.strip().startswith(".seqcli-result") for selector in selectors for part in selector.split(",")
    )


def test_the_cell_begins_with_the_answer_and_folds_the_rest(records):
    record = records.CASES["two"]()
    html = record._repr_html_()
    assert html.index("<table") < html.index("<details>")
    assert record.models[0].label.upper() in html
    assert "<svg" in html


def test_pictures_of_two_results_in_one_notebook_have_ids_of_their_own(records):
    ids = [set(re.findall(r'id="([^"]+)"', records.CASES[case]()._repr_html_())) for case in ("two", "three")]
    assert all(ids)
    assert ids[0] & ids[1] == set()
