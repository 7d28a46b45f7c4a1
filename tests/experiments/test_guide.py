"""The guide's test as a whole: every claim has a part, every command is one that a person can give."""

import shlex

import pytest
import torch

from seqcli.config.layers import flat_name
from seqcli.errors import DataError
from seqcli.experiments.catalogue import GUIDE
from seqcli.experiments.compare.store import Store
from seqcli.experiments.guide.config import GuideConfig, GuideSettings
from seqcli.experiments.guide.guide_part import (
    PARTS,
    ComparisonTest,
    GuideEnvironment,
    PartPage,
    configured,
)
from seqcli.experiments.guide.parts.p8_parallel import jacobian_change
from seqcli.experiments.guide.run_guide import run_guide
from seqcli.launch.slurm_settings import SlurmSettings
from seqcli.models.cells.gru import GRU
from seqcli.models.cells.rnn import RNN
from seqcli.reports.words.claims import evidence
from seqcli.results.events import LegFinished, Note, drive


def finish(told):
    events = []
    return drive(told, events.append), events


def test_each_of_the_thirteen_claims_has_one_part():
    spoken = sorted(number for name in PARTS.names() for number in PARTS.get(name).claims)
    assert spoken == sorted(GUIDE) == list(range(1, 14))


@pytest.mark.parametrize("quick", [True, False])
@pytest.mark.parametrize("name", PARTS.names())
def test_a_parts_command_means_what_the_part_does(name, quick, seqcli):
    part = PARTS.get(name)
    command = part.command(quick=quick)
    if not command:
        pytest.skip("no command does only this")
    ran = seqcli(*shlex.split(command)[1:], "--print-config", "--format", "json")
    assert ran.code == 0, ran.err
    if isinstance(part, ComparisonTest):
        config = configured(part.models, part.task, part.settings(quick=quick))
        mapping = {flat_name(row["setting"]): row["value"] for row in ran.json}
        mine = config.model_dump(mode="json")
        assert {key: mine[key] for key in mapping if key in mine and key != "task"} == {
            key: value for key, value in mapping.items() if key in mine and key != "task"
        }
        assert {key: value for key, value in mapping.items() if key.startswith("task.")} == {
            f"task.{key}": value for key, value in mine["task"].items() if key != "name"
        }


def test_claims_that_need_no_training_are_told_at_once(seqcli):
    ran = seqcli("guide", "13", "1", "--format", "json")
    assert ran.code == 0, ran.err
    assert [(claim["number"], claim["verdict"]) for claim in ran.json["claims"]] == [
        (1, "supported"),
        (13, "depends"),
    ]
    counted = sum(p.numel() for p in torch.nn.LSTM(128, 128).parameters())
    assert f"LSTM {counted:,}" in ran.json["claims"][0]["evidence"]


def test_a_claim_that_is_named_twice_is_told_once(seqcli):
    ran = seqcli("guide", "1", "1", "--format", "json")
    assert [claim["number"] for claim in ran.json["claims"]] == [1]


def test_the_table_shows_each_claim_with_its_evidence_and_what_is_known(seqcli):
    ran = seqcli("guide", "1", "-v")
    assert "✓ the parameter count does not depend on length" in ran.out
    assert "known: an identity" in ran.out


@pytest.mark.parametrize(
    ("claim", "told"), [("14", "no claim 14"), ("x", "not a number"), ("0", "no claim 0")]
)
def test_a_claim_that_the_guide_does_not_make_is_refused(claim, told, seqcli):
    ran = seqcli("guide", claim)
    assert ran.code == 2
    assert told in ran.err
    assert ran.out == ""


def test_only_a_step_that_is_affine_has_one_jacobian_for_all_states():
    assert jacobian_change(RNN(activation="identity")) == 0.0
    assert jacobian_change(GRU()) > 0.1
    assert jacobian_change(RNN()) > 0.1


class FailingPart(ComparisonTest):
    title, claims, models, task = "one that cannot be", (5,), ("lstm", "gru"), "sentiment"

    def settings(self, *, quick):  # noqa: ARG002
        return {"seeds": 2}

    def run(self, surroundings):  # noqa: ARG002
        yield Note(text="on its way")
        raise DataError("the reviews are gone")


class TinyNoData(ComparisonTest):
    title, claims, models, task = "one that is quick", (2, 5), ("lstm", "gru"), "spam"

    def settings(self, *, quick):  # noqa: ARG002
        return {
            "seeds": 2,
            "hidden": 2,
            "embedding": 2,
            "epochs": 1,
            "max_steps": 1,
            "max_len": 5,
            "cost": False,
        }


@pytest.fixture
def only(monkeypatch):
    def choose(part):
        monkeypatch.setattr("seqcli.experiments.guide.run_guide.chosen_parts", lambda _: [part])

    return choose


def test_a_part_that_fails_leaves_its_claims_open_and_says_why(only, tmp_path):
    only(FailingPart())
    result, _ = finish(run_guide(GuideConfig(claims=(5,)), Store(tmp_path), lambda: False))
    assert result.status == "partial"
    assert (result.claims[0].verdict, evidence(result.claims[0])[:12]) == ("undecided", "not measured")
    assert result.parts[0].failed == "the reviews are gone"


def test_the_same_command_trains_nothing_again(only, tmp_path):
    only(TinyNoData())
    first, events = finish(run_guide(GuideConfig(claims=(2, 5)), Store(tmp_path), lambda: False))
    assert [event.kept for event in events if isinstance(event, LegFinished)] == [False] * 4
    again, events = finish(run_guide(GuideConfig(claims=(2, 5)), Store(tmp_path), lambda: False))
    assert [event.kept for event in events if isinstance(event, LegFinished)] == [True] * 4
    assert again.claims == first.claims
    assert [claim.number for claim in again.claims] == [2, 5]


def test_a_part_runs_as_the_same_command_would_whatever_files_lie_around(tmp_path, monkeypatch):
    (tmp_path / "seqcli.yaml").write_text("hidden: 3\n")
    monkeypatch.chdir(tmp_path)
    assert configured(("lstm", "gru"), "sentiment", {"seeds": 2}).hidden == 128


def test_surroundings_say_what_is_quick():
    part = PARTS.get("p2-reviews")
    assert part.settings(quick=True) == {"seeds": 5}
    assert part.settings(quick=False) == {"seeds": "auto"}
    assert GuideEnvironment(Store(None), True, "cpu", None, lambda: False).quick


class TinyPart(ComparisonTest):
    """A part that trains for a moment."""

    page = PartPage("a moment", claims=())
    models = ("rnn", "gru")
    task = "adding"

    def settings(self, *, quick):  # noqa: ARG002
        tiny = {"task.length": 5, "task.examples": 60, "task.held_out": 20, "hidden": 2, "max_steps": 1}
        return {"seeds": (0, 1), "cost": False, **tiny}


def test_a_part_trains_where_the_guide_was_told_to(tmp_path):
    guide_config = GuideConfig(store=str(tmp_path), lost_after=9.0, slurm=SlurmSettings(partition="short"))
    where = GuideEnvironment(Store(tmp_path), True, "cpu", 1, lambda: False, place=guide_config.place)
    config = TinyPart().study(where).config
    assert (str(config.store), config.lost_after, config.slurm.partition) == (str(tmp_path), 9.0, "short")
    assert "store" not in guide_config.deciding
    assert guide_config.deciding == GuideConfig().deciding


def test_a_part_is_a_look_as_the_command_is_that_does_the_same(tmp_path, monkeypatch):
    monkeypatch.setenv("SEQCLI_CACHE_DIR", str(tmp_path / "cache"))

    def look(*seeds):
        wishes = GuideSettings(seeds=seeds or None)
        where = GuideEnvironment(Store(tmp_path / "legs"), True, "cpu", 1, lambda: False, wishes)
        return finish(TinyPart().run(where))[0].result.protocol

    assert look().alpha == 0.05
    assert look().alpha == 0.05, "the same look again"
    more = look(0, 1, 2)
    assert (more.alpha, [item.seeds for item in more.looks_before]) == (0.0197, [[0, 1]])
