"""The guide as a person wants it: their own data and seeds, told before it runs, drawn when it has run."""

import re
import shlex

import pytest

from seqcli.errors import UsageError
from seqcli.experiments.compare.store import Store
from seqcli.experiments.guide.config import GuideConfig, GuideSettings
from seqcli.experiments.guide.guide_part import PARTS, ComparisonTest, PartPage
from seqcli.experiments.guide.run_guide import estimate_guide, run_guide
from seqcli.reports.draw.html_page import render_page
from seqcli.reports.draw.panel import panels_of
from seqcli.reports.words.estimate_words import estimate_line
from seqcli.results.events import LegFinished, drive
from seqcli.results.guide import Guide


def finish(told):
    events = []
    return drive(told, events.append), events


class TinyOwnData(ComparisonTest):
    page = PartPage("one that is quick", claims=(2, 5))
    models, task = ("lstm", "gru"), "spam"
    reads_own_data = True

    def settings(self, *, quick):  # noqa: ARG002
        shape = {"hidden": 2, "embedding": 2, "epochs": 1, "max_steps": 1, "max_len": 5}
        return {"seeds": 2, **shape, "cost": False}


@pytest.fixture
def only(monkeypatch):
    monkeypatch.setattr("seqcli.experiments.guide.run_guide.chosen_parts", lambda _: [TinyOwnData()])


@pytest.fixture
def own(reviews):
    return {"data": str(reviews), "text_column": "text"}


def test_with_own_data_the_claims_are_those_that_it_can_speak_to(own):
    assert GuideConfig(**own).claim_numbers == (2, 3, 4, 5, 7)
    assert GuideConfig(claims=(7,), **own).claim_numbers == (7,)
    with pytest.raises(UsageError, match="claim 6 is tested"):
        _ = GuideConfig(claims=(6,), **own).claim_numbers
    assert GuideConfig().claim_numbers == tuple(range(1, 14))


@pytest.mark.parametrize("name", ["p2-reviews", "p4-data-size"])
def test_each_part_on_own_data_is_a_command_that_a_person_can_give(name, own, seqcli):
    command = PARTS.get(name).command(quick=True, wishes=GuideSettings((3, 4), own))
    words = shlex.split(command)
    assert "--task" not in words
    assert words[words.index("--data") + 1] == own["data"]
    ran = seqcli(*words[1:], "--print-config", "--format", "json")
    assert ran.code == 0, ran.err
    mapping = {row["setting"]: row["value"] for row in ran.json}
    assert mapping["data"] == own["data"]
    assert mapping["seeds"] == [3, 4]


def test_the_seeds_that_are_wished_for_go_to_every_part_that_has_any():
    for name in PARTS.names():
        command = PARTS.get(name).command(quick=True, wishes=GuideSettings(seeds=(3, 4)))
        assert not command or "--seeds 3,4" in command


@pytest.mark.usefixtures("only")
def test_own_data_and_seeds_are_what_is_trained_and_what_is_drawn(own, tmp_path):
    config = GuideConfig(claims=(2, 5), seeds=(3, 4), **own)
    result, events = finish(run_guide(config, Store(tmp_path), lambda: False))
    assert [event.leg.seed for event in events if isinstance(event, LegFinished)].count(3) == 2
    assert result.status == "complete", result.parts
    (part,) = result.parts
    assert part.result.task.train + part.result.task.valid + part.result.task.test <= 240
    assert Guide.from_json(result.to_json()) == result
    panels = panels_of(result)
    assert panels
    assert all(panel.title.startswith("Claims 2, 5: ") for panel in panels)
    page = render_page(result, command="seqcli guide 2 5")
    assert "What the claims are drawn from" in page
    assert "Claims 2, 5: one that is quick" in page


@pytest.mark.usefixtures("only")
def test_what_it_would_take_is_told_part_by_part_and_together(own, tmp_path):
    estimates = estimate_guide(GuideConfig(claims=(2, 5), **own), Store(tmp_path), lambda: False)
    lines = [estimate_line(estimate) for estimate in estimates]
    assert lines[0] == "one that is quick (claims 2, 5):"
    assert re.match(r"  \d+ training runs.*: at most \d", lines[1])
    assert lines[-1].startswith("all together: at most about ")


def test_a_dry_run_trains_nothing(seqcli):
    ran = seqcli("guide", "1", "13", "--dry-run")
    assert ran.code == 0, ran.err
    assert "all together" in ran.out
    assert "✓" not in ran.out


@pytest.mark.parametrize("option", ["--plot", "--report"])
def test_a_picture_that_cannot_be_written_is_told_before_anything_runs(seqcli, option):
    ran = seqcli("guide", "1", option, "nowhere/x.html")
    assert ran.code == 2
    assert ran.out == ""


def test_claims_that_need_no_training_have_a_page_too(seqcli, tmp_path):
    ran = seqcli("guide", "1", "--report", "guide.html", "--plot", "guide.png")
    assert ran.code == 0, ran.err
    assert "the parameter count does not depend on length" in (tmp_path / "guide.html").read_text()
