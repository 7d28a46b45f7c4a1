"""A result with everything that a comparison can measure: each figure of it that is shown is in the JSON."""

import csv
import io
import json
import re
from statistics import fmean

import pytest
from making.walking import walk

from seqcli.reports.draw.page import Page
from seqcli.reports.report import FORMATS, render
from seqcli.results.compare import Comparison, ToTarget
from seqcli.results.compared_pairs import ExamplePair, StepsPair
from seqcli.results.earlier import EarlierComparison, EarlierModel, EarlierQuality, EarlierRatio
from seqcli.results.measurements import Throughput
from seqcli.runs.sealed import unsealed

NUMBER = re.compile(r"[−+-]?\d[\d,]*(?:\.\d+)?")
FACTORS = (1, 100, 1 / 2**20, 1e-9)


@pytest.fixture
def everything(records):
    """Film reviews again, with every optional part of the record."""
    result = records.comparison(guide=records.CLAIMS)
    models = [
        model.model_copy(
            update={
                "to_target": ToTarget(
                    target=0.75,
                    reached=3 + place,
                    seeds=5,
                    epochs_per_seed=[2, 3, None, 4, 2][: 5 - place] + [3] * place,
                    seconds_per_seed=[6.1, 9.2, None, 12.3, 6.4],
                    epochs=3.0 + place,
                    seconds=9.2 + place,
                ),
                "throughput": Throughput(achieved=4.12e9, peak=38.4e9, share=4.12 / 38.4),
                "same_path_latency": model.latency.model_copy(update={"p50": 0.618 + place}),
                "same_path_memory": model.memory.model_copy(update={"activations": 1234567 + place}),
                "train_speed": model.train_speed.model_copy(
                    update={
                        "samples": [2301.0, 2399.0, 1204.0, 2350.0, 2377.0],
                        "per_cpu_second": 2512.0 + place,
                    }
                ),
            }
        )
        for place, model in enumerate(result.models)
    ]
    (pair,) = result.pairs
    quality = pair.quality.model_copy(
        update={
            "seeds_ci95": (-0.0131, 0.0034),
            "examples_ci95": (-0.0232, 0.0117),
            "seeds_needed": None,
            "examples_needed": 4321,
            "examples": ExamplePair(
                examples=853,
                only_a=61.2,
                only_b=66.4,
                only_a_per_seed=[61, 62, 60, 61, 62],
                only_b_per_seed=[66, 67, 66, 66, 67],
                p_values=[0.71, 0.72, 0.61, 0.7, 0.66],
                seeds_apart=1,
            ),
            "steps": StepsPair(
                sooner_a=3, sooner_b=1, ties=1, median_a=1230.0, median_b=None, mean_a=1500.0, mean_b=1900.0,
                budget=2140, p_value=0.625, verdict="undecided",
            ),
        }
    )  # fmt: skip
    same = {"same_path_ratio": 0.981, "same_path_ci95": (0.91, 1.062), "same_path_verdict": "undecided"}
    earlier = EarlierComparison(
        file="yesterday.json",
        signature="seqcli 0.1.0 · sentiment@d4acac55 · lstm+gru h128",
        paired=True,
        notes=["speed and latency were timed at another time, maybe on another machine: not paired"],
        models=[
            EarlierModel(
                label="gru",
                quality=EarlierQuality(
                    now=0.7512, then=0.7553, difference=-0.0041, ci95=(-0.0123, 0.0047), verdict="undecided",
                    test="paired t", unchanged=False,
                ),
                train_speed=EarlierRatio(ratio=1.023, ci95=(0.954, 1.093), verdict="undecided"),
                latency=None,
                memory=EarlierRatio(ratio=1.0, ci95=None, verdict="equivalent"),
                parameters=None,
            )
        ],
    )  # fmt: skip
    return result.model_copy(
        update={
            "models": models,
            "pairs": [
                pair.model_copy(
                    update={
                        "quality": quality,
                        "latency": pair.latency.model_copy(update=same),
                        "memory": pair.memory.model_copy(update=same),
                    }
                )
            ],
            "protocol": result.protocol.model_copy(update={"target": 0.75}),
            "sittings": [records.SITTING],
            "earlier": earlier,
        }
    )


def computed(record):
    """What the screen adds up from the JSON: half widths, means, a step's bytes, counts of lists."""
    distinct = {len(record.protocol.seeds)}
    for model in record.models:
        low, high = model.quality.ci95
        distinct |= {100 * (high - low) / 2, fmean(model.epochs_to_best), len(model.train_speed.samples)}
        distinct |= {memory.step / 2**20 for memory in (model.memory, model.same_path_memory)}
    return distinct


@pytest.mark.parametrize("width", [80, 120, 40])
def test_every_number_on_the_screen_is_in_the_json(everything, width):
    numbers, texts = walk(everything.to_json())
    known = computed(everything) | {value * factor for value in numbers for factor in FACTORS}
    text = render(everything, "table", Page(width, detailed=True))
    assert max(map(len, text.splitlines())) <= width
    matches = NUMBER.findall(text)
    assert len(matches) > 60
    for shown in matches:
        value = float(shown.replace("−", "-").replace(",", ""))
        half_unit = 0.5000001 * 10 ** -len(shown.partition(".")[2])
        near = any(abs(abs(value) - abs(item)) <= half_unit for item in known)
        assert near or any(shown in text for text in texts), shown


def test_the_table_says_what_each_verdict_rests_on(everything):
    text = " ".join(render(everything, "table", Page(120, detailed=True)).split())
    for sentence in (
        "over seeds [−1.3, +0.3], over seeds and test examples [−2.3, +1.2]: the wider counts",
        "a true difference of 2.1 points would show here with 80 % chance",
        "GRU alone is right on 61.2 of 853 test examples, LSTM alone on 66.4; McNemar separates the two",
        "GRU solves sooner in 3 of 5 seeds, LSTM in 1 (p = 0.625); median steps GRU 1,230, LSTM not in half",
        "valid. 75 % reached 3 of 5 seeds 4 of 5 seeds",
        "of 38.4 GFLOP/s 4.12 (11 %) 4.12 (11 %)",
        "× 3 with the backward pass",
        "cost one sitting 2026-11-27 05:20 UTC on lab7 (AMD EPYC, torch 2.13.0+cpu), 5 fresh processes",
        "a model; absolute speed has no verdict below 3, ratios have",
        "other load disturbed 3 of 10 processes (wall time more than 5 % above CPU time), which timed",
        "their steps again; 2 stayed so; a second of CPU time instead of the clock: LSTM 2,512, GRU 2,513",
        "GRU accuracy −0.4 points [−1.2, +0.5], inside noise (paired t over seeds)",
        "now over then: speed ×1.02 [0.95, 1.09] ?, memory ×1.00 =",
        "tuned init",
    ):
        assert sentence in text, sentence


@pytest.mark.parametrize("name", FORMATS.names())
def test_every_format_takes_such_a_result_and_the_json_gives_it_back(everything, name):
    text = render(everything, name, Page(80))
    assert text
    if name == "json":
        assert Comparison.from_json(unsealed(json.loads(text))) == everything
    if name == "tidy":
        quantities = {row["quantity"] for row in csv.DictReader(io.StringIO(text))}
        assert {"quality.examples_ci95.low", "throughput.share", "to_target.epochs_per_seed"} <= quantities
    if name in ("markdown", "github"):
        assert "inside noise" in text


def test_a_result_of_an_earlier_version_is_read_with_what_it_has(everything):
    values = everything.to_json()
    for key in ("earlier", "config", "expectations", "sittings"):
        del values[key]
    for model in values["models"]:
        for key in ("to_target", "throughput", "same_path_latency", "same_path_memory", "learning"):
            del model[key]
        del model["latency"]["samples"], model["train_speed"]["mean"], model["train_speed"]["per_sitting"]
    for key in ("seeds_ci95", "examples_ci95", "examples_needed", "examples", "steps", "meaningful"):
        del values["pairs"][0]["quality"][key]
    del values["protocol"]["target"], values["protocol"]["power"]
    old = Comparison.from_json(values)
    assert old.models[0].throughput is None
    assert all(render(old, "table", Page(80, detailed=detailed)) for detailed in (False, True))


def test_a_job_summary_warns_of_gates_that_are_not_met_before_anything_else(everything):
    from seqcli.results.common import Expectation

    gates = [
        Expectation(text=f"gate {verdict}", verdict=verdict, difference=0.1, ci95=(0.0, 0.2))
        for verdict in ("holds", "fails", "undecided")
    ]
    text = render(everything.model_copy(update={"expectations": gates}), "github", Page(80))
    warning = text.partition("> [!WARNING]")[2].partition("> [!NOTE]")[0]
    assert "gate fails: does not hold" in warning
    assert "gate undecided: cannot be decided" in warning
    assert "gate holds" not in warning
