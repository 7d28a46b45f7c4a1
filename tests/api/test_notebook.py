"""`examples/notebook.ipynb`: every code cell run in order; what each ends with is shown as Jupyter does."""

import ast
import json
from pathlib import Path

import pandas as pd
import pytest

NOTEBOOK = Path(__file__).parents[2] / "examples" / "notebook.ipynb"
CELLS = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
CODE = ["".join(cell["source"]) for cell in CELLS if cell["cell_type"] == "code"]


def run(source, names):
    """The value of a cell's last line, where it is an expression, after all lines were run."""
    tree = ast.parse(source)
    shown = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)  # noqa: S102 - the cell is the project's own
    return None if shown is None else eval(compile(ast.Expression(shown.value), "cell", "eval"), names)  # noqa: S307


@pytest.fixture(scope="module")
def values(tmp_path_factory):
    """What each code cell ends with."""
    names = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("notebook"))
        return [run(source, names) for source in CODE]


def shown(values, part):
    return next(value for source, value in zip(CODE, values, strict=True) if source.strip().endswith(part))


def test_it_is_a_notebook_without_outputs_that_others_made():
    assert [cell["outputs"] for cell in CELLS if cell["cell_type"] == "code"] == [[] for _ in CODE]
    assert len({cell["id"] for cell in CELLS}) == len(CELLS)


def test_every_cell_runs_and_what_it_shows_exists(values):
    assert len(values) == len(CODE)
    assert all(value is not None for value, source in zip(values[1:], CODE[1:], strict=True))


def test_it_goes_from_a_file_to_a_verdict_a_table_a_picture_and_scores_of_ones_own(values):
    result = shown(values, "\nresult")
    assert "rnn" in result._repr_html_().lower()
    verdict, difference, _ = shown(values, "pair.interval")
    assert verdict in ("better", "worse", "equivalent", "undecided")
    assert difference == result.pairs[0].quality.difference
    assert len(shown(values, '[["label", "seed", "quality"]]')) == 6
    assert shown(values, "result.plot()")._repr_png_().startswith(b"\x89PNG")
    assert isinstance(shown(values, '"verdict"]]'), pd.DataFrame)
    assert shown(values, '"theirs": theirs})').pairs[0].quality.verdict == "worse"
    assert len(shown(values, '"refund please"])]')) == 2
    assert shown(values, "== run") is True


def test_a_result_is_shown_by_its_html_and_a_figure_by_its_picture(values):
    for value in values:
        if hasattr(value, "schema_"):
            assert "<table" in value._repr_html_()
