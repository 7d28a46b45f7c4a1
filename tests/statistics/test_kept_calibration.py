"""The calibration that is printed is what its seed gives."""

import json
from itertools import product

import pytest
from scipy.stats import beta

from seqcli.statistics.calibration import kept_calibration, simulate


def test_a_kept_design_is_reproduced_from_its_seed():
    kept = kept_calibration()
    first = kept.designs[0]
    assert simulate(first.seeds, first.examples, first.models, seed=kept.seed) == first


def test_every_upper_bound_is_that_of_clopper_and_pearson():
    for one in kept_calibration().designs:
        for rate in (one.false_better, one.false_equivalent, one.not_covered):
            bound = beta.ppf(0.95, rate.count + 1, rate.trials - rate.count)
            assert rate.upper95 == pytest.approx(bound, rel=1e-6)


def test_compare_calibration_prints_every_design_without_models(seqcli):
    told = seqcli("compare", "--calibration", "--format", "csv")
    assert told.code == 0
    record = json.loads(seqcli("compare", "--calibration", "--format", "json").out)
    designs = {(one["seeds"], one["examples"], one["models"]) for one in record["designs"]}
    assert designs == set(product((3, 5, 10, 20), (200, 853), (2, 4, 8)))
    table = seqcli("compare", "--calibration", "--format", "markdown").out
    for seeds, examples, models in designs:
        assert f"{seeds} × {examples}, {models} models" in table
    assert "false better" in table
    assert "upper 95 % bound" in table
    assert "trained" in table
