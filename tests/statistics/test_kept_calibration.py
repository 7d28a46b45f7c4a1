"""The calibration that is printed is what its seed gives."""

import json
from itertools import product

import pytest
from scipy.stats import beta

from seqcli.data.kind import metric_named
from seqcli.statistics.calibration import DESIGNS, MARGIN, kept_calibration, simulate


def test_a_kept_design_is_reproduced_from_its_seed():
    result = kept_calibration()
    assert simulate(DESIGNS[0], seed=result.seed) == result.designs[0]
    assert len(result.designs) == len(DESIGNS)


def test_simulations_are_at_the_default_margin_of_an_accuracy():
    assert kept_calibration().margin == metric_named("accuracy").margin == MARGIN


def test_equal_models_are_told_apart_at_most_as_often_as_the_level_says():
    """Three standard errors above 5 %: a Holm family as a whole, at every look together."""
    for design in kept_calibration().designs:
        assert design.false_better.trials >= 2000
        assert (
            design.false_better.count / design.false_better.trials <= 0.05 + 3 * (0.05 * 0.95 / 2000) ** 0.5
        )
        if design.population != "rare":
            assert design.false_equivalent.count / design.false_equivalent.trials <= 0.065
        if len(design.looks) == 1:
            assert design.printed_alpha is not None
            missed = design.not_covered.count / design.not_covered.trials
            assert missed <= design.printed_alpha + 3 * (0.1 * 0.9 / 2000) ** 0.5


def test_a_thousand_trained_pairs_of_three_kinds_are_told_apart_within_the_level():
    result = kept_calibration()
    assert len({element.kind for element in result.trained}) == 3
    assert result.trained_all is not None
    assert result.trained_all.trials == sum(item.false_better.trials for item in result.trained) >= 1000
    assert result.trained_all.upper95 <= 0.05


def test_every_upper_bound_is_that_of_clopper_and_pearson():
    for design in kept_calibration().designs:
        for rate in (design.false_better, design.false_equivalent, design.not_covered):
            bound = beta.ppf(0.95, rate.count + 1, rate.trials - rate.count)
            assert rate.upper95 == pytest.approx(bound, rel=1e-6)


def test_compare_calibration_prints_every_design_without_models(seqcli):
    ran = seqcli("compare", "--calibration", "--format", "csv")
    assert ran.code == 0
    record = json.loads(seqcli("compare", "--calibration", "--format", "json").out)
    designs = {(design["seeds"], design["examples"], design["models"]) for design in record["designs"]}
    assert designs >= set(product((3, 5, 10, 20), (200, 853), (2, 4, 8)))
    table = seqcli("compare", "--calibration", "--format", "markdown").out
    for seeds, examples, models in designs:
        assert f"{seeds} × {examples}, {models} models" in table
    assert "false better" in table
    assert "upper 95 % bound" in table
    assert "trained" in table
