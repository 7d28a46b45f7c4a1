"""`--format csv` read back by pandas, as whoever asked for it does."""

import io

import pandas as pd
import pytest
from making.cases import COMPARISONS

from seqcli.errors import UsageError
from seqcli.reports.draw.page import Page
from seqcli.reports.report import FORMATS, render

COSTLY = ("two", "three", "six")


def table(record, *, per_seed=False):
    text = render(record, "csv", Page(terminal=False), per_seed=per_seed)
    return pd.read_csv(io.StringIO(text))


@pytest.mark.parametrize("case", COMPARISONS)
def test_a_comparison_is_a_row_a_model(records, case):
    record = records.CASES[case]()
    frame = table(record)
    assert list(frame["label"]) == [model.label for model in record.models]
    assert list(frame["parameters.total"]) == [model.parameters.total for model in record.models]
    assert set(frame["task"]) == {record.task.name}
    means = [model.quality.mean for model in record.models]
    assert list(frame["quality.mean"].astype(object).where(frame["quality.mean"].notna(), None)) == means


@pytest.mark.parametrize("case", COSTLY)
def test_an_interval_is_two_columns_that_hold_its_ends_unrounded(records, case):
    record = records.CASES[case]()
    ends = table(record)[["quality.ci95.low", "quality.ci95.high"]]
    assert [tuple(row) for row in ends.to_numpy()] == [model.quality.ci95 for model in record.models]


def test_the_columns_are_the_same_whatever_was_measured(records):
    assert list(table(records.CASES["no costs"]()).columns) == list(table(records.CASES["two"]()).columns)


@pytest.mark.parametrize("case", [*COSTLY, "failed"])
def test_per_seed_a_comparison_is_a_row_a_model_and_seed_and_a_failed_one_is_empty(records, case):
    record = records.CASES[case]()
    frame = table(record, per_seed=True).set_index(["label", "seed"])
    expected = {
        (model.label, seed): value
        for model in record.models
        for seed, value in zip(record.protocol.seeds, model.quality.per_seed, strict=True)
    }
    scores = frame["quality"]
    assert {key: None if pd.isna(score) else score for key, score in scores.items()} == expected


def test_the_table_of_seeds_gives_the_means_of_the_table_of_models(records):
    record = records.CASES["three"]()
    means = table(record, per_seed=True).groupby("label")["quality"].mean()
    assert means.to_dict() == pytest.approx({model.label: model.quality.mean for model in record.models})


def test_other_protocols_are_rows_of_their_own(records):
    frame = table(records.several())
    assert list(zip(frame["match"], frame["label"], strict=True)) == [
        (match, label) for match in ("hidden", "params") for label in ("lstm", "gru")
    ]


def test_a_sweep_is_a_row_a_value_and_model_under_the_setting_s_name(records):
    record = records.sweep()
    means = table(record).pivot_table(index="length", columns="label", values="quality.mean")
    for curve in record.curves:
        assert list(means[curve.label]) == curve.mean
    scores = table(record, per_seed=True)
    lstm = scores[(scores["label"] == "lstm") & (scores["seed"] == 3)]
    assert list(lstm["quality"]) == [values[3] for values in record.curves[0].per_seed]


def test_a_probe_is_a_row_a_model(records):
    record = records.gradprobe()
    frame = table(record)
    assert list(frame["rate.mean"]) == [model.rate.mean for model in record.models]
    seeds = table(record, per_seed=True)
    assert len(seeds) == len(record.models) * len(record.seeds)
    assert list(seeds["rate"]) == [value for model in record.models for value in model.rate.per_seed]


def test_a_training_is_one_row(records):
    record = records.CASES["train"]()
    (row,) = table(record).to_dict("records")
    assert (row["test.value"], row["seed"], row["model"]) == (record.test.value, record.seed, record.model)


def test_runs_are_a_row_each_and_their_whole_numbers_stay_whole(records):
    record = records.run_list()
    frame = table(record)
    assert list(frame["label"]) == [run.label for run in record.runs]
    text = render(record, "csv", Page(terminal=False))
    assert {".0" in cell for line in text.splitlines() for cell in line.split(",")[5:9]} == {False}


def test_a_result_without_any_row_still_names_its_columns(records):
    same = records.rerun().model_copy(update={"differing": []})
    assert list(table(same).columns) == ["figure", "then", "now"]


@pytest.mark.parametrize("name", [name for name in FORMATS.names() if name != "csv"])
def test_only_a_table_has_a_row_a_seed(records, name):
    with pytest.raises(UsageError, match="--per-seed belongs to --format csv"):
        render(records.CASES["two"](), name, per_seed=True)
