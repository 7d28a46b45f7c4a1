"""What is kept under one name is of one thing: cost files, baselines, and a study's configuration."""

import pytest

from seqcli.data.config import DataConfig
from seqcli.experiments.config import CompareConfig
from seqcli.experiments.plan import plan
from seqcli.experiments.running import baseline_names
from seqcli.experiments.signature import digest_of, signed
from seqcli.experiments.store import Store
from seqcli.experiments.studies import study_of


@pytest.fixture
def config(reviews):
    def configured(**settings):
        return CompareConfig(**{"models": ("rnn", "gru"), "data": str(reviews), "seeds": 2, **settings})

    return configured


@pytest.mark.parametrize(
    "change",
    [
        {"batch_size": 8},
        {"hidden": 9},
        {"threads": 2},
        {"clip": None},
        {"max_len": 3},
        {"models": ("rnn", "lstm")},
        {"models": ("gru", "rnn")},
    ],
)
def test_cost_is_measured_anew_for_anything_that_could_change_it(config, tmp_path, change):
    def file(**settings):
        return Store(tmp_path).cost_file(plan(config(**settings)).legs[:2])

    assert file() == file(jobs=3, margin=2.0)
    assert file() != file(**change)


def test_baselines_learnt_from_parts_of_the_data_have_files_of_their_own(config):
    names = [tuple(baseline_names(plan(config(train_size=share))).values()) for share in (1.0, 0.5, 0.25)]
    assert len({name for kept in names for name in kept}) == sum(map(len, names)) == 6


@pytest.mark.parametrize(
    "change",
    [
        {"margin": 2.0},
        {"reference": "rnn"},
        {"tune_lr": True},
        {"target": 0.75},
        {"seeds": 3},
        {"match": ("params",)},
        {"lr": 0.5},
        {"split_seed": 1},
        {"threads": 2},
        {"cost": False},
    ],
)
def test_a_study_with_anything_else_that_decides_its_result_is_another_study(config, change):
    assert study_of(config(**change)).kept_config != study_of(config()).kept_config


def test_where_and_how_fast_a_study_runs_makes_no_other_of_it(config, tmp_path):
    other = config(jobs=3, out=tmp_path, max_time=60.0, max_leg_time=5.0, checkpoint_every=1.0)
    assert study_of(other).kept_config == study_of(config()).kept_config


def test_a_result_is_named_by_its_configuration_and_by_its_data_and_numerics(planted):
    result = planted(lstm=[0.7, 0.8], gru=[0.7, 0.8])
    names = {
        digest_of(signed(result, kept, identity).signature)
        for kept, identity in (
            ({"lr": 0.1}, {"torch": "2.10", "data_sha256": "a"}),
            ({"lr": 0.2}, {"torch": "2.10", "data_sha256": "a"}),
            ({"lr": 0.1}, {"torch": "2.11", "data_sha256": "a"}),
            ({"lr": 0.1}, {"torch": "2.10", "data_sha256": "b"}),
        )
    }
    assert None not in names
    assert len(names) == 4


@pytest.mark.parametrize(
    "change",
    [
        {"max_len": 3},
        {"vocab_size": 20},
        {"tokenizer": "char"},
        {"split_seed": 1},
    ],
)
def test_data_prepared_otherwise_is_other_data(config, change):
    assert set(change) <= set(DataConfig.model_fields)
    first, other = (plan(config(**settings)).prepared for settings in ({}, change))
    assert first.folder != other.folder
    assert first.sha256 != other.sha256
    assert plan(config()).prepared.folder == first.folder
