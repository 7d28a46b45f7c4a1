"""Below the table: what became better or worse since an earlier result, with its sign and its arrow."""

import pytest

from seqcli.reports.words.earlier_words import earlier_lines, ratio_text
from seqcli.results.earlier import EarlierComparison, EarlierModel, EarlierQuality, EarlierRatio


def told(records, *, verdict="undecided", difference=-0.021):
    quality = EarlierQuality(
        now=0.75,
        then=0.771,
        difference=difference,
        ci95=(difference - 0.004, difference + 0.006),
        verdict=verdict,
        test="paired t",
        unchanged=False,
    )
    model = EarlierModel(
        label="gru",
        quality=quality,
        train_speed=EarlierRatio(ratio=1.25, ci95=(1.2, 1.3), verdict="better"),
        latency=EarlierRatio(ratio=1.5, ci95=(1.4, 1.6), verdict="worse"),
        memory=EarlierRatio(ratio=1.0, ci95=None, verdict="equivalent"),
        parameters=EarlierRatio(ratio=1.01, ci95=(0.9, 1.2), verdict="undecided"),
    )
    earlier = EarlierComparison(file="old.json", signature="s", paired=True, notes=[], models=[model])
    result = records.CASES["two"]().model_copy(update={"earlier": earlier})
    return earlier_lines(result, 1)


def test_costs_are_now_over_then_with_an_arrow_upwards_where_that_is_better(records):
    assert told(records)[2].text == (
        "GRU now over then: speed ×1.25 [1.20, 1.30] ▲, latency ×1.50 [1.40, 1.60] ▼, memory ×1.00 =,"
        " parameters ×1.01 [0.90, 1.20] ?"
    )


def test_a_ratio_of_sittings_without_a_verdict_has_no_mark():
    """Why it has none is said once, below all of them."""
    ratio = EarlierRatio(ratio=1.25, ci95=None, verdict="undecided", sittings=(1, 1))
    assert ratio_text(ratio) == "×1.25"
    judged = ratio.model_copy(update={"sittings": (3, 3), "ci95": (1.2, 1.3), "verdict": "better"})
    assert ratio_text(judged) == "×1.25 [1.20, 1.30] ▲"


@pytest.mark.parametrize(
    ("verdict", "difference", "says"),
    [
        ("worse", -0.021, "GRU accuracy worse by 2.1 points [−2.5, −1.5] (paired t over seeds)"),
        ("better", 0.021, "GRU accuracy better by 2.1 points [+1.7, +2.7] (paired t over seeds)"),
        ("undecided", -0.001, "GRU accuracy −0.1 points [−0.5, +0.5], inside noise (paired t over seeds)"),
        (
            "equivalent",
            0.002,
            "GRU accuracy +0.2 points [−0.2, +0.8], the same within ±1.0 (paired t over seeds)",
        ),
    ],
)
def test_quality_is_told_with_its_direction_and_size(records, verdict, difference, says):
    line = told(records, verdict=verdict, difference=difference)[1]
    assert line.text == says
    assert line.mark == verdict
