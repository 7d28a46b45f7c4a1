"""Tables of independent rows: numbers and a label each, the guide's one-to-one."""

import json
import random

import numpy as np
import pytest
from making.forked import output as seqcli

from seqcli.data.config import DataConfig
from seqcli.data.kind import KINDS, own_kind
from seqcli.data.row_table import label_run, read_rows
from seqcli.data.signal_tables import Scope
from seqcli.data.tables import read_table
from seqcli.data.task import choose_task
from seqcli.errors import DataError
from seqcli.models.architecture import compared_for, trained_for

ROWS = "length,width,species\n1.5,2,a\n0.5,1,b\n1,3,a\n2,,b\n3,1,a\n0,0,b\n"


@pytest.fixture
def table(tmp_path):
    def write(text, name="flowers.csv"):
        path = tmp_path / name
        path.write_text(text)
        return str(path)

    return write


def rows_of(location, **settings):
    config = DataConfig(data=location, **settings)
    return read_rows(read_table(location, config), location, config, Scope(rows=True))


def test_each_row_is_a_sequence_of_one_step_and_an_empty_field_is_missing(table):
    rows = rows_of(table(ROWS))
    assert rows.channels == ("length", "width")
    assert [signal.label for signal in rows.signals] == ["a", "b", "a", "b", "a", "b"]
    assert rows.signals[0].values.tolist() == [[1.5, 2.0]]
    assert np.isnan(rows.signals[3].values[0, 1])
    assert rows.columns.guessed == ("--label-column",)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (ROWS, "row"),
        ("a,b,class\n1,2,0\n3,4,1\n", "row"),
        ("length,species\n1,a\n2,b\n3,a\n4,b\n5,a\n6,b\n", "classify"),
        ("date,a,b\n2024-01-01,1,2\n2024-01-02,3,4\n2024-01-03,3,4\n", "classify"),
        ("text,stars\ngood film,1\nbad film,0\n", "classify"),
    ],
    ids=["words for labels", "a label by its name", "one number may be a text", "dates", "texts"],
)
def test_a_table_is_taken_for_rows_only_where_it_can_be_nothing_else(table, text, kind):
    assert own_kind(DataConfig(data=table(text))) == kind


def test_the_kind_that_was_guessed_is_told_and_the_plain_network_is_trained(table):
    assert trained_for("row") == "mlp"
    assert "mlp" in compared_for("row")
    assert "mlp" not in compared_for("classify")
    assert choose_task(None, DataConfig(data=table(ROWS))).kind == "row"


@pytest.mark.parametrize(
    ("text", "settings", "words"),
    [
        (ROWS.replace("1,3,a", "1,x,a"), {}, "row 4: column 'width' holds 'x', not a number"),
        (
            ROWS.replace("1,3,a", "1,inf,a"),
            {},
            "row 4: column 'width' holds 'inf', which is no finite number",
        ),
        (ROWS, {"label_column": "kind"}, "kind"),
        ("a,b\n1,2\n3,4\n", {}, "cannot tell which column"),
        ("species,name\na,x\nb,y\n", {"label_column": "species"}, "no column holds numbers"),
        ("a,label\n", {}, "no rows"),
    ],
)
def test_a_fault_is_told_with_its_row_and_column(table, text, settings, words):
    with pytest.raises(DataError) as refused:
        rows_of(table(text), **settings)
    assert words in refused.value.message.replace('"', "'").replace("line", "row")


def test_a_run_on_rows_predicts_rows_and_is_tested_on_new_ones(tmp_path):
    random.seed(3)
    file, run = tmp_path / "flowers.csv", tmp_path / "run"
    lines = [f"{2 * (n % 2) + random.random():.3f},{random.random():.3f},{'ab'[n % 2]}" for n in range(80)]
    file.write_text("length,width,species\n" + "\n".join(lines) + "\n")
    ran = seqcli("train", "--data", file, "--epochs", "30", "--hidden", "8", "-o", run, "--format", "json")
    assert json.loads(ran)["model"] == "mlp"
    assert json.loads(ran)["test"]["value"] == 1.0
    new = tmp_path / "new.csv"
    new.write_text("length,width\n0.2,0.5\n2.9,0.5\n")
    answers = seqcli("predict", run, "--data", new, "--format", "jsonl").splitlines()
    assert [json.loads(line)["label"] for line in answers] == ["a", "b"]
    tested = json.loads(seqcli("evaluate", run, "--data", file, "--format", "json"))
    assert tested["score"]["examples"] == 80


@pytest.mark.parametrize(
    ("labels", "rows"),
    [
        ("aaaaaaaaabbbbbbbbbaaaaaaaaabbbbbbbbb", 9),  # a log of what was done
        ("aaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbb", 0),  # sorted by class
        ("abbabaabbabbaababbaababbabaabbabaabb", 0),  # shuffled
        ("aaaaaaaaaaaabaaaaaaaaaaaaaabaaaaaaaa", 0),  # shuffled, and one class rare
        ("aaaaaaaaaaaa", 0),
    ],
)
def test_labels_that_last_and_come_back_are_those_of_steps_in_time(labels, rows):
    assert label_run(labels) == rows


def test_rows_that_look_like_steps_in_time_are_said_to(table):
    noise = random.Random(0)
    rows = [f"{noise.random():.3f},{noise.random():.3f},{'ab'[n // 12 % 2]}" for n in range(120)]
    log = table("ax,ay,activity\n" + "\n".join(rows) + "\n", "log.csv")
    shown = " ".join(seqcli("inspect", log).split())
    assert "the same for 12 rows" in shown
    assert "--kind signal-tag --id-column NAME" in shown


def test_kinds_and_tasks_are_listed_by_the_guide_s_four_architectures():
    document = json.loads(seqcli("kinds", "--format", "json"))
    by_group = {}
    for entry in document["entries"]:
        by_group.setdefault(entry["group"], []).append(entry["name"])
        assert entry["command"].startswith("seqcli compare")
    assert list(by_group) == ["one-to-one", "one-to-many", "many-to-one", "many-to-many"]
    assert by_group["one-to-one"] == ["row"]
    assert "generate" in by_group["one-to-many"]
    assert {"classify", "forecast", "signal"} <= {*by_group["many-to-one"]}
    assert {"tag", "translate"} <= {*by_group["many-to-many"]}
    assert {entry["name"] for entry in document["entries"]} == {*KINDS.names()}
    tasks = json.loads(seqcli("tasks", "--format", "json"))
    assert {entry["group"] for entry in tasks["entries"]} <= by_group.keys()
