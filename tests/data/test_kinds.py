"""A kind of task is one file; nothing else asks which kind it is, or which metric."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import seqcli
from seqcli.cli import options
from seqcli.data.config import DataConfig
from seqcli.data.kind import KINDS, metric_named, own_kind
from seqcli.data.task import choose_task
from seqcli.errors import UsageError
from seqcli.models.head import HEADS

ROOT = Path(seqcli.__file__).parent
HOME = ROOT / "data" / "kinds"
METRICS = (metric.name for name in KINDS.names() for metric in KINDS.get(name).metrics)
NAMES = frozenset({*KINDS.names(), *METRICS})
every_kind = pytest.mark.parametrize("name", KINDS.names())


def literals(node):
    """The names of kinds and metrics that an expression spells out."""
    return {item.value for item in ast.walk(node) if isinstance(item, ast.Constant)} & NAMES


def asked_in(tree):
    """The lines that compare with, match, or look up by the name of a kind or a metric."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript):
            asked = _about(node.value) and literals(node.slice)
        else:
            asked = isinstance(node, ast.Compare | ast.MatchValue) and literals(node)
        if asked:
            yield node.lineno


def _about(node):
    """Whether a container is named after kinds or metrics."""
    return bool(re.search("kind|metric", ast.unparse(node), re.IGNORECASE))


def test_nothing_outside_the_kinds_asks_which_kind_or_which_metric():
    values = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sorted(ROOT.rglob("*.py"))
        if HOME not in path.parents
        for line in asked_in(ast.parse(path.read_text()))
    ]
    assert not values


def test_that_test_sees_what_it_looks_for():
    asked = ['x = task.kind == "classify"', 'if "BLEU" == m: pass', 'y = m in ("MSE", "chrF")']
    matched = 'match m:\n case "accuracy": pass'
    assert [len(list(asked_in(ast.parse(text)))) for text in (*asked, matched)] == [1, 1, 1, 1]
    assert not list(asked_in(ast.parse('kind = "classify"; x = f("BLEU"); y = row["label"] == 1')))


@every_kind
def test_a_kind_has_a_metric_with_a_scale_and_a_margin(name):
    kind = KINDS.get(name)
    assert kind.metric is kind.metrics[0]
    for metric in kind.metrics:
        assert metric.margin > 0
        assert metric.right is None or metric.sums is None
        assert metric.share is (metric.most == 1.0)
        assert kind.scored_by(metric.name) is metric


@every_kind
def test_baselines_go_with_what_they_learn_from(name):
    kind = KINDS.get(name)
    assert bool(kind.baselines) == (kind.examples is not None)


@pytest.mark.parametrize("name", HEADS.names())
def test_a_head_knows_loss_and_score_but_no_metric(name):
    assert not hasattr(HEADS.get(name), "metric")
    assert not hasattr(HEADS.get(name), "higher_is_better")
    assert name in KINDS


def test_a_metric_of_one_name_is_one_metric():
    every = [metric for name in KINDS.names() for metric in KINDS.get(name).metrics]
    assert {metric.name: metric for metric in every} == {
        metric.name: metric_named(metric.name) for metric in every
    }
    assert len({id(metric) for metric in every}) == len({metric.name for metric in every})


def test_exactly_one_kind_is_what_a_person_s_data_is_taken_for():
    usual = [name for name in KINDS.names() if KINDS.get(name).usual]
    assert usual == ["classify"]
    assert all(KINDS.get(name).own is not None for name in usual)


@pytest.mark.parametrize(
    ("settings", "learnt", "expected"),
    [
        ({"data": "x.csv"}, None, "classify"),
        ({"data": "x.csv"}, ("translate",), "translate"),
        ({"data": "x.csv", "source_column": "de"}, ("classify", "regress"), "translate"),
        ({"data": "a::b"}, None, "translate"),
        ({"data": "x.csv", "kind": "translate"}, ("classify",), "translate"),
        ({"data": "x.csv", "kind": "classify"}, ("translate",), "classify"),
    ],
)
def test_the_kind_of_own_data_is_said_or_told_by_columns_or_by_models(settings, learnt, expected):
    assert own_kind(DataConfig(**settings), learnt) == expected


def test_a_kind_that_nobody_can_bring_names_those_that_one_can():
    with pytest.raises(UsageError, match="data of kind regress") as error:
        choose_task(None, DataConfig(data="x.csv", kind="regress"))
    assert "classify" in error.value.hint
    with pytest.raises(UsageError, match="--kind does not apply to --task sentiment"):
        choose_task("sentiment", DataConfig(kind="classify"))


def test_help_names_every_kind_that_one_can_bring():
    (flag,) = [item for item in options.data if item.key == "kind"]
    assert all(name in flag.about for name in KINDS.names() if KINDS.get(name).own is not None)


def test_a_metric_of_another_kind_is_refused_with_those_of_this_one():
    with pytest.raises(UsageError, match="unknown metric 'BLEU'") as error:
        KINDS.get("classify").scored_by("BLEU")
    assert "accuracy" in error.value.hint


def test_no_kind_loads_torch():
    code = (
        "import sys; from seqcli.data.kind import KINDS\n"
        "for name in KINDS.names(): KINDS.get(name)\n"
        "print('torch' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"
